"""Administering people: creating them with a one-time password and the factors that they prove at their first sign-in.

AccountError
├── NameTaken        the user name exists
├── NameUnusable     empty, too long or with characters that nobody can type
├── NumberUnusable   not a phone number, or to a country that the site does not send to
└── NeedsOtherFactor administrators, technicians and auditors need a factor other than SMS (DESIGN §6)
"""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from data.canonical import JSON
from data.errors import DuplicateName
from data.factors import FactorKind, FactorState
from data.users import PasswordState, Role, User, UserState
from kiosk.audit import AuditTrail
from kiosk.language import printable
from kiosk.methods.backup_code import new_code
from kiosk.methods.totp import new_secret
from kiosk.passwords import Secret
from kiosk.site import Site

# Crockford's alphabet in lower case: nothing that is misread or misheard. Four groups of four are 80 bits.
ALPHABET: Final = "0123456789abcdefghjkmnpqrstvwxyz"
_GROUPS: Final = 4
_GROUP: Final = 4
NAME_LENGTH: Final = 64
# Landlines cannot show an SMS, and numbers that cost extra are where abuse would send them.
HOUR_MS: Final = 3600 * 1000


class AccountError(Exception):
    """Base of what is wrong with an account that was asked for."""


class NameTaken(AccountError):
    """Somebody has this user name, perhaps written otherwise."""

    def __init__(self, name: str) -> None:
        super().__init__(name)
        self.name = name


class NameUnusable(AccountError):
    """A name that cannot be typed or shown."""

    def __init__(self, name: str) -> None:
        super().__init__(printable(name))
        self.name = name


class NumberUnusable(AccountError):
    """`reason` is "format" or "country"; the number itself is not kept here."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class NeedsOtherFactor(AccountError):
    """This role must have a factor other than SMS: who mends a dead modem cannot sign in by it."""

    def __init__(self, role: Role) -> None:
        super().__init__(role.value)
        self.role = role


@dataclass(frozen=True, slots=True, kw_only=True)
class NewPerson:
    """Who is to be created."""

    name: str
    display_name: str
    role: Role = Role.STAFF
    language: str = "nl"
    phone: str | None = field(default=None, repr=False)
    """As people write it; national numbers are of the first country that the site sends to."""
    app: bool = False
    """Offer an authenticator app."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Created:
    """A new account with what must be handed over now and is kept nowhere."""

    user: User
    one_time_password: str = field(repr=False)
    totp_secret: str | None = field(repr=False)
    reference: str
    """Of the row in the log."""


def new_one_time_password() -> str:
    """80 random bits in four groups, to be read aloud and typed once."""
    groups = ("".join(secrets.choice(ALPHABET) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def normalised_number(text: str, countries: tuple[str, ...]) -> str:
    """A mobile number as E.164; raises NumberUnusable.

    Args:
        text: As people write it: `06 12345678`, `+31 (0)6 12345678`, `0031612345678`.
        countries: Calling codes that the site sends to; the first is that of national numbers.
    """
    # A terminal creates nobody and need not pay for this at its start.
    import phonenumbers  # noqa: PLC0415  see above

    mobile = {phonenumbers.PhoneNumberType.MOBILE, phonenumbers.PhoneNumberType.FIXED_LINE_OR_MOBILE}
    region = phonenumbers.region_code_for_country_code(int(countries[0])) if countries else None
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        raise NumberUnusable("format") from None
    if not phonenumbers.is_valid_number(number):
        raise NumberUnusable("format")
    if str(number.country_code) not in countries:
        raise NumberUnusable("country")
    if phonenumbers.number_type(number) not in mobile:
        raise NumberUnusable("format")
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def is_switched_off(user: User, now: int) -> bool:
    """Whether the account is disabled at `now`, in milliseconds UTC."""
    return user.state is UserState.DISABLED or (user.disabled_from is not None and user.disabled_from <= now)


def usable_name(name: str) -> str:
    """`name` without blanks around it; raises NameUnusable when nobody can type or show it."""
    if not name.strip() or len(name) > NAME_LENGTH or printable(name) != name:
        raise NameUnusable(name)
    return name.strip()


def check_person(person: NewPerson, countries: tuple[str, ...]) -> str | None:
    """Check everything that needs no database, and give the number as E.164; raises AccountError."""
    for name in (person.name, person.display_name):
        usable_name(name)
    if person.role is not Role.STAFF and not person.app:
        raise NeedsOtherFactor(person.role)
    return None if person.phone is None else normalised_number(person.phone, countries)


class Accounts:
    """Creates people; every change is one transaction with its audit row."""

    def __init__(self, site: Site, trail: AuditTrail, *, actor: str) -> None:
        self._site = site
        self._trail = trail
        self._actor = actor

    def create(self, person: NewPerson, *, reason: str, allowed: Callable[[], Mapping[str, JSON]] = dict) -> Created:
        """Create somebody as invited, with a one-time password; raises AccountError and DataError.

        `allowed` is asked in the transaction itself; it raises when it may not be done, and what it says stands in the log.
        """
        number = check_person(person, self._site.policy.sms.countries)
        password = new_one_time_password()
        password_hash = self._site.hasher.hash(password)
        secret = new_secret() if person.app else None
        with self._site.database.transaction(write=True):
            facts = allowed()
            user = self._add_user(person, password_hash)
            if number is not None:
                self._add_factor(user, FactorKind.SMS, number.encode(), index=number)
            if secret is not None:
                self._add_factor(user, FactorKind.TOTP, secret.encode())
            parameters = {"role": user.role.value, "sms": number is not None, "app": secret is not None, **facts}
            reference = self._record("users.added", user, reason, parameters)
        return Created(user=user, one_time_password=password, totp_secret=secret, reference=reference)

    def add_proven_person(self, person: NewPerson, *, password: str, totp_secret: str, reason: str) -> User:
        """Create somebody who chose a password and proved an app here and now: the first administrator."""
        number = check_person(person, self._site.policy.sms.countries)
        password_hash = self._site.hasher.hash(password)
        with self._site.database.transaction(write=True):
            user = self._add_user(person, password_hash)
            users, now = self._site.database.users, self._site.clock.now()
            users.set_password(user.id, password_hash, PasswordState.OWN, expires_at=None, if_epoch=user.epoch, now=now)
            if number is not None:
                self._add_factor(user, FactorKind.SMS, number.encode(), index=number)
            self._add_factor(user, FactorKind.TOTP, totp_secret.encode(), proven=True)
            self._record("users.added", user, reason, {"role": user.role.value, "sms": number is not None, "app": True})
        return user

    def issue_backup_code(self, user: User) -> str:
        """A back-up code to be written down now; it counts once the person has confirmed one on the success page."""
        code = new_code()
        code_hash = self._site.hasher.hash(code, Secret.CODE)
        with self._site.database.transaction(write=True):
            now = self._site.clock.now()
            row = self._site.database.backup_codes.issue(user.id, code_hash=code_hash, now=now)
            self._site.database.backup_codes.confirm(row.id, now)
            self._record("backup_code.issued", user, "init", {})
        return code

    def _add_user(self, person: NewPerson, password_hash: str) -> User:
        now = self._site.clock.now()
        try:
            return self._site.database.users.add(
                name=person.name,
                display_name=person.display_name,
                role=person.role,
                language=person.language,
                password_hash=password_hash,
                password_state=PasswordState.ONE_TIME,
                password_expires_at=now + self._site.policy.password.one_time_hours * HOUR_MS,
                now=now,
            )
        except DuplicateName:
            raise NameTaken(person.name) from None

    def _add_factor(
        self, user: User, kind: FactorKind, secret: bytes, *, index: str | None = None, proven: bool = False
    ) -> None:
        self._site.database.factors.add(
            user.id,
            kind=kind,
            label=kind.value,
            state=FactorState.ACTIVE if proven else FactorState.OFFERED,
            secret=secret,
            index=index,
            now=self._site.clock.now(),
        )

    def _record(self, action: str, user: User, reason: str, parameters: Mapping[str, JSON]) -> str:
        return self._trail.record(
            action, "ok", actor=self._actor, about=user.id, parameters={**parameters, "reason": reason}
        )
