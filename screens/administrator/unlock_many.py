"""Deblokkeren of everybody who is marked in the list, with one reason."""

from collections.abc import Callable
from typing import ClassVar

from kiosk.administration.passwords import UnlockedMany, unlock_many
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.deeds import UnlockPage
from screens.administrator.reason_form import ReasonForm


class UnlockManyPage(ReasonForm):
    """How many, why, the number of the help desk."""

    title_id = "people.unlock.title"
    path = ("home.title", "people.title")
    REASONS: ClassVar = UnlockPage.REASONS

    def __init__(self, people: frozenset[str], unmark: Callable[[], None]) -> None:
        super().__init__()
        self._people = people
        self._unmark = unmark

    def explained(self) -> str:
        """How many are unlocked."""
        return self.kiosk.text("people.unlock_many.explained", count=len(self._people))

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
