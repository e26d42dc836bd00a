"""Personen exporteren: everybody in a file for a spreadsheet, without secrets; of numbers only the end."""

from typing import ClassVar, Final

from textual.app import ComposeResult

from kiosk.administration.authority import Act, PageAuthority, check
from kiosk.administration.changing import Office
from kiosk.administration.exporting import PeopleFile
from kiosk.administration.free_text import Why
from kiosk.administration.importing import Stopped
from kiosk.audit.checking import in_groups
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.import_reason import authority_of
from screens.administrator.importing import ImportAside
from screens.administrator.reason_form import ReasonForm
from screens.dense import Order
from screens.widgets.bar import Bar

# So much of a checksum fits in the line and is compared by eye.
_CHECKSUM_GROUPS: Final = 4


class PeopleExportPage(ImportAside, ReasonForm):
    """Why, and how far it is; when it is done the page below says so."""

    title_id = "people.export.title"
    path = ("home.title", "people.title")
    REASONS = ("audit", "for_manager", "own_check")
    ORDERS: ClassVar = (
        Order(key="enter", label="audit.key.export", does="submit", when="ready"),
        Order(key="s", label="bench.key.stop", does="stop", when="running"),
        Order(key="escape", label="people.title", does="action_back"),
    )

    def compose_body(self) -> ComposeResult:
        """The form, and how far it is."""
        yield from super().compose_body()
        yield Bar("people.export.progress", id="bar", classes="gap")

    def on_mount(self) -> None:
        """Nothing goes on yet."""
        self.query_one(Bar).display = False

    @property
    def ready(self) -> bool:
        """Whether it can begin."""
        return not self.running

    def refresh_words(self) -> None:
        """What will happen."""
        self.retitle()
        super().refresh_words()

    def explained(self) -> str:
        """What is in it."""
        return self.kiosk.text("people.export.explained")

    def submit(self) -> None:
        """Enter."""
        if not self.running and (why := self.why()) is not None:
            self.do(_may_export, lambda authority: self._carry_out(why, authority))

    def _carry_out(self, why: Why, authority: PageAuthority) -> None:
        self.ask_long(
            lambda room, progress, cancelled: room.export_people(authority, why, progress, cancelled), self._exported
        )

    def _exported(self, done: PeopleFile) -> None:
        facts: dict[str, str | int] = {
            "file": printable(done.name),
            "count": done.people,
            "checksum": in_groups(bytes.fromhex(done.checksum), _CHECKSUM_GROUPS),
        }
        self.done(Sentence("reports.saved", facts), reference=done.reference)

    def sentence_of(self, error: Exception) -> Sentence | None:
        """A list that was stopped changed nothing, and is no file."""
        return Sentence("people.export.stopped") if isinstance(error, Stopped) else super().sentence_of(error)


def _may_export(office: Office) -> PageAuthority:
    check(office.site, office.authority, Act.EXPORT, None, office.site.clock.now())
    return authority_of(office)
