"""UITLEG: the six steps, each with what this kiosk knows right now."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.message import Message as TextualMessage

from kiosk.sign_in.outcomes import Sentence
from kiosk.sign_in.views import ExplanationStep, ExplanationView
from screens.page import on_screen
from screens.sign_in.attempt import ViewChanged
from screens.sign_in.contact import say_failure
from screens.sign_in.qr_dialog import QrDialog, fits_alone, fits_beside
from screens.sign_in.sign_in_dialog import SignInDialog
from screens.widgets.action import Action
from screens.widgets.base import Line
from screens.widgets.qr_code import QrCode

if TYPE_CHECKING:
    from screens.sign_in.factor_page import FactorPage

# Where a phone tells whether its provider has an outage; the site is Dutch in both languages.
OUTAGES_NAME: Final = "allestoringen.nl"
OUTAGES_ADDRESS: Final = "https://allestoringen.nl"

STEPS: Final = 6

# Rows of the page around the QR code: bar, frame, its caption, keys, way back, strip.
ROWS_AROUND: Final = 13


class Step(Vertical, can_focus=True):
    """One step: its title always, its text while it is the open one."""

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "next", show=False)]

    @dataclass
    class Opened(TextualMessage):
        """The focus came to it."""

        step: "Step"

    @dataclass
    class ReadOn(TextualMessage):
        """Enter: on to the next one."""

        step: "Step"

    def __init__(self, number: int) -> None:
        super().__init__(id=f"step-{number}", classes="step")
        self.number = number
        self._title = Line(Sentence(f"explain.step{number}.title"), classes="step-title")
        self._text = Line()
        self._also = Line()

    def compose(self) -> ComposeResult:
        """Title, text, and what there is besides."""
        yield self._title
        with Vertical(classes="step-body"):
            yield self._text
            yield self._also

    def show(self, step: ExplanationStep) -> None:
        """What is known about it now."""
        self._title.say(step.title)
        self._text.say(step.text)
        self._also.say(step.also)

    def on_focus(self) -> None:
        """Moving to it opens it."""
        self.post_message(self.Opened(self))

    def on_click(self) -> None:
        """Mouse or touch on its title opens it."""
        self.focus()

    def action_next(self) -> None:
        """Enter reads on."""
        self.post_message(self.ReadOn(self))


class ExplanationDialog(SignInDialog):
    """Six titles, one of them open; it follows what becomes known while somebody reads."""

    AUTO_FOCUS = "#step-1"
    title_id = "explain.title"

    def __init__(self, page: "FactorPage") -> None:
        super().__init__(page)
        self._qr = QrCode(OUTAGES_ADDRESS, id="qr")

    def compose_card(self) -> ComposeResult:
        """Steps beside the QR code where there is room, and the way back."""
        with Horizontal(id="explanation"):
            with Vertical(id="steps"):
                for number in range(1, STEPS + 1):
                    yield Step(number)
            with Vertical(id="outages"):
                yield self._qr
                yield Line(Sentence("sign_in.page.outages.hint", {"address": OUTAGES_NAME}), classes="center quiet")
        yield Line("sign_in.page.explain.keys.hint", classes="quiet")
        yield self.message
        with Horizontal(id="aside", classes="gap"):
            yield Action("common.close.button", id="close", kind="primary", key="s")
            yield Action("sign_in.page.qr.button", id="show-qr", key="q")

    def on_mount(self) -> None:
        """Ask for what is known, now and after each change."""
        self._open(1)
        self._place_qr()
        self._look()
        self.page.attempt.join(self, self.page.view)
        self.watch(self.app, "status", self._look, init=False)

    def on_unmount(self) -> None:
        """Nobody reads any more."""
        self.page.attempt.leave(self)

    def on_view_changed(self, event: ViewChanged) -> None:
        """The SMS stands elsewhere."""
        event.stop()
        if on_screen(self):
            self._look()

    def _look(self) -> None:
        self.page.attempt.look(
            lambda sign_in: sign_in.explanation(alternatives_seen=True), self._show, self._nothing_known
        )

    def _show(self, explanation: ExplanationView) -> None:
        if on_screen(self):
            self.message.clear()
            for widget, step in zip(self.query(Step), explanation.steps, strict=True):
                widget.show(step)

    def _nothing_known(self) -> None:
        if on_screen(self):
            say_failure(self.message, Sentence("error.database"))

    # Reading

    def _open(self, number: int) -> None:
        for step in self.query(Step):
            step.set_class(step.number == number, "-open")

    @on(Step.Opened)
    def _step_opened(self, event: Step.Opened) -> None:
        self._open(event.step.number)

    @on(Step.ReadOn)
    def _read_on(self) -> None:
        self.focus_next()

    def on_key(self, event: events.Key) -> None:
        """A digit opens its step."""
        if event.character is not None and event.character in "123456":
            event.stop()
            self.query_one(f"#step-{event.character}", Step).focus()

    # The QR code

    def _place_qr(self) -> None:
        """Beside the steps, or behind a key, or not at all where it cannot be drawn."""
        beside = fits_beside(self._qr, self, rows_around=ROWS_AROUND)
        self._qr.display = beside
        self.query_one("#outages").display = beside
        self.query_one("#show-qr").display = not beside and fits_alone(self._qr, self)
        self.query_one("#card").set_class(beside, "-broad")

    def on_resize(self, event: events.Resize) -> None:
        """Another size has other room."""
        super().on_resize(event)
        self._place_qr()

    @on(Action.Pressed, "#show-qr")
    def _show_qr(self) -> None:
        self.app.push_screen(QrDialog(OUTAGES_ADDRESS))

    @on(Action.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)
