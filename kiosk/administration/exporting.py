"""Exporting people as a list that an import reads again: no secret, no whole number, nothing that a spreadsheet runs."""

import csv
from collections.abc import Iterator
from datetime import datetime
from typing import Final, TextIO

from data.canonical import JSON
from data.factors import FactorKind, FactorState
from data.users import Role, User
from kiosk.accounts import is_switched_off
from kiosk.administration.authority import Act, check
from kiosk.administration.changing import Office, record_refusal
from kiosk.administration.errors import Forbidden
from kiosk.administration.free_text import Why, checked_why
from kiosk.administration.lists import Column, guarded

# Excel takes a file for UTF-8 only when it begins with this.
BYTE_ORDER_MARK: Final = "\ufeff"
PAGE: Final = 500
HEADER: Final = (
    Column.NAME.value,
    Column.DISPLAY_NAME.value,
    Column.ROLE.value,
    Column.LANGUAGE.value,
    Column.APP.value,
    "toestand",
    "methoden",
    "telefoon_einde",
    "laatst_ingelogd",
)
_ROLES: Final = {
    Role.STAFF: "medewerker",
    Role.ADMINISTRATOR: "beheerder",
    Role.TECHNICIAN: "technicus",
    Role.AUDITOR: "auditor",
}


def export(office: Office, out: TextIO, why: Why) -> int:
    """Write everybody to `out`, opened with `newline=""`; how many. That it was done is in the log before the first row.

    Raises AdministrationError, OSError, DataError.
    """
    why = checked_why(why)
    site = office.site
    try:
        with site.database.transaction(write=True):
            check(site, office.authority, Act.EXPORT, None, site.clock.now())
            ticket = {"ticket": why.ticket} if why.ticket else {}
            parameters: dict[str, JSON] = {"people": site.database.users.count(), "reason": why.reason, **ticket}
            office.trail.record(f"users.{Act.EXPORT.value}", "ok", actor=office.authority.actor, parameters=parameters)
    except Forbidden as error:
        error.reference = record_refusal(office, Act.EXPORT, None, error.rule)
        raise
    out.write(BYTE_ORDER_MARK)
    writer = csv.writer(out, delimiter=";", lineterminator="\r\n")
    writer.writerow(HEADER)
    count = 0
    for user in _everybody(office):
        writer.writerow([guarded(cell) for cell in _cells(office, user)])
        count += 1
    return count


def _everybody(office: Office) -> Iterator[User]:
    offset = 0
    while people := office.site.database.users.all(limit=PAGE, offset=offset):
        yield from people
        offset += len(people)


def _cells(office: Office, user: User) -> list[str]:
    site = office.site
    factors = [one for one in site.database.factors.of_user(user.id) if one.state is not FactorState.REVOKED]
    tails = [one.number_tail or "" for one in factors if one.kind is FactorKind.SMS]
    last = user.last_sign_in_at
    return [
        user.name,
        user.display_name,
        _ROLES[user.role],
        user.language,
        "ja" if any(one.kind is FactorKind.TOTP for one in factors) else "nee",
        "disabled" if is_switched_off(user, site.clock.now()) else user.state.value,
        " ".join(f"{one.kind.value}:{one.state.value}" for one in factors),
        " ".join(tails),
        "" if last is None else datetime.fromtimestamp(last / 1000, site.zone).isoformat(timespec="minutes"),
    ]
