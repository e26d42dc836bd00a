"""Puts the screen before a terminal: looks at what this terminal can draw, shows, lets the domain come, stops."""

import os
import sys
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Final

from kiosk.commands.speak import fail, told
from kiosk.commands.terminal import Terminal
from kiosk.config import Config, Glyphs, ThemeName
from kiosk.language import LANGUAGES, Language
from kiosk.service_manager import ServiceManager
from screens.app import KioskApp
from screens.clock import Clock
from screens.linux_console import HALF_BLOCKS, font_has, lights
from screens.look import GlyphSet, Look, UnusableTerminal, detect
from screens.look import ThemeName as LookTheme

if TYPE_CHECKING:
    from kiosk.applications.launching import Launching
    from kiosk.demo import Demo
    from kiosk.gate.passing import GateAnswer

_THEMES: Final[Mapping[ThemeName, LookTheme]] = {
    ThemeName.DARK: "dark",
    ThemeName.LIGHT: "light",
    ThemeName.SIXTEEN: "sixteen",
}
_GLYPHS: Final[Mapping[Glyphs, GlyphSet]] = {Glyphs.RICH: "rich", Glyphs.BLOCK: "block", Glyphs.BASIC: "basic"}


def show(
    terminal: Terminal,
    config: Config,
    language: Language,
    *,
    demo: "Demo | None" = None,
    launching: "Callable[[], Launching] | None" = None,
    gate: "GateAnswer | None" = None,
) -> int:
    """Run the screen until it ends; its exit code."""
    service = ServiceManager.of(os.environ)
    try:
        look = _look(config)
    except UnusableTerminal as error:
        fail(language.text(error.text_id))
    try:
        app = KioskApp(
            terminal.thread,
            facts=terminal.facts,
            languages={code: Language.load(code) for code in LANGUAGES},
            demo=demo,
            look=look,
            clock=Clock(now_ms=terminal.now_ms, wall_ms=terminal.wall_ms),
            begin=terminal.begin,
            service=service,
            lights=lambda: lights(sys.stdin.fileno()),
            launching=launching,
            gate=gate,
        )
        app.run()
        if app.failure is not None:
            with told(language):
                raise app.failure
        return app.return_code or 0
    finally:
        service.stopping()
        terminal.stop()


def _look(config: Config) -> Look:
    """What this terminal can draw, unless the site chose."""
    found = detect(
        os.environ,
        terminal=sys.stdin.isatty(),
        encoding=sys.stdin.encoding,
        half_blocks=font_has(sys.stdin.fileno(), HALF_BLOCKS),
    )
    return Look(
        theme=_THEMES.get(config.theme.name, found.theme),
        glyphs=_GLYPHS.get(config.theme.glyphs, found.glyphs),
        touch=config.theme.touch,
    )
