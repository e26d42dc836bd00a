"""Rapporten: every report in one figure, what it was a week ago, and the SMS of the last days per network."""

from collections.abc import Callable
from functools import partial
from typing import ClassVar, Final, TypeVar

from textual import events
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer

from kiosk.language import printable
from kiosk.reports.counting import KEPT_PER_DAY
from kiosk.reports.report import Figure, NetworkWeek, Page, Report, ReportRow, digit_of
from kiosk.reports.room import ReportRoom
from kiosk.reports.words import NOTED, NOTHING, change_of, count_of
from screens.administrator.asking import OfficePage
from screens.administrator.words import day
from screens.dense import Order
from screens.widgets.base import Plain
from screens.widgets.rows import Cell, Column, Row, Rows

T = TypeVar("T")

# The first names of a report under the list, where there is room.
FIRST: Final = 10
# A name of them, and how many stand beside each other.
_NAME: Final = 28
_BESIDE: Final = 3
# The longest bar of a day, in cells.
_BAR: Final = 6
_NETWORKS: Final = 3
# A cursor that goes by reads nobody's names: it rests so long first.
REST_SECONDS: Final = 0.4


class RoomPage(OfficePage):
    """Asks the reports of whoever is signed in, who may be an auditor."""

    def read_room(self, question: Callable[[ReportRoom], T], then: Callable[[T], None]) -> None:
        """Look something up; it wants no fresh second factor."""
        self._ask(lambda desk: question(desk.reports()), then, lambda: self.read_room(question, then))

    def save_report(self, report: Report) -> None:
        """Save all rows where the site says, on a page of its own."""
        from screens.administrator.report_saving import SavingPage  # noqa: PLC0415  each page when it is wanted

        self.message.clear()
        self.app.push_screen(SavingPage(report))


class ReportsPage(RoomPage):
    """Page 7. Old figures stand there until the new ones come, each by itself: one that fails leaves the others alone."""

    title_id = "reports.title"
    path = ("home.title",)
    AUTO_FOCUS = "#reports"
    ORDERS: ClassVar = (
        Order(key="enter", label="reports.key.open", does="open", when="loaded"),
        Order(key="e", label="reports.key.save", does="save", when="loaded"),
        Order(key="h", label="reports.key.again", does="count"),
        Order(key="?", label="dense.more", does="more", row=False),
        Order(key="escape", label="home.title", does="action_back"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.reports: tuple[Report, ...] = ()
        self.figures: dict[Report, Figure] = {}
        self._failed: set[Report] = set()
        self._weeks: list[NetworkWeek] = []
        self._first: dict[Report, tuple[ReportRow, ...]] = {}
        self._read: set[Report] = set()
        self._rest: Timer | None = None

    def compose_body(self) -> ComposeResult:
        """The reports, who is in the one under the cursor, the last days of the networks."""
        yield Rows(
            (
                Column("", 3),
                Column("reports.column.report", 0),
                Column("reports.column.count", 8, "right"),
                Column("", 1),
                Column("reports.column.change", 22),
            ),
            id="reports",
        )
        with Vertical(id="first-names", classes="box"):
            yield Plain(id="first")
        yield Plain(id="weeks", classes="gap")

    def on_mount(self) -> None:
        """What was counted last, and then anew."""
        self.read_room(lambda room: (room.reports, room.kept()), self._begin)

    def on_screen_resume(self) -> None:
        """Back from a list, where somebody may have been helped."""
        if self.reports:
            self._first.clear()
            self.count()

    def _begin(self, found: tuple[tuple[Report, ...], dict[Report, Figure]]) -> None:
        self.reports, self.figures = found
        self.refresh_words()
        self.show_actions()
        self.count()

    def count(self) -> None:
        """H: every figure anew, each in a question of its own."""
        for report in self.reports:
            self.read_room(partial(_counted, report), self._take)
        self.read_room(lambda room: room.week(), self._take_weeks)

    def _take(self, answer: tuple[Report, Figure | None]) -> None:
        report, figure = answer
        self._failed.discard(report)
        if figure is None:
            self._failed.add(report)
        else:
            self.figures[report] = figure
        self.refresh_words()

    def _take_weeks(self, weeks: list[NetworkWeek]) -> None:
        self._weeks = weeks
        self.refresh_words()

    # What it says

    def path_note(self) -> str:
        """When it was counted; the oldest moment, while some are old."""
        if not self.figures:
            return ""
        at = min(figure.at for figure in self.figures.values())
        return f"{day(self.kiosk, at)} {self.kiosk.words.moment(at)}"

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        self.retitle()
        self.query_one("#reports", Rows).show([self._row(report) for report in self.reports])
        self.query_one("#weeks", Plain).update(Content("\n").join(map(self._week, self._weeks[:_NETWORKS])))
        self._show_first()

    def _row(self, report: Report) -> Row:
        app, figure = self.kiosk, self.figures.get(report)
        needs = figure is not None and figure.needs
        sign = f"{'!' if needs else ' '}{digit_of(report) or '·'}"
        count = NOTHING if figure is None else count_of(figure, app.language)
        beside = Cell("") if figure is None else self._beside(figure)
        if report in self._failed:
            beside = Cell(app.text("reports.failed"), "$bad")
        style = "$bad" if needs else "$quiet" if figure is None or figure.old else ""
        return Row(
            report.value,
            (
                Cell(sign, "$bad" if needs else "$here"),
                Cell(app.text(f"reports.name.{report.value}")),
                Cell(count, style),
                Cell(""),
                beside,
            ),
        )

    def _beside(self, figure: Figure) -> Cell:
        app = self.kiosk
        if figure.old:
            return Cell(app.words.moment(figure.at), "$quiet")
        if figure.report in NOTED:
            name = NOTED[figure.report]
            if figure.noted is None:
                return Cell(app.text(f"reports.noted.never_{name}"), "$bad")
            noted = app.text(f"reports.noted.{name}", day=day(app, figure.noted))
            return Cell(noted, "$bad" if figure.needs else "")
        if figure.count == 0 and figure.report in KEPT_PER_DAY:
            return Cell(app.text("reports.none"), "$good")
        change = change_of(figure, app.language)
        arrow = (
            ""
            if figure.before in {None, figure.count}
            else "▲ "
            if (figure.count or 0) > (figure.before or 0)
            else "▼ "
        )
        return Cell(arrow + change)

    def _week(self, week: NetworkWeek) -> Content:
        app = self.kiosk
        most = max(1, *(given for one in self._weeks for _, given in one.days))
        parts = [f"{printable(week.network)[:9]:<9} "]
        for weekday, given in week.days:
            bar = "■" * (-(-given * _BAR // most)) or "·"
            parts.append(f"{app.text(f'reports.weekday.{weekday}')} {bar:<{_BAR}} {given:<3} ")
        parts.append(app.text("reports.failed_count", count=week.failed))
        return Content("".join(parts).rstrip())

    # Who is in the report under the cursor, on a wide screen

    def on_rows_moved(self) -> None:
        """Another report."""
        self._show_first()

    def on_resize(self, event: events.Resize) -> None:
        """There may be room now."""
        super().on_resize(event)
        self.call_after_refresh(self._show_first)

    def _show_first(self) -> None:
        if self._rest is not None:
            self._rest.stop()
            self._rest = None
        box, report = self.query_one("#first-names", Vertical), self.current
        box.display = self.has_class("-wide") and self.has_class("-high") and report is not None
        if not box.display or report is None:
            return
        box.border_title = self.kiosk.text("reports.first")
        lines = self.query_one("#first", Plain)
        if report not in self._first:
            lines.show("")
            self._rest = self.set_timer(REST_SECONDS, partial(self._read_first, report))
            return
        names = [f"{printable(str(row.person or row.values[0]))[:_NAME]:<{_NAME}}" for row in self._first[report]]
        beside = [" ".join(names[place : place + _BESIDE]) for place in range(0, len(names), _BESIDE)]
        lines.show("\n".join(beside) or self.kiosk.text("reports.nothing"))

    def _read_first(self, report: Report) -> None:
        """The cursor rests on it; what lies under another page is not looked at."""
        if not self.is_current:
            return
        again = report in self._read

        def take(page: Page) -> None:
            self._read.add(report)
            self._first[report] = page.rows
            self._show_first()

        self.read_room(lambda room: room.page(report, limit=FIRST, again=again), take)

    # What a person does

    @property
    def loaded(self) -> bool:
        """Whether there is something to open."""
        return bool(self.reports)

    @property
    def current(self) -> Report | None:
        """The report under the cursor."""
        key = self.query_one("#reports", Rows).current
        return Report(key) if key else None

    def on_key(self, event: events.Key) -> None:
        """A digit opens its report."""
        found = next((one for one in self.reports if event.character and digit_of(one) == event.character), None)
        if found is not None and self.is_current:
            event.stop()
            self.query_one("#reports", Rows).put_cursor(found.value)
            self.open()

    def open(self) -> None:
        """Enter."""
        from screens.administrator.report_list import ListPage  # noqa: PLC0415  each page when it is wanted

        report = self.current
        if report is not None:
            self.message.clear()
            self.app.push_screen(ListPage(report, self._read))

    def save(self) -> None:
        """E: the report under the cursor."""
        if (report := self.current) is not None:
            self.save_report(report)


def _counted(report: Report, room: ReportRoom) -> tuple[Report, Figure | None]:
    return report, room.try_figure(report)
