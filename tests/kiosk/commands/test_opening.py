"""Entering a site: wrong key, newer schema, damaged and missing files each have a sentence; an older copy is heeded."""

import importlib
import os
import shutil
import sqlite3
import stat
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data.schema.triggers import TRIGGERS
from kiosk.clock import MARK_KEY, HighWaterMark
from kiosk.commands.site import open_site
from kiosk.keys import MasterKey
from kiosk.passwords import Secret
from kiosk.wall_clock import wall_ms
from tests.kiosk.commands.command_line import Kiosk, run_process, type_command

NOBODY = 65_534
YEAR_MS = 365 * 24 * 3600 * 1000


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.make()
    return made


@pytest.fixture
def unprivileged() -> Iterator[Kiosk]:
    """A kiosk of somebody who is not root, as whom the test runs; permissions mean nothing to root."""
    # What the product imports late, codecs too, lies possibly where only root may read.
    importlib.import_module("segno")
    with tempfile.TemporaryDirectory() as scratch:
        Kiosk(Path(scratch)).make()
    directory, was_root = Path(tempfile.mkdtemp(prefix="kiosk-")), os.geteuid() == 0
    try:
        if was_root:
            os.chown(directory, NOBODY, NOBODY)
            os.seteuid(NOBODY)
        made = Kiosk(directory)
        made.make()
        yield made
        for path in (directory, *directory.rglob("*")):
            path.chmod(0o700)
    finally:
        # Else every test after this one runs as nobody.
        if was_root:
            os.seteuid(0)
        shutil.rmtree(directory)


def other_key(kiosk: Kiosk) -> None:
    kiosk.key.unlink()
    MasterKey.create(kiosk.key)


def newer_schema(kiosk: Kiosk) -> None:
    with closing(sqlite3.connect(kiosk.database)) as raw, raw:
        raw.execute(
            "INSERT INTO _sqlite_migrations (migration_set, name, applied_at) VALUES ('kiosk', '0099_later', '')"
        )


def damaged_database(kiosk: Kiosk) -> None:
    kiosk.database.write_bytes(b"this is no database" * 400)


def short_key(kiosk: Kiosk) -> None:
    kiosk.key.write_bytes(b"short")


def key_is_a_directory(kiosk: Kiosk) -> None:
    kiosk.key.unlink()
    kiosk.key.mkdir()


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (other_key, "niet de sleutel van deze database"),
        (newer_schema, "nieuwere kiosk"),
        (damaged_database, "beschadigd"),
        (lambda kiosk: kiosk.database.unlink(), "nog geen database"),
        (lambda kiosk: kiosk.key.unlink(), "is er niet"),
        (lambda kiosk: kiosk.key.chmod(0o640), "chmod 600"),
        (short_key, "32 bytes"),
        (key_is_a_directory, "32 bytes"),
    ],
)
def test_what_is_wrong_is_told_in_one_sentence_and_nothing_is_changed(
    kiosk: Kiosk, harm: Callable[[Kiosk], object], words: str
) -> None:
    harm(kiosk)
    before = {path: path.read_bytes() for path in (kiosk.database, kiosk.key) if path.is_file()}

    done = kiosk.type("users", "list")

    assert done.exit_code == 1
    assert words in done.stderr
    assert done.stdout == ""
    assert {path: path.read_bytes() for path in before} == before
    assert [path for path in (kiosk.database, kiosk.key) if path.is_file()] == list(before)


@pytest.mark.parametrize(
    ("harm", "words"),
    [
        (lambda kiosk: kiosk.database.chmod(0o400), "alleen worden gelezen"),
        (lambda kiosk: kiosk.directory.chmod(0o500), "alleen worden gelezen"),
        (lambda kiosk: kiosk.key.chmod(0o000), "sleutelbestand"),
        (lambda kiosk: kiosk.key.parent.chmod(0o000), "sleutelbestand"),
        (lambda kiosk: kiosk.config.chmod(0o000), "kiosk.toml"),
    ],
)
def test_files_that_may_not_be_used_are_told(unprivileged: Kiosk, harm: Callable[[Kiosk], object], words: str) -> None:
    harm(unprivileged)

    done = unprivileged.type("users", "list")

    assert done.exit_code in {1, 2}
    assert words in done.stderr


def test_a_new_kiosk_where_nothing_may_be_made_is_told(unprivileged: Kiosk) -> None:
    password = unprivileged.directory / "password"
    password.write_text("vier losse woorden samen", encoding="utf-8")
    locked = unprivileged.directory / "locked"
    locked.mkdir()
    locked.chmod(0o500)
    given = ("--site", "Noord", "--admin", "beheer", "--admin-name", "Els", "--password-file", str(password))

    done = type_command("init", *given, "--no-code-check", "--config", str(locked / "kiosk.toml"))

    assert done.exit_code == 1
    assert str(locked) in done.stderr


def test_a_configuration_that_is_not_there_is_told_with_its_name(tmp_path: Path) -> None:
    done = type_command("users", "list", "--config", str(tmp_path / "nowhere.toml"))

    assert done.exit_code == 2
    assert "nowhere.toml" in done.stderr


def test_every_mistake_in_a_configuration_is_told_at_once(kiosk: Kiosk) -> None:
    kiosk.config.write_text('langage = "nl"\n[site]\nname = ""\n', encoding="utf-8")

    done = kiosk.type("users", "list")

    assert done.exit_code == 2
    assert len(done.stderr.splitlines()) == 2
    assert "language" in done.stderr


def test_the_configuration_may_be_named_by_the_environment(kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KIOSK_CONFIG", str(kiosk.config))

    assert type_command("users", "list").exit_code == 0


def test_a_mistake_in_the_configuration_is_told_before_any_page(kiosk: Kiosk) -> None:
    kiosk.config.write_text("[site]\n")

    done = run_process("run", "--config", str(kiosk.config))

    assert (done.returncode, "site.name" in done.stderr, "\x1b" in done.stdout) == (2, True, False)


# The clock


def test_kiosk_time_goes_on_from_what_was_kept(kiosk: Kiosk) -> None:
    ahead = HighWaterMark(kiosk_ms=wall_ms() + YEAR_MS, boot_ms=0, boot_id="another boot")
    with open_site(kiosk.premises()) as site, site.database.transaction(write=True):
        site.database.meta.set(MARK_KEY, ahead.to_text())

    assert kiosk.premises().clock.now() >= ahead.kiosk_ms


def test_a_damaged_mark_of_the_clock_keeps_nobody_out(kiosk: Kiosk, caplog: pytest.LogCaptureFixture) -> None:
    with open_site(kiosk.premises()) as site, site.database.transaction(write=True):
        site.database.meta.set(MARK_KEY, "damaged")

    assert abs(kiosk.premises().clock.now() - wall_ms()) < 60_000
    assert "damaged" in caplog.text


# The head of the audit log beside the key


def add_somebody(kiosk: Kiosk, name: str) -> None:
    assert kiosk.type("users", "add", name, "--app", "--reason", "x").exit_code == 0


def actions(kiosk: Kiosk) -> list[tuple[str, str]]:
    with open_site(kiosk.premises()) as site:
        return [(row.event.action, row.event.result) for row in site.database.audit.rows() if row.event is not None]


def test_an_older_copy_of_the_database_makes_no_code_good_again(kiosk: Kiosk) -> None:
    add_somebody(kiosk, "j.devries")
    with open_site(kiosk.premises()) as site:
        [user] = site.database.users.all()
        with site.database.transaction(write=True):
            site.database.backup_codes.issue(user.id, code_hash=site.hasher.hash("12345678", Secret.CODE), now=1)
    copy = kiosk.database.read_bytes()
    add_somebody(kiosk, "a.bakker")
    for path in kiosk.directory.glob("kiosk.db-*"):
        path.unlink()
    kiosk.database.write_bytes(copy)

    with open_site(kiosk.premises()) as site:
        [row] = [row for row in site.database.users.all() if row.name == "j.devries"]
        assert site.database.backup_codes.live(row.id) is None
        assert row.epoch == user.epoch + 1
        assert site.database.audit.verify().ok
    assert actions(kiosk)[-1][1] == "done"


def test_a_head_that_is_missing_is_written_down_once(kiosk: Kiosk) -> None:
    add_somebody(kiosk, "j.devries")
    (kiosk.key.with_name("audit.head")).unlink()

    kiosk.premises()
    kiosk.premises()

    assert actions(kiosk).count(("audit.head", "no_head")) == 1
    assert kiosk.key.with_name("audit.head").exists()


def test_rows_deleted_from_the_end_of_the_log_are_written_down(kiosk: Kiosk) -> None:
    add_somebody(kiosk, "j.devries")
    add_somebody(kiosk, "a.bakker")
    with closing(sqlite3.connect(kiosk.database)) as raw, raw:
        raw.execute("DROP TRIGGER audit_never_deleted")
        raw.execute("DELETE FROM audit WHERE seq = (SELECT max(seq) FROM audit)")
        raw.execute(TRIGGERS["audit_never_deleted"])

    kiosk.premises()

    assert ("audit.head", "missing_last") in actions(kiosk)


@pytest.mark.parametrize("content", [b"", b"garbage", b"\xff\xfe"])
def test_a_head_that_cannot_be_read_keeps_nobody_out(
    kiosk: Kiosk, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    add_somebody(kiosk, "j.devries")
    kiosk.key.with_name("audit.head").write_bytes(content)

    assert kiosk.type("users", "list").exit_code == 0
    assert "cannot be read" in caplog.text


def test_what_others_may_is_taken_from_the_database(kiosk: Kiosk) -> None:
    kiosk.database.chmod(0o666)

    kiosk.premises()

    assert stat.S_IMODE(kiosk.database.stat().st_mode) == 0o600
