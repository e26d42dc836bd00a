"""Where the log of a terminal goes: to the system's journal, else to a file; never to stderr, for the pages are drawn there."""

import io
import logging
import logging.handlers
import os
import socket
import sys
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

SYSTEM_LOG: Final = Path("/dev/log")
FILE_NAME: Final = "kiosk.log"
FILE_BYTES: Final = 1_000_000
FILES_KEPT: Final = 3
LOGGER: Final = "kiosk"

log = logging.getLogger("kiosk.process")


def log_to_journal() -> None:
    """Send the log to the journal where there is one, before anything is known of the site.

    A terminal that cannot start says why on its console, which is cleared when systemd starts it again.
    """
    handler = _system_handler()
    if handler is not None:
        _take_over(handler)


def log_to(directory: Path) -> None:
    """Send the log of this process to the journal, or to a file in `directory` where there is no journal.

    What Python itself would write to stderr goes there too: warnings, and errors that nobody catches.
    """
    _take_over(_system_handler() or _file_handler(directory))


def _take_over(handler: logging.Handler) -> None:
    logger = logging.getLogger()
    for old in tuple(logger.handlers):
        logger.removeHandler(old)
    logger.addHandler(handler)
    logger.setLevel(logging.WARNING)
    logging.getLogger(LOGGER).setLevel(logging.INFO)
    logging.captureWarnings(capture=True)
    # What cannot be logged must not be drawn over the pages.
    logging.raiseExceptions = False
    threading.excepthook = _log_thread
    sys.unraisablehook = _log_unraisable


def _log_thread(args: threading.ExceptHookArgs) -> None:
    name = "?" if args.thread is None else args.thread.name
    error = args.exc_value or args.exc_type()
    log.critical("the thread %s ended", name, exc_info=(args.exc_type, error, args.exc_traceback))


def _log_unraisable(args: "UnraisableHookArgs") -> None:
    error = args.exc_value or args.exc_type()
    # Not its object: the representation may be anything.
    log.error("%s", args.err_msg or "ignored", exc_info=(args.exc_type, error, args.exc_traceback))


def _system_handler() -> logging.Handler | None:
    # The handler itself does not mind that nobody listens, and what is logged would go nowhere.
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as trial:
            trial.connect(str(SYSTEM_LOG))
    except OSError:
        return None
    handler = logging.handlers.SysLogHandler(str(SYSTEM_LOG), facility=logging.handlers.SysLogHandler.LOG_AUTHPRIV)
    handler.setFormatter(logging.Formatter("kiosk[%(process)d]: %(name)s: %(message)s"))
    return handler


class _PrivateFile(logging.handlers.RotatingFileHandler):
    """Each file that it begins is 0600, not only the first."""

    def _open(self) -> io.TextIOWrapper:
        flags = os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC
        return os.fdopen(os.open(self.baseFilename, flags, 0o600), "a", encoding=self.encoding)


def _file_handler(directory: Path) -> logging.Handler:
    try:
        directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        handler = _PrivateFile(directory / FILE_NAME, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
    except OSError:
        # A full or read-only disk must not keep people from signing in.
        return logging.NullHandler()
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    return handler
