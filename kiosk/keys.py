"""The master key, what is done with it, and the file beside it that knows the head of the audit chain.

KeyFileError
├── KeyMissing       there is no key file
├── KeyExists        there is one already; a new one would make the database unreadable
├── KeyUnreadable    it cannot be read or made
├── KeyTooOpen       others than its owner may read or write it
├── KeyForeign       it belongs to another account
├── KeyMalformed     it is not 32 bytes
└── KeyHandedOver    systemd hands it over, so it cannot be changed here

The key file guards a copied database or back-up, not a stolen disk.
"""

import errno
import os
import secrets
import stat
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, Self

from data.errors import AuditHeadUnreadable
from data.files import PRIVATE_DIRECTORY, PRIVATE_FILE, file_lock, sync_directory

KEY_BYTES: Final = 32


class KeyFileError(Exception):
    """Base of what can be wrong with the key file at `path`."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path = path


class KeyMissing(KeyFileError):
    """There is no key file."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "there is no key file")


class KeyExists(KeyFileError):
    """There is a key file already."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "there is a key file already")


class KeyUnreadable(KeyFileError):
    """The key file cannot be read or made; `reason` is the operating system's."""

    def __init__(self, path: Path, reason: str) -> None:
        super().__init__(path, reason)
        self.reason = reason


class KeyTooOpen(KeyFileError):
    """Others than the owner may read or write the key file; `mode` are its permission bits."""

    def __init__(self, path: Path, mode: int) -> None:
        super().__init__(path, f"mode {mode:04o}, may be at most 0600")
        self.mode = mode


class KeyForeign(KeyFileError):
    """The key file belongs to the account with the number `owner`."""

    def __init__(self, path: Path, owner: int) -> None:
        super().__init__(path, f"belongs to account {owner}")
        self.owner = owner


class KeyMalformed(KeyFileError):
    """The key file holds `size` bytes, or is not a file (None)."""

    def __init__(self, path: Path, size: int | None) -> None:
        super().__init__(path, "is not a file" if size is None else f"holds {size} bytes, not {KEY_BYTES}")
        self.size = size


class KeyHandedOver(KeyFileError):
    """The key is a credential of systemd."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "is handed over by systemd")


@dataclass(frozen=True, slots=True)
class MasterKey:
    """The 32 random bytes from which all other keys are derived."""

    secret: bytes = field(repr=False)

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read the key file; raises KeyFileError.

        A credential of the same file name that systemd hands over (`$CREDENTIALS_DIRECTORY`) goes first; systemd has
        seen to who may read it, by ACL, so its mode says nothing.
        """
        credential = _credential(path)
        return cls.read(path) if credential is None else cls._read(credential, ours=False)

    @classmethod
    def read(cls, path: Path) -> Self:
        """The key in this very file; raises KeyFileError."""
        return cls._read(path, ours=True)

    @staticmethod
    def is_handed_over(path: Path) -> bool:
        """Whether `load` takes a credential of systemd."""
        return _credential(path) is not None

    @classmethod
    def create(cls, path: Path) -> Self:
        """Make a new key and its file; raises as `keep`."""
        key = cls(secrets.token_bytes(KEY_BYTES))
        key.keep(path)
        return key

    def keep(self, path: Path) -> None:
        """Make the file of this key, 0600 in a directory 0700; raises KeyExists, KeyUnreadable.

        The file appears whole or not at all: a half-written key would be taken for a damaged one.
        """
        unfinished = path.with_name(f".{path.name}.{secrets.token_hex(4)}")
        try:
            path.parent.mkdir(mode=PRIVATE_DIRECTORY, parents=True, exist_ok=True)
            try:
                _write_whole(unfinished, self.secret)
                _name_once(unfinished, path)
            finally:
                unfinished.unlink(missing_ok=True)
            sync_directory(path.parent)
        except OSError as error:
            raise KeyUnreadable(path, errno.errorcode.get(error.errno or 0, "OSError")) from error

    @classmethod
    def _read(cls, path: Path, *, ours: bool) -> Self:
        try:
            # Not through a link at the end, and without waiting for the other side of a pipe.
            descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
            try:
                # Asked of the open file, so that nobody can exchange it in between.
                facts = os.fstat(descriptor)
                _check_facts(path, facts, ours=ours)
                secret = os.read(descriptor, KEY_BYTES + 1)
            finally:
                os.close(descriptor)
        except FileNotFoundError:
            raise KeyMissing(path) from None
        except OSError as error:
            raise KeyUnreadable(path, errno.errorcode.get(error.errno or 0, "OSError")) from error
        if len(secret) != KEY_BYTES:
            raise KeyMalformed(path, facts.st_size)
        return cls(secret)


def _credential(path: Path) -> Path | None:
    directory = os.environ.get("CREDENTIALS_DIRECTORY")
    credential = None if not directory else Path(directory) / path.name
    return credential if credential is not None and credential.exists() else None


def _check_facts(path: Path, facts: os.stat_result, *, ours: bool) -> None:
    """Raise KeyMalformed for what is no file, KeyForeign and KeyTooOpen for a file of `ours`."""
    if not stat.S_ISREG(facts.st_mode):
        raise KeyMalformed(path, None)
    if ours and facts.st_uid != os.geteuid():
        raise KeyForeign(path, facts.st_uid)
    if ours and stat.S_IMODE(facts.st_mode) & 0o077:
        raise KeyTooOpen(path, stat.S_IMODE(facts.st_mode))


class AuditHeadFile:
    """The AuditHead of the data storey: one line with number and mac, replaced whole and only upwards.

    `lock_seconds` is how long another process may take; it holds the lock for two writes.
    """

    def __init__(self, path: Path, *, lock_seconds: float = 2.0) -> None:
        self._path = path
        self._lock_seconds = lock_seconds

    def load(self) -> tuple[int, bytes] | None:
        """What is kept; None when there is no file. Raises OSError, AuditHeadUnreadable."""
        try:
            text = self._path.read_text(encoding="ascii")
            seq, mac = text.split()
            return int(seq), bytes.fromhex(mac)
        except FileNotFoundError:
            return None
        except ValueError:
            raise AuditHeadUnreadable(self._path) from None

    def store(self, seq: int, mac: bytes) -> None:
        """Keep unless a higher number is kept already; on the disk when this returns.

        Raises OSError (TimeoutError when another process keeps the lock), AuditHeadUnreadable.
        """
        with file_lock(self._path.with_name(f"{self._path.name}.lock"), seconds=self._lock_seconds):
            kept = self.load()
            if kept is not None and kept[0] >= seq:
                return
            unfinished = self._path.with_name(f".{self._path.name}.new")
            unfinished.unlink(missing_ok=True)
            _write_whole(unfinished, f"{seq} {mac.hex()}\n".encode("ascii"))
            unfinished.replace(self._path)
            sync_directory(self._path.parent)


def _name_once(unfinished: Path, path: Path) -> None:
    """Give the file its name; unlike a rename, a link never replaces a file that is there. Raises KeyExists."""
    try:
        path.hardlink_to(unfinished)
    except FileExistsError:
        raise KeyExists(path) from None


def _write_whole(path: Path, content: bytes) -> None:
    """Make `path`, 0600, with `content` on the disk; raises FileExistsError."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
