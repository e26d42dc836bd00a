"""Deblokkeren of everybody who is marked in the list, with one reason."""

from collections.abc import Callable
from typing import ClassVar

from textual.app import ComposeResult

from kiosk.administration.passwords import UnlockedMany, unlock_many
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asking import FormPage
from screens.administrator.deeds import UnlockPage
from screens.widgets.base import Plain


class UnlockManyPage(FormPage):
    """How many, why, the number of the help desk."""

    title_id = "people.unlock.title"
    path = ("home.title", "people.title")
    AUTO_FOCUS = "#reasons"
    REASONS: ClassVar = UnlockPage.REASONS

    def __init__(self, people: frozenset[str], unmark: Callable[[], None]) -> None:
        super().__init__()
        self._people = people
        self._unmark = unmark

    def compose_body(self) -> ComposeResult:
        """The form."""
        yield Plain(id="explained", classes="gap")
        yield self.reasons()
        yield self.words_field()
        yield self.ticket_field()

    def on_mount(self) -> None:
        """Say it."""
        self.refresh_words()

    def refresh_words(self) -> None:
        """What will happen."""
        self.query_one("#explained", Plain).show(
            self.kiosk.text("people.unlock_many.explained", count=len(self._people))
        )

    def submit(self) -> None:
        """Enter."""
        if (why := self.why()) is not None:
            self.do(lambda office: unlock_many(office, self._people, why), self._unlocked)

    def _unlocked(self, done: UnlockedMany) -> None:
        self._unmark()
        values = {"count": done.unlocked, "nothing": done.nothing, "forbidden": done.forbidden}
        self.done(Sentence("people.unlock_many.done", values))
