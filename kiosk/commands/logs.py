"""Where the log of a terminal goes: to the system's journal, else to a file; never to stderr, for the pages are drawn there."""

import logging
import logging.handlers
import os
from pathlib import Path
from typing import Final

SYSTEM_LOG: Final = Path("/dev/log")
FILE_NAME: Final = "kiosk.log"
FILE_BYTES: Final = 1_000_000
FILES_KEPT: Final = 3
LOGGER: Final = "kiosk"


def log_to(directory: Path) -> None:
    """Send the log of this process to the journal, or to a file in `directory` where there is no journal."""
    handler = _system_handler() or _file_handler(directory)
    logger = logging.getLogger()
    for old in tuple(logger.handlers):
        logger.removeHandler(old)
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    # What cannot be logged must not be drawn over the pages.
    logging.raiseExceptions = False


def _system_handler() -> logging.Handler | None:
    if not SYSTEM_LOG.exists():
        return None
    try:
        handler = logging.handlers.SysLogHandler(str(SYSTEM_LOG), facility=logging.handlers.SysLogHandler.LOG_AUTHPRIV)
    except OSError:
        return None
    handler.setFormatter(logging.Formatter("kiosk[%(process)d]: %(name)s: %(message)s"))
    return handler


def _file_handler(directory: Path) -> logging.Handler:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        path = directory / FILE_NAME
        os.close(os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600))
        handler = logging.handlers.RotatingFileHandler(
            path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
        )
    except OSError:
        # A full or read-only disk must not keep people from signing in.
        return logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler
