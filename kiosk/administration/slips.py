"""Slips: one-time passwords for people who were invited, made when they are printed and kept nowhere else."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from itertools import islice
from typing import Final

from data.factors import FactorKind, FactorState
from data.users import User, UserState
from kiosk.administration.authority import Act, check, check_proved, use
from kiosk.administration.changing import Changing, Office, record_refusal, write_down
from kiosk.administration.errors import ChangedMeanwhile, Forbidden, NothingToDo, PersonUnknown, Rule
from kiosk.administration.four_eyes import Approved, Content
from kiosk.administration.free_text import Why, checked_why
from kiosk.administration.passwords import give_one_time_password
from kiosk.language import printable
from kiosk.site import Site

# People in one write transaction: some milliseconds, in which sign-ins wait.
BATCH: Final = 100
_SHOWN: Final = 80


@dataclass(frozen=True, slots=True, kw_only=True)
class Slip:
    """What is handed over to one person; times in milliseconds UTC."""

    user: User
    password: str = field(repr=False)
    expires_at: int
    phone_tail: str | None
    """SMS will be confirmed on this number."""
    app: bool
    """An authenticator app will be added."""
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Skipped:
    """Somebody for whom no slip may be made by this administrator."""

    user: User
    rule: Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class Awaiting:
    """Who waits for a slip: how many, the first of them by name, and for how many hours a slip is good."""

    count: int
    people: tuple[User, ...]
    hours: int


def awaiting(site: Site, *, import_id: str | None = None, limit: int) -> Awaiting:
    """Who was invited and never had a password; raises DataError."""
    with site.database.transaction(write=False):
        ids = site.database.users.without_password(import_id=import_id)
        found = [site.database.users.get(one) for one in ids[:limit]]
        people = tuple(user for user in found if user is not None)
    return Awaiting(count=len(ids), people=people, hours=site.policy.password.one_time_hours)


def slip_text(site: Site, slip: Slip) -> str:
    """One slip in the language of its person; a form feed puts each on a page of its own."""
    words = site.languages[slip.user.language]
    until = datetime.fromtimestamp(slip.expires_at / 1000, site.zone).strftime("%Y-%m-%d %H:%M")
    lines = [
        site.name,
        "",
        printable(slip.user.display_name, maximum=_SHOWN),
        words.text("slip.name", name=slip.user.name),
        words.text("slip.password", password=slip.password),
        words.text("slip.until", until=until),
        "",
        words.text("slip.own"),
    ]
    if slip.phone_tail is not None:
        lines.append(words.text("slip.phone", tail=slip.phone_tail))
    if slip.app:
        lines.append(words.text("slip.app"))
    if site.help_desk is not None:
        lines.append(words.text("slip.help", name=site.help_desk.name, phone=site.help_desk.phone))
    return "\n".join(lines) + "\n\f"


def slips_of_new(office: Office, why: Why, *, import_id: str | None = None) -> Iterator[list[Slip | Skipped]]:
    """Batch by batch the slips of everybody who was invited and never had a password; each batch is kept when it is given.

    Raises AdministrationError, DataError.
    """
    found = office.site.database.users.without_password(import_id=import_id)
    ids, making = iter(found), _Making(office, why, _content(found))
    while batch := list(islice(ids, BATCH)):
        yield making.batch(dict.fromkeys(batch))


def check_slips(office: Office, why: Why, *, import_id: str | None = None) -> None:
    """Raise Forbidden unless these slips may be made now: asked before a file is begun."""
    _Making(office, why, _content(office.site.database.users.without_password(import_id=import_id))).check()


def slips_of(office: Office, names: Sequence[str], why: Why) -> list[Slip | Skipped]:
    """New slips for people who were invited and never came in, also when they had one; all or none.

    Raises PersonUnknown, NothingToDo for somebody who has come in, ChangedMeanwhile when somebody else makes one at the
    same moment, AdministrationError, DataError.
    """
    epochs: dict[str, int | None] = {}
    for name in names:
        user = office.site.database.users.by_name(name)
        if user is None:
            raise PersonUnknown
        if user.state is not UserState.INVITED or user.last_sign_in_at is not None:
            raise NothingToDo
        epochs[user.id] = user.epoch
    return _Making(office, why, _content(epochs)).batch(epochs)


def take_back(office: Office, given: Mapping[str, int], why: Why) -> None:
    """Void the passwords of slips that came on no paper; whose password was used or replaced since keeps it.

    `given` has the epoch of each person with that password. It asks for no authority: it only takes away what whoever had it
    gave a moment ago. Raises AdministrationError, DataError.
    """
    why, site = checked_why(why), office.site
    people = iter(given.items())
    while batch := list(islice(people, BATCH)):
        with site.database.transaction(write=True):
            now = site.clock.now()
            for person_id, epoch in batch:
                present = site.database.users.get(person_id)
                if present is not None and site.database.users.forget_password(person_id, if_epoch=epoch):
                    change = Changing(office, present, now, frozenset())
                    change.shown = False
                    write_down(change, Act.WITHDRAW_SLIP, why)


def _content(ids: Collection[str]) -> Content:
    """How many, and who: others are another request."""
    return Content({"slips": len(ids), "people": sha256(" ".join(sorted(ids)).encode()).hexdigest()})


class _Making:
    """Slips in batches: a second administrator approves all of them, and the first batch uses that up."""

    def __init__(self, office: Office, why: Why, content: Content) -> None:
        self._office = office
        self._why = checked_why(why)
        self._content = content
        self._approved: Approved | None = None

    def check(self) -> None:
        """Raise Forbidden unless they may be made."""
        with self._written_down(), self._office.site.database.transaction(write=False):
            self._look(self._office.site.clock.now())

    def batch(self, epochs: Mapping[str, int | None]) -> list[Slip | Skipped]:
        """`epochs` are those that were seen of whom; None for who must have no password still."""
        site = self._office.site
        with self._written_down(), site.database.transaction(write=True):
            now = site.clock.now()
            if self._approved is None:
                approved = self._look(now)
                use(site, approved, now)
            else:
                check_proved(site, self._office.authority, now)
                approved = self._approved
            made = [
                _one(self._office, person_id, epoch, self._why, now=now, approved=approved)
                for person_id, epoch in epochs.items()
            ]
        self._approved = approved
        return [one for one in made if one is not None]

    def _look(self, now: int) -> Approved | None:
        return check(self._office.site, self._office.authority, Act.SLIP, None, now, content=self._content)

    @contextmanager
    def _written_down(self) -> Iterator[None]:
        try:
            yield
        except Forbidden as error:
            error.reference = record_refusal(self._office, Act.SLIP, None, error.rule)
            if error.wanted is not None:
                error.wanted = error.wanted.because(self._why)
            raise


def _one(
    office: Office, person_id: str, epoch: int | None, why: Why, *, now: int, approved: Approved | None
) -> Slip | Skipped | None:
    # Read under the lock: the person may have been switched off or deleted since the list was made, or have a slip now.
    present = office.site.database.users.get(person_id)
    if present is None or present.deleted_at is not None or present.state is not UserState.INVITED:
        return None
    if epoch is None and present.password_hash is not None:
        return None
    if epoch is not None and present.epoch != epoch:
        # Of two slips for one person only the last would work.
        raise ChangedMeanwhile(next(iter(office.site.database.changes.latest(person_id)), None))
    # No proved number can be told of it: nothing has been proved yet.
    change = Changing(office, present, now, frozenset(), approved=approved)
    try:
        change.forbid_disabled()
    except Forbidden as error:
        return Skipped(user=present, rule=error.rule)
    change.shown = False
    password, expires_at = give_one_time_password(change)
    write_down(change, Act.SLIP, why)
    offered = [one for one in office.site.database.factors.of_user(present.id) if one.state is FactorState.OFFERED]
    return Slip(
        user=present,
        password=password,
        expires_at=expires_at,
        phone_tail=next((one.number_tail for one in offered if one.kind is FactorKind.SMS), None),
        app=any(one.kind is FactorKind.TOTP for one in offered),
        reference=change.reference,
    )
