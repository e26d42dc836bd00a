import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.database import Database
from data.errors import ConstraintBroken, SealBroken
from data.factors import FactorKind, FactorState
from tests.data.things import NOW, NUMBER, Things


def test_a_secret_comes_back_and_no_repr_shows_it(db: Database, things: Things) -> None:
    factor = things.factor(secret=b"JBSWY3DPEHPK3PXP")
    assert db.factors.secret(factor) == b"JBSWY3DPEHPK3PXP"
    assert "JBSWY3DPEHPK3PXP" not in repr(factor)


def test_a_seal_moved_to_another_row_does_not_open(db: Database, things: Things) -> None:
    one, other = things.factor(), things.factor()
    moved = type(one)(**{**{name: getattr(one, name) for name in one.__slots__}, "id": other.id})
    with pytest.raises(SealBroken):
        db.factors.secret(moved)


def test_a_phone_number_is_found_and_only_its_end_is_shown(db: Database, things: Things) -> None:
    phone = things.phone()
    things.phone(number="+31687654321")
    assert db.factors.by_phone(NUMBER) == [phone]
    assert phone.number_tail == NUMBER[-2:]
    assert NUMBER[-3:] not in repr(phone)


def test_a_revoked_phone_is_not_found_by_its_number(db: Database, things: Things) -> None:
    phone = things.phone()
    with db.transaction(write=True):
        db.factors.set_state(phone.id, FactorState.REVOKED)
    assert db.factors.by_phone(NUMBER) == []


def test_only_a_phone_has_a_number(things: Things) -> None:
    with pytest.raises(ConstraintBroken):
        things.factor(kind=FactorKind.TOTP, index=NUMBER)
    with pytest.raises(ConstraintBroken):
        things.factor(kind=FactorKind.SMS, index=None)


def test_a_factor_is_confirmed_once(db: Database, things: Things) -> None:
    factor = things.factor(state=FactorState.OFFERED)
    with db.transaction(write=True):
        confirmed = [db.factors.confirm(factor.id, NOW + 1), db.factors.confirm(factor.id, NOW + 2)]
    after = db.factors.get(factor.id)
    assert confirmed == [True, False]
    assert after is not None
    assert (after.state, after.confirmed_at) == (FactorState.ACTIVE, NOW + 1)


def test_a_revoked_factor_stays_revoked(db: Database, things: Things) -> None:
    factor = things.factor()
    with db.transaction(write=True):
        assert db.factors.set_state(factor.id, FactorState.REVOKED)
        assert not db.factors.set_state(factor.id, FactorState.ACTIVE)
        assert not db.factors.confirm(factor.id, NOW)
        assert not db.factors.accept_step(factor.id, 1, NOW)


@settings(max_examples=30, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=st.lists(st.integers(0, 2**40), max_size=20))
def test_a_totp_step_is_accepted_only_above_all_before(db: Database, steps: list[int]) -> None:
    factor, highest = Things(db).factor(), -1
    for step in steps:
        with db.transaction(write=True):
            assert db.factors.accept_step(factor.id, step, NOW) is (step > highest)
        highest = max(highest, step)


def test_a_phone_accepts_no_totp_step(db: Database, things: Things) -> None:
    phone = things.phone()
    with db.transaction(write=True):
        assert not db.factors.accept_step(phone.id, 1, NOW)


def test_a_signature_counter_only_rises(db: Database, things: Things) -> None:
    key = things.factor(kind=FactorKind.YUBIKEY_FIDO2)
    with db.transaction(write=True):
        assert [db.factors.raise_counter(key.id, counter) for counter in (3, 3, 2, 4)] == [True, False, False, True]


def test_the_factors_of_a_person_come_in_order(db: Database, things: Things) -> None:
    user = things.user()
    added = [things.factor(user, label=label) for label in "cab"]
    things.factor()
    assert db.factors.of_user(user.id) == added


def test_use_is_noted(db: Database, things: Things) -> None:
    factor = things.factor()
    with db.transaction(write=True):
        assert db.factors.used(factor.id, NOW + 9)
    after = db.factors.get(factor.id)
    assert after is not None
    assert after.last_used_at == NOW + 9
