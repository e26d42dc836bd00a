"""Putting back gives nobody a method or a role that was taken away since: taken again when it is known, suspended when not."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

from data.database import Database
from data.factors import FactorState
from data.users import Role
from kiosk.commands.site import open_site
from kiosk.sign_in.outcomes import Moved
from kiosk.wall_clock import wall_ms
from tests.kiosk.commands.command_line import Kiosk
from tests.kiosk.keeping.test_restore import put_back, restored_desk
from tests.kiosk.world import World, why

MakeBackup = Callable[[], Path]
ALARM = '[alarm]\nphones = ["+31612345678"]\n'


def an_administrator(world: World) -> str:
    """With an app, who has come in."""
    created = world.person("a.bakker", phone=None, app=True)
    with world.site.database.transaction(write=True):
        world.site.database.users.set_role(created.user.id, Role.ADMINISTRATOR)
    return created.user.id


def test_a_role_and_a_method_that_were_taken_away_after_the_back_up_stay_away(
    world: World, kiosk: Kiosk, backup: MakeBackup
) -> None:
    user_id = an_administrator(world)
    path = backup()
    database = world.site.database
    with database.transaction(write=True):
        database.users.set_role(user_id, Role.STAFF)
        database.factors.set_state(database.factors.of_user(user_id)[0].id, FactorState.REVOKED)
        # Every change is written down: the file beside the key knows of it.
        world.trail.record("users.role_changed", "ok")
    world.close()

    done = kiosk.type("restore", str(path), "--reason", "test")

    assert "bij 1 personen" in done.stdout
    with closing(restored_desk(kiosk)) as desk:
        assert desk.user("a.bakker").role is Role.STAFF
        assert [one.state for one in desk.site.database.factors.of_user(user_id)] == [FactorState.REVOKED]
        assert desk.table("changes") == []


def test_roles_are_suspended_until_given_again_when_the_replaced_database_is_lost(
    world: World, elsewhere: Kiosk, backup: MakeBackup
) -> None:
    created = world.person("j.devries", phone=None, app=True)
    user_id = an_administrator(world)
    path = backup()
    elsewhere.config.write_text(elsewhere.config.read_text(encoding="utf-8") + ALARM, encoding="utf-8")

    done = elsewhere.type("restore", str(path), "--reason", "test")

    assert "kiosk users role a.bakker administrator" in done.stdout
    with closing(restored_desk(elsewhere)) as desk:
        found = desk.user("a.bakker")
        assert (found.role, found.suspended_role) == (Role.STAFF, Role.ADMINISTRATOR)
        assert "suspended_role" in elsewhere.type("users", "list", "--json").stdout
        assert ["oudere database" in desk.text_of_queued()] == [True]
        sign_in = desk.begun()
        assert isinstance(sign_in.answer(desk.app_code(created)), Moved)
        signed_in = sign_in.view().home
        assert signed_in is not None
        assert [one.put_back for one in signed_in.changes] == [True]
    assert elsewhere.type("users", "role", "a.bakker", "administrator", "--reason", "test").exit_code == 0
    with open_site(elsewhere.premises()) as site:
        again = site.database.users.get(user_id)
        assert again is not None
        assert (again.role, again.suspended_role) == (Role.ADMINISTRATOR, None)


def test_a_database_that_is_not_to_be_trusted_is_not_asked(world: World, kiosk: Kiosk, backup: MakeBackup) -> None:
    user_id = an_administrator(world)
    path = backup()
    database = world.site.database
    with database.transaction(write=True):
        database.factors.set_state(database.factors.of_user(user_id)[0].id, FactorState.REVOKED)
    world.close()

    assert kiosk.type("restore", str(path), "--forget-newer", "--reason", "test").exit_code == 0

    with closing(restored_desk(kiosk)) as desk:
        assert [one.state for one in desk.site.database.factors.of_user(user_id)] == [FactorState.ACTIVE]
        assert desk.user("a.bakker").role is Role.STAFF


def test_a_database_of_another_history_is_not_asked(world: World, kiosk: Kiosk, backup: MakeBackup) -> None:
    an_administrator(world)
    path = backup()
    world.close()
    kiosk.database.unlink()
    (kiosk.key.parent / "audit.head").unlink()
    with closing(Database.open(kiosk.database, world.site.vault, None, now=wall_ms())):
        pass

    put_back(kiosk, path)

    with closing(restored_desk(kiosk)) as desk:
        assert desk.user("a.bakker").suspended_role is Role.ADMINISTRATOR


def test_a_copy_that_is_put_there_by_hand_suspends_roles_too(world: World, kiosk: Kiosk) -> None:
    an_administrator(world)
    world.close()
    copy = kiosk.directory / "copy"
    shutil.copy(kiosk.database, copy)
    with closing(restored_desk(kiosk)) as desk:
        assert why(desk.attempt("wrong")) == "sign_in.login.wrong"
    copy.replace(kiosk.database)

    assert kiosk.type("users", "list").exit_code == 0

    with closing(restored_desk(kiosk)) as desk:
        assert desk.user("a.bakker").suspended_role is Role.ADMINISTRATOR
