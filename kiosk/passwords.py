"""Hashes of passwords and codes that people keep: argon2id over an HMAC pepper.

A stored hash is `{key id of the pepper}${argon2 in its PHC form}`, or `{key id}$hmac$HEX` for a random secret of 80 bits
that the kiosk made itself: argon2id is for what people choose.

HashError
├── HashDamaged    a stored hash is not in that form
└── PepperUnknown  it was made with another key
"""

import base64
import hmac
import os
import secrets
import unicodedata
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from enum import StrEnum, unique
from types import TracebackType
from typing import Final, Self

from argon2 import Parameters, PasswordHasher, Type, extract_parameters
from argon2.exceptions import InvalidHashError, VerificationError, VerifyMismatchError
from argon2.low_level import ARGON2_VERSION

from data.vault import Vault

# RFC 9106 §4: 128 bits of salt, 256 bits of tag.
SALT_BYTES: Final = 16
TAG_BYTES: Final = 32
_KEYED: Final = "hmac$"


class HashError(Exception):
    """Base of what can be wrong with a stored hash; never holds the hash."""


class HashDamaged(HashError):
    """A stored hash is not in the form of this module."""


class PepperUnknown(HashError):
    """The stored hash was made with the key `key_id`, which is not the one in use."""

    def __init__(self, key_id: str) -> None:
        super().__init__(f"made with key {key_id}")
        self.key_id = key_id


@unique
class Secret(StrEnum):
    """What is hashed; each has its own pepper and its own cost."""

    PASSWORD = "password"  # noqa: S105  a kind of secret, not one
    CODE = "code"


@dataclass(frozen=True, slots=True)
class HashCost:
    """Passes, memory in KiB and lanes of argon2id."""

    passes: int
    memory_kib: int
    lanes: int


def _lanes() -> int:
    """One core stays free for the screen."""
    return max(1, min(4, (os.cpu_count() or 1) - 1))


# RFC 9106 §4, second choice; the lanes follow the machine and are kept in each hash.
PASSWORD_COST: Final = HashCost(passes=3, memory_kib=64 * 1024, lanes=_lanes())
# OWASP Password Storage Cheat Sheet, for machines with little memory, and for codes behind a password.
LOW_MEMORY_COST: Final = HashCost(passes=2, memory_kib=19 * 1024, lanes=1)
CODE_COST: Final = LOW_MEMORY_COST


class Hasher:
    """Hashes and compares in one thread of its own, one at a time; never call it inside a transaction.

    `hash` and `verify` wait for the result, `submit_…` give a future. Text is compared in its NFKC form.
    """

    def __init__(
        self, vault: Vault, *, password_cost: HashCost = PASSWORD_COST, code_cost: HashCost = CODE_COST
    ) -> None:
        self._vault = vault
        self._hashers = {Secret.PASSWORD: _hasher(password_cost), Secret.CODE: _hasher(code_cost)}
        self._thread = ThreadPoolExecutor(max_workers=1, thread_name_prefix="hash")

    def hash(self, text: str, what: Secret = Secret.PASSWORD) -> str:
        """The text to keep."""
        return self.submit_hash(text, what).result()

    def verify(self, text: str, stored: str | None, what: Secret = Secret.PASSWORD) -> bool:
        """Whether `text` was hashed to `stored`; None costs the same time and is False.

        Raises HashDamaged, PepperUnknown.
        """
        return self.submit_verify(text, stored, what).result()

    def hash_random(self, text: str) -> str:
        """The password to keep when it is random: a keyed hash, made at once."""
        return f"{self._vault.key_id}${_KEYED}{self._peppered(text, Secret.PASSWORD).hex()}"

    def submit_hash(self, text: str, what: Secret = Secret.PASSWORD) -> Future[str]:
        """`hash` without waiting for it."""
        return self._thread.submit(self._hash, text, what)

    def submit_verify(self, text: str, stored: str | None, what: Secret = Secret.PASSWORD) -> Future[bool]:
        """`verify` without waiting for it."""
        return self._thread.submit(self._verify, text, stored, what)

    def needs_rehash(self, stored: str, what: Secret = Secret.PASSWORD) -> bool:
        """Whether `stored` was made with other passes or memory than now.

        Lanes may differ: they come from the machine, and desks with one database may have different ones.
        """
        _, encoded = _split(stored)
        if encoded.startswith(_KEYED):
            return False
        kept, now = _parameters(encoded), self._hashers[what]
        return (kept.time_cost, kept.memory_cost) != (now.time_cost, now.memory_cost)

    def close(self) -> None:
        """End the thread; what is under way is finished."""
        self._thread.shutdown(cancel_futures=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def _hash(self, text: str, what: Secret) -> str:
        return f"{self._vault.key_id}${self._hashers[what].hash(self._peppered(text, what)).removeprefix('$')}"

    def _verify(self, text: str, stored: str | None, what: Secret) -> bool:
        hasher = self._hashers[what]
        key_id, encoded = (self._vault.key_id, _nobodys(hasher)) if stored is None else _split(stored)
        if key_id != self._vault.key_id:
            raise PepperUnknown(key_id)
        if encoded.startswith(_KEYED):
            # At the same cost as any other, so that the time does not tell who has a one-time password.
            self._verify(text, None, what)
            return hmac.compare_digest(encoded.removeprefix(_KEYED), self._peppered(text, what).hex())
        try:
            return hasher.verify(encoded, self._peppered(text, what))
        except VerifyMismatchError:
            return False
        except (InvalidHashError, VerificationError):
            raise HashDamaged from None

    def _peppered(self, text: str, what: Secret) -> bytes:
        """A copied database alone gives nothing to guess against: the pepper is made from the master key."""
        # A terminal can deliver half a surrogate pair; it must hash like anything else that is wrong.
        typed = unicodedata.normalize("NFKC", text).encode("utf-8", "surrogatepass")
        return self._vault.mac(typed, purpose=f"pepper {what}")


def _hasher(cost: HashCost) -> PasswordHasher:
    return PasswordHasher(
        time_cost=cost.passes,
        memory_cost=cost.memory_kib,
        parallelism=cost.lanes,
        hash_len=TAG_BYTES,
        salt_len=SALT_BYTES,
        type=Type.ID,
    )


def _nobodys(hasher: PasswordHasher) -> str:
    """A hash that nothing gives, at the same cost: random salt and tag, made without hashing."""
    salt, tag = (_base64(secrets.token_bytes(size)) for size in (SALT_BYTES, TAG_BYTES))
    costs = f"m={hasher.memory_cost},t={hasher.time_cost},p={hasher.parallelism}"
    return f"$argon2id$v={ARGON2_VERSION}${costs}${salt}${tag}"


def _base64(raw: bytes) -> str:
    return base64.b64encode(raw).decode("ascii").rstrip("=")


def _split(stored: str) -> tuple[str, str]:
    """Key id and the PHC form, or the keyed form."""
    key_id, separator, encoded = stored.partition("$")
    if key_id and encoded.startswith(_KEYED) and encoded.isascii():
        return key_id, encoded
    if not key_id or not separator or not encoded.startswith("argon2id$") or not encoded.isascii():
        raise HashDamaged
    return key_id, f"${encoded}"


def _parameters(encoded: str) -> Parameters:
    try:
        return extract_parameters(encoded)
    except InvalidHashError:
        raise HashDamaged from None
