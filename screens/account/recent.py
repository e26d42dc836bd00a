"""Laatste keren: the latest sign-ins of this person, so that a strange one is seen."""

from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult

from kiosk.account.account import NotSignedIn
from kiosk.account.views import RecentSignIn, Result
from kiosk.sign_in.outcomes import Sentence
from screens.account.asking import AccountPart
from screens.account.lines import moment, result, sign_in_method
from screens.dense import DensePage, Order
from screens.sign_in.question import Question
from screens.widgets.base import Line
from screens.widgets.rows import Cell, Column, Row, Rows

if TYPE_CHECKING:
    from kiosk.desk import Desk

STYLE_OF_RESULT: Final = {Result.HERE: "$good", Result.IN: "", Result.FAILED: "$bad", Result.LEFT: "$quiet"}


class RecentPage(DensePage, AccountPart):
    """The latest first; this very session is marked."""

    title_id = "account.recent.title"
    path = ("home.title", "account.title")
    AUTO_FOCUS = "#recent"
    ORDERS: ClassVar = (
        Order(key="escape", label="account.title", does="action_back"),
        Order(key="o", label="account.key.everywhere", does="everywhere"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._recent: tuple[RecentSignIn, ...] = ()

    def compose_body(self) -> ComposeResult:
        """When, where, how, how it ended."""
        yield Rows(
            (
                Column("account.recent.column.when", 17),
                Column("account.recent.column.desk", 20),
                Column("account.recent.column.method", 18),
                Column("account.recent.column.result", 0),
            ),
            id="recent",
            classes="fills",
        )
        yield Line("account.recent.advice", classes="quiet")

    def on_mount(self) -> None:
        """Read them."""
        self.ask_domain(_recent, self._take)

    def _take(self, recent: tuple[RecentSignIn, ...]) -> None:
        self._recent = recent
        self.refresh_words()
        self.show_actions()

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        self.query_one("#recent", Rows).show([self._row(one) for one in self._recent])

    def _row(self, one: RecentSignIn) -> Row:
        app = self.kiosk
        cells = (
            Cell(moment(app.words, one.at, app.clock.now_ms())),
            Cell(one.desk or "-"),
            Cell(sign_in_method(app.words, one)),
            Cell(result(app.words, one), STYLE_OF_RESULT[one.result]),
        )
        return Row(one.id, cells)

    def everywhere(self) -> None:
        """O: also here."""

        def answered(yes: bool | None) -> None:
            if yes:
                self.do(lambda account: account.sign_out_everywhere())

        self.app.push_screen(Question(Sentence("account.everywhere.sure"), cautious=True), answered)


def _recent(desk: "Desk") -> tuple[RecentSignIn, ...]:
    try:
        return desk.account().recent()
    except NotSignedIn:
        return ()
