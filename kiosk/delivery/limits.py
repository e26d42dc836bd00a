"""How many codes may be asked for by SMS, and to which countries: what keeps the kiosk from pestering a phone or being abused.

Only SMS that no sign-in has answered count (`messages.charged`), so people who sign in often are never stopped.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from data.database import Database
from kiosk.delivery.routing import allowance
from kiosk.policy import SmsPolicy

HOUR_MS: Final = 60 * 60 * 1000
DAY_MS: Final = 24 * HOUR_MS


@unique
class LimitScope(StrEnum):
    """Whose limit was reached."""

    USER_HOUR = "user_hour"
    USER_DAY = "user_day"
    NUMBER_HOUR = "number_hour"
    DESK_HOUR = "desk_hour"
    SITE_HOUR = "site_hour"


@dataclass(frozen=True, slots=True)
class Limit:
    """No further SMS now; `again_at` is the kiosk time in milliseconds from which there may be one."""

    scope: LimitScope
    again_at: int


def limit_for(
    database: Database, policy: SmsPolicy, *, user_id: str, number: str, desk_id: str, reserved: bool, now: int
) -> Limit | None:
    """Return the limit that ends last of those that are reached; None when one more SMS may be queued."""
    reached = _reached(database, policy, user_id=user_id, number=number, desk_id=desk_id, reserved=reserved, now=now)
    return max(reached, key=lambda limit: limit.again_at, default=None)


def _reached(
    database: Database, policy: SmsPolicy, *, user_id: str, number: str, desk_id: str, reserved: bool, now: int
) -> Iterator[Limit]:
    messages = database.messages
    site = allowance(policy.per_site_hour, policy, reserved=reserved)
    for scope, whose, window_ms, most in (
        (LimitScope.USER_HOUR, {"user_id": user_id}, HOUR_MS, policy.per_user_hour),
        (LimitScope.USER_DAY, {"user_id": user_id}, DAY_MS, policy.per_user_day),
        (LimitScope.NUMBER_HOUR, {"number": number}, HOUR_MS, policy.per_number_hour),
        (LimitScope.DESK_HOUR, {"desk_id": desk_id}, HOUR_MS, policy.per_desk_hour),
        (LimitScope.SITE_HOUR, {}, HOUR_MS, site),
    ):
        since = now - window_ms
        if messages.charged_since(**whose, since=since) < most:
            continue
        oldest = messages.oldest_charged(**whose, since=since)
        # It counts as long as it is not older than the window.
        yield Limit(scope, (now if oldest is None else oldest) + window_ms + 1)


def may_go_to(number: str, policy: SmsPolicy) -> bool:
    """Whether the site allows SMS to the country of `number` (E.164 with +).

    No country calling code is the beginning of another one (ITU-T E.164 §6), so comparing beginnings is exact.
    """
    return any(number.startswith(f"+{country}") for country in policy.countries)
