"""Importeren, proef: what will happen with each row or what is wrong with it, then all of it or nothing."""

from collections.abc import Mapping
from dataclasses import replace
from typing import ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.content import Content

from kiosk.administration.authority import PageAuthority
from kiosk.administration.errors import Forbidden
from kiosk.administration.four_eyes import Wanted
from kiosk.administration.free_text import Why
from kiosk.administration.import_room import Attempt, ImportRoom, StillWrong
from kiosk.administration.importing import SEEN_KEPT, Imported, NotAllRight, Report
from kiosk.administration.lists import ENCODINGS
from kiosk.administration.lists import Column as CellOf
from kiosk.administration.rows import CHANGE, Outcome, Problem, SeenRow
from kiosk.exchange import FileThere
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.import_reason import ImportReasonPage, authority_of
from screens.administrator.importing import ImportAside, name_of
from screens.administrator.taken import Taken, place
from screens.dense import Order
from screens.page import on_screen
from screens.widgets.bar import Bar
from screens.widgets.base import Plain
from screens.widgets.rows import Cell, Column, Row, Rows
from screens.words import thousands

# So much of a row stands in one line.
_ROW_SHOWN: Final = 150
_DELIMITERS: Final = {"\t": "TAB"}
# In the order of the line of counts, and how each is told there.
_KINDS: Final = {
    Outcome.NEW: ("import.count.new", "$good"),
    Outcome.CHANGE: ("import.count.changed", "$good"),
    Outcome.SAME: ("import.count.same", "$quiet"),
    Outcome.WRONG: ("import.count.wrong", "$bad"),
}
_PROBLEM_COLUMNS: Final = (
    Column("import.column.line", 7, "right"),
    Column("import.column.column", 9),
    Column("import.column.value", 18),
    Column("import.column.wrong", 0),
    Column("import.column.cure", 16),
)
_ROW_COLUMNS: Final = (
    Column("import.column.line", 7, "right"),
    Column("import.column.name", 20),
    Column("import.column.display_name", 0),
    Column("import.column.was", 24),
)


class TrialPage(ImportAside):
    """Page 6. Tries at once; proposals that are taken are tried with the rest when it is imported."""

    title_id = "import.trial.title"
    AUTO_FOCUS = "#problems"
    ORDERS: ClassVar = (
        Order(key="enter", label="import.key.import", does="submit", when="right"),
        Order(key="j", label="import.key.take", does="take_one", when="curable"),
        Order(key="a", label="import.key.take_all", does="take_all", when="curable"),
        Order(key="f", label="import.key.filter", does="filter", when="several"),
        Order(key="e", label="import.key.save", does="save", when="wrong"),
        Order(key="b", label="slips.title", does="slips", when="added"),
        Order(key="s", label="bench.key.stop", does="stop", when="running"),
        Order(key="h", label="import.key.again", does="again", when="idle"),
        Order(key="escape", label="import.key.leave", does="action_back"),
    )

    def __init__(self, file: FileThere) -> None:
        super().__init__()
        self.file = file
        self.report: Report | None = None
        self.imported: Imported | None = None
        self.shown = Outcome.WRONG
        """Of what outcome the rows are that stand in the list."""
        self._taken = Taken()
        self._why: Why | None = None

    def path_names(self) -> list[str]:
        """Home, import, the file."""
        return [self.kiosk.text("home.title"), self.kiosk.text("import.title"), name_of(self.file)]

    def path_note(self) -> str:
        """That nothing was changed, as long as that is so."""
        return "" if self.imported is not None else self.kiosk.text("import.trial.note")

    def compose_body(self) -> ComposeResult:
        """What kind of file, how many rows, how far, what is wrong."""
        yield Plain(id="kind", classes="quiet")
        yield Plain(id="counts")
        yield Bar("import.progress", id="bar", classes="gap")
        yield Rows(_PROBLEM_COLUMNS, id="problems", classes="fills gap")
        yield Plain(id="whole", classes="quiet")
        yield Plain(id="whole-row", classes="quiet")
        yield Plain(id="rule", classes="quiet")

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.query_one(Bar).display = self.query_one("#rule").display = False

    def on_resize(self, event: events.Resize) -> None:
        """There may be room for all of the row now."""
        super().on_resize(event)
        self.call_after_refresh(self._show_whole)

    # Trying

    def entered(self) -> None:
        """Try it."""
        self._try()

    def again(self) -> None:
        """H: from the beginning; the file may be a better one now."""
        self._taken = Taken()
        self.do(authority_of, self._find_again)

    def _find_again(self, authority: PageAuthority) -> None:
        def take(found: list[FileThere]) -> None:
            self.file = next((one for one in found if one.path == self.file.path), self.file)
            self._try_as(authority)

        self.ask_aside(ImportRoom.files, take)

    def _try(self) -> None:
        self.do(authority_of, self._try_as)

    def _try_as(self, authority: PageAuthority) -> None:
        attempt = Attempt(authority, self.file, self._taken.accepts())
        self.imported = None
        self.ask_long(lambda room, progress, cancelled: room.trial(attempt, progress, cancelled), self._tried)

    def _tried(self, report: Report) -> None:
        self.report, self.shown = report, Outcome.WRONG

    # What can be done

    @property
    def idle(self) -> bool:
        """Whether nothing goes on."""
        return not self.running

    @property
    def wrong(self) -> bool:
        """Whether there is anything to hand back to whoever made the list."""
        return self.idle and self.report is not None and bool(self.report.problems)

    @property
    def curable(self) -> bool:
        """Whether there is a proposal that was not taken."""
        return (
            self.wrong
            and self.shown is Outcome.WRONG
            and any(one.cure is not None and one not in self._taken for one in self._problems)
        )

    @property
    def several(self) -> bool:
        """Whether there are rows of another outcome than those that are shown."""
        return self.idle and self.imported is None and self._next_shown is not self.shown

    @property
    def right(self) -> bool:
        """Whether it can be imported as far as is known: no row is wrong any more, and something would happen."""
        report = self.report
        if report is None or self.running or self.imported is not None:
            return False
        if self._taken.everything and report.wrong:
            return all(one.cure is not None for one in self._problems)
        return self._counted[Outcome.WRONG] == 0 and bool(report.new + report.changed + report.wrong)

    @property
    def added(self) -> bool:
        """Whether there are people now who have no password yet."""
        return self.imported is not None and self.imported.added > 0

    @property
    def _problems(self) -> tuple[Problem, ...]:
        return () if self.report is None else self.report.problems

    @property
    def _counted(self) -> Mapping[Outcome, int]:
        """How many rows of each outcome, with the proposals that were taken."""
        return {} if self.report is None else self._taken.counts(self.report)

    @property
    def _next_shown(self) -> Outcome:
        """The next outcome after the shown one that has rows; the wrong ones are shown also when all are mended."""
        counted, kinds = self._counted, [*_KINDS]
        begin = kinds.index(self.shown) + 1
        there = (one for one in kinds[begin:] + kinds[:begin] if counted.get(one) or one is Outcome.WRONG)
        return next(there, self.shown)

    # What it says

    def refresh_words(self) -> None:
        """What was found."""
        self.retitle()
        report, app = self.report, self.kiosk
        if report is None:
            return
        delimiter = _DELIMITERS.get(report.delimiter, report.delimiter)
        kind = app.text(
            "command.people.import.read",
            rows=report.rows,
            encoding=ENCODINGS[report.encoding],
            delimiter=delimiter,
        )
        self.query_one("#kind", Plain).show(kind)
        self.query_one("#counts", Plain).update(self._counts(report))
        rows = self.query_one("#problems", Rows)
        if self.shown is Outcome.WRONG:
            done = "import.slips" if self.added else "import.nobody_new"
            rows.columns = _PROBLEM_COLUMNS
            empty = app.text("import.all_right" if self.imported is None else done)
            rows.show([self._row(one) for one in self._problems], empty=empty)
        else:
            rows.columns = _ROW_COLUMNS
            rows.show([_seen(one) for one in self._taken.rows(report, self.shown)])
        self._show_rule(report)
        self._show_whole()

    def _show_rule(self, report: Report) -> None:
        """What must be so before the list can be imported; of another kind whether all rows are shown."""
        rule, app = self.query_one("#rule", Plain), self.kiosk
        if self.shown is Outcome.WRONG:
            rule.show(app.text("import.all_or_nothing"))
            rule.display = bool(report.wrong)
        else:
            rule.show(app.text("import.first", count=thousands(SEEN_KEPT)))
            rule.display = self._counted[self.shown] > SEEN_KEPT

    def _counts(self, report: Report) -> Content:
        """How many of each outcome; those that are shown stand in brackets."""
        app, counted, parts = self.kiosk, self._counted, []
        for outcome, (text_id, style) in _KINDS.items():
            words = app.text(text_id, count=counted[outcome])
            bracketed = f"[{words}]" if outcome is self.shown and self.imported is None else words
            parts.append(Content.styled(bracketed, style if counted[outcome] else "$quiet"))
        if report.shared_numbers:
            parts.append(Content.styled(app.text("import.count.shared", count=report.shared_numbers), "$here"))
        return Content("   ").join(parts)

    def _row(self, one: Problem) -> Row:
        cure = "-" if one.cure is None else self._cure(one.cure)
        sign = "■ " if one in self._taken else ""
        cells = (
            Cell(str(one.line)),
            Cell(_column(one) or "-"),
            Cell(one.value or self.kiosk.text("import.nothing")),
            Cell(self._words(one), "" if one in self._taken else "$bad"),
            Cell(f"{sign}{cure}", "$good" if one.cure is not None else "$quiet"),
        )
        return Row(_key(one), cells)

    def _told(self, one: Problem) -> list[str]:
        """A problem as whoever made the list reads it."""
        cure = "" if one.cure is None else self._cure(one.cure)
        return [str(one.line), _column(one), one.value, self._words(one), cure]

    def _cure(self, cure: str) -> str:
        return self.kiosk.text("import.change") if cure == CHANGE else cure

    def _words(self, one: Problem) -> str:
        app = self.kiosk
        own = f"import.wrong.{one.wrong.value}"
        text_id = own if app.language.has(own) else f"command.people.wrong.{one.wrong.value}"
        values = {"detail": one.detail} if "detail" in app.language.placeholders(text_id) else {}
        return app.text(text_id, **values)

    @on(Rows.Moved)
    def _show_whole(self) -> None:
        key = self.query_one("#problems", Rows).current
        one = next((one for one in self._problems if _key(one) == key), None)
        words = "" if one is None else f"{one.value}: {self._words(one)}"
        self.query_one("#whole", Plain).show(printable(words, maximum=150))
        self._show_whole_row(key)

    def _show_whole_row(self, key: str) -> None:
        """On a wide page the row as it stands in the list, without its number."""
        place = self.query_one("#whole-row", Plain)
        line = key.partition("/")[0]
        seen = () if self.report is None or not self.has_class("-wide") else self.report.rows_seen
        row = next((row for row in seen if str(row.line) == line), None)
        place.display = row is not None
        if row is not None:
            cells = "; ".join(filter(None, row.cells.values()))
            place.show(self.kiosk.text("import.row", line=row.line, cells=printable(cells, maximum=_ROW_SHOWN)))

    # What a person does

    def take_one(self) -> None:
        """J: the proposal of this row; the cursor goes on."""
        rows = self.query_one("#problems", Rows)
        one = next((one for one in self._problems if _key(one) == rows.current), None)
        if one is not None and one.cure is not None:
            self._taken.places.add(place(one))
            self.refresh_words()
            self.show_actions()
        rows.action_move(1)

    def take_all(self) -> None:
        """A: every proposal, also those that are not shown."""
        self._taken.everything = True
        self.refresh_words()
        self.show_actions()

    def filter(self) -> None:
        """F: the rows of the next outcome that there are."""
        self.shown = self._next_shown
        self.refresh_words()
        self.show_actions()

    def save(self) -> None:
        """E: what is wrong, for whoever made the list."""
        table = [[self.kiosk.text(column.label) for column in _PROBLEM_COLUMNS], *map(self._told, self._problems)]
        self.ask_aside(
            lambda room: room.save_problems(table),
            lambda name: self.message.success(Sentence("bench.save.done", {"file": printable(name)})),
        )

    def submit(self) -> None:
        """Enter: why."""
        self.app.push_screen(ImportReasonPage(self))

    def carry_out(self, why: Why, authority: PageAuthority) -> None:
        """All of it or nothing."""
        report, attempt = self.report, Attempt(authority, self.file, self._taken.accepts())
        assert report is not None, "there is no key for it before"
        self.imported, self._why = None, why
        self.ask_long(
            lambda room, progress, cancelled: room.carry_out(attempt, report, why, progress, cancelled),
            self._carried_out,
        )

    def _carried_out(self, done: Imported) -> None:
        self.imported, self.shown = done, Outcome.WRONG
        self.message.success(
            Sentence("import.done", {"added": done.added, "changed": done.changed, "reference": done.reference})
        )
        if self.report is not None:
            self.report = replace(self.report, new=done.added, changed=done.changed, wrong=0, problems=())

    def slips(self) -> None:
        """B: one-time passwords for the people of this import."""
        from screens.administrator.slips import SlipsPage  # noqa: PLC0415  each page when it is wanted

        assert self.imported is not None, "there is no letter for it before"
        self.app.push_screen(SlipsPage("home.title", "import.title", import_id=self.imported.import_id))

    def tell_error(self, error: Exception) -> None:
        """What is left of the problems is shown."""
        if isinstance(error, (StillWrong, NotAllRight)):
            self._taken = Taken()
            self.report, self.shown = error.report, Outcome.WRONG
            self.refresh_words()
        if isinstance(error, Forbidden) and error.wanted is not None and self._why is not None:
            self.show_actions()
            self.app.run_worker(self._ask_second_in_sight(error.wanted, self._why), group="aside")
            return
        super().tell_error(error)

    async def _ask_second_in_sight(self, wanted: Wanted, why: Why) -> None:
        # The list may have been read behind the lock, over which nothing opens.
        await self.kiosk.locking.over()
        if on_screen(self):
            self.ask_second(wanted, lambda: self.do(authority_of, lambda mine: self.carry_out(why, mine)))

    def waits(self, news: Sentence, reference: str) -> None:
        """Here: the same list is imported from this page once it is approved."""
        self.tell(news, reference=reference)


def _column(problem: Problem) -> str:
    return "" if problem.column is None else problem.column.value


def _seen(row: SeenRow) -> Row:
    cells = (row.cells.get(CellOf.NAME, ""), row.cells.get(CellOf.DISPLAY_NAME, ""), row.was)
    return Row(str(row.line), (Cell(str(row.line)), *map(Cell, cells)))


def _key(problem: Problem) -> str:
    return "/".join(map(str, place(problem)))
