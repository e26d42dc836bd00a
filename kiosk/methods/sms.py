"""A code by SMS: one challenge, bound to its sign-in, sent up to three times and the same each time."""

import hmac
import secrets
from collections.abc import Callable
from enum import StrEnum, unique
from typing import Final

from data.challenges import Challenge, ChallengeState
from data.factors import Factor, FactorState
from data.messages import MessageKind
from data.modems import Modem
from data.transmissions import TransmissionState
from data.users import Role, User
from kiosk.delivery.outbox import Delivery, DeliveryState, Limit, LimitScope
from kiosk.delivery.routing import may_look_around, other_network, same_network
from kiosk.methods.method import RIGHT, Person, Verdict, digits_of, is_code, not_compared
from kiosk.methods.sms_words import limit_sentence, status
from kiosk.sign_in.outcomes import AskFirst, MethodKind, Sentence
from kiosk.sign_in.views import SmsView
from kiosk.watch import Subscription, Watchers

DIGITS: Final = 6
BACKUP_DIGITS: Final = 8
# Who mends a modem must get in by the last SMS that the site may send (DESIGN §6).
RESERVED_ROLES: Final = frozenset({Role.ADMINISTRATOR, Role.TECHNICIAN})
# Among messages that wait for a modem: a person at the desk before notices and tests.
PRIORITY_CODE: Final = 0


@unique
class Left(StrEnum):
    """Whether any SMS with this code has left the kiosk."""

    NO = "no"
    MAYBE = "maybe"
    YES = "yes"


class SmsMethod:
    """The SMS code of one sign-in; `confirming` proves a new phone at the first sign-in."""

    kind = MethodKind.SMS

    def __init__(self, person: Person, user: User, phone: Factor, *, confirming: bool = False) -> None:
        self.confirming = confirming
        self.phone = phone
        self._person = person
        self._site = person.site
        self._user = user
        self._challenge_id: str | None = None
        self._watchers = Watchers(self.state)

    @property
    def begun(self) -> bool:
        """A challenge exists."""
        return self._challenge_id is not None

    @property
    def challenge_id(self) -> str | None:
        """Id of the challenge, once there is one."""
        return self._challenge_id

    def begin(self) -> Verdict | None:
        """Make the code and queue its SMS in one transaction, with the limits checked and counted."""
        policy = self._site.policy.sms
        with self._site.database.transaction(write=True):
            now = self._site.clock.now()
            if (limit := self._limit(now)) is not None:
                return self._limited(limit)
            code = f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"
            last = now + policy.code_maximum_minutes * 60_000
            challenge = self._site.database.challenges.open(
                sign_in_id=self._person.sign_in_id,
                user_id=self._user.id,
                factor_id=self.phone.id,
                kind="phone" if self.confirming else "sms",
                code_mac=self._code_mac(code),
                code=code.encode(),
                max_tries=policy.tries,
                expires_at=now + policy.code_minutes * 60_000,
                last_expires_at=last,
                epoch=self._user.epoch,
                now=now,
            )
            self._queue(challenge, code, attempt_number=1, avoid_groups=(), same_network_allowed=True)
            self._record_queued(send=1)
        self._challenge_id = challenge.id
        return None

    def watch(self, callback: Callable[[SmsView], None]) -> Subscription:
        """Call back now and whenever something new is known of the SMS."""
        return self._watchers.watch(callback)

    def refresh(self) -> None:
        """Look at the outbox again and tell who watches."""
        self._watchers.refresh()

    def state(self) -> SmsView:
        """What is known of the SMS and its code now; begun() must hold."""
        challenge, delivery, tail = self._challenge(), self._delivery(), self.phone.number_tail or ""
        line, following = status(delivery, resent=challenge.sends > 1, tail=tail, now=self._site.clock.now())
        return SmsView(
            tail=tail,
            state=delivery.state,
            status_line=line,
            status_next=following,
            network=delivery.network_name,
            sender_tail=delivery.sender_tail,
            sends=challenge.sends,
            tries_left=min(self._person.tries_left(), challenge.max_tries - challenge.tries),
            issued_at=challenge.opened_at,
            valid_until=challenge.good_until,
            resend_from=self.resend_from(),
            both_work=challenge.sends > 1,
        )

    def answer(self, typed: str, accepted: Callable[[], None]) -> Verdict:
        """Judge six digits; claim, compare, consume and audit are one transaction."""
        code = digits_of(typed)
        if is_code(code, BACKUP_DIGITS):
            return not_compared("sms.code.looks_like_backup", keeps_typed=False)
        if not is_code(code, DIGITS):
            return not_compared("sms.code.incomplete")
        with self._site.database.transaction(write=True):
            verdict = self._judge(code, accepted)
        self.refresh()
        return verdict

    def cancel(self) -> None:
        """Wipe the code and take back what has not been sent."""
        if self._challenge_id is None:
            return
        with self._site.database.transaction(write=True):
            now = self._site.clock.now()
            self._site.database.challenges.wipe(self._challenge_id, now)
            self._site.outbox.cancel(self._person.sign_in_id, now=now)

    def resend(self, *, confirmed: bool) -> Sentence | AskFirst | Verdict:
        """The same code again over another network; asks first when only the same one is left.

        A Sentence says over which network it goes; a Verdict why it does not.
        """
        with self._site.database.transaction(write=True):
            now = self._site.clock.now()
            if (refused := self._resend_refused(now)) is not None:
                return refused
            used = self._used_groups()
            modems = self._modems(now)
            other = other_network(modems, used)
            modem = other or same_network(modems, used)
            if modem is None:
                return Verdict(why=Sentence("resend.failed", {"until": self._challenge().expires_at}))
            network = modem.network_name or modem.name
            searches = other is None and may_look_around(modems, used)
            if other is None and not confirmed and used:
                return AskFirst(Sentence("resend.search" if searches else "resend.no_other", {"network": network}))
            self._send_again(now, used, same_network_allowed=other is None)
        self.refresh()
        return Sentence("resend.line.search") if searches else Sentence("resend.line.over", {"network": network})

    def resend_from(self) -> int:
        """Kiosk time before which a resend waits."""
        challenge = self._challenge()
        cooldowns = self._site.policy.sms.cooldown_seconds
        seconds = cooldowns[min(challenge.sends, len(cooldowns)) - 1]
        sent = self._site.database.messages.of_challenge(challenge.id)
        newest = max((message.queued_at for message in sent), default=challenge.opened_at)
        return newest + seconds * 1000

    def delivered_at(self) -> int | None:
        """When the network reported the SMS as delivered to the phone; None when it did not."""
        delivery = self._delivery()
        return delivery.at if delivery.state is DeliveryState.DELIVERED else None

    def may_resend(self) -> bool:
        """Sends are left in this sign-in."""
        return self._challenge().sends < self._site.policy.sms.sends_per_sign_in

    def left(self) -> Left:
        """Whether any SMS with this code is certainly, perhaps or certainly not on its way."""
        database = self._site.database
        states = {
            transmission.state
            for message in database.messages.of_challenge(self._challenge().id)
            for transmission in database.transmissions.of_message(message.id)
        }
        if TransmissionState.SENT in states:
            return Left.YES
        return Left.MAYBE if states & {TransmissionState.COMMITTED, TransmissionState.UNKNOWN} else Left.NO

    def resend_over(self) -> tuple[str | None, bool]:
        """Name of the network that a resend would take now, and whether it is another one than those used."""
        used = self._used_groups()
        modems = self._modems(self._site.clock.now())
        if (other := other_network(modems, used)) is not None:
            return other.network_name or other.name, True
        same = same_network(modems, used)
        return (None if same is None else same.network_name or same.name), False

    def searches(self) -> bool:
        """Whether a resend would first look for another network, since none is at hand and a SIM may roam."""
        used, modems = self._used_groups(), self._modems(self._site.clock.now())
        return other_network(modems, used) is None and may_look_around(modems, used)

    def _judge(self, code: str, accepted: Callable[[], None]) -> Verdict:
        challenges, now = self._site.database.challenges, self._site.clock.now()
        challenge = self._challenge()
        phone = self._site.database.factors.get(self.phone.id)
        if phone is None or phone.state is not (FactorState.OFFERED if self.confirming else FactorState.ACTIVE):
            # Taken away since, at another desk or by an administrator: whoever has that phone proves nothing by it.
            challenges.wipe(challenge.id, now)
            return self._person.refused(self.kind, "revoked", "sms.code.expired")
        claimed = challenges.claim(challenge.id, now=now)
        if claimed is None:
            return self._why_not(now)
        attempt = self._person.claim(self.kind)
        if isinstance(attempt, Verdict):
            return attempt
        if not hmac.compare_digest(self._code_mac(code), claimed.code_mac):
            return self._person.wrong(self.kind, attempt, "sms.code.wrong", tries_left=claimed.tries_left)
        if not challenges.consume(challenge.id, now=now):
            return self._person.refused(self.kind, "used_before", "sms.code.used_before")
        self._person.right(self.kind)
        accepted()
        if self.confirming:
            # After `accepted`, which tells the number that this one replaces.
            self._site.database.factors.confirm(self.phone.id, now)
        return RIGHT

    def _why_not(self, now: int) -> Verdict:
        match self._challenge().state(now):
            case ChallengeState.USED:
                return self._person.refused(self.kind, "used_before", "sms.code.used_before")
            case ChallengeState.USED_UP:
                verdict = self._person.refused(self.kind, "used_up", "sms.code.used_up")
                return Verdict(why=verdict.why, reference=verdict.reference, ends=True)
            case _:
                return self._person.refused(self.kind, "expired", "sms.code.expired")

    def _resend_refused(self, now: int) -> Verdict | None:
        challenge = self._challenge()
        if challenge.state(now) is not ChallengeState.LIVE:
            return not_compared("sms.code.expired")
        if not self.may_resend():
            return Verdict(why=Sentence("resend.limit.sign_in", {"count": challenge.sends}))
        if now < (again := self.resend_from()):
            return Verdict(why=Sentence("resend.line.cooldown", {"seconds": -(-(again - now) // 1000)}))
        delivery = self._delivery()
        if not delivery.final and delivery.state is not DeliveryState.UNKNOWN:
            # It has not left yet: a second row would only become a second SMS.
            return Verdict(why=self.state().status_next)
        limit = self._limit(now)
        return None if limit is None else self._limited(limit)

    def _send_again(self, now: int, used: frozenset[str], *, same_network_allowed: bool) -> None:
        challenge, policy = self._challenge(), self._site.policy.sms
        expires_at = min(now + policy.code_minutes * 60_000, challenge.last_expires_at)
        extended = self._site.database.challenges.extend(challenge.id, expires_at=expires_at, sends=challenge.sends + 1)
        assert extended, "checked under the same write transaction"
        code = self._site.database.challenges.code(challenge).decode()
        self._queue(
            self._challenge(),
            code,
            attempt_number=challenge.sends + 1,
            avoid_groups=tuple(sorted(used)),
            same_network_allowed=same_network_allowed,
        )
        self._record_queued(send=challenge.sends + 1)

    def _record_queued(self, *, send: int) -> None:
        self._person.trail.record(
            f"{self._person.area}.sms",
            "queued",
            actor=self._user.id,
            about=self._person.sign_in_id,
            parameters={"send": send},
        )

    def _queue(
        self,
        challenge: Challenge,
        code: str,
        *,
        attempt_number: int,
        avoid_groups: tuple[str, ...],
        same_network_allowed: bool,
    ) -> None:
        now = self._site.clock.now()
        self._site.outbox.queue(
            kind=MessageKind.CODE,
            user_id=self._user.id,
            desk_id=self._person.desk_id,
            sign_in_id=self._person.sign_in_id,
            challenge_id=challenge.id,
            number=self._number(),
            text=self._text(challenge, code, attempt_number, now),
            priority=PRIORITY_CODE,
            not_after=challenge.expires_at,
            attempt_number=attempt_number,
            avoid_groups=avoid_groups,
            same_network_allowed=same_network_allowed,
            report=True,
            language=self._user.language,
            now=now,
        )

    def _text(self, challenge: Challenge, code: str, attempt_number: int, now: int) -> str:
        language = self._site.languages[self._user.language]
        if attempt_number > 1 and self.left() is not Left.NO:
            return language.sms("text.resent", site=self._site.name, count=attempt_number, code=code)
        if self.confirming:
            return language.sms("text.phone", site=self._site.name, code=code)
        minutes = max(1, round((challenge.expires_at - now) / 60_000))
        return language.sms("text.code", site=self._site.name, minutes=minutes, code=code)

    def _used_groups(self) -> frozenset[str]:
        return frozenset() if self._challenge_id is None else self._site.outbox.used_groups(self._challenge_id)

    def _limit(self, now: int) -> Limit | None:
        return self._site.outbox.limit_for(
            user_id=self._user.id,
            number=self._number(),
            desk_id=self._person.desk_id,
            reserved=self._user.role in RESERVED_ROLES,
            now=now,
        )

    def _limited(self, limit: Limit) -> Verdict:
        reference = self._person.trail.record(
            f"{self._person.area}.sms",
            "limited",
            actor=self._user.id,
            about=self._person.sign_in_id,
            parameters={"by": limit.scope},
        )
        return Verdict(why=limit_sentence(limit), reference=reference, names_contact=limit.scope is LimitScope.USER_DAY)

    def _modems(self, now: int) -> list[Modem]:
        return self._site.outbox.modems(now, reserved=self._user.role in RESERVED_ROLES)

    def _number(self) -> str:
        return self._site.database.factors.secret(self.phone).decode()

    def _challenge(self) -> Challenge:
        assert self._challenge_id is not None, "begin() comes first"
        challenge = self._site.database.challenges.get(self._challenge_id)
        assert challenge is not None, "challenges are wiped, never deleted, while their sign-in lives"
        return challenge

    def _delivery(self) -> Delivery:
        assert self._challenge_id is not None, "begin() comes first"
        return self._site.outbox.delivery_of(self._challenge_id, now=self._site.clock.now())

    def _code_mac(self, code: str) -> bytes:
        # Bound to the sign-in and the person, so that a MAC copied to another row accepts nothing there.
        message = f"{self._person.sign_in_id}|{self._user.id}|{code}"
        return self._site.vault.mac(message.encode(), purpose="sms_code")
