"""What keeps a kiosk closed and its screen clean: environment, streams, a lost terminal.

Textual reads switches from the environment that open ways out or write down what is typed, and it draws on standard
error, so that any stray line lands in the middle of a page.
"""

import logging
import os
import sys
from collections.abc import MutableMapping
from typing import Final

from rich import cells
from rich.segment import Segment
from textual import constants
from textual._styles_cache import StylesCache

# Read when an app is made or runs: colours off, signals from the keyboard, developer tools, another driver.
SWITCHES: Final = ("NO_COLOR", "TEXTUAL", "TEXTUAL_ALLOW_SIGNALS", "TEXTUAL_DRIVER")

# Read when Textual is imported, so that the environment comes too late: keys into a file (keys.log), a log of
# everything, pictures of the screen, keys that press themselves.
SWITCHED_OFF: Final = {
    "DEBUG": False,
    "LOG_FILE": None,
    "DRIVER": None,
    "PRESS": "",
    "SCREENSHOT_DELAY": -1,
    "SHOW_RETURN": False,
    "COLOR_SYSTEM": "auto",
    "FILTERS": "",
    # Else whoever types its answer makes Textual deaf to the real size of the terminal.
    "SMOOTH_SCROLL": False,
}


def close_switches(environ: MutableMapping[str, str]) -> None:
    """Close what Textual opens for developers, before an app is made."""
    for name in SWITCHES:
        environ.pop(name, None)
    for name, value in SWITCHED_OFF.items():
        setattr(constants, name, value)


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


def forget_painted() -> None:
    """Let go of what was painted: Textual and Rich keep lines of the last thousand widgets, with whatever stood on them."""
    StylesCache.get_inner_outer.cache_clear()
    Segment._split_cells.cache_clear()  # noqa: SLF001  its cache is nowhere else
    cells.cached_cell_len.cache_clear()
