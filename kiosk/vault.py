"""The vault: what is done with the master key, and with the one before it while another takes its place.

What is sealed moves to a new key row by row. What can only be compared does not: the chain of the audit log, the index
of phone numbers, hashes of names and of SMS codes keep the subkeys that the site began with, and passwords and codes
that people keep the pepper of the key they were hashed with, until they are hashed anew. Those subkeys, and the old key
while rows still need it, lie in the database as *kept keys*, sealed by the key in use: that one key opens everything.
"""

import hmac
import json
import logging
import os
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from data.errors import SealBroken
from data.key_check import KEPT_KEYS
from data.vault import UnknownKey
from kiosk.keys import KEY_BYTES, KeyFileError, MasterKey
from kiosk.signatures import PublicKey, sign

log = logging.getLogger("kiosk.keys")

# Sealed value: version, key id (4 bytes), nonce (12 bytes), ciphertext with its tag (16 bytes).
SEAL_VERSION: Final = b"\x01"
KEY_ID_BYTES: Final = 4
NONCE_BYTES: Final = 12
_HEADER_BYTES: Final = len(SEAL_VERSION) + KEY_ID_BYTES

# RFC 2104: every octet of the key with 0x36, and with 0x5C.
_INNER: Final = bytes(octet ^ 0x36 for octet in range(256))
_OUTER: Final = bytes(octet ^ 0x5C for octet in range(256))

# Subkeys of the whole life of a site: what they made is compared with what was made before. A purpose that is added
# here later begins with the key of that day; one that is not here changes with the key.
LASTING: Final = (
    "mac audit",
    "mac list",
    "mac name",
    "mac sms_code",
    "mac yubikey",
    "mac yubikey slot access",
    "index number",
    "index key",
)
# Subkeys that stay with what was hashed by them.
PEPPERS: Final = ("mac pepper password", "mac pepper code")
_KEPT_PLACE: Final = {"table": "meta", "column": "value", "row": KEPT_KEYS}


class _Key:
    """One master key and its subkeys by HKDF-SHA-256 (RFC 5869)."""

    def __init__(self, master: MasterKey) -> None:
        self.master = master
        self._subkeys: dict[str, bytes] = {}
        self.raw_id = self.subkey("key id")[:KEY_ID_BYTES]
        self.id = self.raw_id.hex()
        self.cipher = AESGCM(self.subkey("seal"))

    def subkey(self, purpose: str) -> bytes:
        subkey = self._subkeys.get(purpose)
        if subkey is None:
            hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=None, info=f"kiosk {purpose}".encode())
            subkey = self._subkeys[purpose] = hkdf.derive(self.master.secret)
        return subkey


@dataclass(frozen=True, slots=True)
class _InUse:
    """The key that seals, and the subkeys kept from before it; exchanged as one, because threads share a vault."""

    key: _Key
    kept: Mapping[str, bytes]
    holds_old_key: bool = False


def key_id_of(master: MasterKey) -> str:
    """Which key this is; eight hexadecimal digits."""
    return _Key(master).id


def _no_others() -> Iterable[MasterKey]:
    return ()


class FileVault:
    """The Vault of the data storey: seals by AES-256-GCM.

    Args:
        master: The key to begin with; the database says which one is in use.
        others: Asked when something names a key that is not known yet; may raise KeyFileError.
    """

    def __init__(self, master: MasterKey, others: Callable[[], Iterable[MasterKey]] = _no_others) -> None:
        self._others = others
        self._keys: dict[str, _Key] = {}
        self._in_use = _InUse(self._learn(master), {})

    @property
    def key_id(self) -> str:
        """The key in use: the first bytes of a subkey of its own, in hexadecimal."""
        return self._in_use.key.id

    @property
    def master(self) -> MasterKey:
        """The key in use."""
        return self._in_use.key.master

    @property
    def holds_old_key(self) -> bool:
        """Whether the database keeps the key before this one, because a change of key has not come to its end."""
        return self._in_use.holds_old_key

    def seal(self, plaintext: bytes, *, table: str, column: str, row: str) -> bytes:
        """Encrypt with a fresh nonce; place and key id are associated data."""
        return self._seal(self._in_use.key, plaintext, table, column, row)

    def open(self, sealed: bytes, *, table: str, column: str, row: str) -> bytes:
        """The plaintext; raises SealBroken when altered, moved or sealed by a key that is not here."""
        nonce = sealed[_HEADER_BYTES : _HEADER_BYTES + NONCE_BYTES]
        ciphertext = sealed[_HEADER_BYTES + NONCE_BYTES :]
        if not sealed.startswith(SEAL_VERSION) or len(nonce) != NONCE_BYTES:
            raise SealBroken(table, column, row)
        key = self._known(sealed[len(SEAL_VERSION) : _HEADER_BYTES].hex())
        if key is None:
            raise SealBroken(table, column, row)
        try:
            return key.cipher.decrypt(nonce, ciphertext, _place(key, table, column, row))
        except InvalidTag:
            raise SealBroken(table, column, row) from None

    def blind_index(self, value: str, *, column: str) -> bytes:
        """HMAC-SHA-256 of the value by a subkey of the column."""
        return hmac.digest(self._subkey(f"index {column}", None), value.encode(), sha256)

    def mac(self, message: bytes, *, purpose: str, key_id: str | None = None) -> bytes:
        """HMAC-SHA-256 by the subkey of that purpose, of the key in use or of `key_id`; raises UnknownKey."""
        return hmac.digest(self._subkey(f"mac {purpose}", key_id), message, "sha256")

    def macs(self, purpose: str) -> Callable[[bytes], bytes]:
        """`mac` by the subkey in use; hashing its two pads once makes each a third cheaper (RFC 2104 §4)."""
        block = self._subkey(f"mac {purpose}", None).ljust(sha256().block_size, b"\0")
        inner, outer = (sha256(block.translate(pad)) for pad in (_INNER, _OUTER))

        def mac_of(message: bytes) -> bytes:
            within, around = inner.copy(), outer.copy()
            within.update(message)
            around.update(within.digest())
            return around.digest()

        return mac_of

    @property
    def signer(self) -> str:
        """The name of the public key, as `kiosk.signatures` tells it."""
        return self.public_key.name

    @property
    def public_key(self) -> PublicKey:
        """What checks our signatures; no secret."""
        return PublicKey.of_seed(self._subkey("sign audit", None))

    def sign(self, message: bytes) -> bytes:
        """Ed25519 (RFC 8032) by the subkey of the audit log."""
        return sign(self._subkey("sign audit", None), message)

    def file_key(self, salt: bytes, key_id: str) -> bytes:
        """The key of one sealed file, 32 bytes; `salt` is of that file alone. Raises UnknownKey."""
        key = self._known(key_id)
        if key is None:
            raise UnknownKey(key_id)
        hkdf = HKDF(algorithm=SHA256(), length=KEY_BYTES, salt=salt, info=b"kiosk file")
        return hkdf.derive(key.master.secret)

    def knows(self, key_id: str) -> bool:
        """Whether that key is here."""
        return self._known(key_id) is not None

    def enter(self, key_id: str, kept: bytes | None) -> bool:
        """Use the key that the database names, with what `handover` or `finish` kept; False when it is not here.

        Raises SealBroken when `kept` does not open.
        """
        key = self._known(key_id)
        if key is None:
            return False
        subkeys: dict[str, bytes] = {}
        masters: list[str] = []
        if kept is not None:
            content = json.loads(self.open(kept, **_KEPT_PLACE))
            subkeys = {purpose: bytes.fromhex(raw) for purpose, raw in content["subkeys"].items()}
            masters = content["keys"]
        for raw in masters:
            self._learn(MasterKey(bytes.fromhex(raw)))
        self._in_use = _InUse(key, subkeys, bool(masters))
        return True

    def handover(self, to: MasterKey) -> bytes:
        """What is to be kept when `to` takes the place of the key in use, which rows still need; sealed by `to`."""
        now = self._in_use
        kept = {purpose: self._subkey(purpose, None) for purpose in LASTING}
        kept |= {purpose: raw for purpose, raw in now.kept.items() if "@" in purpose}
        kept |= {f"{purpose}@{now.key.id}": now.key.subkey(purpose) for purpose in PEPPERS}
        return self._seal_kept(self._learn(to), kept, [now.key.master])

    def finish(self) -> bytes:
        """The same when no row needs another key any more."""
        return self._seal_kept(self._in_use.key, self._in_use.kept, [])

    def _seal_kept(self, key: _Key, subkeys: Mapping[str, bytes], masters: list[MasterKey]) -> bytes:
        content = {
            "subkeys": {purpose: raw.hex() for purpose, raw in subkeys.items()},
            "keys": [master.secret.hex() for master in masters],
        }
        return self._seal(key, json.dumps(content).encode(), **_KEPT_PLACE)

    def _seal(self, key: _Key, plaintext: bytes, table: str, column: str, row: str) -> bytes:
        nonce = os.urandom(NONCE_BYTES)
        ciphertext = key.cipher.encrypt(nonce, plaintext, _place(key, table, column, row))
        return SEAL_VERSION + key.raw_id + nonce + ciphertext

    def _subkey(self, purpose: str, key_id: str | None) -> bytes:
        now = self._in_use
        if key_id is None or key_id == now.key.id:
            return now.kept.get(purpose) or now.key.subkey(purpose)
        kept = now.kept.get(f"{purpose}@{key_id}")
        if kept is not None:
            return kept
        key = self._known(key_id)
        if key is None:
            raise UnknownKey(key_id)
        return key.subkey(purpose)

    def _known(self, key_id: str) -> _Key | None:
        if key_id not in self._keys:
            try:
                for master in self._others():
                    self._learn(master)
            except KeyFileError as error:
                log.warning("other keys cannot be looked at: %s", error)
        return self._keys.get(key_id)

    def _learn(self, master: MasterKey) -> _Key:
        key = _Key(master)
        return self._keys.setdefault(key.id, key)


def _place(key: _Key, table: str, column: str, row: str) -> bytes:
    return f"{table}|{column}|{row}|{key.id}".encode()
