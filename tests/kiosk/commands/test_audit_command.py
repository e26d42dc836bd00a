"""`kiosk audit list|verify|export|key`."""

import csv
import errno
import io
import json
import os
import re
import shutil
import signal
import stat
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result

from data.audit import AuditEvent
from data.database import Database
from kiosk.audit.daily import DailyAudit
from kiosk.commands.backstage import backstage_of
from kiosk.commands.site import daily_means, open_site
from kiosk.config import Config
from kiosk.new_file import new_file
from tests.data.long_log import lay
from tests.data.test_tampering import EVERYTHING, sql, swap, tamper
from tests.kiosk.commands.command_line import ROOT, Kiosk, run_on_terminal, run_process, type_command
from tests.kiosk.terminal import FACTS


@pytest.fixture(scope="module")
def laid(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two people and four sign-ins that went wrong: six rows. Made once, because hashing takes longer than most tests."""
    made = Kiosk(tmp_path_factory.mktemp("laid"))
    made.make()
    for name in ("j.devries", "piet"):
        assert made.type("users", "add", name, "--app", "--reason", "nieuw").exit_code == 0
    for name in ("j.devries", "piet", "Wachtwoord123", "j.devries"):
        made.attempt(name, "fout")
    return made.directory


@pytest.fixture
def kiosk(laid: Path, tmp_path: Path) -> Kiosk:
    shutil.copytree(laid, tmp_path, dirs_exist_ok=True)
    return Kiosk(tmp_path)


def rows(done: Result) -> list[dict[str, Any]]:
    return [json.loads(line) for line in done.stdout.splitlines()]


def events(kiosk: Kiosk) -> list[AuditEvent]:
    with open_site(kiosk.premises()) as site:
        return [row.event for row in site.database.audit.rows() if row.event is not None]


# list


def test_rows_are_listed_newest_first_with_names(kiosk: Kiosk) -> None:
    lines = kiosk.type("audit", "list").stdout.splitlines()
    assert len(lines) == 6
    assert re.match(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d  A006  j\.devries +sign_in\.password +- +wrong", lines[0])
    assert re.search(r"A001  unix:\S+ +users\.added +j\.devries", lines[-1])


@pytest.mark.parametrize(
    ("asked", "seqs"),
    [
        (("--person", "j.devries"), [6, 3, 1]),
        (("--person", "J.DEVRIES", "--action", "sign_in"), [6, 3]),
        (("--person", "wachtwoord123"), [5]),
        (("--action", "users.added", "--action", "clock"), [2, 1]),
        (("--reference", "a002"), [2]),
        (("--desk", "test", "--limit", "2"), [6, 5]),
        (("--since", "1h"), [6, 5, 4, 3, 2, 1]),
        (("--until", "1h"), []),
    ],
)
def test_rows_are_found_by_person_action_time_desk_and_reference(
    kiosk: Kiosk, asked: tuple[str, ...], seqs: list[int]
) -> None:
    assert [row["seq"] for row in rows(kiosk.type("audit", "list", "--json", *asked))] == seqs


def test_who_listed_what_is_written_down_without_what_was_typed(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.commands.site.real_account", lambda: "auditor")
    kiosk.type("audit", "list", "--person", "Wachtwoord123")
    event = events(kiosk)[-1]
    assert (event.action, event.actor) == ("audit.read", "unix:auditor")
    assert event.parameters["rows"] == 1
    kept = b"".join(path.read_bytes() for path in kiosk.directory.rglob("*") if path.is_file())
    assert b"Wachtwoord123" not in kept


def test_own_reading_can_be_left_out(kiosk: Kiosk) -> None:
    kiosk.type("audit", "list")
    assert [row["seq"] for row in rows(kiosk.type("audit", "list", "--json", "--action", "audit"))] == [7]
    assert rows(kiosk.type("audit", "list", "--json", "--action", "audit", "--not-own-reading")) == []


def test_more_rows_than_are_shown_are_told(kiosk: Kiosk) -> None:
    assert "2 van 6" in kiosk.type("audit", "list", "--limit", "2").stdout


@pytest.mark.parametrize(
    ("asked", "told"),
    [
        (("--since", "gisteren\x1b[2J"), "gisteren\\x1b[2J"),
        (("--reference", "482"), "K482"),
        (("--desk", "balie 9"), "balie 9"),
    ],
)
def test_what_cannot_be_understood_is_told_with_what_can(kiosk: Kiosk, asked: tuple[str, ...], told: str) -> None:
    done = kiosk.type("audit", "list", *asked)
    assert (done.exit_code, done.stdout) == (1, "")
    assert told in done.stderr
    assert "\x1b" not in done.stderr


def test_what_others_wrote_moves_no_cursor(kiosk: Kiosk) -> None:
    with open_site(kiosk.premises()) as site, site.database.transaction(write=True):
        site.database.audit.append(
            action="clock\x1b[2J", result="ok\r", origin="\x07", actor="\u202ex", at=1, at_wall=1
        )
    shown = kiosk.type("audit", "list", "--limit", "1").stdout.split("\n")[0]
    assert shown.isprintable()


# verify


def value_in(text: str) -> str:
    found = re.search(r"regel (\d+), ((?:[0-9A-F]{4} ){7}[0-9A-F]{4})$", text, re.MULTILINE)
    assert found is not None
    return found[2]


def test_the_value_for_the_next_visit_is_shown_and_found_again(kiosk: Kiosk) -> None:
    first = kiosk.type("audit", "verify")
    assert first.exit_code == 0
    value = value_in(first.stdout)
    kiosk.attempt("piet", "fout")
    again = kiosk.type("audit", "verify", "--expect", value.replace(" ", "-").lower())
    assert again.exit_code == 0
    assert "regel 6" in again.stdout
    assert value_in(again.stdout) != value


def test_another_value_than_that_of_the_last_visit_is_an_alarm(kiosk: Kiosk) -> None:
    done = kiosk.type("audit", "verify", "--expect", "7F3A-91C2-0B44-E6D8")
    assert done.exit_code == 1
    assert "ANDER LOGBOEK" in done.stderr
    assert "Schrijf op" not in done.stdout


@pytest.mark.parametrize("value", ["7F3A", "7F3A-91C2-0B44-E6D", "zzzz zzzz zzzz zzzz", "7F3A " * 17])
def test_what_is_no_value_is_told(kiosk: Kiosk, value: str) -> None:
    assert "7F3A-91C2-0B44-E6D8" in kiosk.type("audit", "verify", "--expect", value).stderr


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (sql("UPDATE audit SET body = replace(body, 'wrong', 'right') WHERE seq = 3"), "VERANDERD: regel 3 "),
        (sql("UPDATE audit SET body = NULL, salt = NULL WHERE seq = 3"), "GEWIST: de inhoud van regel 3,"),
        (swap(EVERYTHING, 3, 4), "VERWISSELD: de regels 3 en 4 "),
        (sql("DELETE FROM audit WHERE seq = 1"), "VERWIJDERD: de eerste regels, 1 tot en met 1."),
        (sql("DELETE FROM audit WHERE seq IN (3, 4)"), "VERWIJDERD: uit het midden, regels 3 tot en met 4."),
        (sql("DELETE FROM audit WHERE seq > 4"), "VERWIJDERD: de laatste regels, 5 tot en met 6."),
        (sql("DELETE FROM audit"), "VERWIJDERD: alle regels, 1 tot en met 6."),
    ],
)
def test_what_was_done_to_the_log_is_said_exactly(kiosk: Kiosk, how: Callable[[Any], object], told: str) -> None:
    # The triggers stay: their restoring would be a row more.
    with Database.open(kiosk.database, kiosk.premises().vault, now=1) as db:
        triggers = [row["sql"] for row in db._connection.rows("SELECT sql FROM sqlite_master WHERE type = 'trigger'")]
    tamper(kiosk.database, lambda raw: (how(raw), [raw.execute(trigger) for trigger in triggers]))
    done = kiosk.type("audit", "verify")
    assert done.exit_code == 1
    assert told in done.stderr
    assert events(kiosk)[-1].action == "audit.verified"
    assert events(kiosk)[-1].result != "ok"


def test_an_older_copy_of_the_database_is_seen_and_not_mended_first(kiosk: Kiosk) -> None:
    copy = kiosk.directory / "old"
    shutil.copyfile(kiosk.database, copy)
    kiosk.attempt("piet", "fout")
    kiosk.attempt("piet", "fout")
    for ending in ("-wal", "-shm"):
        kiosk.database.with_name(kiosk.database.name + ending).unlink(missing_ok=True)
    shutil.copyfile(copy, kiosk.database)
    done = kiosk.type("audit", "verify")
    assert done.exit_code == 1
    assert "OUDERE KOPIE" in done.stderr
    assert "7 tot en met 8" in done.stderr
    # The next start of anything else applies the rules of a restore, and says so from then on.
    kiosk.type("audit", "list")
    after = kiosk.type("audit", "verify")
    assert after.exit_code == 0
    assert "oudere kopie" in after.stdout


def test_that_the_file_beside_the_key_is_gone_is_told(kiosk: Kiosk) -> None:
    assert "naast de sleutel" not in kiosk.type("audit", "verify").stdout
    (kiosk.key.parent / "audit.head").unlink()
    done = kiosk.type("audit", "verify")
    assert done.exit_code == 0
    assert "naast de sleutel" in done.stdout
    assert events(kiosk)[-1].parameters["headless"] is True


def test_the_answer_as_json_has_what_a_program_needs(kiosk: Kiosk) -> None:
    [answer] = rows(kiosk.type("audit", "verify", "--json"))
    assert (answer["ok"], answer["result"], answer["rows"], answer["last_seq"]) == (True, "ok", 6, 6)
    assert re.fullmatch(r"([0-9A-F]{4} ?){8}", answer["value"])


def test_on_a_terminal_the_value_is_asked_for_and_the_progress_shown(kiosk: Kiosk) -> None:
    value = value_in(kiosk.type("audit", "verify").stdout)
    code, painted = run_on_terminal("audit", "verify", "--config", str(kiosk.config), typed=f"{value}\n")
    assert code == 0
    assert "Waarde van het vorige bezoek" in painted
    assert "7 van 7 regels" in painted
    assert "die van regel 6" in painted


def test_a_check_is_stopped_by_ctrl_c_and_says_how_far_it_came(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path)
    kiosk.make()
    premises = kiosk.premises()
    with premises.open_database() as db:
        lay(db, 10_000)
    command = [sys.executable, "-c", _SLOW, "audit", "verify", "--config", str(kiosk.config)]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True
    ) as process:
        assert process.stderr is not None
        assert process.stderr.readline() == "2000\n"
        process.send_signal(signal.SIGINT)
        out, _ = process.communicate(timeout=60)
    assert process.returncode == 1
    assert re.search(r"Gestopt na \d+ regels", out)
    assert events(kiosk)[-1].result == "cancelled"


# A check that tells where it is and then waits until it is stopped.
_SLOW = """
import sys, threading
import kiosk.commands.audit_verify as command
stop = []
def teller(language, text_id):
    def tell(done, total):
        print(done, file=sys.stderr, flush=True)
        stop[0].wait(60)
    return tell
real = command.stoppable
import contextlib
@contextlib.contextmanager
def stoppable():
    with real() as event:
        stop.append(event)
        yield event
command.teller, command.stoppable = teller, stoppable
from kiosk.commands.cli import main
main()
"""


# export


def exported(kiosk: Kiosk, *asked: str, name: str = "log.jsonl") -> tuple[Path, Path]:
    """An export and the file with the public key, carried elsewhere; nothing of the kiosk is there."""
    file, key = kiosk.directory / name, kiosk.directory / "audit.pub"
    done = kiosk.type("audit", "export", str(file), *asked)
    assert done.exit_code == 0, done.output
    key.write_text(kiosk.type("audit", "key").stdout, encoding="ascii")
    return file, key


def verify(file: Path, key: Path, *more: str) -> Result:
    return type_command("audit", "verify", "--export", str(file), "--key", str(key), *more)


def test_an_export_is_verified_on_a_machine_that_has_no_kiosk(kiosk: Kiosk, tmp_path: Path) -> None:
    file, key = exported(kiosk)
    shutil.rmtree(kiosk.key.parent)
    kiosk.database.unlink()
    kiosk.config.unlink()
    done = verify(file, key)
    assert (done.exit_code, done.stderr) == (0, "")
    assert "Receptie Noord" in done.stdout
    [answer] = rows(verify(file, key, "--json"))
    assert (answer["ok"], answer["rows"], answer["whole"]) == (True, 6, 6)


def test_one_altered_byte_in_an_export_is_found(kiosk: Kiosk) -> None:
    file, key = exported(kiosk)
    content = bytearray(file.read_bytes())
    place = content.index(b"wrong")
    content[place] ^= 1
    file.chmod(0o600)
    file.write_bytes(content)
    done = verify(file, key)
    assert done.exit_code == 1
    assert "VERANDERD: regel 3 " in done.stderr
    assert rows(verify(file, key, "--json"))[0]["result"] == "altered"


def test_an_export_of_one_person_says_nothing_of_others_and_is_verified(kiosk: Kiosk) -> None:
    file, key = exported(kiosk, "--person", "j.devries")
    content = file.read_text(encoding="ascii")
    with open_site(kiosk.premises()) as site:
        other = site.database.users.by_name("piet")
    assert other is not None
    assert other.id not in content
    assert content.count('"event"') == 3
    assert verify(file, key).exit_code == 0


def test_an_export_is_a_new_file_for_its_owner_alone_with_its_checksum(kiosk: Kiosk) -> None:
    file, _ = exported(kiosk)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    second = kiosk.type("audit", "export", str(file))
    assert second.exit_code == 1
    assert str(file) in second.stderr
    other = kiosk.directory / "other.jsonl"
    [answer] = rows(kiosk.type("audit", "export", str(other), "--json"))
    import hashlib

    assert answer["sha256"] == hashlib.sha256(other.read_bytes()).hexdigest()
    assert (answer["log_whole"], answer["signed"]) == (True, True)


def test_an_export_that_fails_leaves_no_file(kiosk: Kiosk) -> None:
    file = kiosk.directory / "log.jsonl"
    assert kiosk.type("audit", "export", str(file), "--since", "ooit").exit_code == 1
    assert not file.exists()


def test_a_full_disk_is_told_with_the_file_and_leaves_none(tmp_path: Path) -> None:
    path = tmp_path / "log.jsonl"
    with pytest.raises(OSError, match="No space left") as caught, new_file(path):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    assert caught.value.filename == str(path)
    assert not path.exists()


def test_an_export_that_comes_through_a_pipe_is_told_to_be_a_file(kiosk: Kiosk) -> None:
    _, key = exported(kiosk)
    pipe = kiosk.directory / "pipe"
    os.mkfifo(pipe)
    # Open at both ends, so that nobody waits.
    descriptor = os.open(pipe, os.O_RDWR)
    done = verify(pipe, key)
    os.close(descriptor)
    assert done.exit_code == 1
    assert str(pipe) in done.stderr


def test_an_export_goes_to_standard_output_alone(kiosk: Kiosk) -> None:
    done = run_process("audit", "export", "-", "--csv", "--config", str(kiosk.config))
    assert done.returncode == 0
    lines = list(csv.reader(io.StringIO(done.stdout.lstrip("\ufeff")), delimiter=";"))
    assert [line[0] for line in lines] == ["number", "1", "2", "3", "4", "5", "6"]
    assert "SHA-256" in done.stderr


def test_a_log_that_is_not_whole_is_exported_all_the_same_and_told(kiosk: Kiosk) -> None:
    tamper(kiosk.database, sql("UPDATE audit SET body = 'nonsense' WHERE seq = 3"))
    file = kiosk.directory / "log.jsonl"
    done = kiosk.type("audit", "export", str(file))
    assert done.exit_code == 1
    assert "niet ondertekend" in done.stderr
    assert file.exists()
    key = kiosk.directory / "audit.pub"
    key.write_text(kiosk.type("audit", "key").stdout, encoding="ascii")
    assert "NIET ONDERTEKEND" in verify(file, key).stderr


# each day


def test_the_daily_checkpoint_of_a_site_is_in_its_exports(kiosk: Kiosk) -> None:
    DailyAudit(daily_means(kiosk.premises())).make_round()
    file, key = exported(kiosk)
    [answer] = rows(verify(file, key, "--json"))
    assert (answer["ok"], answer["rows"], answer["checkpoints"]) == (True, 7, 1)


def test_a_terminal_looks_after_the_log_as_long_as_it_runs(kiosk: Kiosk) -> None:
    backstage = backstage_of(Config.load(kiosk.config))
    desk = backstage.open(FACTS, woken=lambda: None)
    thread = backstage._daily._thread
    assert thread.is_alive()
    desk.close()
    backstage.stop()
    assert not thread.is_alive()


@pytest.mark.parametrize("given", [("--export", "x"), ("--key", "x")])
def test_export_and_key_go_together(given: tuple[str, str]) -> None:
    assert type_command("audit", "verify", *given).exit_code == 2


def test_a_file_without_a_key_is_told(kiosk: Kiosk) -> None:
    file, key = exported(kiosk)
    key.write_text("nonsense", encoding="ascii")
    done = verify(file, key)
    assert done.exit_code == 2
    assert "kiosk audit key" in done.stderr


def test_every_fault_has_words_in_both_languages() -> None:
    from data.audit_check import Fault
    from kiosk.audit.outside import ExportFault
    from kiosk.language import LANGUAGES, Language

    for code in LANGUAGES:
        language = Language.load(code)
        for fault in Fault:
            assert language.has(f"command.audit.verify.fault.{fault.value}")
        for export_fault in ExportFault:
            begin = f"command.audit.verify.export.fault.{export_fault.value}"
            assert language.has(begin) or (language.has(f"{begin}.rows") and language.has(f"{begin}.somewhere"))
