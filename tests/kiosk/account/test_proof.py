"""Whoever changes how they sign in proves first that it is still them, within ten minutes."""

import pytest

from kiosk.account.proof import FRESH_MS
from kiosk.methods.totp import code_at
from kiosk.sign_in.outcomes import MethodKind, Moved, Refused, Stage
from tests.kiosk.account.owner import (
    ELEVEN_MINUTES,
    account,
    account_of,
    done,
    home,
    prove_by_app,
    reason,
    session,
    temporary,
)
from tests.kiosk.world import BACKUP_CODE, TEMPORARY_CODE, World, other_than


def stale(world: World) -> None:
    world.later(ELEVEN_MINUTES)


def test_the_sign_in_itself_counts_for_ten_minutes(world: World) -> None:
    world.person()
    owner = account(world)
    world.later(FRESH_MS / 1000 - 1)
    assert done(owner.begin_app()) is None
    world.later(1)
    assert reason(owner.begin_app()) == "account.proof.first"


@pytest.mark.parametrize("change", ["begin_app", "new_backup_code"])
def test_without_a_fresh_proof_nothing_is_changed(world: World, change: str) -> None:
    world.person()
    owner = account(world)
    stale(world)
    before = world.table("factors"), world.table("backup_codes")
    assert reason(getattr(owner, change)()) == "account.proof.first"
    assert (world.table("factors"), world.table("backup_codes")) == before


def test_no_other_change_is_made_without_it_either(world: World) -> None:
    world.person()
    owner = account(world)
    stale(world)
    (phone,) = [row.id for row in world.site.database.factors.of_user(world.user().id)]
    outcomes = [
        owner.begin_phone("0687654321"),
        owner.remove(phone),
        owner.change_password("vier losse woorden samen", "kaas trein wolk bezem", "kaas trein wolk bezem"),
    ]
    assert {reason(outcome) for outcome in outcomes} == {"account.proof.first"}


def test_an_app_proves_it_again(world: World) -> None:
    created = world.person(app=True)
    owner = account(world)
    stale(world)
    assert done(prove_by_app(world, owner, created)) == "account.proof.done"
    assert done(owner.begin_app()) is None
    assert ("proof.totp", "ok") in world.actions()


def test_an_sms_proves_it_again_and_does_not_count_against_the_limits_afterwards(world: World) -> None:
    world.person()
    owner = account(world)
    stale(world)
    assert done(owner.begin_proof(MethodKind.SMS)) is None
    proof = owner.view().proof
    assert proof is not None
    assert proof.sms is not None
    assert proof.sms.tail == "78"
    assert done(owner.answer_proof(world.code_of_queued())) == "account.proof.done"
    assert [message.charged for message in world.messages()] == [False, False]
    assert done(owner.begin_app()) is None


def test_the_back_up_code_proves_it_again_once(world: World) -> None:
    world.person()
    world.give_backup_code()
    owner = account(world)
    stale(world)
    owner.begin_proof(MethodKind.BACKUP_CODE)
    assert done(owner.answer_proof(BACKUP_CODE)) == "account.proof.done"
    stale(world)
    assert reason(owner.begin_proof(MethodKind.BACKUP_CODE)) == "account.proof.not_now"


def test_the_code_of_a_proof_is_good_once(world: World) -> None:
    created = world.person(app=True)
    owner = account(world)
    stale(world)
    code = world.app_code(created)
    prove_by_app(world, owner, created)
    world.later(ELEVEN_MINUTES)
    world.clock.at -= ELEVEN_MINUTES * 1000
    owner.begin_proof(MethodKind.TOTP)
    assert reason(owner.answer_proof(code)) == "app.used_before"


def test_a_code_that_was_sent_for_a_proof_signs_nobody_in(world: World) -> None:
    world.person()
    owner = account(world)
    stale(world)
    owner.begin_proof(MethodKind.SMS)
    code = world.code_of_queued()
    sign_in = world.begun()
    assert reason(sign_in.answer(code)) == "sms.code.wrong"


def test_leaving_the_page_voids_the_code_but_keeps_the_tries_counted(world: World) -> None:
    created = world.person(app=True)
    owner = account(world)
    stale(world)
    wrong = other_than(world.app_code(created))
    owner.begin_proof(MethodKind.TOTP)
    assert reason(owner.answer_proof(wrong)) == "app.wrong"
    owner.leave_proof()
    owner.begin_proof(MethodKind.TOTP)
    proof = owner.view().proof
    assert proof is not None
    assert proof.tries_left == 4
    owner.leave_proof()
    owner.begin_proof(MethodKind.SMS)
    code = world.code_of_queued()
    owner.leave_proof()
    assert reason(owner.answer_proof(code)) == "account.proof.not_now"


def test_five_wrong_codes_end_the_session_as_they_end_a_sign_in(world: World) -> None:
    created = world.person(app=True)
    sign_in = home(world)
    owner = account_of(world, sign_in)
    stale(world)
    owner.begin_proof(MethodKind.TOTP)
    wrong = other_than(world.app_code(created))
    outcomes = [owner.answer_proof(wrong) for _ in range(5)]
    assert [reason(outcome) for outcome in outcomes] == ["app.wrong"] * 4 + ["sms.code.used_up"]
    assert isinstance(outcomes[-1], Refused)
    assert outcomes[-1].stage is Stage.ENDED
    sign_in.watch(lambda _view: None)
    sign_in.refresh()
    ended = sign_in.view().ended
    assert ended is not None
    assert ended.text_id == "signed_out.proof"
    assert session(world, owner).end_reason == "proof"


def test_wrong_proofs_count_together_with_wrong_sign_ins(world: World) -> None:
    created = world.person(app=True)
    owner = account(world)
    stale(world)
    owner.begin_proof(MethodKind.TOTP)
    owner.answer_proof(other_than(world.app_code(created)))
    assert world.user().second_factor_failures == 1


def test_an_ended_session_can_change_nothing(world: World) -> None:
    created = world.person(app=True)
    owner = account(world)
    owner.begin_app()
    app = owner.view().app
    assert app is not None
    with world.site.database.transaction(write=True):
        world.site.database.sessions.end(owner.session_id, "administrator", world.clock.now())
    before = world.table("factors"), world.table("users")
    outcomes = [
        owner.answer_app(code_at(app.secret, world.clock.wall())),
        owner.new_backup_code(),
        owner.begin_phone("0687654321"),
        owner.keep_language("en"),
        owner.remove(world.site.database.factors.of_user(created.user.id)[0].id),
        owner.sign_out_everywhere(),
    ]
    assert [outcome for outcome in outcomes if isinstance(outcome, Moved)] == []
    assert {reason(outcome) for outcome in outcomes} == {"signed_out.administrator"}
    assert (world.table("factors"), world.table("users")) == before


def test_a_temporary_code_lets_add_and_change_nothing(world: World) -> None:
    world.person()
    owner = temporary(world)
    (phone,) = world.site.database.factors.of_user(world.user().id)
    assert owner.view().temporary
    assert done(owner.begin_app()) is None
    outcomes = [
        owner.begin_phone("0687654321"),
        owner.remove(phone.id),
        owner.new_backup_code(),
        owner.change_password("vier losse woorden samen", "kaas trein wolk bezem", "kaas trein wolk bezem"),
    ]
    assert {reason(outcome) for outcome in outcomes} == {"account.temporary"}


def test_a_temporary_code_as_a_proof_lets_no_more(world: World) -> None:
    world.person()
    world.give_backup_code()
    owner = account(world)
    stale(world)
    world.give_temporary_code()
    owner.begin_proof(MethodKind.BACKUP_CODE)
    assert done(owner.answer_proof(TEMPORARY_CODE)) == "account.proof.done"
    assert reason(owner.new_backup_code()) == "account.temporary"


def test_whoever_has_no_phone_may_add_one_with_a_temporary_code(world: World) -> None:
    world.person(phone=None, app=True)
    owner = temporary(world)
    assert done(owner.begin_phone("0687654321")) is None


def test_closing_leaves_no_code_and_no_message_behind(world: World) -> None:
    world.person()
    owner = account(world)
    stale(world)
    owner.begin_proof(MethodKind.SMS)
    owner.close()
    assert [row["wiped_at"] is not None for row in world.table("challenges")] == [True, True]
    assert [message.state.value for message in world.messages()] == ["cancelled", "cancelled"]
    assert [row["ended_at"] is not None for row in world.table("sign_ins")] == [True, True]
