"""Exporting people as a list that an import reads again: no secret, no whole number, nothing that a spreadsheet runs."""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path
from typing import BinaryIO, Final, Protocol

from data.canonical import JSON
from data.factors import FactorKind, FactorState
from data.users import Role, User
from kiosk.accounts import is_switched_off
from kiosk.administration.authority import Act, check
from kiosk.administration.changing import Office, record_refusal
from kiosk.administration.errors import Forbidden
from kiosk.administration.free_text import Why, checked_why
from kiosk.administration.importing import Stopped
from kiosk.administration.lists import Column, guarded
from kiosk.exchange import dated_name, saving

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


class TextOut(Protocol):
    """Where a list goes; opened with `newline=""`."""

    def write(self, text: str, /) -> object:
        """Take some text."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """How many people were written, and the row of the log that says so."""

    people: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PeopleFile:
    """A list that lies on the medium; `checksum` is the SHA-256 of its bytes, in hexadecimal."""

    name: str
    checksum: str
    people: int
    reference: str


def export(
    office: Office,
    out: TextOut,
    why: Why,
    *,
    progress: Callable[[int, int], None] = lambda _done, _total: None,
    stopped: Callable[[], bool] = lambda: False,
) -> Exported:
    """Write everybody to `out`; that it was done is in the log before the first row.

    Raises Stopped, AdministrationError, OSError, DataError.
    """
    why = checked_why(why)
    site = office.site
    try:
        with site.database.transaction(write=True):
            check(site, office.authority, Act.EXPORT, None, site.clock.now())
            ticket = {"ticket": why.ticket} if why.ticket else {}
            total = site.database.users.count()
            parameters: dict[str, JSON] = {"people": total, "reason": why.reason, **ticket}
            reference = office.trail.record(
                f"users.{Act.EXPORT.value}", "ok", actor=office.authority.actor, parameters=parameters
            )
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
        if count % PAGE == 0:
            progress(count, total)
            if stopped():
                raise Stopped
    return Exported(people=count, reference=reference)


def export_to_file(
    office: Office,
    why: Why,
    *,
    folder: Path | None,
    progress: Callable[[int, int], None],
    stopped: Callable[[], bool],
) -> PeopleFile:
    """Everybody in a file of the exchange folder or a stick; raises as `export`, and NoPlace, NotSaved."""
    at = datetime.fromtimestamp(office.site.clock.wall() / 1000, UTC).astimezone(office.site.zone)
    with saving(dated_name("people", at, "csv"), folder=folder) as (out, name):
        hashed = _Hashed(out)
        done = export(office, hashed, why, progress=progress, stopped=stopped)
    return PeopleFile(name=name, checksum=hashed.digest.hexdigest(), people=done.people, reference=done.reference)


class _Hashed:
    """UTF-8 on its way to a file."""

    def __init__(self, out: BinaryIO) -> None:
        self.digest = sha256()
        self._out = out

    def write(self, text: str, /) -> None:
        content = text.encode()
        self.digest.update(content)
        self._out.write(content)


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
