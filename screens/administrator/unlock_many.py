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
        self.done(outcome(done))


def outcome(done: UnlockedMany) -> Sentence:
    """What came of it, without what came of nobody."""
    counts = {"unlocked": done.unlocked, "nothing": done.nothing, "forbidden": done.forbidden}
    parts = [part for part, count in counts.items() if count] or ["nothing"]
    # The only one who may not be unlocked is oneself: that needs no number.
    numbers = {"unlocked": ("count", done.unlocked), "nothing": ("nothing", done.nothing)}
    values = dict(numbers[part] for part in parts if part in numbers)
    return Sentence(f"people.unlock_many.done.{'_'.join(parts)}", values)
