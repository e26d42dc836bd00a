"""Methods that a person proves here and now, beside the administrator: a code by SMS to a new number, or a code of an app.

Codes live in this object and in the outbox only: whoever leaves the page begins anew.
"""

import hmac
import secrets
from enum import StrEnum, unique
from typing import Final

from data.factors import FactorKind, FactorState
from data.messages import MessageKind
from kiosk.administration.authority import Act, PageAuthority, check
from kiosk.administration.changing import Office, changing, record_refusal
from kiosk.administration.errors import AdministrationError, Forbidden, MethodUnknown
from kiosk.administration.four_eyes import Content
from kiosk.administration.free_text import Why, checked_why
from kiosk.administration.methods import method_of, revoke
from kiosk.administration.notices import Notice
from kiosk.administration.passwords import Done
from kiosk.clock import ClockHealth
from kiosk.delivery.outbox import Delivery, Limit
from kiosk.methods.method import digits_of, is_code
from kiosk.methods.sms import RESERVED_ROLES
from kiosk.methods.sms_words import status
from kiosk.methods.totp import DIGITS, STEP_SECONDS, matching_step, new_secret, uri_of
from kiosk.sign_in.outcomes import Sentence

MINUTE_MS: Final = 60_000
# As at a sign-in: with six digits a guess succeeds once in two hundred thousand.
TRIES: Final = 5
# People at a desk wait for it, as for the code of a sign-in.
PRIORITY: Final = 0


@unique
class Wrong(StrEnum):
    """Why a code was not accepted."""

    INCOMPLETE = "incomplete"
    """Not six digits; costs no try."""
    WRONG = "wrong"
    EXPIRED = "expired"
    USED_UP = "used_up"
    """Begin anew."""


class CodeRefused(AdministrationError):
    """The code was not right; `tries_left` until it is begun anew."""

    def __init__(self, wrong: Wrong, tries_left: int) -> None:
        super().__init__(wrong.value)
        self.wrong = wrong
        self.tries_left = tries_left


class SmsLimited(AdministrationError):
    """No SMS may be sent now; `limit` says until when."""

    def __init__(self, limit: Limit) -> None:
        super().__init__(limit.scope.value)
        self.limit = limit


class ClockUnbelieved(AdministrationError):
    """Codes of an app cannot be judged while the clock of this machine is not believed."""


class PhoneProof:
    """Confirms a number that was offered, by a code that is sent there."""

    def __init__(self, office: Office, person_id: str, method_id: str, *, desk_id: str) -> None:
        self.office = office
        """In whose name; a page that stands long hands in a fresh one."""
        self._person_id = person_id
        self._method_id = method_id
        self._desk_id = desk_id
        self._code: str | None = None
        self._expires_at = 0
        self._tries = 0
        self._message_id: str | None = None
        self._tail = ""
        self._groups: tuple[str, ...] = ()

    def send(self, *, over_other_network: bool = False) -> str:
        """Send a code, a new one each time; the end of the number it goes to.

        Raises MethodUnknown, SmsLimited, Forbidden, DataError.
        """
        site = self.office.site
        try:
            with site.database.transaction(write=True):
                now = site.clock.now()
                check(site, self.office.authority, Act.CONFIRM_PHONE, self._person_id, now)
                factor = site.database.factors.get(self._method_id)
                user = site.database.users.get(self._person_id)
                if factor is None or user is None or factor.user_id != user.id or factor.kind is not FactorKind.SMS:
                    raise MethodUnknown
                if factor.state is not FactorState.OFFERED:
                    raise MethodUnknown
                number = site.database.factors.secret(factor).decode()
                limit = site.outbox.limit_for(
                    user_id=user.id,
                    number=number,
                    desk_id=self._desk_id,
                    reserved=user.role in RESERVED_ROLES,
                    now=now,
                )
                if limit is not None:
                    raise SmsLimited(limit)
                code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
                expires_at = now + site.policy.sms.code_minutes * MINUTE_MS
                avoid = self._used_groups(now) if over_other_network else ()
                message = site.outbox.queue(
                    kind=MessageKind.CODE,
                    user_id=user.id,
                    desk_id=self._desk_id,
                    sign_in_id=None,
                    challenge_id=None,
                    number=number,
                    text=site.languages[user.language].sms("text.phone", site=site.name, code=code),
                    priority=PRIORITY,
                    not_after=expires_at,
                    avoid_groups=avoid,
                    same_network_allowed=not over_other_network,
                    language=user.language,
                    now=now,
                )
                self.office.trail.record(
                    "users.phone_code_sent",
                    "queued",
                    actor=self.office.authority.actor,
                    about=user.id,
                    parameters={"message": message.id, "tail": factor.number_tail, "other_network": over_other_network},
                )
        except Forbidden as error:
            error.reference = record_refusal(self.office, Act.CONFIRM_PHONE, self._person_id, error.rule)
            raise
        self._code, self._expires_at, self._tries, self._message_id = code, expires_at, 0, message.id
        self._tail = factor.number_tail or ""
        return self._tail

    def delivery(self) -> Delivery:
        """How the SMS stands; `send` comes first."""
        assert self._message_id is not None, "send() comes first"
        return self.office.site.outbox.delivery_of_message(self._message_id, now=self.office.site.clock.now())

    def status_line(self) -> Sentence:
        """How the SMS stands, in one line; `send` comes first."""
        line, _next = status(self.delivery(), resent=False, tail=self._tail, now=self.office.site.clock.now())
        return line

    def answer(self, typed: str, why: Why) -> Done:
        """The number counts from now on, and what it replaces no longer; raises CodeRefused, AdministrationError, DataError."""
        code, site = digits_of(typed), self.office.site
        if not is_code(code, DIGITS):
            raise CodeRefused(Wrong.INCOMPLETE, TRIES - self._tries)
        if self._code is None or self._tries >= TRIES:
            raise CodeRefused(Wrong.USED_UP, 0)
        self._tries += 1
        if site.clock.now() >= self._expires_at:
            raise CodeRefused(Wrong.EXPIRED, 0)
        if not hmac.compare_digest(code, self._code):
            raise CodeRefused(Wrong.WRONG, TRIES - self._tries)
        with changing(self.office, Act.CONFIRM_PHONE, self._person_id, why) as change:
            change.forbid_disabled()
            change.forbid_both_ways(Act.CONFIRM_PHONE)
            factor = method_of(change, self._method_id)
            replaced = None if factor.replaces is None else site.database.factors.get(factor.replaces)
            if not site.database.factors.confirm(factor.id, change.now):
                raise MethodUnknown
            if replaced is not None:
                change.also.append((Act.REVOKE_METHOD, {"kind": replaced.kind.value}))
                revoke(change, replaced)
            change.parameters["tail"] = factor.number_tail
            change.tell(Notice.PHONE)
        # Once; also when the same page goes on.
        self._code = None
        return Done(user=change.user, reference=change.reference, count=1)

    def _used_groups(self, now: int) -> tuple[str, ...]:
        if self._message_id is not None:
            group = self.office.site.outbox.delivery_of_message(self._message_id, now=now).network_group
            if group is not None and group not in self._groups:
                self._groups = (*self._groups, group)
        return self._groups


def offered_phone(office: Office, person_id: str) -> PhoneProof:
    """The proof of the number that waits to be confirmed; raises MethodUnknown when none does, DataError."""
    database, authority = office.site.database, office.authority
    session = database.sessions.get(authority.session_id) if isinstance(authority, PageAuthority) else None
    factors = database.factors.of_user(person_id)
    offered = [one for one in factors if one.kind is FactorKind.SMS and one.state is FactorState.OFFERED]
    if session is None or not offered:
        raise MethodUnknown
    return PhoneProof(office, person_id, offered[-1].id, desk_id=session.desk_id)


class AppProof:
    """Adds an authenticator app with the person at the desk: the page shows `uri` to them, and takes a code of the app."""

    def __init__(self, office: Office, person_id: str) -> None:
        self.office = office
        """As for PhoneProof."""
        self._person_id = person_id
        self._tries = 0
        self.secret: Final = new_secret()

    def uri(self) -> str:
        """What the app reads from a QR code; raises MethodUnknown when the person is gone."""
        user = self.office.site.database.users.get(self._person_id)
        if user is None or user.deleted_at is not None:
            raise MethodUnknown
        return uri_of(self.secret, account=user.name, site=self.office.site.name)

    def answer(self, typed: str, why: Why, *, replaces: str | None = None) -> Done:
        """The app counts from now on, and the method `replaces` no longer.

        Raises CodeRefused, ClockUnbelieved, AdministrationError, DataError.
        """
        why, code, site = checked_why(why), digits_of(typed), self.office.site
        if not is_code(code, DIGITS):
            raise CodeRefused(Wrong.INCOMPLETE, TRIES - self._tries)
        if site.clock.health() is not ClockHealth.OK:
            raise ClockUnbelieved
        if self._tries >= TRIES:
            raise CodeRefused(Wrong.USED_UP, 0)
        self._tries += 1
        step = matching_step(
            self.secret, code, site.clock.wall() // 1000 // STEP_SECONDS, site.policy.totp.window_steps
        )
        if step is None:
            raise CodeRefused(Wrong.WRONG, TRIES - self._tries)
        content = Content({"kind": FactorKind.TOTP.value, "here": True, "replaces": replaces})
        with changing(self.office, Act.ADD_METHOD, self._person_id, why, content=content) as change:
            change.forbid_disabled()
            change.forbid_both_ways(Act.ADD_METHOD)
            factors = site.database.factors
            old = None if replaces is None else method_of(change, replaces)
            factor = factors.add(
                change.user.id,
                kind=FactorKind.TOTP,
                label=FactorKind.TOTP.value,
                state=FactorState.ACTIVE,
                secret=self.secret.encode(),
                index=None,
                now=change.now,
            )
            # The code that proved it lets nobody in.
            factors.accept_step(factor.id, step, change.now)
            if old is not None:
                change.also.append((Act.REVOKE_METHOD, {"kind": old.kind.value, "sessions": revoke(change, old)}))
            change.parameters.update({"kind": FactorKind.TOTP.value, "proved_here": True})
            change.tell(Notice.FACTOR)
        self._tries = TRIES
        return Done(user=change.user, reference=change.reference, count=1)
