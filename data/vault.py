"""What the data storey asks of the keys; the keys themselves are `kiosk/keys.py`."""

from collections.abc import Callable
from typing import Protocol


class UnknownKey(LookupError):
    """A key that is not here."""

    def __init__(self, key_id: str) -> None:
        super().__init__(key_id)
        self.key_id = key_id


class Vault(Protocol):
    """Seals, indexes and chains values with subkeys of the master key in use, which others may have been before."""

    @property
    def key_id(self) -> str:
        """Which key is in use; stands beside what it sealed."""

    def seal(self, plaintext: bytes, *, table: str, column: str, row: str) -> bytes:
        """Encrypt and bind to the place where it will be kept."""

    def open(self, sealed: bytes, *, table: str, column: str, row: str) -> bytes:
        """The plaintext; raises SealBroken when altered, moved or sealed by another key."""

    def blind_index(self, value: str, *, column: str) -> bytes:
        """Keyed and deterministic: finds a value without telling it."""

    def mac(self, message: bytes, *, purpose: str, key_id: str | None = None) -> bytes:
        """HMAC-SHA-256 by the subkey of that purpose, of the key in use or of `key_id`; 32 bytes. Raises UnknownKey."""

    def macs(self, purpose: str) -> Callable[[bytes], bytes]:
        """The same for a great many messages in a row: the subkey in use is looked up once."""

    def enter(self, key_id: str, kept: bytes | None) -> bool:
        """Use that key, with what was kept of those before it; False when it is not here. Raises SealBroken."""

    @property
    def signer(self) -> str:
        """Which key signs; anybody can tell it from the public key."""

    def sign(self, message: bytes) -> bytes:
        """Ed25519; whoever has the public key can check it without any secret. 64 bytes."""


class AuditHead(Protocol):
    """Where the head of the audit chain also lies, out of reach of whoever replaces the database.

    It may lag behind the database after a crash, never lead.
    """

    def load(self) -> tuple[int, bytes] | None:
        """Sequence number and mac of the last row known; None when nothing was stored.

        Raises OSError or AuditHeadUnreadable.
        """

    def store(self, seq: int, mac: bytes) -> None:
        """Keep, unless a higher number is kept already; raises OSError or AuditHeadUnreadable."""
