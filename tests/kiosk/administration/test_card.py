"""Finding a person, and the card: what an administrator sees, and what nobody sees."""

import dataclasses

import pytest

from kiosk.administration.card import card, card_by_name
from kiosk.administration.errors import PersonUnknown
from kiosk.administration.finding import find
from kiosk.administration.methods import offer_app
from kiosk.administration.passwords import reset_password
from kiosk.sign_in.outcomes import Refused
from kiosk.throttle import PasswordThrottle
from tests.kiosk.administration.office import BECAUSE, root
from tests.kiosk.world import PASSWORD, PHONE, World, other_than


def names(world: World, text: str) -> list[str]:
    return [user.name for user in find(world.site, text, limit=10).people]


def test_the_card_tells_locks_methods_sessions_and_what_was_changed(world: World) -> None:
    user = world.person(app=True).user
    world.modem()
    world.give_backup_code()
    world.signed_in()
    for _ in range(4):
        world.attempt("fout")
    world.later(20)
    sign_in = world.begun()
    sign_in.answer(other_than(world.site.database.messages.text(world.messages()[-1])[-6:]))
    offer_app(root(world), user.id, BECAUSE)

    shown = card_by_name(world.site, "J.DeVries")

    assert shown.user.id == user.id
    assert (shown.password.exists, shown.password.one_time, shown.password.locked) == (True, False, False)
    assert shown.second_factor_failures == 1
    assert not shown.second_factor_locked
    assert [(one.kind.value, one.state.value, one.number_tail) for one in shown.methods] == [
        ("sms", "active", "78"),
        ("totp", "active", None),
        ("totp", "offered", None),
    ]
    assert (shown.backup.live, shown.backup.confirmed, shown.backup.trouble) == (True, True, None)
    assert [(one.desk, one.method) for one in shown.sessions] == [("balie 1", "sms")]
    assert shown.last_desk == "balie 1"
    assert [change.what for change in shown.changes] == ["method_added"]
    assert shown.version == shown.changes[0].id
    assert (shown.only_sms, shown.needs_other_factor, shown.temporary) == (False, False, None)


def test_a_card_holds_no_secret_and_no_whole_number(world: World) -> None:
    created = world.person(app=True)
    world.give_backup_code()
    world.give_temporary_code()

    text = repr(dataclasses.asdict(dataclasses.replace(card(world.site, created.user.id), user=None)))  # type: ignore[arg-type]

    assert created.totp_secret is not None
    for secret in (created.totp_secret, PHONE[-8:], "$argon2", "17532256", "04821937"):
        assert secret not in text


@pytest.mark.parametrize(("wrong", "waits", "locked"), [(3, False, False), (4, True, False), (100, False, True)])
def test_the_card_tells_a_wait_from_a_lock(world: World, wrong: int, waits: bool, locked: bool) -> None:
    user = world.person().user
    with world.site.database.transaction(write=True):
        throttle = PasswordThrottle(world.site.database, world.site.policy, world.desk_id)
        for _ in range(wrong):
            throttle.failed(world.site.name_hash(user.name_key), world.clock.now())

    shown = card(world.site, user.id).password

    assert (shown.failures, shown.wait_until is not None, shown.locked) == (wrong, waits, locked)


def test_only_sms_and_an_expired_password_are_told(world: World) -> None:
    user = world.person().user
    reset_password(root(world), user.id, BECAUSE)
    assert (card(world.site, user.id).password.expired, card(world.site, user.id).only_sms) == (False, True)

    world.clock.pass_seconds(72 * 3600)

    assert card(world.site, user.id).password.expired


def test_nobody_has_no_card(world: World) -> None:
    with pytest.raises(PersonUnknown):
        card(world.site, "x")
    with pytest.raises(PersonUnknown):
        card_by_name(world.site, "niemand")


def test_people_are_found_by_name_number_tail_and_reference(world: World) -> None:
    world.person("j.devries")
    world.person("m.devries", phone="+31687654321")
    world.person("t.vrijman", phone=None, app=True)
    failed = world.attempt("fout", "m.devries")
    assert isinstance(failed, Refused)
    assert failed.reference is not None

    assert names(world, "vri") == ["j.devries", "m.devries", "t.vrijman"]
    assert names(world, " DEVRIES ") == ["j.devries", "m.devries"]
    assert names(world, "06-87654321") == ["m.devries"]
    assert names(world, "21") == ["m.devries"]
    assert names(world, failed.reference.lower()) == ["m.devries"]
    assert names(world, "Z999") == []
    assert names(world, "06 11111111") == []
    assert names(world, "") == ["j.devries", "m.devries", "t.vrijman"]


def test_a_reference_of_an_administrators_act_finds_whom_it_was_done_to(world: World) -> None:
    made = reset_password(root(world), world.person().user.id, BECAUSE)

    assert names(world, made.reference) == ["j.devries"]


def test_a_page_says_whether_there_is_more(world: World) -> None:
    for number in range(3):
        world.invite(f"p{number}", phone=None, app=True)

    first, last = find(world.site, "p", limit=2), find(world.site, "p", limit=2, offset=2)

    assert ([one.name for one in first.people], first.more) == (["p0", "p1"], True)
    assert ([one.name for one in last.people], last.more) == (["p2"], False)


@pytest.mark.parametrize("text", ["%", "_", "'", '"', "\x00", "\ud800", "*", "[", "K48", "K4821", "²²", "x" * 10_000])
def test_whatever_is_typed_finds_nobody_and_breaks_nothing(world: World, text: str) -> None:
    world.person()

    assert names(world, text) == []
    assert world.attempt(PASSWORD) is not None
