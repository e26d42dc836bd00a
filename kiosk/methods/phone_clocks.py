"""What codes of authenticator apps tell about clocks: a phone's drift is learned, and many phones together judge the desk.

All numbers are steps of 30 seconds; positive means that the phones are ahead of this desk.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from data.database import Database
from data.factors import Factor

# Learned after so many accepted codes in a row with the same offset, and never more than this (RFC 6238 §6).
LEARN_AFTER: Final = 3
GREATEST_DRIFT: Final = 2
# The desk is judged by as many people as can hardly be wrong together, and only by what they showed this recently.
PEOPLE_WHO_TELL: Final = 3
RECENT_MS: Final = 12 * 60 * 60 * 1000
# In `meta`: kiosk time at which somebody set the clock of this machine.
CORRECTED_KEY: Final = "clock.corrected_at"
# One step comes of typing slowly; from two on codes are refused.
OFF_FROM: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneClocks:
    """What the phones of several people say; `steps` is None while too few have said anything or they disagree."""

    people: int
    steps: int | None

    @property
    def desk_is_off(self) -> bool:
        """The phones agree with each other and not with this desk."""
        return self.steps is not None and abs(self.steps) >= OFF_FROM


def offsets_around(drift: int, window: int) -> tuple[int, ...]:
    """The offsets at which a code counts: around the learned drift, and always around none, the likeliest first.

    Without the second a phone whose clock was put right would be locked out by what was learned before.
    """
    steps = range(-window, window + 1)
    learned = max(-GREATEST_DRIFT, min(GREATEST_DRIFT, drift))
    return tuple(
        sorted({*steps, *(learned + step for step in steps)}, key=lambda offset: (abs(offset - learned), offset))
    )


def learn(database: Database, factor: Factor, offset: int, now: int) -> None:
    """An accepted code came from this offset. The caller holds the write transaction."""
    run = database.factors.note_offset(factor.id, offset, accepted=True, now=now)
    if run >= LEARN_AFTER:
        database.factors.learn_drift(factor.id, max(-GREATEST_DRIFT, min(GREATEST_DRIFT, offset)))


def agreement(offsets: Sequence[int]) -> PhoneClocks:
    """What the phones say together: their median, when two thirds of them are within one step of it."""
    if len(offsets) < PEOPLE_WHO_TELL:
        return PhoneClocks(people=len(offsets), steps=None)
    middle = sorted(offsets)[(len(offsets) - 1) // 2]
    near = sum(abs(offset - middle) <= 1 for offset in offsets)
    return PhoneClocks(people=len(offsets), steps=middle if 3 * near >= 2 * len(offsets) else None)


def phone_clocks(database: Database, now: int, *, not_of: str = "") -> PhoneClocks:
    """What people's phones said lately, each person once; `not_of` is somebody to leave out."""
    return agreement(recent_offsets(database, now, not_of=not_of))


def recent_offsets(database: Database, now: int, *, not_of: str = "") -> list[int]:
    """What each person's phone said last, in steps; what was said of a clock that was set since says nothing of this one."""
    corrected = database.meta.get(CORRECTED_KEY)
    since = max(now - RECENT_MS, 0 if corrected is None else int(corrected) + 1)
    return database.factors.offsets_since(since, not_of=not_of)
