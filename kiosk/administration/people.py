"""People as a list shows them: who, which methods, and the one thing that is the matter."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from data.factors import FactorKind
from data.users import User, UserState, name_key
from kiosk.accounts import is_switched_off
from kiosk.administration.card import PersonCard, card
from kiosk.administration.changing import Office
from kiosk.administration.finding import find
from kiosk.administration.requests import RequestLine, waiting
from kiosk.site import Site
from kiosk.throttle import PasswordThrottle


@unique
class Standing(StrEnum):
    """The one thing that matters first; the values are the last part of `people.standing.*`."""

    OFF = "off"
    LOCKED_FACTOR = "locked_factor"
    LOCKED_PASSWORD = "locked_password"  # noqa: S105  what is locked, not a secret
    OFF_SOON = "off_soon"
    INVITED = "invited"
    NO_METHOD = "no_method"
    GOOD = "good"


_LOCKED: Final = frozenset({Standing.LOCKED_FACTOR, Standing.LOCKED_PASSWORD})


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonLine:
    """One person in a list; `methods` are the kinds that count now, `off_at` in milliseconds UTC."""

    id: str
    name: str
    display_name: str
    methods: tuple[str, ...]
    standing: Standing
    off_at: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class People:
    """One answer to a search: `text` is what was asked, `more` that there are others.

    `total` is how many people there are, counted only when everybody was asked for: it reads them all.
    """

    text: str
    lines: tuple[PersonLine, ...]
    more: bool
    total: int | None


def people(site: Site, text: str, *, limit: int) -> People:
    """Who is meant by `text`, as a list shows them, of these the locked ones first; raises DataError."""
    found = find(site, text, limit=limit)
    with site.database.transaction(write=False):
        now = site.clock.now()
        kinds = site.database.factors.active_kinds(user.id for user in found.people)
        lines = [_line(site, user, kinds.get(user.id, []), now) for user in found.people]
        # Whoever is locked out is waiting on the telephone.
        lines.sort(key=lambda one: one.standing not in _LOCKED)
        return People(
            text=text, lines=tuple(lines), more=found.more, total=None if text.strip() else site.database.users.count()
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class CardSeen:
    """The card of a person with what a page says around it.

    `actors` are the names of who changed something, `own` that it is the card of the administrator who looks.
    """

    card: PersonCard
    actors: Mapping[str, str]
    own: bool
    temporary_minutes: int
    """How long a temporary code lives unless it is chosen otherwise."""
    temporary_maximum: int
    """The longest that the site allows, in minutes."""
    requests: tuple[RequestLine, ...] = ()
    """What waits for a second administrator, or was decided by one."""

    def is_named(self, typed: str) -> bool:
        """Whether `typed` is the user name of this person, however it is written."""
        return name_key(typed) == self.card.user.name_key


def look(office: Office, person_id: str) -> CardSeen:
    """The card of a person for a page; raises PersonUnknown, DataError."""
    site = office.site
    with site.database.transaction(write=False):
        seen = card(site, person_id)
        actors = {one.actor: _name_of(site, one.actor) for one in seen.changes}
        policy = site.policy.temporary_code
        return CardSeen(
            card=seen,
            actors=actors,
            own=office.authority.actor == person_id,
            temporary_minutes=policy.minutes,
            temporary_maximum=policy.maximum_hours * 60,
            requests=waiting(office, person_id=person_id),
        )


def _name_of(site: Site, actor: str) -> str:
    """The name of an administrator; what is no id of a person is a name by itself, such as `unix:root`."""
    user = site.database.users.get(actor)
    return actor if user is None else user.display_name or user.name or actor


def _line(site: Site, user: User, kinds: Sequence[FactorKind], now: int) -> PersonLine:
    return PersonLine(
        id=user.id,
        name=user.name,
        display_name=user.display_name,
        methods=tuple(dict.fromkeys(kind.value for kind in kinds)),
        standing=_standing(site, user, now, proved=bool(kinds)),
        off_at=user.disabled_from,
    )


def _standing(site: Site, user: User, now: int, *, proved: bool) -> Standing:
    if is_switched_off(user, now):
        return Standing.OFF
    if user.second_factor_failures >= site.policy.second_factor.failures_lock:
        return Standing.LOCKED_FACTOR
    closed = PasswordThrottle(site.database, site.policy, "").closed(site.name_hash(user.name_key), now)
    if closed is not None:
        return Standing.LOCKED_PASSWORD
    if user.disabled_from is not None:
        return Standing.OFF_SOON
    if user.state is UserState.INVITED:
        return Standing.INVITED
    return Standing.GOOD if proved else Standing.NO_METHOD
