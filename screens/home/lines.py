"""What Home says of the person: their last sign-in, and what was changed since."""

from collections.abc import Iterator

from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from kiosk.sign_in.views import ChangeView, HomeView
from screens.words import Words


def last_sign_in(words: Words, home: HomeView, now_ms: int) -> str:
    """When and how this person signed in before."""
    if home.last_sign_in_at is None or home.last_method is None:
        return words.text("home.last.first.line")
    return words.say(
        Sentence(
            "home.last.time.line",
            {
                "day": words.day(home.last_sign_in_at, now_ms),
                "time": home.last_sign_in_at,
                "method": words.text(f"home.method.{home.last_method}"),
            },
        )
    )


def changes(words: Words, home: HomeView, now_ms: int) -> Iterator[str]:
    """The latest change by each, for the words are the same for everything that one person did."""
    for change in {change.by: change for change in home.changes}.values():
        yield _change(words, change, now_ms)


def _change(words: Words, change: ChangeView, now_ms: int) -> str:
    values: dict[str, str | int] = {"day": words.day(change.at, now_ms), "time": change.at}
    if not change.by:
        return words.say(Sentence("home.change.self", values))
    return words.say(Sentence("home.change.other", {**values, "by": printable(change.by)}))
