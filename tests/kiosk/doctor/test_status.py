"""What monitoring is told: one word, an exit code, numbers, and the file for node_exporter."""

import json
import re
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from kiosk.clock import ClockHealth
from kiosk.commands.cli import main
from kiosk.commands.looking import make_reporter
from kiosk.config import Config
from kiosk.desk_status import SmsHealth
from kiosk.doctor.facts import Facts
from kiosk.doctor.machine import Room
from kiosk.doctor.status import ModemNumbers, Numbers, State, Status, judge
from kiosk.doctor.textfile import Reporter, render, write
from kiosk.keeping.state import Kept
from tests.kiosk.commands.command_line import Kiosk
from tests.kiosk.doctor.test_command import HalfMachine
from tests.kiosk.doctor.well import HOUR, NOW, WellMachine, facts

SAMPLE = re.compile(r'kiosk_[a-z_]+(\{[a-z]+="([^"\\\n]|\\.)*"(,[a-z]+="([^"\\\n]|\\.)*")*\})? -?[0-9]+(\.[0-9]+)?')
MODEM = ModemNumbers(
    name="noord", ready=True, used_up=False, signal_dbm=-71,
    sent_hour=3, sent_day=40, allowed_hour=48, allowed_day=160,
)  # fmt: skip
NUMBERS = Numbers(sms=SmsHealth.READY, modems=(MODEM,), waiting=2, sessions=1)


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.make()
    return made


def status(kiosk: Kiosk, *arguments: str) -> Result:
    done = CliRunner().invoke(main, ["status", *arguments, "--config", str(kiosk.config)], obj=HalfMachine())
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def full() -> Facts:
    return facts(WellMachine(rooms={Path("/srv/kiosk"): Room(total=10**10, free=0)}))


@pytest.mark.parametrize(
    ("given", "numbers", "state"),
    [
        (facts(), NUMBERS, State.GOOD),
        (facts(health=ClockHealth.JUMPED), NUMBERS, State.ATTENTION),
        (facts(kept=Kept(backup_at=NOW - 500 * HOUR, rehearsed_at=None, key_on_paper=True)), NUMBERS, State.ATTENTION),
        (facts(), replace(NUMBERS, modems=(MODEM, replace(MODEM, name="zuid", used_up=True))), State.ATTENTION),
        (facts(), replace(NUMBERS, sms=SmsHealth.USED_UP), State.OUT_OF_SERVICE),
        (facts(), replace(NUMBERS, sms=SmsHealth.DOWN), State.OUT_OF_SERVICE),
        (full(), NUMBERS, State.OUT_OF_SERVICE),
        (facts(damage="page 7"), NUMBERS, State.OUT_OF_SERVICE),
        # What a machine was never set up for does not wake anybody at night.
        (facts(only_sms=("t.smit",), administrators=0), NUMBERS, State.GOOD),
    ],
)
def test_the_whole_is_as_bad_as_what_it_means_for_people(given: Facts, numbers: Numbers, state: State) -> None:
    assert judge(given, numbers).state is state


def test_sims_that_may_send_no_more_are_not_told_as_modems_that_are_down() -> None:
    found = judge(facts(), replace(NUMBERS, sms=SmsHealth.USED_UP)).found
    assert [one.variant for one in found if one.check == "sms"] == ["used_up"]


def test_a_new_site_wants_attention_and_says_for_what(kiosk: Kiosk) -> None:
    done = status(kiosk, "--json")
    answer = json.loads(done.stdout)

    assert (done.exit_code, answer["state"], answer["sms"]) == (1, "attention", "none")
    assert {one["check"] for one in answer["checks"] if one["sign"] == "attention"} == {"audit", "backup", "modem"}
    assert status(kiosk).stdout.startswith("LET OP: mensen kunnen inloggen")


def test_an_older_database_that_somebody_put_in_is_named_with_those_who_lost_their_role(kiosk: Kiosk) -> None:
    kiosk.type("users", "add", "anne", "--role", "administrator", "--app", "--reason", "begin")
    copy = kiosk.database.read_bytes()
    kiosk.type("users", "add", "jan", "--app", "--reason", "later")
    kiosk.database.write_bytes(copy)
    kiosk.type("users", "list")

    [roles] = [one for one in json.loads(status(kiosk, "--json").stdout)["checks"] if one["check"] == "roles"]

    assert (roles["sign"], "anne" in roles["what"]) == ("attention", True)
    assert "kiosk users role" in status(kiosk).stdout


@pytest.mark.parametrize("harm", ["key", "database", "config"])
def test_without_its_files_it_is_out_of_service_and_says_which(kiosk: Kiosk, harm: str) -> None:
    getattr(kiosk, harm).unlink()
    done = status(kiosk)

    assert done.exit_code == 2
    assert done.stdout.startswith("BUITEN DIENST")
    assert getattr(kiosk, harm).name in done.stdout or harm == "database"


def written(given: Status) -> dict[str, str]:
    """Samples by name and labels, where every line is as the format asks."""
    samples: dict[str, str] = {}
    named: set[str] = set()
    for line in render(given).splitlines():
        if line.startswith("# TYPE "):
            named.add(line.split()[2])
        elif not line.startswith("# HELP "):
            assert SAMPLE.fullmatch(line), line
            assert line.split("{")[0].split()[0] in named
            name, _, value = line.rpartition(" ")
            assert name not in samples
            samples[name] = value
    return samples


def test_the_file_for_prometheus_has_state_checks_and_numbers() -> None:
    samples = written(judge(facts(), NUMBERS))

    assert samples["kiosk_state"] == "0"
    assert samples['kiosk_check{check="database"}'] == "0"
    assert samples['kiosk_modem_sms{modem="noord",period="day"}'] == "40"
    assert samples['kiosk_modem_signal_dbm{modem="noord"}'] == "-71"
    assert samples["kiosk_backup_timestamp_seconds"] == str((NOW - 6 * HOUR) // 1000)


def test_what_is_not_known_is_left_out_of_the_file() -> None:
    trouble = Facts(machine=WellMachine(), config=facts().config, troubles=(("database", OSError(5, "I/O error")),))
    samples = written(judge(trouble, None))

    assert samples["kiosk_state"] == "2"
    assert "kiosk_sms_ready" not in samples
    assert 'kiosk_modem_signal_dbm{modem="noord"}' not in written(
        judge(facts(), replace(NUMBERS, modems=(replace(MODEM, signal_dbm=None),)))
    )


def test_a_name_cannot_break_the_file() -> None:
    odd = replace(NUMBERS, modems=(replace(MODEM, name='a"} 1\nkiosk_state 0\\'),))
    assert 'kiosk_modem_ready{modem="a\\"} 1\\nkiosk_state 0\\\\"}' in written(judge(facts(), odd))


def test_the_file_is_readable_for_the_collector_and_put_there_at_once(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.prom"
    path.write_text("old\n")
    with path.open() as read_before:
        write(path, "new\n")
        assert read_before.read() == "old\n"

    assert path.read_text() == "new\n"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert [one.name for one in tmp_path.iterdir()] == ["kiosk.prom"]


def test_a_place_that_is_not_there_is_logged_once_and_written_when_it_comes(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    path = tmp_path / "stick" / "kiosk.prom"
    reporter = Reporter(path, lambda: judge(facts(), NUMBERS))
    reporter.report(path)
    reporter.report(path)
    assert len(caplog.records) == 1

    path.parent.mkdir()
    reporter.report(path)
    assert path.read_text().startswith("# HELP kiosk_state")


def test_the_terminal_writes_it_for_its_own_site(kiosk: Kiosk, tmp_path: Path) -> None:
    path = tmp_path / "kiosk.prom"
    kiosk.config.write_text(f'{kiosk.config.read_text()}\n[monitoring]\ntextfile = "kiosk.prom"\n')
    config = Config.load(kiosk.config)
    assert config.monitoring.textfile == path

    reporter = make_reporter(kiosk.premises())
    reporter.report(path)
    assert "kiosk_state 1\n" in path.read_text()

    kiosk.database.unlink()
    reporter.report(path)
    assert "kiosk_state 2\n" in path.read_text()
