"""What can be wrong with keeping and putting back.

KeepingError
├── BackupExists     a file of that name is there; a back-up never replaces one
├── BackupBusy       another process makes or puts back one now
├── PlaceMissing     the directory for it is not there, such as a medium that is not plugged in
├── NotWritten       a file cannot be written, such as on a full disk
├── BackupDamaged    it is no back-up, or was altered or cut off
├── BackupForeign    it was made with a key that is not here
└── BackupUnsound    it opens, and what is in it does not fit together
"""

import errno
from pathlib import Path
from typing import Literal

Unsound = Literal["database", "contents", "audit"]


class KeepingError(Exception):
    """Base of what can be wrong with the file or directory at `path`."""

    def __init__(self, path: Path, what: str) -> None:
        super().__init__(f"{path}: {what}")
        self.path = path


class BackupExists(KeepingError):
    """A file of that name is there."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "is there already")


class BackupBusy(KeepingError):
    """Another process makes or puts back a back-up of this database now."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "another back-up or restore is under way")


class PlaceMissing(KeepingError):
    """The directory is not there; it is never made, because it may be where a medium is not plugged in."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "there is no such directory")


class NotWritten(KeepingError):
    """It cannot be written; `reason` is the operating system's."""

    def __init__(self, path: Path, error: OSError) -> None:
        self.reason = errno.errorcode.get(error.errno or 0, "OSError")
        super().__init__(path, self.reason)


class BackupDamaged(KeepingError):
    """Not a back-up, or altered or cut off since it was made."""

    def __init__(self, path: Path) -> None:
        super().__init__(path, "is not a whole back-up")


class BackupForeign(KeepingError):
    """Made with the key `key_id`, which is not here."""

    def __init__(self, path: Path, key_id: str) -> None:
        super().__init__(path, f"was made with the key {key_id}")
        self.key_id = key_id


class BackupUnsound(KeepingError):
    """What was sealed opens, but SQLite's check, the manifest or the audit chain does not fit; `detail` for the technician."""

    def __init__(self, path: Path, what: Unsound, detail: str) -> None:
        super().__init__(path, f"{what}: {detail}")
        self.what: Unsound = what
        self.detail = detail
