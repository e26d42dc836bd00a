"""One report as a list, with the rest of the row under it; for special rights also the quarterly sign-off."""

from collections.abc import Callable
from typing import ClassVar, Final

from textual.app import ComposeResult

from kiosk.accounts import AccountError
from kiosk.administration.changing import Office
from kiosk.administration.errors import AdministrationError, ChangedMeanwhile
from kiosk.administration.free_text import Why
from kiosk.language import printable
from kiosk.reports import rights
from kiosk.reports.report import COLUMNS, Page, Report, ReportRow
from kiosk.reports.rights import SignedOff, Standing
from kiosk.reports.words import text_of
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.reason_form import ReasonForm
from screens.administrator.reports import RoomPage
from screens.administrator.words import day, surname_first
from screens.dense import Order
from screens.widgets.base import Plain
from screens.widgets.rows import Cell, Column, Row, Rows

# So many rows at a time, and so near to the last of them more are read.
MOST: Final = 300
NEAR: Final = 40
# What the columns of the list may take, so that a name of 20 characters fits beside them.
_ROOM: Final = 54
# Numbers stand under each other.
_RIGHT: Final = frozenset({"number", "percent", "shift"})


class ListPage(RoomPage):
    """Enter opens the card of whom a row is about, for administrators. `read` are the reports that this visit has in the log."""

    path = ("home.title", "reports.title")
    AUTO_FOCUS = "#rows"
    ORDERS: ClassVar = (
        Order(key="enter", label="reports.key.card", does="open", when="may_open"),
        Order(key="c", label="reports.key.sign_off", does="sign_off", when="may_sign_off"),
        Order(key="e", label="reports.key.save", does="save", when="loaded"),
        Order(key="?", label="dense.more", does="more", row=False),
        Order(key="escape", label="reports.title", does="action_back"),
    )

    def __init__(self, report: Report, read: set[Report]) -> None:
        super().__init__()
        self.report = report
        self._read = read
        self.title_id = f"reports.name.{report.value}"
        self.rows: list[ReportRow] = []
        self.standing: Standing | None = None
        """Of the review of special rights; None on other pages."""
        self._administers = self._loaded = self._more = self._reading = False
        self._fitting = _columns_shown(report)

    def compose_body(self) -> ComposeResult:
        """How the review stands, the list, the rest of the row."""
        yield Plain(id="standing", classes="quiet")
        columns = COLUMNS[self.report][: self._fitting]
        yield Rows(
            [
                Column(f"reports.column.{one.name}", one.width, "right" if one.kind in _RIGHT else "left")
                for one in columns
            ],
            id="rows",
            classes="fills",
        )
        yield Plain(id="rest", classes="quiet gap")

    def on_mount(self) -> None:
        """The first rows."""
        self.query_one("#standing").display = False
        self.look()

    def on_screen_resume(self) -> None:
        """Back from a card or a form: what it changed is to be seen at once."""
        if self._loaded:
            self.look()

    def look(self) -> None:
        """Read the list from its beginning."""
        again = self.report in self._read
        self.read_room(
            lambda room: (
                room.administers,
                room.page(self.report, limit=MOST, again=again),
                room.review() if self.report is Report.RIGHTS else None,
            ),
            lambda found: self._take(*found),
        )

    def _take(self, administers: bool, page: Page, standing: Standing | None) -> None:
        self._read.add(self.report)
        self._administers, self._loaded, self.standing = administers, True, standing
        self.rows, self._more = list(page.rows), page.more
        self.refresh_words()
        self.show_actions()

    def _read_on(self) -> None:
        """More rows, before the cursor needs them."""
        if self._reading or not self._more or self._cursor < len(self.rows) - NEAR:
            return
        self._reading, offset = True, len(self.rows)

        def take(page: Page) -> None:
            if offset == len(self.rows):
                self.rows += page.rows
                self._more = page.more
                self.refresh_words()

        self.read_room(lambda room: room.page(self.report, limit=MOST, offset=offset), take)

    def _answered(self, show: Callable[[], None], *, changes: bool) -> None:
        # Also of an answer that nobody sees any more: else the list would end there.
        self._reading = False
        super()._answered(show, changes=changes)

    # What it says

    def path_note(self) -> str:
        """How many rows there are."""
        if not self._loaded:
            return ""
        return self.kiosk.text("reports.rows", count=f"{len(self.rows)}{'+' if self._more else ''}")

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        self.retitle()
        shown = [self._row(number, row) for number, row in enumerate(self.rows)]
        empty = self.kiosk.text("reports.nothing" if self._loaded else "common.busy.line")
        self.query_one("#rows", Rows).show(shown, empty=empty)
        if self.standing is not None:
            line = self.query_one("#standing", Plain)
            line.display = True
            line.set_class(self.standing.due, "bad")
            line.show(self._how_it_stands(self.standing))
        self._show_rest()

    def _row(self, number: int, row: ReportRow) -> Row:
        return Row(str(number), tuple(Cell(text) for text in self._texts(row)[: self._fitting]))

    def _texts(self, row: ReportRow) -> list[str]:
        app = self.kiosk
        return [
            text_of(value, column, app.language, app.words.zone)
            for value, column in zip(row.values, COLUMNS[self.report], strict=True)
        ]

    def _how_it_stands(self, standing: Standing) -> str:
        app, review = self.kiosk, standing.review
        if review is None:
            return self._due(app.text("reports.review.never"))
        values = {"day": day(app, review.at), "by": printable(standing.by)}
        if not standing.due:
            return app.text("reports.review.done", **values)
        changed = review.digest != standing.digest
        return self._due(app.text("reports.review.changed" if changed else "reports.review.due", **values))

    def _due(self, why: str) -> str:
        """That it must be looked at, with the letter for whoever has it."""
        return f"! {why} {self.kiosk.text('reports.review.how')}" if self.may_sign_off else f"! {why}"

    def _show_rest(self) -> None:
        """The columns of the row under the cursor for which there is no room."""
        rest, row, columns = self.query_one("#rest", Plain), self.row, COLUMNS[self.report][self._fitting :]
        rest.display = bool(columns)
        if row is None or not columns:
            rest.show("")
            return
        texts = self._texts(row)[self._fitting :]
        pairs = zip(columns, texts, strict=True)
        rest.show("\n".join(f"{self.kiosk.text(f'reports.column.{one.name}'):<14} {text}" for one, text in pairs))

    # What a person does

    @property
    def _cursor(self) -> int:
        return int(self.query_one("#rows", Rows).current or 0)

    @property
    def row(self) -> ReportRow | None:
        """The row under the cursor."""
        return self.rows[self._cursor] if self._cursor < len(self.rows) else None

    def on_rows_moved(self) -> None:
        """Another row."""
        self._show_rest()
        self.show_actions()
        self._read_on()

    @property
    def loaded(self) -> bool:
        """Whether it was read."""
        return self._loaded

    @property
    def may_open(self) -> bool:
        """Enter: whether there is somebody to open, and this is an administrator."""
        return self._administers and self.row is not None and self.row.person_id is not None

    @property
    def may_sign_off(self) -> bool:
        """C: an auditor looks, an administrator answers for it."""
        return self._administers and self.standing is not None

    def action_first_action(self) -> None:
        """Enter opens or does nothing: what an auditor did not ask for is not written to a stick."""
        self.perform("enter")

    def open(self) -> None:
        """Enter."""
        from screens.administrator.card import CardPage  # noqa: PLC0415  each page when it is wanted

        row = self.row
        if row is not None and row.person_id is not None:
            self.message.clear()
            self.app.push_screen(CardPage(row.person_id, printable(surname_first(row.person))))

    def sign_off(self) -> None:
        """C: the rights of now were looked at."""
        assert self.standing is not None, "there is no letter for it before"
        self.message.clear()
        self.app.push_screen(SignOffPage(self.standing.digest, self.standing.people))

    def save(self) -> None:
        """E."""
        self.save_report(self.report)


class SignOffPage(ReasonForm):
    """C: a row of the log with who has which rights, and nothing is due for a quarter."""

    title_id = "reports.key.sign_off"
    path = ("home.title", "reports.title", "reports.name.special_rights")
    REASONS: ClassVar = ("with_manager", "with_list", "after_change")

    def __init__(self, digest: str, people: int) -> None:
        super().__init__()
        self._digest = digest
        self._people = people

    def explained(self) -> str:
        """What will be written down."""
        return self.kiosk.say(Sentence("reports.sign_off.explained", {"count": self._people}))

    def submit(self) -> None:
        """Enter."""
        if (why := self.why()) is not None:
            self.do(lambda office: self._sign(office, why), self._signed)

    def _sign(self, office: Office, why: Why) -> SignedOff:
        return rights.sign_off(office, why, seen=self._digest)

    def _signed(self, done: SignedOff) -> None:
        self.done(Sentence("reports.sign_off.done", {"count": done.people}), reference=done.reference)

    def refuse(self, error: AdministrationError | AccountError, again: Callable[[], None]) -> None:
        """Rights that were given meanwhile are to be seen first."""
        if not isinstance(error, ChangedMeanwhile):
            super().refuse(error, again)
        elif (below := self.go_back()) is not None:
            below.message.failure(Sentence("reports.sign_off.changed"))


def _columns_shown(report: Report) -> int:
    """How many columns of the list fit; the others are told under it."""
    left = _ROOM
    for number, column in enumerate(COLUMNS[report]):
        left -= column.width
        if left < 0:
            return number
    return len(COLUMNS[report])
