"""The SMS that tells a person at once that something about their account was changed; best effort, it never blocks."""

import logging
from collections.abc import Iterable
from enum import StrEnum, unique
from typing import Final

from data.errors import DataError
from data.factors import FactorKind, FactorState
from data.messages import MessageKind
from data.users import User
from kiosk.site import Site

log = logging.getLogger("kiosk.administration")

# After the codes of people at a desk, before alarms.
PRIORITY: Final = 2
# Told a day late it still says that somebody was at the account.
LIFE_MS: Final = 24 * 3600 * 1000


@unique
class Notice(StrEnum):
    """What is told; the values are the last part of `text.notice.*` and `text.notice_plain.*`."""

    PASSWORD = "password"  # noqa: S105  what was changed, not a secret
    TEMPORARY = "temporary"
    FACTOR = "factor"
    PHONE = "phone"
    UNLOCK = "unlock"


def phones_of(site: Site, user_id: str) -> frozenset[str]:
    """The numbers that a person has proved and that still count; one that does not open is left out."""
    numbers = set()
    for factor in site.database.factors.of_user(user_id):
        if factor.kind is not FactorKind.SMS or factor.state not in {FactorState.ACTIVE, FactorState.SUSPENDED}:
            continue
        try:
            numbers.add(site.database.factors.secret(factor).decode())
        except DataError as error:
            log.error("a notice cannot go to a number that does not open: %r", error)  # noqa: TRY400  it is in the error
    return frozenset(numbers)


def queue_notices(site: Site, user: User, notice: Notice, numbers: Iterable[str], now: int) -> int:
    """Put one SMS per number in the outbox, in the caller's write transaction; how many."""
    text = _text(site, user, notice)
    queued = 0
    for number in sorted(numbers):
        if not site.outbox.may_go_to(number):
            continue
        site.outbox.queue(
            kind=MessageKind.NOTICE,
            user_id=user.id,
            desk_id=None,
            sign_in_id=None,
            challenge_id=None,
            number=number,
            text=text,
            priority=PRIORITY,
            not_after=now + LIFE_MS,
            report=True,
            language=user.language,
            now=now,
        )
        queued += 1
    return queued


def _text(site: Site, user: User, notice: Notice) -> str:
    words = site.languages[user.language]
    if site.help_desk is None:
        return words.sms(f"text.notice_plain.{notice.value}", site=site.name)
    return words.sms(
        f"text.notice.{notice.value}", site=site.name, name=site.help_desk.name, phone=site.help_desk.phone
    )
