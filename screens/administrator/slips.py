"""Briefjes: one-time passwords for everybody who was invited, in a file to print; none of them is shown here."""

from typing import ClassVar, Final

from textual.app import ComposeResult

from kiosk.administration.authority import PageAuthority
from kiosk.administration.changing import Office
from kiosk.administration.errors import NothingToDo
from kiosk.administration.free_text import Why
from kiosk.administration.importing import Stopped
from kiosk.administration.slip_file import SlipFile
from kiosk.administration.slips import Awaiting, awaiting, check_slips
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.import_reason import authority_of
from screens.administrator.importing import ImportAside
from screens.administrator.reason_form import ReasonForm
from screens.administrator.words import surname_first
from screens.dense import Order
from screens.widgets.bar import Bar
from screens.widgets.base import Line, Plain
from screens.widgets.rows import Cell, Column, Row, Rows
from screens.words import thousands

# So many are shown; slips are made of all.
MOST: Final = 300
# So many names fit in the line under the list.
_NAMED: Final = 150


class SlipsPage(ImportAside):
    """Who waits for a slip, of one import when it is given."""

    title_id = "slips.title"
    AUTO_FOCUS = "#waiting"
    ORDERS: ClassVar = (
        Order(key="enter", label="slips.key.make", does="submit", when="wanted"),
        Order(key="s", label="bench.key.stop", does="stop", when="running"),
        Order(key="?", label="dense.more", does="more", row=False),
        Order(key="escape", label="import.key.leave", does="action_back"),
    )

    def __init__(self, *path: str, import_id: str | None = None) -> None:
        """`path` are the ids of the pages above this one."""
        super().__init__()
        self.path = path
        self.awaiting: Awaiting | None = None
        self.made: SlipFile | None = None
        self.import_id = import_id

    def compose_body(self) -> ComposeResult:
        """What is made and where it goes, how far it is, who gets one."""
        yield Line("slips.explained", classes="quiet")
        yield Plain(id="where", classes="quiet")
        yield Bar("slips.progress", id="bar", classes="gap")
        yield Rows(
            (Column("people.column.name", 0), Column("people.column.user", 24)), id="waiting", classes="fills gap"
        )
        yield Plain(id="skipped", classes="bad")
        yield Line("slips.after", id="after", classes="here")

    def on_mount(self) -> None:
        """Who waits."""
        for one in ("#bar", "#skipped", "#after"):
            self.query_one(one).display = False
        self.look()

    def look(self) -> None:
        """Read it again."""
        import_id = self.import_id
        self.read(lambda office: awaiting(office.site, import_id=import_id, limit=MOST), self._take)

    def _take(self, found: Awaiting) -> None:
        self.awaiting = found
        self.refresh_words()
        self.show_actions()

    @property
    def wanted(self) -> bool:
        """Whether somebody waits."""
        return not self.running and self.awaiting is not None and bool(self.awaiting.count)

    def path_note(self) -> str:
        """How many wait."""
        found = self.awaiting
        return "" if found is None else self.kiosk.text("people.total", count=thousands(found.count))

    def refresh_words(self) -> None:
        """Who waits, and what was made."""
        self.retitle()
        found, app = self.awaiting, self.kiosk
        if found is None:
            return
        self.query_one("#where", Plain).show(app.text("slips.where", hours=found.hours))
        rows = [Row(one.id, (Cell(surname_first(one.display_name)), Cell(one.name))) for one in found.people]
        self.query_one("#waiting", Rows).show(rows, empty=app.text("slips.nobody"))
        made = self.made
        self.query_one("#after").display = made is not None
        skipped = self.query_one("#skipped", Plain)
        skipped.display = made is not None and bool(made.skipped)
        if made is not None and made.skipped:
            names = printable(", ".join(made.skipped), maximum=_NAMED)
            skipped.show(app.text("slips.skipped", names=names))

    # Making them

    def submit(self) -> None:
        """Enter: why."""
        assert self.awaiting is not None, "there is no key for it before"
        self.app.push_screen(SlipsReasonPage(self, self.awaiting.count))

    def carry_out(self, why: Why, authority: PageAuthority) -> None:
        """All of them or none."""
        assert self.awaiting is not None, "there is no key for it before"
        total, import_id = self.awaiting.count, self.import_id
        self.made = None
        self.ask_long(
            lambda room, progress, cancelled: room.make_slips(
                authority, why, import_id, lambda done: progress(done, total), cancelled
            ),
            self._made,
        )

    def _made(self, made: SlipFile) -> None:
        self.made = made
        self.message.success(
            Sentence("slips.done", {"count": made.made, "file": printable(made.name), "reference": made.reference})
        )
        self.look()

    def sentence_of(self, error: Exception) -> Sentence | None:
        """What nobody was given."""
        match error:
            case Stopped():
                return Sentence("slips.error.stopped")
            case NothingToDo():
                return Sentence("slips.error.nobody")
            case _:
                return super().sentence_of(error)


class SlipsReasonPage(ReasonForm):
    """Why they are made; the administrator proves first who it is, when that is long ago."""

    title_id = "slips.reason.title"
    REASONS = ("new_colleague", "temporary_help")

    def __init__(self, slips: SlipsPage, count: int) -> None:
        super().__init__()
        self.path = slips.path
        self._slips = slips
        self._count = count

    def explained(self) -> str:
        """How many get one."""
        return self.kiosk.text("slips.reason.explained", count=thousands(self._count))

    def submit(self) -> None:
        """Enter."""
        why = self.why()
        if why is None:
            return

        def go(authority: PageAuthority) -> None:
            self.close()
            self._slips.carry_out(why, authority)

        import_id = self._slips.import_id

        def may_make(office: Office) -> PageAuthority:
            # Here, so that the form asks for a second administrator where the site wants one.
            check_slips(office, why, import_id=import_id)
            return authority_of(office)

        self.do(may_make, go)
