"""A file that is new, private, and whole on the disk, or not there at all."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from data.files import PRIVATE_FILE, sync_directory


@contextlib.contextmanager
def new_file(path: Path) -> Iterator[BinaryIO]:
    """Write a file that does not exist yet; it is taken away again when the block fails. Raises OSError, with its name."""
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, PRIVATE_FILE)
    try:
        with os.fdopen(descriptor, "wb") as file:
            # What is on the disk before the end must be found there, too.
            sync_directory(path.absolute().parent)
            yield file
            file.flush()
            # A stick is pulled out right after the command has ended.
            os.fsync(file.fileno())
    except BaseException as error:
        path.unlink(missing_ok=True)
        if isinstance(error, OSError) and error.filename is None:
            # A full disk is told without saying which.
            error.filename = str(path)
        raise
