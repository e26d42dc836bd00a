import threading
import unicodedata
from collections.abc import Iterator

import argon2
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kiosk import passwords
from kiosk.keys import MasterKey
from kiosk.passwords import HashCost, HashDamaged, Hasher, PepperUnknown, Secret
from kiosk.vault import FileVault

CHEAP = HashCost(passes=1, memory_kib=8, lanes=1)
DEARER = HashCost(passes=2, memory_kib=16, lanes=2)
VAULT = FileVault(MasterKey(bytes(range(32))))

quickly = settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@pytest.fixture
def hasher() -> Iterator[Hasher]:
    with Hasher(VAULT, password_cost=CHEAP, code_cost=CHEAP) as hasher:
        yield hasher


@quickly
@given(st.text())
def test_what_was_hashed_verifies(hasher: Hasher, text: str) -> None:
    assert hasher.verify(text, hasher.hash(text))


@quickly
@given(st.text(), st.text())
def test_only_what_was_hashed_verifies(hasher: Hasher, text: str, other: str) -> None:
    same = unicodedata.normalize("NFKC", text) == unicodedata.normalize("NFKC", other)
    assert hasher.verify(other, hasher.hash(text)) is same


def test_a_password_typed_on_another_keyboard_is_the_same(hasher: Hasher) -> None:
    stored = hasher.hash("Égalité ﬁn ①")
    assert hasher.verify("E\u0301galite\u0301 fin 1", stored)


def test_nobodys_password_never_verifies(hasher: Hasher) -> None:
    assert not hasher.verify("", None)
    assert not hasher.verify("anything", None, Secret.CODE)


def test_the_same_password_never_gives_the_same_hash(hasher: Hasher) -> None:
    assert hasher.hash("secret") != hasher.hash("secret")


def test_a_hash_is_argon2id_over_the_pepper_with_the_key_id_beside_it(hasher: Hasher) -> None:
    """Against argon2 itself."""
    key_id, _, encoded = hasher.hash("secret").partition("$")
    pepper = VAULT.mac(b"secret", purpose="pepper password")
    assert key_id == VAULT.key_id
    assert argon2.low_level.verify_secret(f"${encoded}".encode(), pepper, argon2.Type.ID)


def test_a_hash_of_a_password_is_none_of_a_code(hasher: Hasher) -> None:
    assert not hasher.verify("17532256", hasher.hash("17532256", Secret.PASSWORD), Secret.CODE)


def test_a_hash_made_with_another_key_is_told(hasher: Hasher) -> None:
    other = FileVault(MasterKey(bytes(32)))
    with Hasher(other, password_cost=CHEAP, code_cost=CHEAP) as elsewhere:
        stored = elsewhere.hash("secret")
    with pytest.raises(PepperUnknown) as caught:
        hasher.verify("secret", stored)
    assert caught.value.key_id == other.key_id


@pytest.mark.parametrize(
    "stored",
    ["", "nonsense", "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA", "key$argon2i$v=19$m=8,t=1,p=1$AAAA$AAAA", "key$argon2id$"],
)
def test_what_is_no_hash_is_told_without_showing_it(hasher: Hasher, stored: str) -> None:
    stored = stored.replace("key$", f"{VAULT.key_id}$")
    with pytest.raises(HashDamaged) as caught:
        hasher.verify("secret", stored)
    assert str(caught.value) == ""
    with pytest.raises(HashDamaged):
        hasher.needs_rehash(stored)


@quickly
@given(st.text(), st.booleans())
def test_whatever_stands_in_the_place_of_a_hash_is_told(hasher: Hasher, text: str, plausible: bool) -> None:
    with pytest.raises((HashDamaged, PepperUnknown)):
        hasher.verify("secret", f"{VAULT.key_id}$argon2id${text}" if plausible else text)


def test_a_hash_needs_to_be_made_anew_when_passes_or_memory_have_changed() -> None:
    with (
        Hasher(VAULT, password_cost=CHEAP, code_cost=DEARER) as before,
        Hasher(VAULT, password_cost=DEARER, code_cost=DEARER) as now,
    ):
        stored = before.hash("secret")
        assert not before.needs_rehash(stored)
        assert now.needs_rehash(stored)
        assert now.verify("secret", stored)
        assert not now.needs_rehash(before.hash("12345678", Secret.CODE), Secret.CODE)


def test_other_lanes_are_no_reason_to_hash_anew() -> None:
    other_lanes = HashCost(passes=CHEAP.passes, memory_kib=2 * CHEAP.memory_kib, lanes=2)
    with (
        Hasher(VAULT, password_cost=HashCost(passes=1, memory_kib=16, lanes=1)) as one,
        Hasher(VAULT, password_cost=other_lanes) as other,
    ):
        assert not other.needs_rehash(one.hash("secret"))
        assert other.verify("secret", one.hash("secret"))


def test_somebody_unknown_costs_exactly_what_somebody_known_costs(
    hasher: Hasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The parameters with which argon2 really runs, not the time on this machine."""
    ran: list[tuple[argon2.Parameters, int]] = []
    verify = argon2.PasswordHasher.verify

    def record(self: argon2.PasswordHasher, stored: str, peppered: bytes) -> bool:
        ran.append((argon2.extract_parameters(stored), len(peppered)))
        return verify(self, stored, peppered)

    monkeypatch.setattr(argon2.PasswordHasher, "verify", record)
    for what in Secret:
        hasher.verify("wrong", hasher.hash("right", what), what)
        hasher.verify("wrong", None, what)
    assert ran[0] == ran[1]
    assert ran[2] == ran[3]


def test_hashing_happens_one_at_a_time_in_a_thread_of_its_own(monkeypatch: pytest.MonkeyPatch) -> None:
    threads: list[threading.Thread] = []
    hash_ = argon2.PasswordHasher.hash

    def record(self: argon2.PasswordHasher, peppered: bytes) -> str:
        threads.append(threading.current_thread())
        return hash_(self, peppered)

    monkeypatch.setattr(argon2.PasswordHasher, "hash", record)
    with Hasher(VAULT, password_cost=CHEAP, code_cost=CHEAP) as hasher:
        futures = [hasher.submit_hash(str(number)) for number in range(5)]
        assert all(hasher.verify(str(number), future.result(10)) for number, future in enumerate(futures))
        assert hasher.submit_verify("0", futures[0].result(10)).result(10)
    assert len(set(threads)) == 1
    assert threads[0] is not threading.current_thread()


def test_the_costs_are_those_of_the_norms() -> None:
    password, low, code = passwords.PASSWORD_COST, passwords.LOW_MEMORY_COST, passwords.CODE_COST
    assert (password.passes, password.memory_kib) == (3, 65_536)
    assert 1 <= password.lanes <= 4
    assert (low.passes, low.memory_kib, low.lanes) == (2, 19_456, 1)
    assert (code.passes, code.memory_kib, code.lanes) == (2, 19_456, 1)


@pytest.mark.parametrize(("cores", "lanes"), [(None, 1), (1, 1), (2, 1), (3, 2), (5, 4), (64, 4)])
def test_one_core_stays_free_for_the_screen(monkeypatch: pytest.MonkeyPatch, cores: int | None, lanes: int) -> None:
    monkeypatch.setattr("kiosk.passwords.os.cpu_count", lambda: cores)
    assert passwords._lanes() == lanes
