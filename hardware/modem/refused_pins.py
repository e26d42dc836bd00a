"""SIM PINs on disk: reading the one that is configured, and remembering those that a SIM refused."""

import contextlib
import fcntl
import hashlib
import hmac
import json
import os
import re
import secrets
import stat
from collections.abc import Iterator
from pathlib import Path

from hardware.modem.errors import SimProblem
from hardware.modem.reasons import Reason

# 27.007 8.3 and 102 221 9.5.1: 4 to 8 digits.
_PIN = re.compile(r"[0-9]{4,8}")
_KEY_BYTES = 32
_KEY_FILE = "refused-pins.key"
_LIST_FILE = "refused-pins.json"
# In the list a pair is either refused for good, or was being entered with that many tries left.
_REFUSED = "refused"


def read_pin(path: Path) -> str:
    """The PIN in a file that only its owner may read; SimProblem: pin_file_missing, pin_file_open, pin_file_content."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
            content = file.read(64)
    except OSError:
        raise SimProblem(Reason.PIN_FILE_MISSING) from None
    if mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise SimProblem(Reason.PIN_FILE_OPEN)
    pin = content.decode("ascii", "replace").strip()
    if not _PIN.fullmatch(pin):
        raise SimProblem(Reason.PIN_FILE_CONTENT)
    return pin


class RefusedPinsFile:
    """RefusedPins in a directory of its own (0700): a random key (0600) and a list of keyed hashes (0600).

    The hash binds ICCID and PIN; without the key a PIN of four digits could be tried out. OSError when it cannot be written:
    then no PIN may be entered.
    """

    def __init__(self, directory: Path) -> None:
        self._directory = directory

    def may_enter(self, iccid: str, pin: str, *, tries_left: int) -> bool:
        """Whether this pair has never been refused, and a try without a known outcome has not cost a try."""
        with self._locked():
            known = self._load().get(self._hash(iccid, pin))
        return known is None or (known != _REFUSED and tries_left >= int(known))

    def entering(self, iccid: str, pin: str, *, tries_left: int) -> None:
        """Note, durably, that the value is about to be entered."""
        self._store(iccid, pin, str(tries_left))

    def accepted(self, iccid: str, pin: str) -> None:
        """The SIM took it: forget the note."""
        self._store(iccid, pin, None)

    def refused(self, iccid: str, pin: str) -> None:
        """The SIM refused it: never again."""
        self._store(iccid, pin, _REFUSED)

    def _hash(self, iccid: str, pin: str) -> str:
        return hmac.new(self._key(), f"{iccid}:{pin}".encode(), hashlib.sha256).hexdigest()

    def _key(self) -> bytes:
        path = self._directory / _KEY_FILE
        try:
            key = path.read_bytes()
        except FileNotFoundError:
            key = secrets.token_bytes(_KEY_BYTES)
            self._write(path, key)
        if len(key) != _KEY_BYTES:
            raise OSError(f"{path} is damaged")
        return key

    def _load(self) -> dict[str, str]:
        path = self._directory / _LIST_FILE
        try:
            known = json.loads(path.read_bytes())
        except FileNotFoundError:
            return {}
        except ValueError:
            raise OSError(f"{path} is damaged") from None
        if not isinstance(known, dict) or not all(isinstance(value, str) for value in known.values()):
            raise OSError(f"{path} is damaged")
        return known

    def _store(self, iccid: str, pin: str, value: str | None) -> None:
        with self._locked():
            known = self._load()
            entry = self._hash(iccid, pin)
            known.pop(entry, None)
            if value is not None:
                known[entry] = value
            self._write(self._directory / _LIST_FILE, json.dumps(known, indent=1).encode())

    @contextlib.contextmanager
    def _locked(self) -> Iterator[None]:
        """One process or thread at a time; the lock dies with its owner."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        folder = os.open(self._directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            fcntl.flock(folder, fcntl.LOCK_EX)
            yield
            os.fsync(folder)
        finally:
            os.close(folder)

    @staticmethod
    def _write(path: Path, content: bytes) -> None:
        """Whole or not at all, and on the disk before the lock is given back."""
        temporary = path.with_name(f"{path.name}.{secrets.token_hex(4)}")
        descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except OSError:
            temporary.unlink(missing_ok=True)
            raise
