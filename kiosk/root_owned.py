"""Whether nobody but root can change what lies in a place: what root starts or believes must be so."""

import os
import stat
from pathlib import Path


def owned_by_root(path: Path) -> Path | None:
    """The file without links on the way to it, when nobody but root can change what it says or replace it; else None."""
    try:
        whole = path.resolve(strict=True)
        return whole if all(_only_roots(one.stat()) for one in (whole, *whole.parents)) else None
    except OSError:
        return None


def _only_roots(found: os.stat_result) -> bool:
    others_write = bool(found.st_mode & (stat.S_IWGRP | stat.S_IWOTH))
    # In a directory with the sticky bit others cannot replace what is root's.
    sticky = stat.S_ISDIR(found.st_mode) and bool(found.st_mode & stat.S_ISVTX)
    return found.st_uid == 0 and (not others_write or sticky)
