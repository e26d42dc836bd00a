"""What keeps a kiosk closed and its screen clean: environment, streams, signals, a lost terminal, crashes.

Textual reads switches from the environment that open ways out or write down what is typed, and it draws on standard
error, so that any stray line lands in the middle of a page.
"""

import logging
import os
import sys
import traceback
from collections.abc import MutableMapping

# Harmless switches of Textual; all its others are taken out.
KEPT = frozenset({"TEXTUAL_ANIMATIONS", "TEXTUAL_FPS", "TEXTUAL_DISABLE_KITTY_KEY"})


def clean_environment(environ: MutableMapping[str, str]) -> None:
    """Take out what would let signals through, log keys, open developer tools or take the colours away."""
    for name in [name for name in environ if name == "NO_COLOR" or name.startswith("TEXTUAL")]:
        if name not in KEPT:
            del environ[name]


def keep_streams_clean() -> None:
    """Nothing that logs or warns writes to the terminal while pages are drawn on it."""
    logging.captureWarnings(capture=True)
    streams = (sys.__stderr__, sys.__stdout__, sys.stderr, sys.stdout)
    loggers = [logging.getLogger(), *(logging.getLogger(name) for name in list(logging.root.manager.loggerDict))]
    for logger in loggers:
        for handler in list(logger.handlers):
            if isinstance(handler, logging.StreamHandler) and handler.stream in streams:
                logger.removeHandler(handler)
    if not logging.root.handlers:
        # Without any handler Python's last resort is standard error.
        logging.root.addHandler(logging.NullHandler())


def terminal_is_gone() -> bool:
    """Whether the terminal behind standard input hung up: Textual would read its end for ever at full speed."""
    return sys.__stdin__ is None or not os.isatty(sys.__stdin__.fileno())


def plain_traceback(error: BaseException | None) -> str:
    """A traceback without the values of variables, which may be a password or a code."""
    return "".join(traceback.format_exception(error)) if error is not None else traceback.format_exc()
