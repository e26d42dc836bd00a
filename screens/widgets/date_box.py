"""DateBox: a day to type, eight digits as dd-mm-yyyy; letters act on the page meanwhile."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from screens.widgets.base import kiosk

LENGTH = 8
# A dash comes before these digits.
_DASHES = (2, 4)


class DateBox(Widget, can_focus=True):
    """Posts `DateBox.Complete` with the eighth digit; empty means that no day was given."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace", "erase", show=False),
        Binding("delete", "clear", show=False),
    ]

    @dataclass
    class Complete(Message):
        """All digits are there."""

        box: "DateBox"

    def __init__(self, label: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self.label = label
        self.typed = ""

    @property
    def value(self) -> date | None:
        """The day; None when nothing, or no day of the calendar, was typed."""
        with suppress(ValueError):
            return date(int(self.typed[4:]), int(self.typed[2:4]), int(self.typed[:2]))
        return None

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """One row."""
        return 1

    def render(self) -> Content:
        """The label, and the digits with their dashes."""
        blanks = kiosk(self).text("people.off.blanks")
        shown = self.typed + blanks.replace("-", "")[len(self.typed) :]
        parts = "".join(("-" if place in _DASHES else "") + one for place, one in enumerate(shown))
        style = "$on-here on $here" if self.has_focus else "$on-side on $side"
        label = Content.styled(f"{kiosk(self).text(self.label)}  ", "$here $strong" if self.has_focus else "$quiet")
        return label + Content.styled(f"[{parts}]", style)

    def refresh_words(self) -> None:
        """In the language of the app."""
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """A digit."""
        character = event.character
        if character is None or not character.isascii() or not character.isdecimal():
            return
        event.stop()
        event.prevent_default()
        if len(self.typed) < LENGTH:
            self.typed += character
            self.refresh()
            if len(self.typed) == LENGTH:
                self.post_message(self.Complete(self))

    def action_erase(self) -> None:
        """Take the last digit away."""
        self.typed = self.typed[:-1]
        self.refresh()

    def action_clear(self) -> None:
        """Empty it."""
        self.typed = ""
        self.refresh()

    def on_click(self) -> None:
        """Mouse or touch brings the focus."""
        self.focus()
