"""Alarm SMS to the technicians of a site: one per cause and subject and day, over any modem that works; never a name or a code."""

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from data.database import Database
from data.messages import MessageKind
from kiosk.language import Language

log = logging.getLogger("kiosk.delivery")

# After the codes and notices of people, before tests.
PRIORITY: Final = 3
# An alarm that nobody could send for so long is told by the pages.
LIFE_MS: Final = 12 * 60 * 60 * 1000


@unique
class AlarmCause(StrEnum):
    """What is alarmed about; the values are the last part of `text.alarm.*`."""

    MODEM_DOWN = "modem_down"
    SIM_BLOCKED = "sim_blocked"
    MODEM_REPLACED = "modem_replaced"
    LOOP_LOST = "loop_lost"
    CREDIT = "credit"
    DISK = "disk"
    CLOCK = "clock"
    AUDIT = "audit"
    KEY_COPIED = "key_copied"
    BACKUP = "backup"
    DATABASE = "database"
    RESTORED = "restored"


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmMeans:
    """Whom to tell (E.164) in which words, and after how many minutes a modem that does not work is told."""

    phones: Sequence[str]
    words: Language
    site: str
    down_minutes: int


def raise_alarm(database: Database, means: AlarmMeans, cause: AlarmCause, subject: str, now: int) -> bool:
    """Tell the technicians, unless they were told of this today; whether they are told now. Raises DataError.

    `subject` is the name of a modem, or empty.
    """
    with database.transaction(write=True):
        if not database.chores.alarm_is_new(cause.value, subject, now):
            return False
        log.warning("alarm: %s %s", cause.value, subject)
        text = means.words.sms(f"text.alarm.{cause.value}", **_values(means, cause, subject))
        for phone in means.phones:
            database.messages.queue(
                kind=MessageKind.ALARM,
                user_id=None,
                desk_id=None,
                sign_in_id=None,
                challenge_id=None,
                number=phone,
                text=text,
                priority=PRIORITY,
                not_after=now + LIFE_MS,
                report=False,
                language=means.words.code,
                now=now,
            )
    return True


def _values(means: AlarmMeans, cause: AlarmCause, subject: str) -> dict[str, str]:
    asked = means.words.placeholders(f"text.alarm.{cause.value}")
    return {name: value for name, value in (("site", means.site), ("modem", subject)) if name in asked}
