"""Importeren, proef: what will happen with each row or what is wrong with it, then all of it or nothing."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from kiosk.administration.authority import Act, PageAuthority, check
from kiosk.administration.changing import Office
from kiosk.administration.free_text import Why
from kiosk.administration.import_room import Attempt, ImportRoom, StillWrong
from kiosk.administration.importing import Imported, NotAllRight, Report
from kiosk.administration.rows import CHANGE, Problem
from kiosk.exchange import FileThere
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.importing import ImportAside, name_of
from screens.administrator.reason_form import ReasonForm
from screens.dense import Order
from screens.widgets.bar import Bar
from screens.widgets.base import Line, Plain
from screens.widgets.rows import Cell, Column, Row, Rows

_DELIMITERS: Final = {"\t": "TAB"}
Place = tuple[int, str, str]
"""Line, column and what is wrong: a problem, whichever trial found it."""


class TrialPage(ImportAside):
    """Page 6. Tries at once; proposals that are taken are tried with the rest when it is imported."""

    title_id = "import.trial.title"
    AUTO_FOCUS = "#problems"
    ORDERS: ClassVar = (
        Order(key="enter", label="import.key.import", does="submit", when="right"),
        Order(key="j", label="import.key.take", does="take_one", when="curable"),
        Order(key="a", label="import.key.take_all", does="take_all", when="curable"),
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
        self._taken: set[Place] = set()
        self._all = False

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
        yield Rows(
            (
                Column("import.column.line", 7, "right"),
                Column("import.column.column", 9),
                Column("import.column.value", 18),
                Column("import.column.wrong", 0),
                Column("import.column.cure", 16),
            ),
            id="problems",
            classes="fills gap",
        )
        yield Plain(id="whole", classes="quiet")
        yield Line("import.all_or_nothing", id="rule", classes="quiet")

    def on_mount(self) -> None:
        """Nothing is known yet."""
        self.query_one(Bar).display = self.query_one("#rule").display = False

    # Trying

    def entered(self) -> None:
        """Try it."""
        self._try()

    def again(self) -> None:
        """H: from the beginning; the file may be a better one now."""
        self._taken, self._all = set(), False
        self.do(_authority, self._find_again)

    def _find_again(self, authority: PageAuthority) -> None:
        def take(found: list[FileThere]) -> None:
            self.file = next((one for one in found if one.path == self.file.path), self.file)
            self._try_as(authority)

        self.ask_aside(ImportRoom.files, take)

    def _try(self) -> None:
        self.do(_authority, self._try_as)

    def _try_as(self, authority: PageAuthority) -> None:
        attempt = Attempt(authority, self.file, self._accepts())
        self.imported = None
        self.ask_long(lambda room, progress, cancelled: room.trial(attempt, progress, cancelled), self._tried)

    def _tried(self, report: Report) -> None:
        self.report = report

    def _accepts(self) -> Callable[[Problem], bool]:
        taken, everything = frozenset(self._taken), self._all
        return lambda problem: everything or _place(problem) in taken

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
        return self.wrong and any(one.cure is not None and not self._is_taken(one) for one in self._problems)

    @property
    def right(self) -> bool:
        """Whether it can be imported as far as is known: no row is wrong any more, and something would happen."""
        report = self.report
        if report is None or self.running or self.imported is not None:
            return False
        if self._all and report.wrong:
            return all(one.cure is not None for one in self._problems)
        return self._wrong_left == 0 and bool(report.new + report.changed + report.wrong)

    @property
    def added(self) -> bool:
        """Whether there are people now who have no password yet."""
        return self.imported is not None and self.imported.added > 0

    @property
    def _problems(self) -> tuple[Problem, ...]:
        return () if self.report is None else self.report.problems

    @property
    def _wrong_left(self) -> int:
        """Rows that are still wrong."""
        if self.report is None:
            return 0
        by_line: dict[int, bool] = {}
        for one in self._problems:
            by_line[one.line] = by_line.get(one.line, True) and self._is_taken(one)
        return self.report.wrong - sum(by_line.values())

    def _is_taken(self, problem: Problem) -> bool:
        return problem.cure is not None and (self._all or _place(problem) in self._taken)

    # What it says

    def refresh_words(self) -> None:
        """What was found."""
        self.retitle()
        report, app = self.report, self.kiosk
        self.query_one("#rule").display = report is not None and bool(report.wrong)
        if report is None:
            return
        delimiter = _DELIMITERS.get(report.delimiter, report.delimiter)
        kind = app.text("command.people.import.read", rows=report.rows, encoding=report.encoding, delimiter=delimiter)
        self.query_one("#kind", Plain).show(kind)
        self.query_one("#counts", Plain).update(self._counts(report))
        done = "import.slips" if self.added else "import.nobody_new"
        empty = app.text("import.all_right" if self.imported is None else done)
        self.query_one("#problems", Rows).show([self._row(one) for one in self._problems], empty=empty)
        self._show_whole()

    def _counts(self, report: Report) -> Content:
        app, left = self.kiosk, self._wrong_left
        parts = [
            Content.styled(app.text("import.count.new", count=report.new), "$good"),
            Content.styled(app.text("import.count.changed", count=report.changed), "$good"),
            Content.styled(app.text("import.count.same", count=report.same), "$quiet"),
            Content.styled(app.text("import.count.wrong", count=left), "$bad" if left else "$quiet"),
        ]
        if report.shared_numbers:
            parts.append(Content.styled(app.text("import.count.shared", count=report.shared_numbers), "$here"))
        return Content("   ").join(parts)

    def _row(self, one: Problem) -> Row:
        column = "-" if one.column is None else one.column.value
        cure = self.kiosk.text("import.change") if one.cure == CHANGE else one.cure or "-"
        sign = "■ " if self._is_taken(one) else ""
        cells = (
            Cell(str(one.line)),
            Cell(column),
            Cell(one.value or self.kiosk.text("import.nothing")),
            Cell(self._words(one), "" if self._is_taken(one) else "$bad"),
            Cell(f"{sign}{cure}", "$good" if one.cure is not None else "$quiet"),
        )
        return Row(_key(one), cells)

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

    # What a person does

    def take_one(self) -> None:
        """J: the proposal of this row; the cursor goes on."""
        rows = self.query_one("#problems", Rows)
        one = next((one for one in self._problems if _key(one) == rows.current), None)
        if one is not None and one.cure is not None:
            self._taken.add(_place(one))
            self.refresh_words()
            self.show_actions()
        rows.action_move(1)

    def take_all(self) -> None:
        """A: every proposal, also those that are not shown."""
        self._all = True
        self.refresh_words()
        self.show_actions()

    def save(self) -> None:
        """E: what is wrong, for whoever made the list."""
        problems, words = self._problems, {_key(one): self._words(one) for one in self._problems}
        self.ask_aside(
            lambda room: room.save_problems(problems, lambda one: words[_key(one)]),
            lambda name: self.message.success(Sentence("bench.save.done", {"file": printable(name)})),
        )

    def submit(self) -> None:
        """Enter: why."""
        self.app.push_screen(ImportReasonPage(self))

    def carry_out(self, why: Why, authority: PageAuthority) -> None:
        """All of it or nothing."""
        report, attempt = self.report, Attempt(authority, self.file, self._accepts())
        assert report is not None, "there is no key for it before"
        self.imported = None
        self.ask_long(
            lambda room, progress, cancelled: room.carry_out(attempt, report, why, progress, cancelled),
            self._carried_out,
        )

    def _carried_out(self, done: Imported) -> None:
        self.imported = done
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
            self._all, self._taken = False, set()
            self.report = error.report
            self.refresh_words()
        super().tell_error(error)

    def action_back(self) -> None:
        """Esc; what runs is stopped first."""
        if self.running:
            self.stop()
        else:
            self.app.pop_screen()


class ImportReasonPage(ReasonForm):
    """Why the list is imported; the administrator proves first who it is, when that is long ago."""

    title_id = "import.reason.title"
    path = ("home.title", "import.title")
    REASONS = ("new_colleague", "name_changed", "temporary_help")

    def __init__(self, trial: TrialPage) -> None:
        super().__init__()
        self._trial = trial

    def explained(self) -> str:
        """Which list is imported."""
        return self.kiosk.text("import.explained", file=name_of(self._trial.file))

    def submit(self) -> None:
        """Enter."""
        why = self.why()
        if why is None:
            return

        def go(authority: PageAuthority) -> None:
            self.close()
            self._trial.carry_out(why, authority)

        self.do(_may_import, go)


def _authority(office: Office) -> PageAuthority:
    assert isinstance(office.authority, PageAuthority), "a desk knows no other"
    return office.authority


def _may_import(office: Office) -> PageAuthority:
    # Here, so that the form asks for a second administrator where the site wants one.
    check(office.site, office.authority, Act.IMPORT, None, office.site.clock.now())
    return _authority(office)


def _place(problem: Problem) -> Place:
    return problem.line, "" if problem.column is None else problem.column.value, problem.wrong.value


def _key(problem: Problem) -> str:
    return "/".join(map(str, _place(problem)))
