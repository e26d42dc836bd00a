"""Puts lines and prompts before a terminal instead of pages; nothing here loads Textual."""

import os
import sys

from kiosk.commands.speak import fail, told
from kiosk.commands.terminal import Terminal
from kiosk.demo import Demo
from kiosk.gate import GateAnswer
from kiosk.language import LANGUAGES, Language
from kiosk.terminal_names import ONLY_PRINT
from screens.clock import Clock
from screens.plain.terminal import run_plain


def show_plain(
    terminal: Terminal, language: Language, *, demo: Demo | None = None, gate: GateAnswer | None = None
) -> int:
    """Let the domain come, then talk until the terminal is gone; the exit code."""
    if not (sys.stdin.isatty() and sys.stdout.isatty()):
        fail(language.text("page.terminal.none"))
    try:
        with told(language):
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
            )
    finally:
        terminal.stop()
