"""Field: a labelled line to type in; a secret one can be shown, and tells when only capitals were typed."""

from dataclasses import dataclass
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.geometry import Size
from textual.message import Message
from textual.reactive import Reactive
from textual.widgets import Input

from screens.capitals import only_capitals
from screens.linux_console import CAPS_LOCK
from screens.typed_burst import without
from screens.widgets.action import Action
from screens.widgets.base import Line, Ticking, kiosk

# Longest password that is taken (the policy says 12 to 256).
MAXIMUM_LENGTH = 256


class Entry(Input, inherit_bindings=False):
    """The line itself: moves, deletes, submits. Nothing is selected, copied or cut, and nothing pasted brings a control character."""

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("left", "cursor_left", show=False),
        Binding("right", "cursor_right", show=False),
        Binding("home", "home", show=False),
        Binding("end", "end", show=False),
        Binding("backspace", "delete_left", show=False),
        Binding("delete", "delete_right", show=False),
        Binding("enter", "submit", show=False),
    ]

    # Textual lays the whole page out anew for each letter; the line has a width of its own and no scroll bar.
    virtual_size = Reactive(Size(0, 0), layout=False)

    # Textual paints the line anew with its frame, twice a second, for the one cell that blinks.
    _cursor_visible = Reactive(True, repaint=False, init=False)

    def watch__cursor_visible(self) -> None:
        """Paint the row with the cursor."""
        self.refresh(self.content_size.region)

    def _on_paste(self, event: events.Paste) -> None:
        event.stop()
        event.prevent_default()
        lines = event.text.splitlines()
        if lines:
            self.insert_text_at_cursor("".join(filter(str.isprintable, lines[0])))

    async def _on_mouse_move(self, event: events.MouseMove) -> None:
        event.prevent_default()

    def take_back(self, letters: str) -> None:
        """Take out `letters` that a YubiKey typed before the cursor."""
        self.value, self.cursor_position = without(letters, self.value, self.cursor_position)

    def restricted(self) -> None:
        """No bell: the hint under the field says what is wrong."""


class Field(Vertical, Ticking):
    """A label, a line to type in and, for a secret, a switch that shows it and the Caps Lock hint.

    `label` is the id of its words. Posts `Field.Submitted` on Enter and `Field.Changed` on each change.
    """

    @dataclass
    class Submitted(Message):
        """Enter was pressed in the field."""

        field: "Field"

        @property
        def control(self) -> "Field":
            """The field, so that `@on(Field.Submitted, "#id")` works."""
            return self.field

    @dataclass
    class Changed(Message):
        """The text changed."""

        field: "Field"

        @property
        def control(self) -> "Field":
            """The field, so that `@on(Field.Changed, "#id")` works."""
            return self.field

    def __init__(
        self,
        label: str,
        *,
        id: str | None = None,  # noqa: A002  Textual's name
        secret: bool = False,
        toggle: bool = True,
        maximum_length: int = MAXIMUM_LENGTH,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.label = label
        self.secret = secret
        self._toggle = toggle and secret
        self.entry = Entry(password=secret, max_length=maximum_length, select_on_focus=False)
        self.caps_hint = Line(classes="caps-hint")

    def compose(self) -> ComposeResult:
        """Label, line, and for a secret the row under it."""
        yield Line(self.label, classes="label")
        yield self.entry
        if self.secret:
            with Horizontal(classes="under"):
                if self._toggle:
                    yield Action("sign_in.login.show.button", kind="link", classes="show-secret")
                yield self.caps_hint

    @property
    def value(self) -> str:
        """What was typed."""
        return self.entry.value

    @value.setter
    def value(self, text: str) -> None:
        self.entry.value = text
        self.entry.cursor_position = len(text)

    @property
    def shown(self) -> bool:
        """Whether a secret can be read."""
        return not self.entry.password

    def clear(self) -> None:
        """Empty it; a secret is hidden again."""
        self.entry.value = ""
        self.show_secret(shown=False)

    def show_secret(self, *, shown: bool) -> None:
        """Show or hide what was typed into a secret field."""
        if self.secret:
            self.entry.password = not shown
            for switch in self.query(".show-secret").results(Action):
                switch.relabel("sign_in.login.hide.button" if shown else "sign_in.login.show.button")

    def focus(self, scroll_visible: bool = True) -> "Field":
        """Put the cursor into the line."""
        self.entry.focus(scroll_visible)
        return self

    @on(Action.Pressed, ".show-secret")
    def _show_pressed(self, event: Action.Pressed) -> None:
        event.stop()
        self.show_secret(shown=not self.shown)
        self.entry.focus()

    @on(Input.Submitted)
    def _entry_submitted(self, event: Input.Submitted) -> None:
        event.stop()
        self.post_message(self.Submitted(self))

    @on(Input.Changed)
    def _entry_changed(self, event: Input.Changed) -> None:
        event.stop()
        self.tick()
        self.post_message(self.Changed(self))

    def tick(self) -> None:
        """Tell of Caps Lock under a secret: from the keyboard where it can be asked, else from what was typed."""
        if not self.secret or not self.is_attached:
            return
        lit = kiosk(self).lights()
        if lit is None:
            self.caps_hint.say("caps_lock.typed.line" if only_capitals(self.value) else None)
        else:
            self.caps_hint.say("caps_lock.line" if lit & CAPS_LOCK else None)
