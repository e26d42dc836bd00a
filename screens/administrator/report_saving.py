"""Saving a report: how far it is, and what came of it with its checksum; what is left before that is not there at all."""

from typing import TYPE_CHECKING, ClassVar

from textual.app import ComposeResult
from textual.content import Content

from kiosk.accounts import AccountError
from kiosk.administration.errors import AdministrationError
from kiosk.exchange import NoPlace, NotSaved
from kiosk.language import printable
from kiosk.reports.report import Report
from kiosk.reports.room import Saved, SavingStopped
from kiosk.reports.saving_room import SavingKey, SavingRoom
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asking import OfficePage
from screens.administrator.words import sentence_of
from screens.aside import AsidePage
from screens.dense import Order
from screens.widgets.bar import Bar
from screens.widgets.base import Line, Plain
from screens.words import checksum

if TYPE_CHECKING:
    from kiosk.desk import Desk


class SavingPage(AsidePage[SavingRoom], OfficePage):
    """E on a report: begins at once."""

    title_id = "reports.key.save"
    path = ("home.title", "reports.title")
    ORDERS: ClassVar = (
        Order(key="s", label="bench.key.stop", does="stop", when="running"),
        Order(key="escape", label="reports.title", does="action_back"),
    )

    def __init__(self, report: Report) -> None:
        super().__init__()
        self.report = report
        self._done: Saved | None = None

    def key_of(self, desk: "Desk") -> SavingKey:
        """Whoever reads it."""
        return desk.saving_room()

    def sentence_of(self, error: Exception) -> Sentence | None:
        """What people can mend."""
        match error:
            case SavingStopped():
                return Sentence("audit.export.cancelled")
            case NoPlace():
                return Sentence("bench.save.no_place")
            case NotSaved():
                return Sentence("bench.save.failed", {"why": error.why})
            case AdministrationError() | AccountError():
                return sentence_of(error)
            case _:
                return None

    def compose_body(self) -> ComposeResult:
        """Which report, how far, what came of it."""
        yield Line(f"reports.name.{self.report.value}", classes="gap")
        yield Bar("audit.check.progress", id="bar", classes="gap")
        yield Plain(id="done", classes="gap")

    def on_mount(self) -> None:
        """Nothing goes on yet."""
        self.query_one(Bar).display = False

    def entered(self) -> None:
        """Put it together."""
        report, words = self.report, self.kiosk.language
        self.ask_long(lambda room, progress, cancelled: room.save(report, words, progress, cancelled), self._take)

    def _take(self, saved: Saved) -> None:
        self._done = saved
        self.tell(Sentence("bench.save.done", {"file": printable(saved.name)}), reference=saved.reference)

    def refresh_words(self) -> None:
        """What came of it."""
        self.retitle()
        done, app = self._done, self.kiosk
        if done is None:
            return
        lines = [
            Content(app.text("audit.export.rows", count=done.rows)),
            Content(app.text("audit.export.checksum")),
            Content.styled(checksum(done.checksum), "$strong"),
        ]
        self.query_one("#done", Plain).update(Content("\n").join(lines))
