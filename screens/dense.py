"""The dense pages behind Home: path in row 2, message in row 22, actions in row 23, everything between them for the page.

A page names its actions in one table, `ORDERS`: letter, words, what it does. The row shows those that fit now; `?` lists all.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePath
from typing import Any, ClassVar, TypeVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.content import Content

from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.page import Page, on_screen
from screens.session_idle import SessionIdle
from screens.widgets.action import Action
from screens.widgets.base import Plain
from screens.widgets.brand_bar import BrandBar
from screens.widgets.demo_panel import DemoLine, DemoPanel
from screens.widgets.status_strip import StatusStrip

T = TypeVar("T")

# What the page shows may be out of date; it goes as soon as something was read again.
_OLD = "dense.old"


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """One thing to do: `key` a letter, or "enter" or "escape"; `does` the name of a method of the page without arguments.

    `when` names a property of the page that says whether it can be done now; a key that does nothing is never shown. `row`:
    whether it stands in the row of actions and not only under `?`.
    """

    key: str
    label: str
    does: str
    when: str = ""
    row: bool = True


class DensePage(SessionIdle, Page[None]):
    """A page with path, body, message line and row of actions; Esc goes one page back."""

    CSS_PATH: ClassVar[Path | list[str | PurePath]] = Path(__file__).with_name("dense.tcss")
    ORDERS: ClassVar[Sequence[Order]] = ()
    # Keys in words before the action, "Enter Testen".
    KEY_WORDS: ClassVar[dict[str, str]] = {"enter": "dense.key.enter", "escape": "dense.key.escape"}

    path: tuple[str, ...] = ()
    """Ids of the pages above this one, Home first; the page's own `title_id` comes last."""

    def __init__(self) -> None:
        super().__init__()
        self._shown: tuple[tuple[str, str], ...] = ()

    # What a subclass gives

    def compose_body(self) -> ComposeResult:
        """Everything between path and message line."""
        yield from ()

    def path_names(self) -> list[str]:
        """The path in words; what comes from outside is made printable."""
        return [self.kiosk.text(text_id) for text_id in (*self.path, self.title_id)]

    def path_note(self) -> str:
        """What stands at the right end of the path."""
        return ""

    # The frame

    def compose(self) -> ComposeResult:
        """From top to bottom."""
        yield BrandBar()
        with Vertical(id="dense"):
            with Horizontal(id="path"):
                yield Plain(id="path-left")
                yield Plain(id="path-right")
            with Vertical(id="body"):
                yield from self.compose_body()
            yield self.message
            yield Horizontal(id="actions")
        if self.kiosk.demo is not None:
            yield DemoPanel(classes="beside")
        with Vertical(id="foot"):
            if self.kiosk.demo is not None:
                yield DemoLine()
            yield StatusStrip()
        yield Plain(id="too-small")

    def on_mount(self) -> None:
        """Path and actions."""
        self.show_actions()

    def retitle(self, title_id: str | None = None, step: tuple[int, int] | None = None) -> None:
        """Write the path."""
        del step
        self.title_id = title_id or self.title_id
        self.query_one("#too-small", Plain).show(self.kiosk.text("screen.too_small"))
        names = " -> ".join(printable(name) for name in self.path_names())
        self.query_one("#path-left", Plain).update(Content.styled(f" {names}", "$strong $brand-ink"))
        self.query_one("#path-right", Plain).show(f"{self.path_note()} ")

    def reword(self) -> None:
        """Say everything again."""
        self._shown = ()
        self.show_actions()
        super().reword()

    def available(self, order: Order) -> bool:
        """Whether a command can be done now."""
        return not order.when or bool(getattr(self, order.when))

    def show_actions(self) -> None:
        """Show the commands that can be done now; called after everything that changes them."""
        if not self.is_mounted:
            return
        now = tuple((one.key, one.label) for one in self.ORDERS if one.row and self.available(one))
        if now == self._shown:
            return
        self._shown = now
        row = self.query_one("#actions", Horizontal)
        with self.app.batch_update():
            row.remove_children()
            row.mount(*(RowAction(one, self._words_of(one)) for one in self.ORDERS if (one.key, one.label) in now))

    def _words_of(self, order: Order) -> str:
        key = self.KEY_WORDS.get(order.key)
        name = self.kiosk.text(key) if key else order.key.upper()
        return f"{name} {self.kiosk.text(order.label)}"

    def key_lines(self) -> Iterator[tuple[str, str]]:
        """Every key of this page, for `?`."""
        for order in self.ORDERS:
            if self.available(order):
                key = self.KEY_WORDS.get(order.key)
                yield self.kiosk.text(key) if key else order.key.upper(), self.kiosk.text(order.label)

    # What a person does

    def letter(self, letter: str) -> bool:
        """Do what the letter stands for."""
        if letter == "?":
            return super().letter(letter)
        return self.perform(letter.lower())

    def perform(self, key: str) -> bool:
        """Do what a key stands for; False when that can not be done now."""
        for order in self.ORDERS:
            if order.key == key and self.available(order):
                getattr(self, order.does)()
                return True
        return False

    def action_first_action(self) -> None:
        """Enter: the first action of the row."""
        if not self.perform("enter"):
            first = next((one for one in self.ORDERS if one.key != "escape" and self.available(one)), None)
            if first is not None:
                self.perform(first.key)

    def action_back(self) -> None:
        """Esc: one page back."""
        self.app.pop_screen()

    @on(Action.Pressed)
    def _row_pressed(self, event: Action.Pressed) -> None:
        if isinstance(event.action, RowAction):
            event.stop()
            self.perform(event.action.order.key)

    def ask_domain(self, question: Callable[[Any], T], then: Callable[[T], None]) -> None:
        """Ask something of the desk in the domain thread; what fails is logged and told in the message line."""

        async def ask() -> None:
            try:
                answer = await self.kiosk.ask(question)
            except Exception as error:  # noqa: BLE001  the page shows what it knew
                self.kiosk.log_unexpected(error)
                if on_screen(self):
                    self.message.failure(Sentence(_OLD))
                return
            if on_screen(self):
                said = self.message.sentence
                if said is not None and said.text_id == _OLD:
                    self.message.clear()
                then(answer)

        self.app.run_worker(ask(), group="dense")


class RowAction(Action, can_focus=False):
    """One entry of the row of actions; a target for mouse and touch, never for Tab."""

    def __init__(self, order: Order, words: str) -> None:
        super().__init__(order.label, kind="side", classes="row-action")
        self.order = order
        self._words = words

    def render(self) -> Content:
        """Key and words."""
        key, _, words = self._words.partition(" ")
        return Content.assemble((key, "$here $strong"), f" {words}")
