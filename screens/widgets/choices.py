"""What a form on a dense page is made of beside fields: Choices, Tick and Stepper."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import ClassVar

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.widget import Widget

from kiosk.sign_in.outcomes import Sentence
from screens.widgets.base import kiosk
from screens.widgets.rows import CURSOR


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer: `value` is what is told, `label` its words."""

    value: str
    label: Sentence | str


class Choices(Widget, can_focus=True):
    """A question with up to ten answers: a digit gives one and `Choices.Chosen` lets the page go on; arrows give one too.

    None is given before somebody gave one, unless `chosen` says so.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("up", "move(-1)", show=False),
        Binding("down", "move(1)", show=False),
    ]

    @dataclass
    class Chosen(Message):
        """An answer was given; `by_digit`: go on to the next question."""

        choices: "Choices"
        value: str
        by_digit: bool

        @property
        def control(self) -> "Choices":
            """The question, so that `@on(Choices.Chosen, "#id")` works."""
            return self.choices

    def __init__(
        self,
        label: str,
        entries: Sequence[Choice],
        *,
        id: str | None = None,  # noqa: A002  Textual's name
        chosen: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.label = label
        self.entries = tuple(entries)
        self._place = next((place for place, one in enumerate(self.entries) if one.value == chosen), None)

    @property
    def value(self) -> str | None:
        """The answer; None before there is one."""
        return None if self._place is None else self.entries[self._place].value

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """The question and its answers."""
        return len(self.entries) + 1

    def render(self) -> Content:
        """The question, and the answers with their digits."""
        app = kiosk(self)
        lines = [Content.styled(app.text(self.label), "$here $strong" if self.has_focus else "$quiet")]
        for place, one in enumerate(self.entries):
            here = place == self._place
            label = Sentence(one.label) if isinstance(one.label, str) else one.label
            line = Content(f"{CURSOR if here else ' ' * len(CURSOR)}{(place + 1) % 10}  {app.say(label)} ")
            if here:
                line = line.stylize("$on-here on $here" if self.has_focus else "$here")
            lines.append(line)
        return Content("\n").join(lines)

    def refresh_words(self) -> None:
        """In the language of the app."""
        self.refresh()

    def on_key(self, event: events.Key) -> None:
        """A digit gives an answer."""
        character = event.character
        if character is None or not character.isascii() or not character.isdecimal():
            return
        place = (int(character) - 1) % 10
        if place < len(self.entries):
            event.stop()
            event.prevent_default()
            self._choose(place, by_digit=True)

    def action_move(self, by: int) -> None:
        """The answer above or below."""
        place = 0 if self._place is None else max(0, min(self._place + by, len(self.entries) - 1))
        self._choose(place, by_digit=False)

    def on_click(self, event: events.Click) -> None:
        """Mouse or touch."""
        event.stop()
        self.focus()
        if 0 < event.y <= len(self.entries):
            self._choose(event.y - 1, by_digit=False)

    def _choose(self, place: int, *, by_digit: bool) -> None:
        self._place = place
        self.refresh()
        self.post_message(self.Chosen(self, self.entries[place].value, by_digit))


class Tick(Widget, can_focus=True):
    """Something that is wanted or not; Space changes it."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("space", "change", show=False)]

    @dataclass
    class Changed(Message):
        """It was ticked, or not any more."""

        tick: "Tick"

    def __init__(
        self,
        label: Sentence | str,
        *,
        id: str | None = None,  # noqa: A002  Textual's name
        on: bool = False,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.label = Sentence(label) if isinstance(label, str) else label
        self.on = on

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """One row."""
        return 1

    def render(self) -> Content:
        """The box and the words."""
        line = Content(f"[{'■' if self.on else ' '}] {kiosk(self).say(self.label)} ")
        return line.stylize("$on-here on $here") if self.has_focus else line

    def refresh_words(self) -> None:
        """In the language of the app."""
        self.refresh()

    def action_change(self) -> None:
        """Space."""
        self.on = not self.on
        self.refresh()
        self.post_message(self.Changed(self))

    def on_click(self, event: events.Click) -> None:
        """Mouse or touch."""
        event.stop()
        self.focus()
        self.action_change()


class Stepper(Widget, can_focus=True):
    """One of a row of numbers, changed by the arrow keys left and right; `words` says one of them."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "step(-1)", show=False),
        Binding("right", "step(1)", show=False),
    ]

    def __init__(
        self,
        label: str,
        values: Sequence[int],
        value: int,
        words: Callable[[int], str],
        *,
        id: str | None = None,  # noqa: A002  Textual's name
    ) -> None:
        super().__init__(id=id)
        self.label = label
        self._values = tuple(sorted({*values, value}))
        self.value = value
        self._words = words

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """One row."""
        return 1

    def render(self) -> Content:
        """The label and the number between the arrows that change it."""
        label = Content.styled(f"{kiosk(self).text(self.label)}  ", "$here $strong" if self.has_focus else "$quiet")
        number = Content(f" < {self._words(self.value)} > ")
        return label + (number.stylize("$on-here on $here") if self.has_focus else number)

    def refresh_words(self) -> None:
        """In the language of the app."""
        self.refresh()

    def action_step(self, by: int) -> None:
        """The next smaller or larger one."""
        place = self._values.index(self.value) + by
        self.value = self._values[max(0, min(place, len(self._values) - 1))]
        self.refresh()

    def on_click(self, event: events.Click) -> None:
        """The left half for less, the right half for more."""
        event.stop()
        self.focus()
        self.action_step(1 if event.x > self.size.width // 3 else -1)
