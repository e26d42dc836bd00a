"""A locked session goes on for the person who began it, and for nobody else."""

import pytest

from kiosk.account.lock import TRIES, Lock
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import Refused, Stage
from tests.kiosk.account.owner import done, home, reason
from tests.kiosk.world import PASSWORD, World

# Longer than the longest wait after a wrong password.
WAITED_SECONDS = 1000


def locked(world: World, sign_in: SignIn) -> Lock:
    standing = sign_in.standing
    assert standing is not None
    assert standing.user is not None
    assert standing.signed_in is not None
    return Lock(world.site, world.trail, standing.user, standing.signed_in, desk_id=world.desk_id)


@pytest.fixture
def sign_in(world: World) -> SignIn:
    world.person()
    return home(world)


def test_the_persons_own_password_opens_it(world: World, sign_in: SignIn) -> None:
    lock = locked(world, sign_in)
    assert lock.view().display_name
    assert done(lock.unlock(PASSWORD)) is None
    assert lock.open
    assert [row for row in world.actions() if row[0].startswith("session.")][-2:] == [
        ("session.locked", "ok"),
        ("session.unlocked", "password"),
    ]


def test_a_wrong_password_opens_nothing_and_is_counted_as_at_a_sign_in(world: World, sign_in: SignIn) -> None:
    lock = locked(world, sign_in)
    outcome = lock.unlock("een ander wachtwoord")
    assert isinstance(outcome, Refused)
    assert (outcome.why.text_id, outcome.why.values) == ("locked.wrong", {"left": TRIES - 1})
    assert outcome.stage is Stage.SIGNED_IN
    assert not lock.open
    assert world.recorded(outcome.reference) == ("sign_in.password", "wrong")
    reasons = [reason(lock.unlock("een ander wachtwoord")) for _ in range(3)]
    assert reasons[-1] == "sign_in.login.wait"
    # The right one has to wait, too, and waiting is no try.
    assert reason(lock.unlock(PASSWORD)) == "sign_in.login.wait"


def test_too_many_wrong_passwords_end_the_session(world: World, sign_in: SignIn) -> None:
    lock = locked(world, sign_in)
    for _ in range(TRIES):
        outcome = lock.unlock("een ander wachtwoord")
        world.later(WAITED_SECONDS)
    assert isinstance(outcome, Refused)
    assert (outcome.why.text_id, outcome.stage) == ("locked.used_up", Stage.ENDED)
    assert reason(lock.unlock(PASSWORD)) == "signed_out.administrator"
    assert not lock.open
    sign_in.refresh()
    ended = sign_in.view().ended
    assert ended is not None
    assert ended.text_id == "locked.used_up"


def test_a_session_that_was_ended_meanwhile_stays_ended(world: World, sign_in: SignIn) -> None:
    lock = locked(world, sign_in)
    with world.site.database.transaction(write=True):
        world.site.database.sessions.end_all("administrator", world.clock.now())
    assert reason(lock.unlock(PASSWORD)) == "signed_out.administrator"
    assert not lock.open


def test_nothing_typed_opens_nothing_and_costs_no_try(world: World, sign_in: SignIn) -> None:
    lock = locked(world, sign_in)
    before = world.actions()
    assert reason(lock.unlock("")) == "sign_in.login.missing"
    assert world.actions() == before


def test_without_a_key_of_ones_own_no_touch_opens_it(world: World, sign_in: SignIn) -> None:
    lock = locked(world, sign_in)
    assert not lock.view().key_offered
    assert reason(lock.begin_key()) == "account.proof.not_now"
    assert not lock.open
