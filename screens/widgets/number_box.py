"""NumberBox: a telephone number to type; letters act on the page meanwhile, as in every field for digits."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

# The longest E.164 number with its plus, and a few spaces.
LENGTH = 18
ALLOWED = "0123456789+ "


class NumberBox(Widget, can_focus=True):
    """Takes digits, a plus and spaces; Enter posts `NumberBox.Submitted`, empty as well."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "submit", show=False),
        Binding("backspace", "delete", show=False),
    ]

    @dataclass
    class Submitted(Message):
        """Enter was pressed."""

        box: "NumberBox"
        text: str

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self.value = ""

    def render(self) -> Content:
        """What was typed, and where the next digit comes."""
        rest = "_" * (LENGTH - len(self.value))
        style = "$on-here on $here" if self.has_focus else "$on-side on $side"
        return Content.styled(f"[{self.value}{rest}]", style)

    def show(self, value: str) -> None:
        """Put a number into it."""
        self.value = value[:LENGTH]
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """A digit."""
        if event.character is not None and event.character in ALLOWED:
            event.stop()
            event.prevent_default()
            if len(self.value) < LENGTH and not (event.character == " " and not self.value):
                self.value += event.character
                self.refresh()

    def on_paste(self, event: events.Paste) -> None:
        """Only what a number is made of."""
        event.stop()
        self.show("".join(character for character in self.value + event.text if character in ALLOWED))

    def action_delete(self) -> None:
        """Take the last one away."""
        self.value = self.value[:-1]
        self.refresh()

    def action_submit(self) -> None:
        """Enter."""
        self.post_message(self.Submitted(self, self.value.strip()))
