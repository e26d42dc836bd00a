"""Importeren: which list of those that lie in the exchange folder or on a stick."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult

from kiosk.accounts import AccountError
from kiosk.administration.errors import AdministrationError
from kiosk.administration.import_room import ImportKey, ImportRoom
from kiosk.exchange import FileThere, NoPlace, NotSaved
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asking import OfficePage
from screens.administrator.words import moment, sentence_of
from screens.aside import AsidePage
from screens.dense import Order
from screens.widgets.base import Line
from screens.widgets.rows import Cell, Column, Row, Rows

if TYPE_CHECKING:
    from kiosk.desk import Desk

_KILO = 1024


class ImportAside(AsidePage[ImportRoom], OfficePage):
    """A page of the import."""

    def key_of(self, desk: "Desk") -> ImportKey:
        """An administrator."""
        return desk.import_room()

    def sentence_of(self, error: Exception) -> Sentence | None:
        """What people can mend."""
        match error:
            case AdministrationError() | AccountError():
                return sentence_of(error)
            case NoPlace():
                return Sentence("bench.save.no_place")
            case NotSaved():
                return Sentence("bench.save.failed", {"why": error.why})
            case OSError():
                return Sentence("import.error.gone")
            case _:
                return None


class ImportPage(ImportAside):
    """Page 6 before a list is chosen."""

    title_id = "import.title"
    path = ("home.title",)
    AUTO_FOCUS = "#files"
    ORDERS: ClassVar = (
        Order(key="enter", label="import.key.trial", does="open", when="found"),
        Order(key="h", label="import.key.look", does="look"),
        Order(key="escape", label="home.title", does="action_back"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._files: dict[str, FileThere] | None = None

    def compose_body(self) -> ComposeResult:
        """What a list must be, and those that are there."""
        yield Line("import.columns", classes="quiet")
        yield Rows(
            (
                Column("import.column.file", 0),
                Column("import.column.place", 16),
                Column("import.column.size", 10, "right"),
                Column("import.column.at", 16),
            ),
            id="files",
            classes="fills gap",
        )

    def entered(self) -> None:
        """Look."""
        self.look()

    def on_screen_resume(self) -> None:
        """Another list may lie there by now."""
        self.look()

    def look(self) -> None:
        """H."""
        self.ask_aside(ImportRoom.files, self._take)

    def _take(self, found: list[FileThere]) -> None:
        self._files = {str(one.path): one for one in found}
        self.message.clear()
        self.refresh_words()
        self.show_actions()

    @property
    def found(self) -> bool:
        """Whether there is a list."""
        return bool(self._files)

    def refresh_words(self) -> None:
        """The lists."""
        self.retitle()
        if self._files is not None:
            rows = [self._row(key, one) for key, one in self._files.items()]
            self.query_one("#files", Rows).show(rows, empty=self.kiosk.text("import.no_files"))

    def _row(self, key: str, one: FileThere) -> Row:
        app = self.kiosk
        place = one.medium or app.text("import.folder")
        size = app.text("import.size", size=-(-one.size // _KILO))
        return Row(key, (Cell(one.path.name), Cell(place), Cell(size), Cell(moment(app, one.at))))

    def open(self) -> None:
        """Enter: try it."""
        from screens.administrator.trial import TrialPage  # noqa: PLC0415  each page when it is wanted

        key = self.query_one("#files", Rows).current
        if self._files and key in self._files:
            self.app.push_screen(TrialPage(self._files[key]))


def name_of(file: FileThere) -> str:
    """The file as a path names it."""
    return printable(file.path.name, maximum=30)
