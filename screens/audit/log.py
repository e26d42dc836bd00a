"""Logboek: what happened, newest first, however long the log is; search, filter, check, hand over."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kiosk.audit.periods import LogFilter, Period
from kiosk.audit.reading import AuditLine
from kiosk.audit.room import AuditRoom, LastCheck, Searched
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.audit.room_page import RoomPage
from screens.audit.words import (
    action_of,
    coded,
    details_of,
    result_of,
    short_moment,
    where_of,
    who_of,
    whom_of,
)
from screens.dense import Order
from screens.widgets.base import Plain
from screens.widgets.field import Field
from screens.widgets.long_rows import LongRows
from screens.widgets.rows import Cell, Column, Row
from screens.words import thousands

# From so many columns on the place has a column of its own.
WIDE = 96
_NARROW_COLUMNS = (
    Column("audit.column.when", 14),
    Column("audit.column.who", 14),
    Column("audit.column.what", 0),
    Column("audit.column.whom", 12),
    Column("audit.column.result", 12),
)
_PLACE = Column("audit.column.where", 16)


class LogPage(RoomPage):
    """Page 8. Shows a stretch of the log; more of it is read before the cursor comes to its end."""

    title_id = "audit.title"
    path = ("home.title",)
    AUTO_FOCUS = "#lines"
    ORDERS: ClassVar = (
        Order(key="/", label="audit.key.search", does="search", when="of_everybody"),
        Order(key="f", label="audit.key.filter", does="filter"),
        Order(key="c", label="audit.key.check", does="check"),
        Order(key="e", label="audit.key.export", does="export", when="found"),
        Order(key="?", label="dense.more", does="more", row=False),
        Order(key="escape", label="home.title", does="action_back", when="of_everybody"),
        Order(key="escape", label="audit.key.card", does="action_back", when="of_person"),
    )

    def __init__(self, person: str = "", name: str = "") -> None:
        """`person` is the id of somebody whose log it is to be, `name` how the card calls them."""
        super().__init__()
        self.name_shown = name
        self.chosen = LogFilter(period=Period.ALL, person=person) if person else LogFilter()
        self._count: int | None = None
        self._checked: LastCheck | None = None
        self._value: tuple[int, str] = (0, "")
        self._asking = False
        self._ask_again = False

    def path_names(self) -> list[str]:
        """Home and the log; of one person by way of the card."""
        card = [self.kiosk.text("people.title"), self.name_shown] if self.of_person else []
        return [self.kiosk.text("home.title"), *card, self.kiosk.text("audit.title")]

    def compose_body(self) -> ComposeResult:
        """Search field, what is chosen, the lines, all of one line."""
        with Horizontal(id="search-row"):
            yield Field("audit.search.label", id="search", maximum_length=64, classes="compact inline")
            yield Plain(id="count", classes="quiet")
        yield Plain(id="chosen", classes="quiet")
        yield LongRows(_NARROW_COLUMNS, id="lines", classes="fills")
        with Vertical(id="detail", classes="box"):
            yield Plain(id="detail-lines")

    def on_mount(self) -> None:
        """Of one person there is nobody to look for."""
        self.query_one("#search", Field).display = self.of_everybody
        self.refresh_words()

    def on_resize(self, event: events.Resize) -> None:
        """A wide page has a column for the place."""
        super().on_resize(event)
        wide = event.size.width >= WIDE
        self._lines.columns = (*_NARROW_COLUMNS[:2], _PLACE, *_NARROW_COLUMNS[2:]) if wide else _NARROW_COLUMNS
        self._show_lines()

    @property
    def _lines(self) -> "LongRows[AuditLine]":
        return self.query_one("#lines", LongRows)

    @property
    def _zone(self) -> ZoneInfo:
        return ZoneInfo(self.kiosk.facts.time_zone)

    # Reading

    def entered(self) -> None:
        """The newest lines."""
        self.ask()

    def on_screen_resume(self) -> None:
        """Back from a check: that is the last one now."""
        self.ask_aside(AuditRoom.last_check, self._take_check)

    def ask(self) -> None:
        """Look for what is typed and chosen now; one question at a time."""
        if self._asking:
            self._ask_again = True
            return
        self._asking, self._ask_again = True, False
        self.message.note(Sentence("audit.searching"))
        now, zone = self.kiosk.clock.now_ms(), self._zone
        asked = self.chosen.asked(self.query_one("#search", Field).value.strip(), now=now, zone=zone)
        self.ask_aside(lambda room: (room.search(asked), room.last_check()), self._take, self._not_taken)

    def _take(self, answer: tuple[Searched, LastCheck | None]) -> None:
        found, self._checked = answer
        self._asking = False
        if self._ask_again:
            self.ask()
            return
        self.message.clear()
        self._count = found.count
        self._lines.begin(found.lines, whole=len(found.lines) >= found.count)
        self.refresh_words()
        self.show_actions()

    def _not_taken(self) -> None:
        self._asking = False
        if self._ask_again:
            self.ask()

    def _take_check(self, checked: LastCheck | None) -> None:
        self._checked = checked
        self.retitle()

    @on(LongRows.Wanted)
    def _wanted(self, event: "LongRows.Wanted") -> None:
        event.stop()
        edge, which = event.edge, event.which

        def read(room: AuditRoom) -> tuple[AuditLine, ...]:
            match which:
                case "older":
                    return room.older(edge)
                case "newer":
                    return room.newer(edge)
                case "oldest":
                    return room.oldest()
                case _:
                    return room.newest()

        self.ask_aside(read, lambda lines: self._lines.take(which, lines), self._lines.give_up)

    # What it says

    def path_note(self) -> str:
        """How the last check of the chain ended, and when."""
        checked = self._checked
        if checked is None:
            return self.kiosk.text("audit.never_checked")
        app = self.kiosk
        day = app.words.day(checked.at, app.clock.now_ms())
        verdict = coded(app, "audit.verdict", checked.result)
        return app.say(Sentence("audit.last_check", {"day": day, "time": checked.at, "result": verdict}))

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        self.retitle()
        app = self.kiosk
        if self._count is not None:
            self.query_one("#count", Plain).show(app.text("audit.found", count=thousands(self._count)))
        self.query_one("#chosen", Plain).show(self._chosen_words())
        self._show_lines()

    def _chosen_words(self) -> str:
        app, chosen = self.kiosk, self.chosen
        period = app.text(f"audit.period.{chosen.period.value}")
        if chosen.period is Period.OWN:
            period = f"{chosen.since or '-'} -> {chosen.until or '-'}"
        parts = [app.text(f"audit.kind.{chosen.kind.value}"), period, chosen.desk or app.text("audit.desk.all")]
        if chosen.without_own:
            parts.append(app.text("audit.without_own.short"))
        return " · ".join(map(printable, parts))

    def _show_lines(self) -> None:
        self._lines.present(self._row, empty=self.kiosk.text("audit.none_found"))
        self._show_detail()

    def _row(self, line: AuditLine) -> Row:
        app = self.kiosk
        result, style = result_of(app, line)
        when = Cell(short_moment(line.at_wall, self._zone), "$here" if line.clock_uncertain else "")
        own = line.event is not None and line.event.actor == self.reader_id
        who = f"{who_of(line)} ({app.text('audit.own')})" if own else who_of(line)
        cells = [when, Cell(who), Cell(action_of(app, line)), Cell(whom_of(line)), Cell(result, style)]
        if len(self._lines.columns) > len(cells):
            cells.insert(2, Cell(where_of(line)))
        return Row(str(line.seq), tuple(cells))

    @on(LongRows.Moved)
    def _moved(self) -> None:
        self._show_detail()

    def _show_detail(self) -> None:
        line = self._lines.line
        box = self.query_one("#detail", Vertical)
        box.display = line is not None
        if line is None:
            return
        seq, value = self._value
        box.border_title = self.kiosk.text("audit.detail.title", seq=thousands(line.seq), reference=line.reference)
        lines = details_of(self.kiosk, line, self._zone, value if seq == line.seq else "")
        self.query_one("#detail-lines", Plain).show("\n".join(lines))
        if seq != line.seq and not self._asking:
            self._ask_value(line.seq)

    def _ask_value(self, seq: int) -> None:
        def take(value: str) -> None:
            self._asking = False
            self._value = (seq, value)
            if self._ask_again:
                self.ask()
            else:
                self._show_detail()

        self._asking = True
        self.ask_aside(lambda room: room.value(seq), take, self._not_taken)

    # What a person does

    @property
    def of_person(self) -> bool:
        """Whether it is the log of one person alone."""
        return bool(self.chosen.person)

    @property
    def of_everybody(self) -> bool:
        """Whether it is the whole log."""
        return not self.of_person

    @property
    def found(self) -> bool:
        """Whether there is something to hand over."""
        return bool(self._count)

    def search(self) -> None:
        """/."""
        self.query_one("#search", Field).focus()

    @on(Field.Submitted, "#search")
    def _submitted(self) -> None:
        self._lines.focus()
        self.ask()

    def filter(self) -> None:
        """F."""
        from screens.audit.filter import FilterPage  # noqa: PLC0415  each page when it is wanted

        self.app.push_screen(FilterPage(self.chosen, self._choose))

    def _choose(self, chosen: LogFilter) -> None:
        self.chosen = chosen
        self.ask()

    def check(self) -> None:
        """C."""
        from screens.audit.check import CheckPage  # noqa: PLC0415  as above

        self.app.push_screen(CheckPage())

    def export(self) -> None:
        """E."""
        from screens.audit.hand_over import HandOverPage  # noqa: PLC0415  as above

        text = self.query_one("#search", Field).value.strip()
        self.app.push_screen(HandOverPage(self.chosen, text, self._count or 0))

    def action_back(self) -> None:
        """Esc: the search text first, then the page."""
        field = self.query_one("#search", Field)
        if field.value:
            field.clear()
            self._lines.focus()
            self.ask()
        else:
            self.app.pop_screen()
