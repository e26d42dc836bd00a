import pytest

from data.challenges import ChallengeState, ClaimedChallenge
from data.database import Database
from data.errors import Wiped
from data.users import PasswordState
from tests.data.things import MINUTE, NOW, Things


def test_a_claim_counts_and_gives_what_to_compare_with(db: Database, things: Things) -> None:
    challenge = things.challenge(max_tries=2)
    with db.transaction(write=True):
        claims = [db.challenges.claim(challenge.id, now=NOW) for _ in range(3)]
    assert claims == [ClaimedChallenge(b"m" * 32, 1, 1), ClaimedChallenge(b"m" * 32, 2, 0), None]


def test_a_challenge_is_consumed_once_and_wiped(db: Database, things: Things) -> None:
    challenge = things.challenge()
    with db.transaction(write=True):
        db.challenges.claim(challenge.id, now=NOW)
        consumed = [db.challenges.consume(challenge.id, now=NOW) for _ in range(2)]
        assert db.challenges.claim(challenge.id, now=NOW) is None
    after = db.challenges.get(challenge.id)
    assert consumed == [True, False]
    assert after is not None
    assert after.state(NOW) is ChallengeState.USED
    with pytest.raises(Wiped):
        db.challenges.code(after)


def test_a_challenge_is_not_consumed_without_a_claim(db: Database, things: Things) -> None:
    challenge = things.challenge()
    with db.transaction(write=True):
        assert not db.challenges.consume(challenge.id, now=NOW)


def test_an_expired_challenge_takes_no_try(db: Database, things: Things) -> None:
    challenge = things.challenge(expires_at=NOW + MINUTE)
    with db.transaction(write=True):
        assert db.challenges.claim(challenge.id, now=NOW + MINUTE - 1) is not None
        assert db.challenges.claim(challenge.id, now=NOW + MINUTE) is None


def test_a_challenge_of_an_older_epoch_is_void(db: Database, things: Things) -> None:
    challenge = things.challenge()
    with db.transaction(write=True):
        assert db.challenges.claim(challenge.id, now=NOW) is not None
        db.users.set_password(challenge.user_id, "new", PasswordState.OWN, expires_at=None, if_epoch=0, now=NOW)
        assert db.challenges.claim(challenge.id, now=NOW) is None
        assert not db.challenges.consume(challenge.id, now=NOW)


def test_the_code_comes_back_for_sending_again_and_no_repr_shows_it(db: Database, things: Things) -> None:
    challenge = things.challenge(code=b"075391")
    assert db.challenges.code(challenge) == b"075391"
    assert "075391" not in repr(challenge)


def test_each_send_extends_up_to_the_last_moment(db: Database, things: Things) -> None:
    challenge = things.challenge(expires_at=NOW + 5 * MINUTE, last_expires_at=NOW + 10 * MINUTE)
    with db.transaction(write=True):
        assert db.challenges.extend(challenge.id, expires_at=NOW + 7 * MINUTE, sends=2)
        assert db.challenges.extend(challenge.id, expires_at=NOW + 12 * MINUTE, sends=3)
    after = db.challenges.get(challenge.id)
    assert after is not None
    assert (after.expires_at, after.sends) == (NOW + 10 * MINUTE, 3)


def test_of_two_sends_at_once_one_is_refused(db: Database, things: Things) -> None:
    challenge = things.challenge()
    with db.transaction(write=True):
        extended = [db.challenges.extend(challenge.id, expires_at=NOW + 6 * MINUTE, sends=2) for _ in range(2)]
    assert extended == [True, False]


def test_sending_again_keeps_the_tries(db: Database, things: Things) -> None:
    challenge = things.challenge(max_tries=2)
    with db.transaction(write=True):
        db.challenges.claim(challenge.id, now=NOW)
        db.challenges.extend(challenge.id, expires_at=NOW + 6 * MINUTE, sends=2)
        claimed = db.challenges.claim(challenge.id, now=NOW)
    assert claimed is not None
    assert claimed.tries_left == 0


def test_wiping_forgets_the_code_and_keeps_what_became_of_it(db: Database, things: Things) -> None:
    used_up, expired, live = things.challenge(max_tries=1), things.challenge(), things.challenge()
    with db.transaction(write=True):
        db.challenges.claim(used_up.id, now=NOW)
        for challenge in (used_up, expired, live):
            assert db.challenges.wipe(challenge.id, NOW)
            assert not db.challenges.wipe(challenge.id, NOW)
            assert db.challenges.claim(challenge.id, now=NOW) is None
    after = [db.challenges.get(challenge.id) for challenge in (used_up, expired, live)]
    moments = [NOW, NOW + 5 * MINUTE, NOW]
    states = [challenge.state(moment) for challenge, moment in zip(after, moments, strict=True) if challenge]
    assert states == [ChallengeState.USED_UP, ChallengeState.EXPIRED, ChallengeState.VOID]


def test_expired_codes_are_wiped_and_live_ones_stay(db: Database, things: Things) -> None:
    expired = things.challenge(expires_at=NOW + MINUTE)
    live = things.challenge(expires_at=NOW + 2 * MINUTE)
    with db.transaction(write=True):
        assert db.challenges.wipe_expired(NOW + MINUTE) == 1
    wiped, kept = db.challenges.get(expired.id), db.challenges.get(live.id)
    assert wiped is not None
    assert wiped.sealed_code is None
    assert kept == live
    assert live.state(NOW) is ChallengeState.LIVE


def test_the_challenges_of_a_sign_in_come_in_order(db: Database, things: Things) -> None:
    sign_in = things.sign_in()
    opened = [things.challenge(sign_in) for _ in range(2)]
    things.challenge()
    assert db.challenges.of_sign_in(sign_in.id) == opened
