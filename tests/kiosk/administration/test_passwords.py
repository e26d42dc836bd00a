"""Passwords, locks, sessions and back-up codes in an administrator's hands."""

import re
from dataclasses import replace
from pathlib import Path

import pytest

from data.users import PasswordState
from kiosk.administration import accounts, passwords
from kiosk.administration.errors import Forbidden, NothingToDo, Rule
from kiosk.administration.passwords import (
    end_sessions,
    renew_backup_code,
    reset_password,
    unlock_password,
    unlock_second_factor,
)
from kiosk.config import HelpDesk, Words
from kiosk.keys import FileVault, MasterKey
from kiosk.passwords import Hasher, PepperUnknown
from kiosk.sign_in.outcomes import MethodKind, Moved, Stage
from tests.kiosk.administration.office import BECAUSE, administrator, numbers_told, page, root, rows
from tests.kiosk.world import BACKUP_CODE, CHEAP, PASSWORD, PHONE, World, why


def test_a_reset_gives_a_random_password_good_for_one_sign_in(world: World) -> None:
    user = world.person().user
    world.modem()

    made = reset_password(root(world), user.id, BECAUSE)

    assert re.fullmatch(r"([0-9a-z]{4}-){3}[0-9a-z]{4}", made.password)
    assert why(world.attempt(PASSWORD)) == "sign_in.login.wrong"
    assert world.attempt(made.password) == Moved(Stage.OWN_PASSWORD)
    assert made.expires_at == world.clock.now() + 72 * 3600 * 1000
    assert made.password.encode() not in world.everything_kept()


def test_a_one_time_password_that_expired_is_no_longer_good(world: World) -> None:
    made = reset_password(root(world), world.person().user.id, BECAUSE)
    world.clock.pass_seconds(72 * 3600)

    assert why(world.attempt(made.password)) == "first.one_time.expired"


def test_two_resets_never_give_the_same_password_and_only_the_last_is_good(world: World) -> None:
    user = world.person().user
    first, last = (reset_password(root(world), user.id, BECAUSE).password for _ in range(2))

    assert first != last
    assert why(world.attempt(first)) == "sign_in.login.wrong"
    assert world.attempt(last) == Moved(Stage.OWN_PASSWORD)


def test_a_reset_ends_sessions_and_codes_under_way(world: World) -> None:
    user = world.person().user
    world.modem()
    here, under_way = world.signed_in(), world.begun()
    code = world.code_of_queued()

    reset_password(root(world), user.id, BECAUSE)
    here.refresh()

    assert here.stage is Stage.ENDED
    assert world.site.database.sessions.live() == []
    assert why(under_way.answer(code)) == "sms.code.expired"


def test_a_reset_opens_a_name_that_was_locked_by_guessing(world: World) -> None:
    user = world.person().user
    for _ in range(5):
        world.attempt("fout")
    assert why(world.attempt("fout")) == "sign_in.login.wait"

    made = reset_password(root(world), user.id, BECAUSE)

    assert world.attempt(made.password) == Moved(Stage.OWN_PASSWORD)


def test_what_was_done_is_in_the_log_and_shown_to_the_person(world: World) -> None:
    administrator(world)
    user = world.person().user

    made = reset_password(page(world), user.id, BECAUSE)

    chef = world.user("a.bakker").id
    [row] = rows(world, "password_reset")
    assert row == ("ok", chef, user.id, {"reason": "telefoon kwijt", "ticket": "TD-4411", "sessions": 0})
    assert world.recorded(made.reference) == ("users.password_reset", "ok")
    [change] = world.site.database.changes.unseen(user.id)
    assert (change.what, change.actor, change.reason) == ("password_reset", chef, "telefoon kwijt")


def test_the_person_is_told_by_sms_at_once(world: World) -> None:
    reset_password(root(world), world.person().user.id, BECAUSE)

    assert numbers_told(world) == [PHONE]
    assert "wachtwoord is vervangen" in world.text_of_queued()
    assert "uw beheerder" in world.text_of_queued()


def test_the_notice_names_the_help_desk_when_there_is_one(world: World) -> None:
    desk = HelpDesk("Servicedesk", "030 555 01 23", Words("ma-vr", "Mon-Fri"))
    world.site = replace(world.site, help_desk=desk)

    reset_password(root(world), world.person().user.id, BECAUSE)

    assert world.text_of_queued().endswith("Bel dan Servicedesk, 030 555 01 23.")


def test_a_number_that_was_never_proved_or_does_not_open_is_told_nothing_and_stops_nothing(world: World) -> None:
    offered, broken = world.invite().user, world.person("m.devries", phone="+31687654321").user
    world.site.database._connection.raw.execute(
        "UPDATE factors SET sealed_secret = x'00' WHERE user_id = ?", (broken.id,)
    )

    reset_password(root(world), offered.id, BECAUSE)
    reset_password(root(world), broken.id, BECAUSE)

    assert numbers_told(world) == []


def test_when_the_log_cannot_be_written_nothing_is_changed(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    user = world.person().user

    def full(*_given: object, **_named: object) -> str:
        raise OSError

    monkeypatch.setattr(type(world.trail), "record", full)
    with pytest.raises(OSError):
        reset_password(root(world), user.id, BECAUSE)

    assert world.user().password_state is PasswordState.OWN
    assert world.table("changes") == world.table("messages") == []


def test_a_random_password_is_kept_by_a_hash_that_needs_the_key(world: World, tmp_path: Path) -> None:
    vault = FileVault(MasterKey.create(tmp_path / "other" / "master.key"))
    with Hasher(vault, password_cost=CHEAP, code_cost=CHEAP) as other:
        kept = other.hash_random("abcd")

        assert other.verify("abcd", kept)
        assert not other.verify("abce", kept)
        assert not other.needs_rehash(kept)
        assert kept.partition("$")[2] != world.hasher.hash_random("abcd").partition("$")[2]
    with pytest.raises(PepperUnknown):
        world.hasher.verify("abcd", kept)


def test_each_stage_is_unlocked_by_itself(world: World) -> None:
    user = world.person().user
    world.modem()
    for _ in range(4):
        world.attempt("fout")
    with world.site.database.transaction(write=True):
        for _ in range(20):
            world.site.database.users.claim_second_factor_failure(user.id, limit=20)

    unlock_password(root(world), user.id, BECAUSE)
    assert why(world.attempt(PASSWORD)) == "sign_in.login.factor_locked"

    unlock_second_factor(root(world), user.id, BECAUSE)
    again = world.begun()
    assert isinstance(again.answer(world.site.database.messages.text(world.messages()[-1])[-6:]), Moved)
    assert [row[3]["failures"] for row in rows(world, "password_unlocked") + rows(world, "second_factor_unlocked")] == [
        4,
        20,
    ]


def test_unlocking_the_second_factor_opens_a_back_up_code_that_was_tried_too_often(world: World) -> None:
    user = world.person().user
    world.give_backup_code()
    codes = world.site.database.backup_codes
    live = codes.live(user.id)
    assert live is not None
    with world.site.database.transaction(write=True):
        for _ in range(20):
            codes.claim_try(live.id, limit=20)
        for _ in range(10):
            world.site.database.throttles.raise_(
                "backup_code_day", user.id, now=world.clock.now(), until=None, window_ms=None
            )

    unlock_second_factor(root(world), user.id, BECAUSE)

    sign_in = world.begun()
    sign_in.take(MethodKind.BACKUP_CODE)
    assert isinstance(sign_in.answer(BACKUP_CODE), Moved)


@pytest.mark.parametrize("act", [unlock_password, unlock_second_factor, end_sessions, renew_backup_code])
def test_what_is_so_already_is_told_and_leaves_no_row(world: World, act: object) -> None:
    user = world.person().user

    with pytest.raises(NothingToDo):
        act(root(world), user.id, BECAUSE)  # type: ignore[operator]

    assert [action for action, _ in world.actions() if action.startswith("users.") and action != "users.added"] == []
    assert world.table("changes") == world.table("messages") == []


def test_sessions_end_everywhere(world: World) -> None:
    user = world.person().user
    world.modem()
    here = world.signed_in()

    done = end_sessions(root(world), user.id, BECAUSE)
    here.refresh()

    assert done.count == 1
    assert here.stage is Stage.ENDED


def test_a_new_back_up_code_is_shown_to_the_person_and_to_nobody_else(world: World) -> None:
    user = world.person().user
    world.modem()
    world.give_backup_code()

    done = renew_backup_code(root(world), user.id, BECAUSE)

    assert world.site.database.backup_codes.live(user.id) is None
    assert not hasattr(done, "code")
    sign_in = world.begun()
    [code] = [one for one in world.messages() if one.kind == "code"]
    assert sign_in.answer(world.site.database.messages.text(code)[-6:]) == Moved(Stage.SUCCESS)


@pytest.mark.parametrize("act", [reset_password, unlock_second_factor, accounts.disable, accounts.delete])
def test_nobody_does_it_to_themselves(world: World, act: object) -> None:
    chef = administrator(world)
    administrator(world, "c.dekker")

    with pytest.raises(Forbidden) as caught:
        act(page(world), chef.id, BECAUSE)  # type: ignore[operator]

    assert caught.value.rule is Rule.OWN_ACCOUNT


def test_an_account_that_is_off_gets_no_password(world: World) -> None:
    user = world.person().user
    accounts.disable(root(world), user.id, BECAUSE)

    with pytest.raises(Forbidden) as caught:
        passwords.reset_password(root(world), user.id, BECAUSE)

    assert caught.value.rule is Rule.DISABLED
