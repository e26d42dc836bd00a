"""Keypad: digits for a finger, beside the boxes of a code."""

from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.containers import Grid
from textual.content import Content
from textual.widget import Widget

from screens.widgets.base import is_shown, kiosk
from screens.widgets.code_boxes import CodeBoxes

# As on a telephone.
ROWS: Final = (("1", "2", "3"), ("4", "5", "6"), ("7", "8", "9"), ("backspace", "0", "enter"))


class KeypadKey(Widget, can_focus=False):
    """One key: a target for mouse and touch, never for Tab, so that the boxes keep the cursor."""

    WORDS: ClassVar[dict[str, str]] = {"backspace": "keypad.erase", "enter": "keypad.enter"}

    def __init__(self, key: str) -> None:
        super().__init__()
        self.key = key

    def render(self) -> Content:
        """The digit, or what the key does."""
        words = self.WORDS.get(self.key)
        return Content(kiosk(self).text(words) if words else self.key)

    def refresh_words(self) -> None:
        """Say it in the language of the app."""
        self.refresh()

    def on_click(self) -> None:
        """Type it where the code goes: whoever points at a digit means the boxes, wherever the focus is."""
        boxes = next((one for one in self.screen.query(CodeBoxes) if is_shown(one)), None)
        if boxes is not None:
            boxes.focus()
            kiosk(self).keys.point_at(self.key)


class Keypad(Grid):
    """Ten digits, one that takes back and one that hands in. `Page.place_keypad` says whether it is there."""

    def compose(self) -> ComposeResult:
        """Row by row."""
        for row in ROWS:
            for key in row:
                yield KeypadKey(key)
