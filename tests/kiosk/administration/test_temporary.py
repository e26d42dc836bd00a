"""The temporary code: who gets one, for how long, on what proof, and what goes with it in one stroke."""

import re
from dataclasses import replace

import pytest

from data.factors import FactorKind
from data.temporary_codes import TemporaryCodeState
from kiosk.administration import temporary
from kiosk.administration.accounts import disable
from kiosk.administration.card import card
from kiosk.administration.errors import (
    Contradiction,
    Forbidden,
    MethodUnknown,
    MinutesUnusable,
    NothingToDo,
    NumberInText,
    Rule,
    TextUnusable,
)
from kiosk.administration.temporary import Identification, TemporaryReason, issue, withdraw
from kiosk.sign_in.outcomes import Moved, Stage
from tests.kiosk.administration.office import BECAUSE, NO_SMS, administrator, factor_id, numbers_told, page, root, rows
from tests.kiosk.world import PASSWORD, PHONE, World


def test_a_temporary_code_lets_its_person_in_once(world: World) -> None:
    user = world.person().user
    made = issue(root(world), user.id, NO_SMS)

    assert re.fullmatch(r"\d{8}", made.code)
    sign_in = world.sign_in()
    assert sign_in.begin("j.devries", PASSWORD) == Moved(Stage.TEMPORARY_CODE)
    assert isinstance(sign_in.answer(f"{made.code[:4]} {made.code[4:]}"), Moved)
    assert world.site.database.temporary_codes.live(user.id, world.clock.now()) is None


def test_a_code_is_in_no_file_and_no_log(world: World) -> None:
    made = issue(root(world), world.person().user.id, NO_SMS)

    assert made.code.encode() not in world.everything_kept()
    assert made.code not in repr(made)


def test_a_second_code_makes_the_first_void(world: World) -> None:
    user = world.person().user
    first = issue(root(world), user.id, NO_SMS)
    issue(root(world), user.id, NO_SMS)

    row = world.site.database.temporary_codes.get(first.code_id)
    assert row is not None
    assert row.state is TemporaryCodeState.REVOKED


@pytest.mark.parametrize("minutes", [None, 1, 1440])
def test_it_is_good_for_as_long_as_was_said(world: World, minutes: int | None) -> None:
    user = world.person().user
    world.modem()
    made = issue(root(world), user.id, replace(NO_SMS, minutes=minutes))

    assert made.expires_at == world.clock.now() + (minutes or 10) * 60_000
    world.clock.at = made.expires_at - 1
    assert world.attempt(PASSWORD) == Moved(Stage.TEMPORARY_CODE)
    world.clock.at = made.expires_at
    assert world.attempt(PASSWORD) != Moved(Stage.TEMPORARY_CODE)


@pytest.mark.parametrize("minutes", [0, -1, 1441, 10**9])
def test_a_life_that_the_site_does_not_allow_is_refused(world: World, minutes: int) -> None:
    user = world.person().user

    with pytest.raises(MinutesUnusable) as caught:
        issue(root(world), user.id, replace(NO_SMS, minutes=minutes))

    assert caught.value.maximum == 1440
    assert world.table("temporary_codes") == []


def test_how_the_person_was_known_is_written_down(world: World) -> None:
    administrator(world)
    user = world.person().user
    request = replace(NO_SMS, identified=Identification.MANAGER, detail=" P. Smit ", ticket="TD-4411")

    issue(page(world), user.id, request)

    [(result, actor, about, parameters)] = rows(world, "temporary_code_issued")
    assert (result, actor, about) == ("ok", world.user("a.bakker").id, user.id)
    assert parameters["proof"] == "manager: P. Smit"
    assert (parameters["reason"], parameters["ticket"], parameters["minutes"]) == ("no_sms", "TD-4411", 10)
    [change] = world.site.database.changes.unseen(user.id)
    assert change.proof == "manager: P. Smit"
    live = world.site.database.temporary_codes.live(user.id, world.clock.now())
    assert live is not None
    assert (live.proof, live.ticket, live.issued_by) == ("manager: P. Smit", "TD-4411", world.user("a.bakker").id)


@pytest.mark.parametrize("identified", [Identification.MANAGER, Identification.OTHER])
def test_a_manager_has_a_name_and_otherwise_is_said_how(world: World, identified: Identification) -> None:
    with pytest.raises(TextUnusable):
        issue(root(world), world.person().user.id, replace(NO_SMS, identified=identified, detail=" "))


@pytest.mark.parametrize(
    "wrong",
    [{"detail": "BSN 111222333"}, {"ticket": "111222333"}, {"detail": "paspoort NPC1B2C34"}, {"ticket": "0612345678"}],
)
def test_no_national_document_or_phone_number_is_kept(world: World, wrong: dict[str, str]) -> None:
    user = world.person().user

    with pytest.raises(NumberInText):
        issue(root(world), user.id, replace(NO_SMS, **wrong))  # type: ignore[arg-type]

    assert world.table("temporary_codes") == []
    assert rows(world, "temporary_code_issued") == []


@pytest.mark.parametrize("reason", [TemporaryReason.PHONE_LOST, TemporaryReason.NEW_NUMBER])
def test_who_was_called_back_on_a_lost_phone_is_asked_about_again(world: World, reason: TemporaryReason) -> None:
    user = world.person().user
    request = replace(NO_SMS, reason=reason, identified=Identification.CALLED_BACK)

    with pytest.raises(Contradiction):
        issue(root(world), user.id, request)
    assert world.table("temporary_codes") == []

    issue(root(world), user.id, replace(request, contradiction_seen=True))
    assert rows(world, "temporary_code_issued")[0][3]["contradiction"] is True


def test_called_back_while_sms_does_not_arrive_is_no_contradiction(world: World) -> None:
    issue(root(world), world.person().user.id, replace(NO_SMS, identified=Identification.CALLED_BACK))

    assert "contradiction" not in rows(world, "temporary_code_issued")[0][3]


def test_one_stroke_unlocks_both_stages_offers_an_app_and_revokes_the_lost_phone(world: World) -> None:
    user = world.person(app=True).user
    world.modem()
    world.signed_in()
    for _ in range(5):
        world.attempt("fout")
    with world.site.database.transaction(write=True):
        for _ in range(20):
            world.site.database.users.claim_second_factor_failure(user.id, limit=20)
    phone = factor_id(world, FactorKind.SMS)

    made = issue(root(world), user.id, replace(NO_SMS, unlock=True, add_app=True, revoke=[phone]))

    shown = card(world.site, user.id)
    assert (shown.password.failures, shown.second_factor_failures) == (0, 0)
    assert [(one.kind.value, one.state.value) for one in shown.methods] == [("totp", "active"), ("totp", "offered")]
    assert shown.sessions == ()
    assert shown.temporary is not None
    assert shown.temporary.adds_app
    done = [action for action, _ in world.actions() if action.startswith("users.") and action != "users.added"]
    assert done == [
        "users.temporary_code_issued",
        "users.password_unlocked",
        "users.second_factor_unlocked",
        "users.method_revoked",
    ]
    assert world.recorded(made.reference) == ("users.temporary_code_issued", "ok")
    sign_in = world.sign_in()
    assert sign_in.begin("j.devries", PASSWORD) == Moved(Stage.TEMPORARY_CODE)
    assert isinstance(sign_in.answer(made.code), Moved)
    assert numbers_told(world) == [PHONE]


def test_when_one_part_cannot_be_done_nothing_is(world: World) -> None:
    user = world.person().user

    with pytest.raises(MethodUnknown):
        issue(root(world), user.id, replace(NO_SMS, unlock=True, add_app=True, revoke=["nothing"]))

    assert world.table("temporary_codes") == world.table("changes") == world.table("messages") == []
    assert len(card(world.site, user.id).methods) == 1


def test_nobody_makes_one_for_themselves_or_for_an_account_that_is_off(world: World) -> None:
    chef = administrator(world)
    user = world.person().user
    disable(root(world), user.id, BECAUSE)

    for person_id, rule in ((chef.id, Rule.OWN_ACCOUNT), (user.id, Rule.DISABLED)):
        with pytest.raises(Forbidden) as caught:
            issue(page(world), person_id, NO_SMS)
        assert caught.value.rule is rule


def test_it_can_be_taken_back(world: World) -> None:
    user = world.person().user
    world.modem()
    issue(root(world), user.id, NO_SMS)

    withdraw(root(world), user.id, BECAUSE)

    assert world.attempt(PASSWORD) == Moved(Stage.SMS_CODE)
    with pytest.raises(NothingToDo):
        withdraw(root(world), user.id, BECAUSE)


def test_somebody_who_has_proved_nothing_yet_comes_in_by_it(world: World) -> None:
    created = world.invite(phone=None, app=True)
    made = temporary.issue(root(world), created.user.id, NO_SMS)

    sign_in = world.sign_in()
    assert sign_in.begin("j.devries", created.one_time_password) == Moved(Stage.OWN_PASSWORD)
    moved = sign_in.choose_own_password("een nieuw wachtwoord dan", "een nieuw wachtwoord dan")
    assert isinstance(moved, Moved)
    assert moved.stage is Stage.TEMPORARY_CODE
    assert isinstance(sign_in.answer(made.code), Moved)
