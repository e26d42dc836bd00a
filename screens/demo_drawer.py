"""The drawer of the demonstration (F9): the panel over the kiosk, with its keys."""

from typing import ClassVar

from textual import events
from textual.app import ComposeResult
from textual.binding import Binding, BindingType

from screens.page import Dialog
from screens.widgets.base import Line
from screens.widgets.demo_panel import DemoPanel


class DemoDrawer(Dialog[None]):
    """The panel over the kiosk, with the keys; the page below keeps its focus and its text."""

    title_id = "demo.title"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("enter", "back", show=False),
        Binding("up", "scroll(-1)", show=False),
        Binding("down", "scroll(1)", show=False),
        Binding("pageup", "scroll(-8)", show=False),
        Binding("pagedown,space", "scroll(8)", show=False),
    ]

    def compose_card(self) -> ComposeResult:
        """The panel and its keys."""
        yield DemoPanel(id="drawer")
        yield Line("demo.keys.line", id="drawer-keys")

    def letter(self, letter: str) -> bool:
        """X: the next SMS is lost. T: a finger on the key, whose letters go to the page below when it did not ask."""
        demo = self.kiosk.demo
        if letter.lower() == "t" and demo is not None:
            typed = demo.touch_key()
            if typed:
                self.dismiss(None)
                self.kiosk.call_later(self.kiosk.type_as_keyboard, typed)
            return True
        if letter.lower() == "x" and demo is not None:
            demo.lose_next_sms()
            return True
        return super().letter(letter)

    def on_key(self, event: events.Key) -> None:
        """A digit: the plug of that modem, or of that key."""
        demo, state = self.kiosk.demo, self.kiosk.demo_state
        if demo is None or state is None or event.character is None or not event.character.isdecimal():
            return
        number = int(event.character)
        modems = len(state.modems)
        if 1 <= number <= modems:
            demo.toggle_modem(state.modems[number - 1].name)
        elif modems < number <= modems + len(state.keys):
            demo.toggle_key(state.keys[number - modems - 1].name)

    def action_scroll(self, rows: int) -> None:
        """Move through the panel."""
        self.query_one("#drawer", DemoPanel).scroll_relative(y=rows, animate=False)
