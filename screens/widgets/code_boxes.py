"""CodeBoxes: one box per digit of a code, the next one marked."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.reactive import reactive
from textual.widget import Widget

# A box is so many cells wide, with one cell between two and three between groups.
BOX = 5
GAP = 1
GROUP_GAP = 3


# What 0, 1, 3, 7 and 9 of a keypad are then; the others move the focus, which is seen.
WITHOUT_NUM_LOCK = frozenset({"insert", "end", "pagedown", "home", "pageup"})


class CodeBoxes(Widget, can_focus=True):
    """Takes the digits of a code; `groups` is (6,) or (4, 4), `spare` how many digits too many are still taken.

    Spare digits stand behind the boxes: whoever types a longer code than was asked for sees it, and can be told.

    Only Enter submits, also an incomplete code (the caller says so). Pasted spaces and dashes are left out. Letters are
    not taken: they bubble and act as keys of the page. Three rows high, one with the class `-flat`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("backspace", "erase", show=False),
        Binding("delete", "clear", show=False),
        Binding("enter", "submit", show=False),
    ]

    typed: reactive[str] = reactive("", repaint=True, init=False)

    @dataclass
    class Submitted(Message):
        """Enter was pressed; `text` holds the digits typed so far."""

        boxes: "CodeBoxes"
        text: str

        def __repr__(self) -> str:
            return f"CodeBoxes.Submitted({len(self.text)} digits)"

        @property
        def control(self) -> "CodeBoxes":
            """The boxes, so that `@on(CodeBoxes.Submitted, "#id")` works."""
            return self.boxes

    @dataclass
    class NoDigit(Message):
        """A key of the keypad that gives a digit with Num Lock on was pressed with Num Lock off."""

        boxes: "CodeBoxes"

    def __init__(
        self,
        groups: tuple[int, ...] = (6,),
        *,
        spare: int = 0,
        id: str | None = None,  # noqa: A002  Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.groups = groups
        self.spare = spare

    @property
    def length(self) -> int:
        """How many digits the code has."""
        return sum(self.groups)

    def clear(self) -> None:
        """Empty every box."""
        self.typed = ""

    def action_clear(self) -> None:
        """Delete empties every box."""
        self.clear()

    def action_erase(self) -> None:
        """Backspace takes the last digit away."""
        self.typed = self.typed[:-1]

    def action_submit(self) -> None:
        """Enter hands in what is there."""
        self.post_message(self.Submitted(self, self.typed))

    def on_key(self, event: events.Key) -> None:
        """A digit goes into the next box; everything else is for the page."""
        # `isdecimal` alone would take digits of other scripts.
        if event.character is not None and event.character.isascii() and event.character.isdecimal():
            event.stop()
            event.prevent_default()
            self._take(event.character)
        elif event.key in WITHOUT_NUM_LOCK:
            event.stop()
            event.prevent_default()
            self.post_message(self.NoDigit(self))

    def on_paste(self, event: events.Paste) -> None:
        """Digits of what was pasted replace what is there."""
        event.stop()
        digits = "".join(character for character in event.text if character.isascii() and character.isdecimal())
        if digits:
            self.typed = digits[: self.length + self.spare]

    def on_click(self) -> None:
        """Mouse or touch brings the focus."""
        self.focus()

    def _take(self, digit: str) -> None:
        if len(self.typed) < self.length + self.spare:
            self.typed += digit

    def get_content_width(self, container: Size, viewport: Size) -> int:  # noqa: ARG002  Textual's signature
        """Cells of all boxes with their gaps, and on both sides the room for spare digits so that the boxes stay centred."""
        between_groups = len(self.groups) - 1
        boxes = self.length * BOX + (self.length - 1 - between_groups) * GAP + between_groups * GROUP_GAP
        return boxes + 2 * self._margin

    @property
    def _margin(self) -> int:
        return self.spare + 1 if self.spare else 0

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """Three rows of lines and digits, or one of fills."""
        return 1 if self.has_class("-flat") else 3

    def render(self) -> Content:
        """The boxes."""
        flat = self.has_class("-flat")
        rows = (self._row("", " ", ""),) if flat else (self._row(*"┌─┐"), self._row(*"│ │"), self._row(*"└─┘"))
        return Content("\n").join(rows)

    def _row(self, left: str, middle: str, right: str) -> Content:
        parts = [Content(" " * self._margin)]
        position = 0
        for group_number, group in enumerate(self.groups):
            if group_number:
                parts.append(Content(" " * GROUP_GAP))
            for box in range(group):
                if box:
                    parts.append(Content(" " * GAP))
                parts.append(self._box(position, left, middle, right))
                position += 1
        if middle == " ":
            parts.append(Content.styled(f" {self.typed[self.length :]}", "$here"))
        return Content("").join(parts)

    def _box(self, position: int, left: str, middle: str, right: str) -> Content:
        inner = BOX - len(left) - len(right)
        here = self.has_focus and position == len(self.typed)
        if middle != " ":
            return Content.styled(left + middle * inner + right, self._frame_style(position, here=here))
        digit = self.typed[position] if position < len(self.typed) else ("_" if here else " ")
        face = Content.styled(digit.center(inner), self._digit_style(here=here, framed=bool(left)))
        frame = self._frame_style(position, here=here)
        return Content.assemble((left, frame), face, (right, frame))

    def _frame_style(self, position: int, *, here: bool) -> str:
        if here:
            return "$here"
        return "$card-frame" if position < len(self.typed) else "$frame"

    def _digit_style(self, *, here: bool, framed: bool) -> str:
        if here:
            return "$here" if framed else "$on-here on $here"
        return "$ink $strong" if framed else "$on-side on $side"
