"""A file sealed as a stream, so that it may be larger than memory and shows when a part was altered, moved or cut off.

Header: magic, key id (4 bytes), salt (16 bytes). Then frames of four bytes length (big-endian) and AES-256-GCM
ciphertext. The key is of this file alone, so the nonces count: 11 bytes number of the frame, one byte that is 1 in the
last (STREAM: Hoang, Reyhanitabar, Rogaway, Vizár, CRYPTO 2015). The header is associated data of each frame.
"""

import os
import secrets
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from data.files import PRIVATE_FILE, sync_directory
from data.vault import UnknownKey
from kiosk.keeping.errors import BackupDamaged, BackupForeign, NotWritten

MAGIC: Final = b"kiosk back-up 1\n"
FRAME_BYTES: Final = 1 << 20
_TAG_BYTES: Final = 16
_LENGTH_BYTES: Final = 4
_ID_BYTES: Final = 4
_SALT_BYTES: Final = 16
_HEADER_BYTES: Final = len(MAGIC) + _ID_BYTES + _SALT_BYTES


class FileKeys(Protocol):
    """Derives the key of one file from a master key."""

    @property
    def key_id(self) -> str:
        """The key that new files are sealed with; eight hexadecimal digits."""

    def file_key(self, salt: bytes, key_id: str) -> bytes:
        """32 bytes; raises UnknownKey."""

    def knows(self, key_id: str) -> bool:
        """Whether files of that key can be opened."""


def write_sealed(path: Path, keys: FileKeys, frames: Iterable[bytes]) -> None:
    """Make the file `path`, 0600 and on the disk, of frames of at most FRAME_BYTES; whole or not at all.

    It appears under its name when it is complete. Raises NotWritten.
    """
    unfinished = path.with_name(f".{path.name}.part")
    try:
        unfinished.unlink(missing_ok=True)
        try:
            descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
            with os.fdopen(descriptor, "wb") as file:
                _write(file, keys, frames)
                file.flush()
                os.fsync(file.fileno())
            unfinished.rename(path)
        except BaseException:
            unfinished.unlink(missing_ok=True)
            raise
        sync_directory(path.parent)
    except OSError as error:
        raise NotWritten(path, error) from error


def _write(file: BinaryIO, keys: FileKeys, frames: Iterable[bytes]) -> None:
    salt = secrets.token_bytes(_SALT_BYTES)
    key_id = keys.key_id
    header = MAGIC + bytes.fromhex(key_id) + salt
    cipher = AESGCM(keys.file_key(salt, key_id))
    file.write(header)
    number, before = 0, None
    for frame in frames:
        if before is not None:
            _write_frame(file, cipher.encrypt(_nonce(number, last=False), before, header))
            number += 1
        before = frame
    assert before is not None, "a file has a frame"
    _write_frame(file, cipher.encrypt(_nonce(number, last=True), before, header))


def _write_frame(file: BinaryIO, sealed: bytes) -> None:
    file.write(len(sealed).to_bytes(_LENGTH_BYTES, "big"))
    file.write(sealed)


def read_sealed(path: Path, keys: FileKeys) -> Iterator[bytes]:
    """The frames; what was given may be used only when the iteration has come to its end.

    Raises BackupDamaged, BackupForeign, OSError.
    """
    with path.open("rb") as file:
        header = file.read(_HEADER_BYTES)
        if len(header) != _HEADER_BYTES or not header.startswith(MAGIC):
            raise BackupDamaged(path)
        try:
            cipher = AESGCM(keys.file_key(header[-_SALT_BYTES:], key_of(header)))
        except UnknownKey:
            raise BackupForeign(path, key_of(header)) from None
        number, sealed = 0, _read_frame(path, file)
        while sealed is not None:
            following = _read_frame(path, file)
            try:
                frame = cipher.decrypt(_nonce(number, last=following is None), sealed, header)
            except InvalidTag:
                raise BackupDamaged(path) from None
            yield frame
            number, sealed = number + 1, following
        if number == 0:
            raise BackupDamaged(path)


def key_of(header: bytes) -> str:
    """Id of the key, from the beginning of a file."""
    return header[len(MAGIC) : len(MAGIC) + _ID_BYTES].hex()


def key_in_file(path: Path) -> str | None:
    """Id of the key that `path` was sealed with; None for what is not of ours or cannot be read."""
    try:
        with path.open("rb") as file:
            header = file.read(_HEADER_BYTES)
    except OSError:
        return None
    return key_of(header) if header.startswith(MAGIC) and len(header) == _HEADER_BYTES else None


def _read_frame(path: Path, file: BinaryIO) -> bytes | None:
    """The next one; None at the end of the file."""
    try:
        length = file.read(_LENGTH_BYTES)
        if not length:
            return None
        size = int.from_bytes(length, "big")
        # Before it is believed: a damaged length must not take the memory of the machine.
        if len(length) != _LENGTH_BYTES or not _TAG_BYTES <= size <= FRAME_BYTES + _TAG_BYTES:
            raise BackupDamaged(path)
        sealed = file.read(size)
    except OSError:
        # The medium does not give it back.
        raise BackupDamaged(path) from None
    if len(sealed) != size:
        raise BackupDamaged(path)
    return sealed


def _nonce(number: int, *, last: bool) -> bytes:
    return number.to_bytes(11, "big") + bytes([last])
