"""A copy of the master key for a safe: wrapped by a passphrase, on paper as words that can be read aloud, or as text in a QR code.

What is written: version (1 byte), key id (4), salt (19), the key sealed by AES-256-GCM under argon2id of the passphrase
(48). As words each line has eight of these bytes as four words, and a fifth that checks the line (CRC-16 over its number
and its bytes); words are proquints (Wilkerson, arXiv:0901.4016): consonants and vowels by turns, 16 bits each. As text it
is base32 (RFC 4648) with a CRC-32 at the end.

RecoveryError
├── CopyUnreadable    it is not a copy of a key, or a part is missing
├── LineWrong         one line was not typed as it is written
├── PassphraseShort   too short to guard a key
└── PassphraseWrong   it opens with another passphrase, or was written by somebody else
"""

import base64
import binascii
import secrets
import unicodedata
from typing import Final

from argon2.low_level import Type, hash_secret_raw
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.keys import KEY_BYTES, MasterKey
from kiosk.vault import KEY_ID_BYTES, FileVault

VERSION: Final = b"\x01"
SALT_BYTES: Final = 19
_HEAD_BYTES: Final = len(VERSION) + KEY_ID_BYTES + SALT_BYTES
_COPY_BYTES: Final = _HEAD_BYTES + KEY_BYTES + 16
# The salt is of this copy alone, so its key seals once.
_NONCE: Final = bytes(12)
# Four times what a password costs (RFC 9106 §4 allows more where one can wait); part of version 1.
_PASSES: Final = 12
_MEMORY_KIB: Final = 64 * 1024
_LANES: Final = 1
PASSPHRASE_CHARACTERS: Final = 15

_CONSONANTS: Final = "bdfghjklmnprstvz"
_VOWELS: Final = "aiou"
_WORD_BYTES: Final = 2
_LINE_BYTES: Final = 8
LINES: Final = _COPY_BYTES // _LINE_BYTES
_CRC_BYTES: Final = 4
_TEXT_GROUP: Final = 5


class RecoveryError(Exception):
    """Base of what can be wrong with a copy of a key."""


class CopyUnreadable(RecoveryError):
    """Not a copy of a key, or not all of it."""

    def __init__(self) -> None:
        super().__init__("this is not a whole copy of a key")


class LineWrong(RecoveryError):
    """Line `number` (from 1) was not typed as it is written, or stands in another place."""

    def __init__(self, number: int) -> None:
        super().__init__(f"line {number} is not right")
        self.number = number


class PassphraseShort(RecoveryError):
    """Shorter than `minimum` characters."""

    def __init__(self, minimum: int) -> None:
        super().__init__(f"shorter than {minimum} characters")
        self.minimum = minimum


class PassphraseWrong(RecoveryError):
    """The copy does not open with this passphrase."""

    def __init__(self) -> None:
        super().__init__("this passphrase does not open the copy")


def wrap(key: MasterKey, passphrase: str) -> bytes:
    """The copy of `key`; takes about half a second. Raises PassphraseShort."""
    if len(passphrase.strip()) < PASSPHRASE_CHARACTERS:
        raise PassphraseShort(PASSPHRASE_CHARACTERS)
    head = VERSION + bytes.fromhex(FileVault(key).key_id) + secrets.token_bytes(SALT_BYTES)
    return head + AESGCM(_stretched(passphrase, head)).encrypt(_NONCE, key.secret, head)


def unwrap(copy: bytes, passphrase: str) -> MasterKey:
    """The key out of its copy; raises CopyUnreadable, PassphraseWrong."""
    if len(copy) != _COPY_BYTES or not copy.startswith(VERSION):
        raise CopyUnreadable
    head, sealed = copy[:_HEAD_BYTES], copy[_HEAD_BYTES:]
    try:
        return MasterKey(AESGCM(_stretched(passphrase, head)).decrypt(_NONCE, sealed, head))
    except InvalidTag:
        raise PassphraseWrong from None


def key_of(copy: bytes) -> str:
    """Id of the key that is in a copy."""
    return copy[len(VERSION) : len(VERSION) + KEY_ID_BYTES].hex()


def to_words(copy: bytes) -> list[str]:
    """LINES lines of five words."""
    lines = []
    for number in range(LINES):
        part = copy[number * _LINE_BYTES : (number + 1) * _LINE_BYTES]
        lines.append(" ".join(_word(raw) for raw in _pairs(part + _check(number, part))))
    return lines


def line_from_words(number: int, line: str) -> bytes:
    """The bytes of line `number` (from 0), however it is spaced and written; raises LineWrong."""
    letters = "".join(character for character in line.lower() if character.isalpha())
    words = [letters[at : at + 5] for at in range(0, len(letters), 5)]
    try:
        raw = b"".join(map(_from_word, words))
    except ValueError:
        raise LineWrong(number + 1) from None
    part, check = raw[:_LINE_BYTES], raw[_LINE_BYTES:]
    if check != _check(number, part):
        raise LineWrong(number + 1)
    return part


def to_text(copy: bytes) -> str:
    """Groups of letters and digits, for a QR code."""
    raw = copy + binascii.crc32(copy).to_bytes(_CRC_BYTES, "big")
    letters = base64.b32encode(raw).decode("ascii").rstrip("=")
    return "-".join(letters[at : at + _TEXT_GROUP] for at in range(0, len(letters), _TEXT_GROUP))


def parse(typed: str) -> bytes:
    """A copy from its text or its lines of words; raises CopyUnreadable, LineWrong."""
    lines = [line for line in typed.splitlines() if line.strip()]
    if len(lines) == LINES:
        return b"".join(line_from_words(number, line) for number, line in enumerate(lines))
    letters = "".join(character for character in typed.upper() if character.isalnum())
    try:
        raw = base64.b32decode(letters + "=" * (-len(letters) % 8))
    except (binascii.Error, ValueError):
        raise CopyUnreadable from None
    copy, check = raw[:-_CRC_BYTES], raw[-_CRC_BYTES:]
    if len(copy) != _COPY_BYTES or binascii.crc32(copy).to_bytes(_CRC_BYTES, "big") != check:
        raise CopyUnreadable
    return copy


def _stretched(passphrase: str, head: bytes) -> bytes:
    return hash_secret_raw(
        # Spaces between the words of a passphrase are not remembered by anybody.
        " ".join(unicodedata.normalize("NFKC", passphrase).split()).encode("utf-8", "surrogatepass"),
        salt=head,
        time_cost=_PASSES,
        memory_cost=_MEMORY_KIB,
        parallelism=_LANES,
        hash_len=KEY_BYTES,
        type=Type.ID,
    )


def _check(number: int, part: bytes) -> bytes:
    """CRC-16/XMODEM."""
    return binascii.crc_hqx(bytes([number]) + part, 0).to_bytes(_WORD_BYTES, "big")


def _pairs(raw: bytes) -> list[bytes]:
    return [raw[at : at + _WORD_BYTES] for at in range(0, len(raw), _WORD_BYTES)]


def _word(raw: bytes) -> str:
    value = int.from_bytes(raw, "big")
    return "".join(
        letters[value >> shift & len(letters) - 1]
        for letters, shift in ((_CONSONANTS, 12), (_VOWELS, 10), (_CONSONANTS, 6), (_VOWELS, 4), (_CONSONANTS, 0))
    )


def _from_word(word: str) -> bytes:
    """Raises ValueError."""
    if len(word) != 5:
        raise ValueError(word)
    value = 0
    for letter, letters in zip(word, (_CONSONANTS, _VOWELS, _CONSONANTS, _VOWELS, _CONSONANTS), strict=True):
        value = value * len(letters) + letters.index(letter)
    return value.to_bytes(_WORD_BYTES, "big")
