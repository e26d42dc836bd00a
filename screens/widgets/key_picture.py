"""KeyPicture: the USB port and the key, drawn: beside it, in it, waiting for a finger."""

from typing import Final

from textual.content import Content
from textual.widgets import Static

from screens.widgets.base import Ticking, kiosk

# Where the contact of the key stands; its colour says what the key waits for.
_CONTACT: Final = "■"
_APART: Final = ("┌─────┐      ┌────────────┐", "│ USB │  ←  ─┤      ■     │", "└─────┘      └────────────┘")
_TOGETHER: Final = ("┌─────┐┌────────────┐      ", "│ USB ├┤      ■     │      ", "└─────┘└────────────┘      ")
_APART_IN: Final = frozenset({"insert", "removed", "several"})
_STYLE: Final = {"touch": "$here $strong", "finger": "$here $strong", "answered": "$good $strong"}


class KeyPicture(Static, Ticking):
    """Three rows; in TOUCH the contact goes on and off once a second, as the lamp of the key does."""

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes, markup=False)
        self._phase = "insert"

    def show(self, phase: str) -> None:
        """Show a phase of the ceremony."""
        if phase != self._phase:
            self._phase = phase
            self.refresh_words()

    def on_mount(self) -> None:
        """Draw it."""
        self.refresh_words()

    def tick(self) -> None:
        """Blink."""
        if self._phase in {"touch", "finger"}:
            self.refresh_words()

    def refresh_words(self) -> None:
        """Draw it in the colours of the theme."""
        rows = _APART if self._phase in _APART_IN else _TOGETHER
        self.update(Content("\n").join([self._row(row) for row in rows]))

    def _row(self, row: str) -> Content:
        before, contact, after = row.partition(_CONTACT)
        lit = self._phase not in {"touch", "finger"} or int(kiosk(self).clock.monotonic()) % 2 == 0
        style = _STYLE.get(self._phase, "$quiet") if lit else "$quiet"
        return Content.assemble((before, "$quiet"), (contact, style), (after, "$quiet"))
