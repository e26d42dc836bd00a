"""The new back-up code: made after the sign-in counts, shown once, live for good only when the person confirmed it.

A crash between making and showing loses nothing: a code that nobody confirmed is replaced at the next sign-in.
"""

import logging
from collections.abc import Callable
from typing import Final

from data.backup_codes import BackupCode, BackupCodeState
from data.errors import DataError
from data.factors import Factor, FactorKind, FactorState
from data.messages import MessageKind
from data.users import User
from kiosk.audit import AuditTrail
from kiosk.delivery.outbox import DeliveryState
from kiosk.methods.backup_code import new_code
from kiosk.methods.sms_words import limit_sentence
from kiosk.passwords import Secret
from kiosk.sign_in.outcomes import Sentence
from kiosk.sign_in.views import SuccessView
from kiosk.site import Site

log = logging.getLogger("kiosk.sign_in")
PRIORITY_BACKUP: Final = 10
# The person stands at the desk and is told to write the code down: an SMS that comes much later only puzzles.
SMS_LIFE_MS: Final = 10 * 60_000


def _nothing() -> None:
    """The code is all."""


class BackupCodeHandout:
    """The back-up code on the success page of one sign-in."""

    def __init__(self, site: Site, trail: AuditTrail, *, user: User, sign_in_id: str, desk_id: str) -> None:
        self._site = site
        self._trail = trail
        self._user = user
        self._sign_in_id = sign_in_id
        self._desk_id = desk_id
        self._code: str | None = None
        self._row: BackupCode | None = None
        self._first = False
        self._message_id: str | None = None
        self._sms_refused: Sentence | None = None

    def needed(self) -> bool:
        """The person has no back-up code that they confirmed."""
        live = self._site.database.backup_codes.live(self._user.id)
        return live is None or live.state is BackupCodeState.ISSUED

    def issue(self, also: Callable[[], object] = _nothing) -> bool:
        """Make a new code; False when it could not be kept (the person is signed in all the same).

        `also` is done in the transaction in which the code becomes the one; what it raises undoes both.
        """
        code = new_code()
        try:
            code_hash = self._site.hasher.hash(code, Secret.CODE)
            with self._site.database.transaction(write=True):
                codes = self._site.database.backup_codes
                first = codes.last_used(self._user.id) is None
                row = codes.issue(self._user.id, code_hash=code_hash, now=self._site.clock.now())
                self._trail.record("backup_code.issued", "ok", actor=self._user.id, about=row.id)
                also()
        except DataError as error:
            log.error("no new back-up code was kept: %r", error)  # noqa: TRY400  the cause is in the error
            return False
        self._code, self._row, self._first = code, row, first
        return True

    def view(self) -> SuccessView:
        """What the page shows."""
        return SuccessView(
            backup_code=self._code,
            first=self._first,
            notice=None if self._code is not None else Sentence("success.not_made"),
            may_send_sms=self._may_send(),
            sms=self._sms(),
        )

    def send_by_sms(self) -> Sentence | None:
        """Queue the one SMS with this code; a Sentence when it may not or could not."""
        phone = self._phone()
        if not self._may_send() or phone is None or self._row is None or self._code is None:
            return Sentence("success.sms.failed")
        number = self._site.database.factors.secret(phone).decode()
        with self._site.database.transaction(write=True):
            now = self._site.clock.now()
            limit = self._site.outbox.limit_for(
                user_id=self._user.id, number=number, desk_id=self._desk_id, reserved=False, now=now
            )
            if limit is not None:
                self._sms_refused = limit_sentence(limit)
                return self._sms_refused
            if not self._site.database.backup_codes.mark_sent_by_sms(self._row.id, now):
                return Sentence("success.sms.failed")
            language = self._site.languages[self._user.language]
            spaced = f"{self._code[:4]} {self._code[4:]}"
            message = self._site.outbox.queue(
                kind=MessageKind.BACKUP,
                user_id=self._user.id,
                desk_id=self._desk_id,
                sign_in_id=self._sign_in_id,
                challenge_id=None,
                number=number,
                text=language.sms("text.backup_code", site=self._site.name, code=spaced),
                priority=PRIORITY_BACKUP,
                not_after=now + SMS_LIFE_MS,
                attempt_number=1,
                avoid_groups=(),
                same_network_allowed=True,
                report=True,
                language=self._user.language,
                now=now,
            )
            self._trail.record("backup_code.sms", "queued", actor=self._user.id, about=self._row.id)
        self._message_id = message.id
        return None

    def confirm(self) -> bool:
        """The person noted the code: it is live from now on and leaves this process. False when it is void by now."""
        confirmed = True
        if self._row is not None:
            with self._site.database.transaction(write=True):
                confirmed = self._site.database.backup_codes.confirm(self._row.id, self._site.clock.now())
                result = "ok" if confirmed else "gone"
                self._trail.record("backup_code.confirmed", result, actor=self._user.id, about=self._row.id)
        self.forget()
        return confirmed

    def forget(self) -> None:
        """Let go of the code in memory."""
        self._code = None

    def _phone(self) -> Factor | None:
        factors = self._site.database.factors.of_user(self._user.id)
        phones = [row for row in factors if row.kind is FactorKind.SMS and row.state is FactorState.ACTIVE]
        return next(iter(phones), None)

    def _may_send(self) -> bool:
        policy = self._site.policy.backup_code
        if not policy.by_sms or self._code is None or self._message_id is not None or self._phone() is None:
            return False
        factors = self._site.database.factors.of_user(self._user.id)
        other = any(row.kind is not FactorKind.SMS and row.state is FactorState.ACTIVE for row in factors)
        return other or policy.by_sms_when_only_sms

    def _sms(self) -> Sentence | None:
        if self._message_id is None:
            return self._sms_refused
        delivery = self._site.outbox.delivery_of_message(self._message_id, now=self._site.clock.now())
        if delivery.state in {DeliveryState.ACCEPTED, DeliveryState.DELIVERED}:
            phone = self._phone()
            return Sentence("success.sms.sent", {"tail": (phone.number_tail if phone else None) or ""})
        if delivery.state in {DeliveryState.QUEUE, DeliveryState.SENDING}:
            return Sentence("success.sms.sending.line")
        unknown = delivery.state is DeliveryState.UNKNOWN
        return Sentence("success.sms.unknown" if unknown else "success.sms.failed")
