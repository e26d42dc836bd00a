import unicodedata

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from data.database import Database
from data.errors import DuplicateName
from data.factors import FactorKind
from data.users import PasswordState, UserState, name_key
from tests.data.things import NOW, Things


@given(st.text())
@example("ŉ\u1e9e")
@example("\ud800")
def test_the_key_of_a_key_is_the_key(text: str) -> None:
    assert name_key(name_key(text)) == name_key(text)


def test_the_key_of_every_character_is_stable() -> None:
    for code in range(0x110000):
        key = name_key(chr(code))
        assert name_key(key) == key, hex(code)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_a_name_is_the_same_in_every_case_and_form(text: str) -> None:
    assert name_key(unicodedata.normalize("NFD", text)) == name_key(text)
    assert name_key(f"  {text} ") == name_key(text)
    assert name_key(text.casefold()) == name_key(text)


@pytest.mark.parametrize("typed", ["édith", "ÉDITH", " Édith ", "E\u0301dith", "\uff45\u0301dith"])
def test_a_user_is_found_however_the_name_is_typed(db: Database, things: Things, typed: str) -> None:
    user = things.user("Édith")
    assert db.users.by_name(typed) == user


def test_a_name_nobody_has_finds_nobody(db: Database, things: Things) -> None:
    things.user("anna")
    assert db.users.by_name("ann") is None
    assert db.users.by_name("\ud800") is None


def test_a_name_is_taken_in_every_case(db: Database, things: Things) -> None:
    things.user("Straße")
    with pytest.raises(DuplicateName), db.transaction(write=True):
        things.user("STRASSE")
    assert db.users.count() == 1


def test_somebody_new_is_invited_and_has_no_failures(things: Things) -> None:
    user = things.user("anna")
    assert (user.state, user.epoch, user.second_factor_failures) == (UserState.INVITED, 0, 0)


def test_no_repr_shows_a_password_hash(things: Things) -> None:
    assert "geheim" not in repr(things.user(password_hash="geheim"))


def test_a_search_finds_user_names_and_display_names_in_order(db: Database, things: Things) -> None:
    bert, anna = things.user("bert", display_name="Ébène"), things.user("anna", display_name="X")
    things.user("zoë", display_name="Y")
    assert db.users.all(search="ÉBÈNE") == [bert]
    assert db.users.all(search="nn") == [anna]
    assert db.users.all(search="%") == []
    assert [user.name for user in db.users.all(limit=2, offset=1)] == ["bert", "zoë"]


def test_a_new_password_raises_the_epoch_once(db: Database, things: Things) -> None:
    user = things.user()
    with db.transaction(write=True):
        first = db.users.set_password(user.id, "a", PasswordState.OWN, expires_at=None, if_epoch=0, now=NOW)
        second = db.users.set_password(user.id, "b", PasswordState.OWN, expires_at=None, if_epoch=0, now=NOW)
    after = db.users.get(user.id)
    assert (first, second) == (True, False)
    assert after is not None
    assert (after.password_hash, after.epoch) == ("a", 1)


def test_a_rehash_never_replaces_a_password_that_was_changed_meanwhile(db: Database, things: Things) -> None:
    user = things.user(password_hash="old")
    with db.transaction(write=True):
        assert not db.users.rehash(user.id, "new", if_hash="another")
        assert db.users.rehash(user.id, "new", if_hash="old")
    after = db.users.get(user.id)
    assert after is not None
    assert (after.password_hash, after.epoch) == ("new", 0)


def test_second_factor_failures_stop_at_the_limit_until_cleared(db: Database, things: Things) -> None:
    user = things.user()
    with db.transaction(write=True):
        claims = [db.users.claim_second_factor_failure(user.id, limit=2) for _ in range(3)]
        db.users.clear_second_factor_failures(user.id)
        again = db.users.claim_second_factor_failure(user.id, limit=2)
    assert claims == [1, 2, None]
    assert again == 1


def test_what_is_set_is_read(db: Database, things: Things) -> None:
    user = things.user()
    with db.transaction(write=True):
        assert db.users.set_state(user.id, UserState.DISABLED)
        assert db.users.set_language(user.id, "en")
        assert db.users.set_preferred_factor(user.id, FactorKind.SMS)
        assert db.users.set_last_sign_in(user.id, "totp", NOW + 1)
    after = db.users.get(user.id)
    assert after is not None
    assert (after.state, after.language, after.preferred_factor) == (UserState.DISABLED, "en", FactorKind.SMS)
    assert (after.last_sign_in_at, after.last_method) == (NOW + 1, "totp")


def test_nobody_is_changed_who_is_not_there(db: Database) -> None:
    with db.transaction(write=True):
        assert not db.users.set_state("nobody", UserState.ACTIVE)
        assert db.users.claim_second_factor_failure("nobody", limit=5) is None
