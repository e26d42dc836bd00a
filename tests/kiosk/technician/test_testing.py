"""The test of a modem, step by step."""

import json
import re
import threading
from collections.abc import Callable
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from hardware.modem.jobs import SendProgress
from hardware.modem.reports import DeliveryOutcome
from hardware.simulator.faults import Fault
from kiosk.language import LANGUAGES, Language
from kiosk.technician import testing
from kiosk.technician.report import as_json, markdown
from kiosk.technician.steps import Mark, Step, StepResult
from kiosk.technician.testing import ModemTest
from kiosk.technician.workplace import SmsOutcome
from tests.kiosk.technician.bench import PHONE, bench, make_test, step, tried


def test_a_good_modem_passes_every_step_and_sends_one_sms(tmp_path: Path) -> None:
    with bench(tmp_path) as (direct, modem):
        run = make_test(direct).run()
        assert [result.mark for result in run.steps] == [Mark.GOOD] * 12
        assert len(modem.sent) == 1


def test_without_a_number_nothing_is_sent(tmp_path: Path) -> None:
    with bench(tmp_path) as (direct, modem):
        run = make_test(direct, number=None).run()
        assert [result.mark for result in run.steps[-2:]] == [Mark.SKIPPED, Mark.SKIPPED]
        assert run.verdict is Mark.GOOD
        assert not modem.sent


def test_it_stops_at_the_first_fault_and_says_what_was_not_done(tmp_path: Path) -> None:
    run = tried(tmp_path, "sim_absent")
    assert step(run, Step.SIM).mark is Mark.FAULT
    assert {result.mark for result in run.steps[4:]} == {Mark.NOT_DONE}


def test_it_can_be_repeated_from_the_step_that_had_a_fault(tmp_path: Path) -> None:
    with bench(tmp_path, "prompt_refused") as (direct, modem):
        test = make_test(direct)
        assert step(test.run(), Step.DRY_RUN).mark is Mark.FAULT
        modem.clear(Fault.PROMPT_REFUSED)
        run = test.run(begin=Step.DRY_RUN)
        assert [result.mark for result in run.steps] == [Mark.GOOD] * 12


def test_each_step_is_told_when_it_begins_and_when_it_ends(tmp_path: Path) -> None:
    told: list[StepResult] = []
    with bench(tmp_path) as (direct, _):
        make_test(direct, told=told.append).run()
    for one in Step:
        marks = [result.mark for result in told if result.step is one]
        assert (marks[0], marks[-1]) == (Mark.BUSY, Mark.GOOD)


def test_each_step_has_what_was_said_over_the_line_without_whole_numbers(tmp_path: Path) -> None:
    with bench(tmp_path) as (direct, _):
        run = make_test(direct, number=None).run()
    said = {one.step: one.lines for one in run.steps}
    assert said[Step.SIGNAL][0] == "-> AT+CSQ"
    assert said[Step.SIGNAL][1].startswith("<- +CSQ: ")
    assert not re.search(r"[0-9]{7}", str(said))
    assert "AT+CSQ" not in markdown(run, Language.load("nl"), ZoneInfo("Europe/Amsterdam"))


def test_a_test_that_is_stopped_ends_soon_and_sends_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "LIMITS", dict.fromkeys(Step, 60.0))
    with bench(tmp_path, "not_registered") as (direct, modem):
        searching = threading.Event()
        test = make_test(direct, told=lambda result: searching.set() if result.step is Step.REGISTRATION else None)
        thread = threading.Thread(target=test.run)
        thread.start()
        assert searching.wait(20)
        test.cancel()
        thread.join(20)
        assert not thread.is_alive()
        assert test.so_far.verdict is Mark.NOT_DONE
        assert not modem.sent


class Told:
    """A postman to whom the network has said this."""

    def __init__(self, report: DeliveryOutcome | None) -> None:
        self._report = report

    def send(
        self, number: str, text: str, *, cancelled: threading.Event, progress: Callable[[SendProgress], None]
    ) -> SmsOutcome:
        return SmsOutcome(state="sent", seconds=1.0)

    def delivered(self, seconds: float, cancelled: threading.Event) -> DeliveryOutcome | None:
        return self._report

    def clock_offset(self) -> float | None:
        return None


@pytest.mark.parametrize(
    ("report", "mark", "cause"),
    [
        (DeliveryOutcome.PENDING, Mark.ATTENTION, "phone_off"),
        (DeliveryOutcome.FAILED, Mark.FAULT, "undelivered"),
        (None, Mark.ATTENTION, "report_missing"),
    ],
)
def test_what_the_network_reports_is_told_apart(
    tmp_path: Path, report: DeliveryOutcome | None, mark: Mark, cause: str
) -> None:
    with bench(tmp_path) as (direct, _):
        run = ModemTest(direct, Told(report), number=PHONE, text="x", modem="noord", at=0).run()
    result = step(run, Step.REPORT)
    assert (result.mark, [finding.cause for finding in result.findings]) == (mark, [cause])


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_report_holds_no_whole_number_and_no_whole_identity(tmp_path: Path, code: str) -> None:
    with bench(tmp_path) as (direct, _):
        run = make_test(direct).run()
        status = direct.status
    words = Language.load(code)
    for text in (markdown(run, words, ZoneInfo("Europe/Amsterdam")), as_json(run, words)):
        for secret in (PHONE, PHONE[3:], status.imei, status.iccid, status.service_centre):
            assert secret not in text
        assert run.modem in text


def test_the_report_for_programs_has_every_step_with_its_finding(tmp_path: Path) -> None:
    data = json.loads(as_json(tried(tmp_path, "sim_puk"), Language.load("en")))
    assert data["verdict"] == "fault"
    [pin] = [one for one in data["steps"] if one["step"] == "pin"]
    assert pin["findings"][0]["cause"] == "puk_required"
    assert "PUK" in pin["findings"][0]["what_to_do"]


def test_what_a_modem_calls_itself_is_no_markup_of_the_report(tmp_path: Path) -> None:
    run = tried(tmp_path)
    wild = StepResult(step=Step.IDENTITY, mark=Mark.GOOD, shown={"model": "<b>|x|`*", "imei": "1"})
    text = markdown(type(run)(modem="a|b", at=0, steps=(wild,)), Language.load("nl"), ZoneInfo("Europe/Amsterdam"))
    assert "<b>" not in text
    assert "a\\|b" in text
