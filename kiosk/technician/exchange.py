"""Where reports are saved: the configured exchange folder, else a removable medium that is plugged in; nowhere else."""

import os
from collections.abc import Iterable
from datetime import datetime
from pathlib import Path
from typing import Final

# Where desktops and udisks mount media, each below a name of its own.
MEDIA: Final = (Path("/media"), Path("/run/media"))


class NoPlace(Exception):
    """There is no exchange folder and no medium that can be written."""


class NotSaved(Exception):
    """The file could not be written; `why` is the system's word."""

    def __init__(self, why: str) -> None:
        self.why = why
        super().__init__(why)


def save(name: str, text: str, *, folder: Path | None, media: Iterable[Path] = MEDIA) -> Path:
    """Write `text` as `name` and make sure that it lies on the medium; raises NoPlace and NotSaved."""
    place = _place(folder, media)
    if place is None:
        raise NoPlace
    file = place / name
    try:
        with file.open("w", encoding="utf-8") as out:
            out.write(text)
            out.flush()
            # A stick is pulled out right after "saved" was read.
            os.fsync(out.fileno())
    except OSError as error:
        raise NotSaved(error.strerror or "?") from error
    return file


def name_of_report(modem: str, at: datetime, ending: str) -> str:
    """`modemtest-noord-20261127-0941.md`."""
    return f"modemtest-{modem}-{at:%Y%m%d-%H%M}.{ending}"


def _place(folder: Path | None, media: Iterable[Path]) -> Path | None:
    if folder is not None and folder.is_dir() and os.access(folder, os.W_OK):
        return folder
    mounts = [
        each for root in media if root.is_dir() for pattern in ("*", "*/*") for each in sorted(root.glob(pattern))
    ]
    return next((each for each in mounts if os.path.ismount(each) and os.access(each, os.W_OK)), None)
