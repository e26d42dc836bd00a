"""What people type to find rows of the log, understood: names become ids, local moments become kiosk time."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from data.audit import reference, sequence_number
from data.audit_search import AuditFilter
from data.canonical import JSON
from data.users import name_key
from kiosk.audit.errors import UnknownPlace, WrongReference, WrongTime
from kiosk.audit.names import DESK_ORIGIN
from kiosk.audit.trail import unknown_name
from kiosk.site import Site

# Of a part of a name, so many people are looked for, and so many ids are written down.
PEOPLE: Final = 100
_WRITTEN_DOWN: Final = 10
_AGO: Final = re.compile(r"(\d{1,5})([dh])")
_DATE: Final = re.compile(r"\d{4}-\d{2}-\d{2}")
_HOURS: Final = {"d": 24, "h": 1}


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """As typed; empty is: does not matter.

    Attributes:
        person: A user name or a part of one, `unix:LOGIN`, or the id of somebody who was deleted.
        actions: Actions, whole or up to a dot.
        since: `2026-11-01`, `2026-11-01 09:30` (both local), or so long ago: `7d`, `24h`.
        until: The same; a date is the end of that day.
        desk: Name of a desk, or another origin as it stands in the log.
        reference: Such as K482.
        not_own_reading: Leave out that the one who asks read the log.
    """

    person: str = ""
    actions: tuple[str, ...] = ()
    since: str = ""
    until: str = ""
    desk: str = ""
    reference: str = ""
    not_own_reading: bool = False


def understood(site: Site, asked: Asked, actor: str) -> AuditFilter:
    """The filter that was meant; raises AuditError and DataError."""
    return AuditFilter(
        people=_people(site, asked.person.strip()) if asked.person.strip() else (),
        actions=tuple(action.strip().rstrip(".") for action in asked.actions if action.strip()),
        origins=_origins(site, asked.desk.strip()) if asked.desk.strip() else (),
        since=moment(asked.since, site.zone, site.clock.now()) if asked.since.strip() else None,
        until=moment(asked.until, site.zone, site.clock.now(), end=True) if asked.until.strip() else None,
        reference=_number(asked.reference) if asked.reference.strip() else None,
        up_to=site.database.audit_search.last_number(),
        not_reading_of=actor if asked.not_own_reading else None,
    )


def moment(text: str, zone: ZoneInfo, now: int, *, end: bool = False) -> int:
    """A moment in milliseconds UTC; `end`: a date is its end, an hour that the clock had twice the second. Raises WrongTime."""
    bare = text.strip().lower()
    if found := _AGO.fullmatch(bare):
        return now - int(found[1]) * _HOURS[found[2]] * 3_600_000
    try:
        local = datetime.fromisoformat(bare.upper())
        if local.tzinfo is None:
            if end and _DATE.fullmatch(bare):
                local += timedelta(days=1)
            local = local.replace(tzinfo=zone, fold=int(end))
        return int(local.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise WrongTime(text) from None


def as_facts(wanted: AuditFilter) -> dict[str, JSON]:
    """A filter as the log keeps it: ids and codes, nothing that was typed."""
    facts: dict[str, JSON] = {
        "people": list(wanted.people[:_WRITTEN_DOWN]),
        "actions": list(wanted.actions),
        "origins": list(wanted.origins),
        "since": wanted.since,
        "until": wanted.until,
        "reference": None if wanted.reference is None else reference(wanted.reference),
    }
    return {name: value for name, value in facts.items() if value not in (None, [])}


def local_time(at: int, zone: ZoneInfo) -> str:
    """`2026-11-28 14:03:22`; in the hour that the clock has twice, with how far it is from UTC."""
    local = datetime.fromtimestamp(at / 1000, UTC).astimezone(zone)
    twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
    return f"{local:%Y-%m-%d %H:%M:%S%z}" if twice else f"{local:%Y-%m-%d %H:%M:%S}"


def utc_time(at: int) -> str:
    """`2026-11-28T13:03:22.000Z` (ISO 8601)."""
    return datetime.fromtimestamp(at / 1000, UTC).strftime("%Y-%m-%dT%H:%M:%S.") + f"{at % 1000:03d}Z"


def _people(site: Site, typed: str) -> tuple[str, ...]:
    """Whoever has this name, else whoever has it as a part; also as a name that did not exist, and as it stands."""
    exact = site.database.users.by_name(typed)
    found = [exact] if exact is not None else site.database.users.all(search=typed, limit=PEOPLE)
    ids = [user.id for user in found]
    return tuple(dict.fromkeys([*ids, unknown_name(site.name_hash(name_key(typed))), *_ids_in(typed)]))


def _ids_in(typed: str) -> Mapping[str, None]:
    """What can only be an id: a name is never kept as it was typed."""
    is_id = re.fullmatch(r"[a-z2-7]{26}", typed) or typed.startswith(("unix:", "name:"))
    return {typed: None} if is_id else {}


def _origins(site: Site, typed: str) -> tuple[str, ...]:
    key = name_key(typed)
    desks = [f"{DESK_ORIGIN}{desk.id}" for desk in site.database.desks.all() if name_key(desk.name) == key]
    if not desks and not site.database.audit_search.known_origin(typed):
        raise UnknownPlace(typed)
    return tuple(desks) or (typed,)


def _number(typed: str) -> int:
    number = sequence_number(typed)
    if number is None:
        raise WrongReference(typed)
    return number
