"""For each fault that can be injected the bench names the true cause, and for each cause there are words."""

import re
from pathlib import Path

import pytest

from hardware.modem.causes import ErrorClass
from hardware.modem.reasons import Reason
from hardware.modem.status import ModemState, ModemStatus
from hardware.simulator.faults import Fault
from kiosk.language import LANGUAGES, Language
from kiosk.technician import diagnosis, testing
from kiosk.technician.steps import Mark, TestRun
from tests.kiosk.technician.bench import tried

# What is to be found behind each fault: the cause, or "" where the modem serves all the same.
CAUSES = {
    "answer_lost": "unknown_outcome",
    "answer_late": "unknown_outcome",
    "cmgs_takes": "unknown_outcome",
    "cms_error=42": "refused_network",
    "cms_error=28": "refused_number",
    "cms_error=50": "refused_subscription",
    "cms_error=96": "refused_bug",
    "cms_error=330": "no_service_centre",
    "dropped_characters": "bad_line",
    "sms_needs_cs": "sms_needs_cs",
    "generic_error": "unexplained_error",
    "error_after_send": "unexplained_error",
    "reference_missing": "unknown_outcome",
    "never_sent": "unknown_outcome",
    "reset_during_send": "restarted_sending",
    "gone_during_send": "restarted_sending",
    "urc_during_send": "",
    "incoming_call": "",
    "prompt_without_space": "",
    "prompt_crlf": "",
    "prompt_missing": "no_prompt",
    "prompt_refused": "refused_before",
    "gone_before_prompt": "port_gone",
    "gone_after_prompt": "port_gone",
    "slow=250": "",
    "pdu_echo": "",
    "echo_stuck": "",
    "double_cr": "",
    "lf_only": "",
    "nul_bytes": "",
    "answer_before_ok_order": "",
    "urc_in_answer": "",
    "verbose_errors": "",
    "v0_left_on": "",
    "q1_left_on": "",
    "ucs2_left_on": "",
    "rssi_flood": "",
    "unknown_urc_flood": "",
    "first_at_ignored": "",
    "garbage_at_start": "",
    "deaf": "silent",
    "write_blocked": "write_stuck",
    "no_sms_on_port": "no_pdu_mode",
    "text_mode_only": "text_mode_only",
    "sms_not_ready": "sms_not_ready",
    "sim_absent": "no_sim",
    "sim_failure": "sim_failure",
    "sim_pin": "pin_required",
    "sim_puk": "puk_required",
    "sim_pin2": "",
    "one_pin_try_left": "pin_last_try",
    "cpin_without_ok": "",
    "csca_lost": "no_service_centre",
    "not_registered": "searching",
    "registration_denied": "denied",
    "cs_denied": "calls_denied",
    "no_signal": "no_signal",
    "radio_off": "",
    "clock_wrong=86400": "clock_off",
    "modem_clock_wrong=86400": "modem_clock_off",
    "report_lost": "report_missing",
    "report_garbled": "report_missing",
    "report_of_another": "report_missing",
}
# Where they show: in a search, in a question of credit, only at a slow pace, or what the engine mends by itself.
ELSEWHERE = {
    "scan_hangs",
    "scan_takes",
    "ussd_silent",
    "cmgl_hangs",
    "reselection_takes",
    "manual_operator_left",
    "one_byte_at_a_time",
    "prompt_late",
    "sim_busy",
    "sim_memory_full",
    "report_stored",
    "pin_tries_unreadable",
}


def found_in(run: TestRun) -> list[str]:
    return [finding.cause for result in run.steps for finding in result.findings]


SERVES = {Mark.GOOD, Mark.ATTENTION}


@pytest.fixture(autouse=True)
def _short_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(testing, "LIMITS", {step: min(limit, 0.8) for step, limit in testing.LIMITS.items()})
    monkeypatch.setattr(testing, "_GONE_SECONDS", 0.05)


@pytest.mark.parametrize(("fault", "cause"), CAUSES.items(), ids=CAUSES)
def test_the_true_cause_is_named(tmp_path: Path, fault: str, cause: str) -> None:
    run = tried(tmp_path, fault)
    found = run.first_finding
    assert ("" if found is None else found.cause) == cause
    assert (run.verdict is Mark.GOOD) == (cause == "")


def test_every_fault_has_its_cause_here_or_shows_elsewhere() -> None:
    named = {fault.partition("=")[0] for fault in CAUSES} | ELSEWHERE
    assert {fault.value for fault in Fault} - named == set()


def test_a_modem_that_a_program_left_fixed_on_a_network_is_told_so() -> None:
    status = ModemStatus(name="n", port="p", state=ModemState.NO_NETWORK, reason=Reason.DENIED.value)
    found = diagnosis.of_status(status, manual=True)
    assert found is not None
    assert found.cause == "manual_operator"


def test_without_a_report_only_a_clock_that_the_network_sets_tells_of_ours(tmp_path: Path) -> None:
    assert found_in(tried(tmp_path, "modem_clock_wrong=86400", "report_lost")) == ["modem_clock_off", "report_missing"]
    assert found_in(tried(tmp_path, "clock_wrong=86400", number=None)) == ["modem_clock_off"]


@pytest.mark.parametrize(("dbm", "cause"), [(-71, None), (-95, None), (-97, "weak_signal"), (None, "signal_unknown")])
def test_a_weak_signal_is_told_with_its_level(dbm: int | None, cause: str | None) -> None:
    found = diagnosis.of_signal(dbm)
    assert (None if found is None else found.cause) == cause


@pytest.mark.parametrize(
    ("reason", "technology", "service", "cause"),
    [
        ("cms_500", "4G", 3, "sms_needs_cs"),
        ("cms_500", "4G", 2, "sms_service"),
        ("cms_500", "4G", 1, "unexplained_error"),
        ("cms_500", "4G", None, "unexplained_error"),
        ("cms_500", "3G", 3, "unexplained_error"),
        ("error", "4G", 3, "unexplained_error"),
        ("no_answer", "4G", 3, "unknown_outcome"),
    ],
)
def test_an_error_without_a_reason_is_put_down_to_the_side_of_the_network_only_where_there_are_two(
    reason: str, technology: str, service: int | None, cause: str
) -> None:
    assert diagnosis.of_unclear_end(reason, technology=technology, sms_service=service).cause == cause


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_reason_of_a_modem_and_every_class_of_error_leads_to_a_cause_with_words(code: str) -> None:
    words = Language.load(code)
    found = [diagnosis.of_reason(reason.value) for reason in Reason]
    found += [diagnosis.Finding(cause=diagnosis._BY_CLASS[error_class]) for error_class in ErrorClass]
    missing = {each.cause for each in found if not words.has(f"bench.cause.{each.cause}.what")}
    assert missing == set()


def test_every_cause_that_the_code_names_has_words() -> None:
    words = Language.load("nl")
    package = Path(testing.__file__).parent
    named = {cause for file in package.glob("*.py") for cause in re.findall(r'cause="(\w+)"', file.read_text())}
    assert len(named) > 15
    assert {cause for cause in named if not words.has(f"bench.cause.{cause}.do")} == set()
