"""What Home says of the person: their last sign-in, and what was changed since."""

import math
from collections.abc import Iterator
from typing import Final

from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from kiosk.sign_in.views import ChangeView, HomeView
from screens.words import Words

# So long before its end the longest session is announced: time to save what is open.
ANNOUNCED_SECONDS: Final = 300


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


def ends_soon(home: HomeView, now_ms: int) -> Sentence | None:
    """That the longest session is nearly over, when it is."""
    left = 0 if home.ends_at is None else math.ceil((home.ends_at - now_ms) / 1000)
    return Sentence("idle.absolute", {"seconds": left}) if 0 < left <= ANNOUNCED_SECONDS else None


def changes(words: Words, home: HomeView, now_ms: int) -> Iterator[str]:
    """The latest change by each, for the words are the same for everything that one person did."""
    for change in {change.by: change for change in home.changes}.values():
        yield _change(words, change, now_ms)


def _change(words: Words, change: ChangeView, now_ms: int) -> str:
    values: dict[str, str | int] = {"day": words.day(change.at, now_ms), "time": change.at}
    if change.put_back:
        return words.say(Sentence("home.change.restored", values))
    if not change.by:
        return words.say(Sentence("home.change.self", values))
    return words.say(Sentence("home.change.other", {**values, "by": printable(change.by)}))
