"""De noodcode: typed instead of a second administrator, and the alarm about it that another administrator reads."""

from collections.abc import Callable, Sequence
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.accounts import AccountError
from kiosk.administration.break_glass import UsedCode, mark_read, unread, use
from kiosk.administration.errors import AdministrationError, CodeTried
from kiosk.administration.four_eyes import Wanted
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asked import asked_in_words, reason_in_words
from screens.administrator.asking import OfficePage, OfficePart
from screens.administrator.proving import SIGN_IN_CSS
from screens.administrator.words import moment
from screens.dense import Order
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain
from screens.widgets.field import Field

CODE_LENGTH = 40
_LABEL_WIDTH = 14


class BreakGlassPage(OfficePart):
    """The code from the envelope; `then` goes on with what it was used for."""

    CSS_PATH = SIGN_IN_CSS
    title_id = "break_glass.title"
    AUTO_FOCUS = "#code Entry"

    def __init__(self, wanted: Wanted, who: str, then: Callable[[], None]) -> None:
        super().__init__()
        self._wanted = wanted
        self._who = who
        self._then = then

    def compose_card(self) -> ComposeResult:
        """What it is for, what it costs, the code."""
        yield Plain(id="glass-what")
        yield Line("break_glass.explained", classes="quiet gap")
        yield Field("break_glass.label", id="code", maximum_length=CODE_LENGTH, classes="gap")
        yield self.message
        yield Action("break_glass.button", id="use", kind="primary", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("account.back.button", id="back", kind="link")

    def on_mount(self) -> None:
        """Say it."""
        self.refresh_words()

    def refresh_words(self) -> None:
        """What it will be used for."""
        self.query_one("#glass-what", Plain).show(asked_in_words(self.kiosk, self._wanted.act, self._who))

    @on(Field.Submitted, "#code")
    @on(Action.Pressed, "#use")
    def _use(self) -> None:
        field, wanted = self.query_one("#code", Field), self._wanted
        typed = field.value
        if not typed.strip():
            self.message.failure(Sentence("break_glass.missing"))
            field.focus()
            return
        self.do(lambda office: use(office, wanted, typed), self._used)

    def _used(self, _reference: str) -> None:
        self.query_one("#code", Field).clear()
        self.close()
        self._then()

    def refuse(self, error: AdministrationError | AccountError, again: Callable[[], None]) -> None:
        """The code is typed again; the message takes rows from the rest."""
        super().refuse(error, again)
        self.add_class("-told")
        field = self.query_one("#code", Field)
        if isinstance(error, CodeTried):
            field.clear()
        field.focus()

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.action_back()

    def action_back(self) -> None:
        """Esc."""
        if not self.asking:
            self.app.pop_screen()


class BrokenGlassPage(OfficePage):
    """G on Home: who used the code, when, for what; whoever did not use it says that it was read."""

    title_id = "break_glass.used.title"
    path = ("home.title",)
    AUTO_FOCUS = ""
    ORDERS: ClassVar[Sequence[Order]] = (
        Order(key="x", label="home.seen.button", does="read_it", when="others"),
        Order(key="escape", label="people.key.back", does="action_back"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.used: UsedCode | None = None

    def compose_body(self) -> ComposeResult:
        """The facts, and what to do."""
        yield Plain(id="facts", classes="gap")
        yield Line(id="advice", classes="here gap")

    def on_screen_resume(self) -> None:
        """Come."""
        self.read(unread, self._take)

    def _take(self, found: tuple[UsedCode, ...]) -> None:
        self.used = found[0] if found else None
        self.refresh_words()
        self.show_actions()

    def refresh_words(self) -> None:
        """What is known of the oldest use that nobody has read."""
        self.retitle()
        one, app = self.used, self.kiosk
        if one is None:
            return
        lines = (
            ("break_glass.used.by", f"{printable(one.by)}, {moment(app, one.at)}"),
            ("approval.column.what", asked_in_words(app, one.act, one.who)),
            ("people.reason.label", reason_in_words(app, one.reason)),
        )
        self.query_one("#facts", Plain).show(
            "\n".join(f"{app.text(label):<{_LABEL_WIDTH}} {value}" for label, value in lines)
        )
        self.query_one("#advice", Line).say(f"break_glass.used.{'own' if one.own else 'others'}")

    @property
    def others(self) -> bool:
        """X: somebody else used it."""
        return self.used is not None and not self.used.own

    def read_it(self) -> None:
        """X."""
        if (used := self.used) is not None:
            self.do(lambda office: mark_read(office, used.id), lambda _reference: self.close())
