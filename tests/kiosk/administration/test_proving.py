"""Methods proved beside the administrator: nothing counts before the right code, and that code once."""

import pytest

from data.factors import FactorKind, FactorState
from kiosk.administration.errors import Forbidden, MethodUnknown, Rule
from kiosk.administration.methods import OldNumber, add_phone, change_phone, revoke_method
from kiosk.administration.passwords import reset_password
from kiosk.administration.proving import AppProof, ClockUnbelieved, CodeRefused, PhoneProof, SmsLimited, Wrong
from kiosk.clock import ClockHealth
from kiosk.methods.totp import code_at
from kiosk.sign_in.outcomes import MethodKind, Moved, Stage
from tests.kiosk.administration.office import BECAUSE, administrator, factor_id, page, root, rows
from tests.kiosk.world import PASSWORD, World, other_than, why

NEW = "+31687654321"


@pytest.fixture
def proof(world: World) -> PhoneProof:
    """Somebody by app, who is offered a phone."""
    world.modem()
    user = world.person(phone=None, app=True).user
    add_phone(root(world), user.id, NEW, BECAUSE)
    return PhoneProof(root(world), user.id, factor_id(world, FactorKind.SMS), desk_id=world.desk_id)


def sent(world: World) -> str:
    """The code that was sent last, which went to the new number."""
    messages = world.site.database.messages
    last = [one for one in world.messages() if one.kind == "code"][-1]
    assert messages.number(last) == NEW
    return messages.text(last)[-6:]


def refusal(proof: PhoneProof | AppProof, typed: str) -> tuple[Wrong, int]:
    with pytest.raises(CodeRefused) as caught:
        proof.answer(typed, BECAUSE)
    return caught.value.wrong, caught.value.tries_left


def test_a_number_counts_after_the_code_that_was_sent_there(world: World, proof: PhoneProof) -> None:
    assert proof.send() == "21"
    assert refusal(proof, other_than(sent(world))) == (Wrong.WRONG, 4)

    done = proof.answer(f"{sent(world)[:3]} {sent(world)[3:]}", BECAUSE)

    [factor] = world.site.database.factors.by_phone(NEW)
    assert factor.state is FactorState.ACTIVE
    assert world.recorded(done.reference) == ("users.phone_confirmed", "ok")
    assert refusal(proof, sent(world)) == (Wrong.USED_UP, 0)


def test_each_code_that_is_sent_is_written_down_with_who_let_it_be_sent(world: World, proof: PhoneProof) -> None:
    proof.send()
    proof.send(over_other_network=True)

    first, second = rows(world, "phone_code_sent")
    message, again = [one.id for one in world.messages()][-2:]
    told = {"message": message, "tail": "21", "other_network": False}
    assert first == ("queued", "unix:beheer", world.user().id, told)
    assert second[3] == {"message": again, "tail": "21", "other_network": True}


def test_five_wrong_codes_or_five_minutes_end_it(world: World, proof: PhoneProof) -> None:
    proof.send()
    code = sent(world)
    assert refusal(proof, "12") == (Wrong.INCOMPLETE, 5)
    assert [refusal(proof, other_than(code))[1] for _ in range(5)] == [4, 3, 2, 1, 0]
    assert refusal(proof, code) == (Wrong.USED_UP, 0)

    proof.send()
    world.clock.pass_seconds(300)
    assert refusal(proof, sent(world)) == (Wrong.EXPIRED, 0)


def test_a_new_code_makes_the_old_one_wrong(world: World, proof: PhoneProof) -> None:
    proof.send()
    first = sent(world)
    proof.send()

    if sent(world) != first:
        assert refusal(proof, first)[0] is Wrong.WRONG
    proof.answer(sent(world), BECAUSE)


def test_sending_keeps_to_the_limits_of_codes(world: World, proof: PhoneProof) -> None:
    for _ in range(5):
        proof.send()

    with pytest.raises(SmsLimited):
        proof.send()


def test_another_network_avoids_the_one_that_was_used(world: World, proof: PhoneProof) -> None:
    modem = world.modem()
    proof.send()
    # The notice of the offer goes first or after; the code is what is watched.
    world.transmit(modem)
    world.transmit(modem)

    proof.send(over_other_network=True)

    last = world.messages()[-1]
    assert (last.avoid_groups, last.same_network_allowed) == (("204-kpn",), False)


def test_the_number_it_replaces_ends_with_its_sessions(world: World) -> None:
    world.modem()
    user = world.person().user
    here = world.signed_in()
    office = root(world)
    old = factor_id(world, FactorKind.SMS)
    change_phone(office, user.id, BECAUSE, method_id=old, number=NEW, old=OldNumber.KEPT_UNTIL_CONFIRMED)
    new = next(one for one in world.site.database.factors.of_user(user.id) if one.state is FactorState.OFFERED)
    proof = PhoneProof(office, user.id, new.id, desk_id=world.desk_id)
    proof.send()

    proof.answer(sent(world), BECAUSE)
    here.refresh()

    replaced = world.site.database.factors.get(old)
    assert replaced is not None
    assert replaced.state is FactorState.REVOKED
    assert here.stage is Stage.ENDED


def test_only_a_number_that_waits_for_it_is_confirmed(world: World, proof: PhoneProof) -> None:
    other = world.person("m.devries").user
    theirs = factor_id(world, FactorKind.SMS, "m.devries")
    for method_id, person_id in ((theirs, other.id), (theirs, world.user().id), ("x", other.id)):
        with pytest.raises(MethodUnknown):
            PhoneProof(root(world), person_id, method_id, desk_id=world.desk_id).send()
    proof.send()
    revoke_method(root(world), world.user().id, factor_id(world, FactorKind.SMS), BECAUSE)

    with pytest.raises(MethodUnknown):
        proof.answer(sent(world), BECAUSE)


def test_it_needs_an_administrator_who_is_there(world: World) -> None:
    world.modem()
    administrator(world)
    user = world.person(phone=None, app=True).user
    add_phone(root(world), user.id, NEW, BECAUSE)
    proof = PhoneProof(page(world), user.id, factor_id(world, FactorKind.SMS), desk_id=world.desk_id)
    world.clock.pass_seconds(601)

    with pytest.raises(Forbidden) as caught:
        proof.send()

    assert caught.value.rule is Rule.REAUTHENTICATE
    assert not [one for one in world.messages() if one.kind == "code"]


def test_an_app_counts_after_its_code_which_lets_nobody_in(world: World) -> None:
    world.modem()
    user = world.person().user
    proof = AppProof(root(world), user.id)
    assert proof.secret in proof.uri()
    code = code_at(proof.secret, world.clock.wall())
    assert refusal(proof, other_than(code)) == (Wrong.WRONG, 4)
    assert len(world.site.database.factors.of_user(user.id)) == 1

    proof.answer(code, BECAUSE)

    assert refusal(proof, code) == (Wrong.USED_UP, 0)
    sign_in = world.begun()
    sign_in.take(MethodKind.TOTP)
    assert why(sign_in.answer(code)) == "app.used_before"
    world.clock.pass_seconds(60)
    assert isinstance(sign_in.answer(code_at(proof.secret, world.clock.wall())), Moved)
    assert rows(world, "method_added")[0][3]["proved_here"] is True
    assert proof.secret.encode() not in world.everything_kept()


def test_an_app_may_replace_a_phone_in_one_stroke(world: World) -> None:
    world.modem()
    user = world.person().user
    proof = AppProof(root(world), user.id)

    proof.answer(code_at(proof.secret, world.clock.wall()), BECAUSE, replaces=factor_id(world, FactorKind.SMS))

    assert world.attempt(PASSWORD) == Moved(Stage.TOTP)


def test_no_app_is_judged_by_a_clock_that_is_not_believed(world: World) -> None:
    proof = AppProof(root(world), world.person().user.id)
    world.clock.believed = ClockHealth.JUMPED

    with pytest.raises(ClockUnbelieved):
        proof.answer(code_at(proof.secret, world.clock.wall()), BECAUSE)


def test_whoever_reset_the_password_proves_no_app_for_it(world: World) -> None:
    user = world.person().user
    administrator(world)
    administrator(world, "c.dekker")
    reset_password(page(world), user.id, BECAUSE)
    proof = AppProof(page(world), user.id)

    with pytest.raises(Forbidden) as caught:
        proof.answer(code_at(proof.secret, world.clock.wall()), BECAUSE)

    assert caught.value.rule is Rule.BOTH_WAYS
