"""The key files of a site: the one in use, the next one while it takes its place, and those that back-ups were made with.

`master.key` is in use, `master.key.next` is to be, `master.key.old-ID` was. Which key the database is sealed with, the
database itself says; so whenever a change stops, what is here opens it.
"""

import errno
from pathlib import Path
from typing import Final

from data.files import sync_directory
from kiosk.keys import KeyHandedOver, KeyMissing, KeyUnreadable, MasterKey
from kiosk.vault import key_id_of

NEXT: Final = ".next"
OLD: Final = ".old-"


class KeyRing:
    """All keys beside the key file at `path`."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def load(self) -> list[MasterKey]:
        """Every key that is here; raises KeyFileError."""
        found = []
        for path in (*self._path.parent.glob(f"{self._path.name}{OLD}*"), self._next):
            try:
                found.append(MasterKey.read(path))
            except KeyMissing:
                # The next key has just got its place; that is read after it.
                continue
        return [*found, MasterKey.load(self._path)]

    def tidy(self) -> None:
        """Take away half-made keys of one who was killed; nobody else makes one now."""
        for unfinished in self._path.parent.glob(f".{self._next.name}.*"):
            unfinished.unlink(missing_ok=True)

    def next(self) -> MasterKey:
        """The key that is to take the place of the one in use, made when there is none yet; raises KeyFileError.

        Raises KeyHandedOver when systemd hands the key over: what is changed here would not change there.
        """
        if MasterKey.is_handed_over(self._path):
            raise KeyHandedOver(self._path)
        return MasterKey.read(self._next) if self._next.exists() else MasterKey.create(self._next)

    def settle(self, key_id: str) -> Path | None:
        """Let the key file be the key that the database is sealed with; where the one before lies now, None when nothing moved.

        That is the next key, or after a restore an old one. Raises KeyFileError.
        """
        present = key_id_of(MasterKey.load(self._path))
        found = None if present == key_id or MasterKey.is_handed_over(self._path) else self._file_of(key_id)
        if found is None:
            return None
        old = self._old(present)
        try:
            if not old.exists():
                old.hardlink_to(self._path)
            found.replace(self._path)
            sync_directory(self._path.parent)
        except FileNotFoundError:
            # Another process did it in this moment.
            return None
        except OSError as error:
            raise KeyUnreadable(self._path, errno.errorcode.get(error.errno or 0, "OSError")) from error
        return old

    def _file_of(self, key_id: str) -> Path | None:
        for path in (self._next, self._old(key_id)):
            if path.exists() and key_id_of(MasterKey.read(path)) == key_id:
                return path
        return None

    def _old(self, key_id: str) -> Path:
        return self._path.with_name(f"{self._path.name}{OLD}{key_id}")

    @property
    def _next(self) -> Path:
        return self._path.with_name(self._path.name + NEXT)
