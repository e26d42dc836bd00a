"""Another master key: nobody notices, nothing is lost wherever it stops, and the new key alone opens everything."""

import shutil
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from data.factors import FactorKind, FactorState
from data.resealing import SEALED_TABLES
from kiosk.accounts import Created
from kiosk.commands.site import enter, open_site
from kiosk.config import Config
from kiosk.keeping.backup import Backups
from kiosk.keeping.sealed_file import key_in_file
from kiosk.keys import MasterKey
from kiosk.passwords import Hasher, Secret
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Stage
from kiosk.vault import FileVault, key_id_of
from kiosk.wall_clock import wall_ms
from tests.kiosk.commands.command_line import Kiosk
from tests.kiosk.keeping.stopping import every_stop
from tests.kiosk.keeping.test_backup import small_disk
from tests.kiosk.world import BACKUP_CODE, CHEAP, PASSWORD, PHONE, World

__all__ = ["small_disk"]
MakeBackup = Callable[[], Path]
SEED = b"the seed of an app"


def rotate(kiosk: Kiosk) -> None:
    done = kiosk.type("key", "rotate", "--reason", "test")
    assert done.exit_code == 0, done.output


def many_factors(world: World, count: int) -> None:
    """More than are moved in one transaction."""
    user = world.user()
    with world.site.database.transaction(write=True):
        for _ in range(count):
            world.site.database.factors.add(
                user.id, kind=FactorKind.TOTP, label="", state=FactorState.REVOKED, secret=SEED, index=None, now=1
            )


def secrets(world: World) -> list[bytes]:
    factors = world.site.database.factors
    return [factors.secret(factor) for factor in factors.of_user(world.user().id)]


def forget_old_keys(kiosk: Kiosk) -> None:
    for old in kiosk.key.parent.glob("master.key.*"):
        old.unlink()


def key_ids(database: Path) -> set[str]:
    with closing(sqlite3.connect(database)) as raw:
        return {row[0] for row in raw.execute("SELECT key_id FROM factors")}


def test_the_new_key_alone_opens_everything_and_the_one_before_opens_nothing(world: World, kiosk: Kiosk) -> None:
    created = world.person(app=True)
    world.give_backup_code()
    many_factors(world, 120)
    world.modem()
    world.begun()
    before, known = MasterKey.load(kiosk.key), secrets(world)
    world.close()

    rotate(kiosk)
    forget_old_keys(kiosk)

    after = MasterKey.load(kiosk.key)
    assert after != before
    assert key_ids(kiosk.database) == {key_id_of(after)}
    with closing(World.reopened(kiosk.directory, at=world.clock.at)) as desk:
        assert secrets(desk) == known
        assert desk.site.database.audit.verify().ok
        assert desk.text_of_queued()
        assert [factor.number_tail for factor in desk.site.database.factors.by_phone(PHONE)] == [PHONE[-2:]]
        sign_in = desk.begun()
        sign_in.take(MethodKind.BACKUP_CODE)
        assert sign_in.answer(BACKUP_CODE) == Moved(Stage.SUCCESS)
        other = desk.begun()
        other.take(MethodKind.TOTP)
        assert other.answer(desk.app_code(created)) == Moved(Stage.SUCCESS)
    kiosk.key.write_bytes(before.secret)
    assert "niet de sleutel" in kiosk.type("users", "list").stderr


def test_nobody_notices_who_signs_in_while_it_changes(world: World, kiosk: Kiosk) -> None:
    people = [[world.person(f"p{desk}.{number}", phone=None, app=True) for number in range(25)] for desk in range(2)]
    world.person()
    many_factors(world, 600)
    outcomes: list[Outcome] = []
    failures: list[BaseException] = []

    def sign_in_all(mine: list[Created]) -> None:
        try:
            with closing(World.reopened(kiosk.directory, at=world.clock.at)) as desk:
                outcomes.extend(desk.begun(one.user.name).answer(desk.app_code(one)) for one in mine)
        except BaseException as failure:  # noqa: BLE001  told by the test
            failures.append(failure)

    desks = [threading.Thread(target=sign_in_all, args=(mine,)) for mine in people]
    for desk in desks:
        desk.start()
    rotations = 0
    while any(desk.is_alive() for desk in desks) or rotations == 0:
        rotate(kiosk)
        rotations += 1

    assert failures == []
    assert set(map(str, outcomes)) == {str(Moved(Stage.SUCCESS))}
    assert len(outcomes) == 50
    # Who was there before it all still seals with the key of now, and reads what others sealed.
    assert secrets(world)[-1] == SEED
    world.invite("later", app=True)
    assert key_ids(kiosk.database) == {key_id_of(MasterKey.load(kiosk.key))}


def test_wherever_it_is_killed_everything_opens_and_the_next_run_finishes_it(
    world: World, kiosk: Kiosk, tmp_path: Path
) -> None:
    world.person(app=True)
    world.give_backup_code()
    many_factors(world, 60)
    known = secrets(world)
    elsewhere, stops = Kiosk(tmp_path / "elsewhere"), 0
    for number in every_stop("key", "rotate", "--reason", "test", "--config", str(kiosk.config)):
        stops = number
        assert secrets(world) == known
        with closing(World.reopened(kiosk.directory, at=world.clock.at)) as fresh:
            assert secrets(fresh) == known
            user = fresh.user()
            assert fresh.hasher.verify(PASSWORD, user.password_hash)
            code = fresh.site.database.backup_codes.live(user.id)
            assert code is not None
            assert fresh.hasher.verify(BACKUP_CODE, code.code_hash, Secret.CODE)
            assert fresh.site.database.audit.verify().ok
            current = fresh.site.vault
            assert isinstance(current, FileVault)
            _restore_with_only(current.master, kiosk, elsewhere, tmp_path / f"{number}.backup", known)

    assert stops > 8
    rotate(kiosk)
    forget_old_keys(kiosk)
    assert key_ids(kiosk.database) == {key_id_of(MasterKey.load(kiosk.key))}
    with closing(World.reopened(kiosk.directory, at=world.clock.at)) as fresh:
        assert secrets(fresh) == known


def _restore_with_only(master: MasterKey, kiosk: Kiosk, elsewhere: Kiosk, backup: Path, known: list[bytes]) -> None:
    """A back-up made in the middle needs the key in use and no other."""
    assert kiosk.type("backup", str(backup)).exit_code == 0
    shutil.rmtree(elsewhere.directory, ignore_errors=True)
    master.keep(elsewhere.key)
    elsewhere.config.write_text(kiosk.config.read_text(encoding="utf-8"), encoding="utf-8")
    done = elsewhere.type("restore", str(backup), "--reason", "test")
    assert done.exit_code == 0, done.output
    with closing(World.reopened(elsewhere.directory, at=wall_ms())) as desk:
        assert secrets(desk) == known


def test_no_key_and_no_secret_is_ever_in_clear_outside_the_key_files(world: World, kiosk: Kiosk) -> None:
    created = world.person(app=True)
    many_factors(world, 120)
    assert created.totp_secret is not None
    wanted = {SEED, created.totp_secret.encode(), PHONE.encode(), kiosk.key.read_bytes()}
    looked: list[int] = []

    def look() -> None:
        keys = {path.read_bytes() for path in kiosk.key.parent.iterdir() if is_key(path)}
        for path in kiosk.directory.rglob("*"):
            if path.is_file() and not is_key(path):
                content = path.read_bytes()
                assert not [secret for secret in wanted | keys if secret in content or secret.hex().encode() in content]
        looked.append(1)

    for _ in every_stop("key", "rotate", "--reason", "test", "--config", str(kiosk.config), before=look):
        look()
    look()
    assert len(looked) > 10
    assert not list(kiosk.key.parent.glob(".*"))


def is_key(path: Path) -> bool:
    """A key file, or one that was being made when its process was killed."""
    return path.name.startswith(("master.key", ".master.key.next"))


def test_a_password_of_before_signs_in_and_is_hashed_with_the_new_key_from_then_on(world: World, kiosk: Kiosk) -> None:
    created = world.person(phone=None, app=True)
    rotate(kiosk)
    with closing(World.reopened(kiosk.directory, at=world.clock.at)) as desk:
        before = desk.user().password_hash
        assert desk.begun().answer(desk.app_code(created)) == Moved(Stage.SUCCESS)
        after = desk.user().password_hash
    assert before is not None
    assert after is not None
    new = key_id_of(MasterKey.load(kiosk.key))
    assert (before.startswith(new), after.startswith(new)) == (False, True)


def test_after_many_changes_the_password_of_the_beginning_still_works(world: World, kiosk: Kiosk) -> None:
    world.person()
    for _ in range(3):
        rotate(kiosk)
    forget_old_keys(kiosk)
    premises = enter(Config.load(kiosk.config))
    with open_site(premises) as site, Hasher(premises.vault, password_cost=CHEAP, code_cost=CHEAP) as hasher:
        user = site.database.users.by_name("j.devries")
        assert user is not None
        assert hasher.verify(PASSWORD, user.password_hash)
        assert not hasher.verify(PASSWORD + "x", user.password_hash)
        assert site.database.audit.verify().ok


def test_an_old_back_up_is_put_back_with_the_old_key_and_says_which_when_it_is_gone(
    world: World, kiosk: Kiosk, backup: MakeBackup
) -> None:
    world.person(app=True)
    path, old, known = backup(), world.site.vault.key_id, secrets(world)
    world.close()
    rotate(kiosk)
    assert kiosk.type("restore", str(path), "--reason", "test").exit_code == 0
    with closing(World.reopened(kiosk.directory, at=wall_ms())) as desk:
        assert secrets(desk) == known
    # Whoever takes the old keys away now takes the one that nothing uses.
    assert key_id_of(MasterKey.load(kiosk.key)) == old
    forget_old_keys(kiosk)
    assert "j.devries" in kiosk.type("users", "list").stdout
    rotate(kiosk)
    forget_old_keys(kiosk)
    done = kiosk.type("restore", "--verify", str(path))
    assert (done.exit_code, old in done.stderr) == (1, True)


def test_what_opens_with_no_key_is_told_and_keeps_nobody_from_the_new_one(world: World, kiosk: Kiosk) -> None:
    world.person(app=True)
    [sms, app] = world.site.database.factors.of_user(world.user().id)
    with world.site.database.transaction(write=True):
        world.site.database._connection.change(
            "UPDATE factors SET sealed_secret = zeroblob(60) WHERE id = :id", {"id": sms.id}
        )

    done = kiosk.type("key", "rotate", "--reason", "test")

    assert done.exit_code == 1
    assert "1 gegevens gaan met geen sleutel open" in done.stderr
    assert f"factors {sms.id}" in done.stderr
    fresh = world.site.database.factors.get(app.id)
    assert fresh is not None
    assert fresh.key_id == key_id_of(MasterKey.load(kiosk.key))
    # The change has come to its end: the next one is another change.
    assert kiosk.type("key", "rotate", "--reason", "test").exit_code == 1
    assert world.actions().count(("key.rotation", "done")) == 2
    with world.site.database.transaction(write=True):
        world.site.database._connection.change("DELETE FROM factors WHERE id = :id", {"id": sms.id})
    assert kiosk.type("key", "rotate", "--reason", "test").exit_code == 0


def test_a_key_that_systemd_hands_over_is_not_changed_here(
    world: World, kiosk: Kiosk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person()
    credentials = tmp_path / "credentials"
    credentials.mkdir()
    shutil.copy(kiosk.key, credentials)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(credentials))

    done = kiosk.type("key", "rotate", "--reason", "test")

    assert done.exit_code == 1
    assert "systemd" in done.stderr
    assert sorted(path.name for path in kiosk.key.parent.glob("master.key*")) == ["master.key"]


def test_it_is_audited_with_both_keys_and_the_reason(world: World, kiosk: Kiosk) -> None:
    before = world.site.vault.key_id
    rotate(kiosk)
    events = [row.event for row in world.site.database.audit.rows() if row.event]
    begun, done = [event for event in events if event.action == "key.rotation"]
    assert (begun.result, done.result) == ("begun", "done")
    assert begun.parameters["from"] == before
    assert begun.parameters["reason"] == "test"
    assert done.parameters["to"] == begun.parameters["to"] == key_id_of(MasterKey.load(kiosk.key))


def test_a_desk_that_still_has_the_old_key_makes_its_back_up_with_the_new_one(
    world: World, kiosk: Kiosk, tmp_path: Path
) -> None:
    vault = world.site.vault
    assert isinstance(vault, FileVault)
    rotate(kiosk)
    backups = Backups(world.site.database, vault, world.trail, site="site", clock=world.clock)
    assert backups.make(tmp_path / "one").key_id == key_id_of(MasterKey.load(kiosk.key))
    assert key_in_file(tmp_path / "one") == key_id_of(MasterKey.load(kiosk.key))


def test_every_sealed_column_is_moved(world: World) -> None:
    connection = world.site.database._connection
    tables = [row["name"] for row in connection.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    sealed = {
        (table, row["name"])
        for table in tables
        for row in connection.rows(f"PRAGMA table_info({table})")
        if row["name"].startswith("sealed_")
    }
    # A list that is being imported is read once more when the key changed under it (`KeyChanged`).
    staged = {("staged_people", "sealed_number"), ("staged_people", "sealed_app")}
    assert sealed - staged == {(table.name, column) for table in SEALED_TABLES for column in table.columns}


def test_on_a_full_disk_it_stops_with_a_sentence_and_goes_on_when_there_is_room(
    world: World, kiosk: Kiosk, small_disk: Path
) -> None:
    world.person(app=True)
    many_factors(world, 200)
    known = secrets(world)
    world.close()
    here = Kiosk(small_disk)
    shutil.copytree(kiosk.directory, small_disk, dirs_exist_ok=True)
    (small_disk / "rest").write_bytes(b"x" * (shutil.disk_usage(small_disk).free - 60_000))

    done = here.type("key", "rotate", "--reason", "test")

    assert done.exit_code == 1
    assert "vol" in done.stderr
    (small_disk / "rest").unlink()
    with closing(World.reopened(small_disk, at=world.clock.at)) as desk:
        assert secrets(desk) == known
    rotate(here)
    forget_old_keys(here)
    assert key_ids(here.database) == {key_id_of(MasterKey.load(here.key))}


def test_a_desk_that_slept_through_two_changes_knows_a_password_hashed_in_between(world: World, kiosk: Kiosk) -> None:
    created = world.person(phone=None, app=True)
    rotate(kiosk)
    with closing(World.reopened(kiosk.directory, at=world.clock.at)) as desk:
        assert desk.begun().answer(desk.app_code(created)) == Moved(Stage.SUCCESS)
    rotate(kiosk)
    forget_old_keys(kiosk)
    world.clock.pass_seconds(60)

    assert world.begun().answer(world.app_code(created)) == Moved(Stage.SUCCESS)
