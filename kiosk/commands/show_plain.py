"""Puts lines and prompts before a terminal instead of pages; nothing here loads Textual."""

import logging
import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from kiosk.commands.speak import fail, told
from kiosk.commands.terminal import Terminal
from kiosk.demo import Demo
from kiosk.gate.passing import GateAnswer
from kiosk.language import LANGUAGES, Language
from kiosk.terminal_names import ONLY_PRINT
from screens.clock import Clock
from screens.ending import CRASHED, plain_traceback
from screens.plain.terminal import run_plain

if TYPE_CHECKING:
    from kiosk.applications.launching import Launching

log = logging.getLogger("kiosk.screens")


def show_plain(
    terminal: Terminal,
    language: Language,
    *,
    demo: Demo | None = None,
    gate: GateAnswer | None = None,
    launching: "Callable[[], Launching] | None" = None,
) -> int:
    """Talk until the terminal is gone, first about what keeps the domain away; the exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail(language.text("page.terminal.none"))
    try:
        with _crash_in_words(), told(language):
            coming = None
            if gate is None:
                coming = terminal.begin()
            else:
                # Whoever called a gate is told and sent away; only a desk waits until it can go on.
                terminal.start()
            return run_plain(
                terminal.thread,
                begin=terminal.begin,
                facts=terminal.facts,
                languages={code: Language.load(code) for code in LANGUAGES},
                clock=Clock(now_ms=terminal.now_ms, wall_ms=terminal.wall_ms),
                clears=os.environ.get("TERM", "") not in ONLY_PRINT,
                demo=demo,
                gate=gate,
                coming=coming,
                launching=launching,
            )
    finally:
        terminal.stop()


@contextmanager
def _crash_in_words() -> Iterator[None]:
    """A mistake of ours is for the log; whoever hears this terminal gets a sentence."""
    try:
        yield
    except Exception as error:  # noqa: BLE001  the trace goes to the log
        log.critical("the lines crashed\n%s", plain_traceback(error))
        fail(CRASHED)
