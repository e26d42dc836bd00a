"""What a list and a card show of people, and the strokes that a page makes of several changes."""

import pytest

from data.factors import FactorKind
from kiosk.accounts import NameUnusable
from kiosk.administration.accounts import change_details, disable
from kiosk.administration.authority import PageAuthority, must_prove
from kiosk.administration.errors import ChangedMeanwhile, Forbidden, MethodUnknown, NothingToDo, Rule
from kiosk.administration.methods import add_phone
from kiosk.administration.passwords import unlock
from kiosk.administration.people import Standing, look, people
from kiosk.administration.proving import offered_phone
from kiosk.throttle import PasswordThrottle
from tests.kiosk.administration.office import BECAUSE, administrator, numbers_told, page, root, rows
from tests.kiosk.world import World

LOCKED = 20
OTHER_NUMBER = "+31687654321"


def fail_codes(world: World, times: int) -> None:
    user = world.user("j.devries")
    with world.site.database.transaction(write=True):
        for _ in range(times):
            world.site.database.users.claim_second_factor_failure(user.id, limit=LOCKED)


def fail_passwords(world: World, times: int) -> None:
    user = world.user("j.devries")
    throttle = PasswordThrottle(world.site.database, world.site.policy, "")
    with world.site.database.transaction(write=True):
        for _ in range(times):
            throttle.failed(world.site.name_hash(user.name_key), world.clock.now())


def standing(world: World) -> Standing:
    [line] = people(world.site, "j.devries", limit=5).lines
    return line.standing


def test_the_one_thing_that_is_the_matter_stands_in_the_list(world: World) -> None:
    world.person()
    assert standing(world) is Standing.GOOD
    fail_passwords(world, 6)
    assert standing(world) is Standing.LOCKED_PASSWORD
    fail_codes(world, LOCKED)
    assert standing(world) is Standing.LOCKED_FACTOR
    disable(root(world), world.user("j.devries").id, BECAUSE)
    assert standing(world) is Standing.OFF


def test_who_is_locked_out_stands_first_in_what_is_found(world: World) -> None:
    for name in ("a.devries", "j.devries", "m.devries"):
        world.person(name)
    fail_codes(world, LOCKED)
    assert [line.name for line in people(world.site, "devries", limit=5).lines] == [
        "j.devries",
        "a.devries",
        "m.devries",
    ]


def test_the_list_names_the_methods_that_count_and_how_many_people_there_are(world: World) -> None:
    world.person(app=True)
    world.person("m.bakker", phone=None, app=True)
    found = people(world.site, "", limit=1)
    assert (len(found.lines), found.more, found.total) == (1, True, 2)
    assert people(world.site, "j", limit=1).total is None
    assert set(found.lines[0].methods) == {"sms", "totp"}


def test_one_stroke_opens_both_stages_and_tells_once(world: World) -> None:
    world.person()
    fail_codes(world, LOCKED)
    fail_passwords(world, 6)
    unlock(root(world), world.user("j.devries").id, BECAUSE)
    assert standing(world) is Standing.GOOD
    assert len(rows(world, "second_factor_unlocked")) == len(rows(world, "password_unlocked")) == 1
    assert len(numbers_told(world)) == 1


def test_a_password_alone_is_unlocked_as_that(world: World) -> None:
    world.person()
    fail_passwords(world, 6)
    unlock(root(world), world.user("j.devries").id, BECAUSE)
    assert rows(world, "second_factor_unlocked") == []
    [(result, _actor, _about, parameters)] = rows(world, "password_unlocked")
    assert (result, parameters["failures"]) == ("ok", 6)


def test_nothing_locked_is_nothing_to_do(world: World) -> None:
    world.person()
    with pytest.raises(NothingToDo):
        unlock(root(world), world.user("j.devries").id, BECAUSE)


def test_nobody_unlocks_their_own_codes(world: World) -> None:
    user = administrator(world)
    with world.site.database.transaction(write=True):
        world.site.database.users.claim_second_factor_failure(user.id, limit=LOCKED)
    with pytest.raises(Forbidden) as refused:
        unlock(page(world), user.id, BECAUSE)
    assert refused.value.rule is Rule.OWN_ACCOUNT


def test_another_name_is_found_and_stands_in_no_row_of_the_log(world: World) -> None:
    world.person()
    person_id = world.user("j.devries").id
    change_details(root(world), person_id, BECAUSE, display_name="Jan van der Berg", language="en")
    assert [line.id for line in people(world.site, "berg", limit=5).lines] == [person_id]
    assert world.user("j.devries").language == "en"
    [(_result, _actor, _about, parameters)] = rows(world, "details_changed")
    assert "Berg" not in str(parameters)


def test_a_name_that_nobody_can_show_is_refused(world: World) -> None:
    world.person()
    with pytest.raises(NameUnusable):
        change_details(root(world), world.user("j.devries").id, BECAUSE, display_name="Jan\x1b[2J", language="nl")


def test_a_card_that_is_old_changes_no_name(world: World) -> None:
    world.person()
    person_id = world.user("j.devries").id
    old = look(root(world), person_id).card.version
    disable(root(world), person_id, BECAUSE)
    with pytest.raises(ChangedMeanwhile):
        change_details(root(world), person_id, BECAUSE, display_name="Jan", language="nl", seen=old)


def test_a_card_names_who_changed_something(world: World) -> None:
    user = administrator(world)
    world.person()
    person_id = world.user("j.devries").id
    disable(page(world), person_id, BECAUSE)
    seen = look(page(world), person_id)
    assert seen.actors[user.id] == user.display_name
    assert not seen.own
    assert look(page(world), user.id).own


def test_the_name_that_confirms_is_compared_as_names_are(world: World) -> None:
    world.person()
    seen = look(root(world), world.user("j.devries").id)
    assert seen.is_named(" J.DeVries ")
    assert not seen.is_named("j.devriess")
    assert not seen.is_named("")


def test_a_proof_lasts_ten_minutes(world: World) -> None:
    administrator(world)
    authority = page(world).authority
    assert isinstance(authority, PageAuthority)
    at = authority.reauthenticated_at
    assert not must_prove(world.site, authority, at + 600_000)
    assert must_prove(world.site, authority, at + 600_001)


def test_only_a_number_that_was_offered_is_confirmed_at_the_desk(world: World) -> None:
    administrator(world)
    world.person()
    person_id = world.user("j.devries").id
    with pytest.raises(MethodUnknown):
        offered_phone(page(world), person_id)
    add_phone(page(world), person_id, OTHER_NUMBER, BECAUSE)
    assert offered_phone(page(world), person_id).send() == OTHER_NUMBER[-2:]
    with pytest.raises(MethodUnknown):
        offered_phone(root(world), person_id)


def test_kinds_of_methods_have_words_in_the_list(world: World) -> None:
    for kind in FactorKind:
        assert world.site.languages["nl"].text(f"people.short.{kind.value}")
        assert world.site.languages["nl"].text(f"people.method.{kind.value}")
