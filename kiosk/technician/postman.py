"""The test SMS of a modem that the kiosk has: through the outbox like every other, so that it is counted, logged and sent once."""

import threading
from collections.abc import Callable
from typing import Final

from data.database import Database
from data.messages import MessageKind
from data.transmissions import ReportState
from hardware.modem.jobs import SendProgress
from hardware.modem.reports import DeliveryOutcome
from kiosk.clock import EVIDENCE_KEY, Clock, TimeSource, kept_evidence
from kiosk.delivery.doorbell import Doorbell
from kiosk.delivery.outbox import Delivery, Outbox
from kiosk.delivery.state import DeliveryState
from kiosk.policy import Policy
from kiosk.technician.workplace import SmsOutcome

# After the codes: nobody waits at a desk for a test.
PRIORITY: Final = 5
LIFE_MS: Final = 3 * 60_000
_LOOK_SECONDS: Final = 0.1
_DECIDED: Final = {
    DeliveryState.ACCEPTED: "sent",
    DeliveryState.DELIVERED: "sent",
    DeliveryState.NOT_DELIVERED: "sent",
    DeliveryState.UNKNOWN: "unknown",
}
_REPORTS: Final = {
    ReportState.DELIVERED: DeliveryOutcome.DELIVERED,
    ReportState.UNDELIVERED: DeliveryOutcome.FAILED,
    ReportState.PENDING: DeliveryOutcome.PENDING,
}


class OutboxPostman:
    """Queues the one SMS for one modem and follows it; used in one thread, which opens its own connection for each call."""

    def __init__(
        self,
        open_database: Callable[[], Database],
        *,
        modem: str,
        language: str,
        policy: Policy,
        clock: Clock,
        doorbell: Doorbell,
    ) -> None:
        self._open_database = open_database
        self._modem = modem
        self._language = language
        self._policy = policy
        self._clock = clock
        self._doorbell = doorbell
        self._message_id = ""
        self._sent_at = 0

    def send(
        self, number: str, text: str, *, cancelled: threading.Event, progress: Callable[[SendProgress], None]
    ) -> SmsOutcome:
        """Queue it and wait until its fate is known; cancelled before Ctrl-Z it is taken out of the queue."""
        del progress
        with self._open_database() as database:
            outbox = Outbox(database, self._policy, self._doorbell)
            now, self._sent_at = self._clock.now(), self._clock.moment().boot_ms
            with database.transaction(write=True):
                self._message_id = outbox.queue(
                    kind=MessageKind.TEST,
                    user_id=None,
                    desk_id=None,
                    sign_in_id=None,
                    challenge_id=None,
                    number=number,
                    text=text,
                    priority=PRIORITY,
                    not_after=now + LIFE_MS,
                    only_modem=self._modem,
                    language=self._language,
                    now=now,
                ).id
            return self._follow(database, outbox, cancelled)

    def delivered(self, seconds: float, cancelled: threading.Event) -> DeliveryOutcome | None:
        """What the delivery report of the SMS says."""
        outcome = None
        with self._open_database() as database:
            for _ in range(int(seconds / _LOOK_SECONDS)):
                tries = database.transmissions.of_message(self._message_id)
                outcome = _REPORTS.get(tries[-1].report) if tries else None
                if outcome not in {None, DeliveryOutcome.PENDING} or cancelled.wait(_LOOK_SECONDS):
                    break
        return outcome

    def clock_offset(self) -> float | None:
        """What the service centre's time in that report says of ours, as whoever drives the modem has kept it."""
        with self._open_database() as database:
            kept = kept_evidence(database.meta.get(EVIDENCE_KEY))
        here = self._clock.moment()
        ours = (one for one in kept if (one.modem, one.source) == (self._modem, TimeSource.SERVICE_CENTRE))
        told = (one.at(here) for one in ours if one.boot_ms >= self._sent_at)
        return next((one.seconds for one in told if one is not None), None)

    def _follow(self, database: Database, outbox: Outbox, cancelled: threading.Event) -> SmsOutcome:
        withdrawn = False
        while True:
            delivery = outbox.delivery_of_message(self._message_id, now=self._clock.now())
            if (outcome := self._outcome(database, delivery)) is not None:
                return SmsOutcome(state="cancelled") if withdrawn and outcome.state == "not_sent" else outcome
            if cancelled.is_set() and not withdrawn:
                withdrawn = True
                with database.transaction(write=True):
                    database.messages.withdraw(self._message_id, self._clock.now())
                self._doorbell.ring()
            # Not on `cancelled`, which may be set already while a committed SMS is waited for.
            threading.Event().wait(_LOOK_SECONDS)

    def _outcome(self, database: Database, delivery: Delivery) -> SmsOutcome | None:
        state = _DECIDED.get(delivery.state)
        if state is not None:
            tries = database.transmissions.of_message(delivery.message_id)
            answered = tries[-1].answered_at if tries else None
            seconds = 0.0 if answered is None else (answered - tries[-1].started_at) / 1000
            return SmsOutcome(
                state="sent" if state == "sent" else "unknown", error=delivery.error or "", seconds=seconds
            )
        if not delivery.final:
            return None
        refused = (delivery.error or "").startswith(("cms_", "cme_"))
        return SmsOutcome(state="refused" if refused else "not_sent", error=delivery.error or "too_late")
