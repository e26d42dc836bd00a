"""What the domain calls to have an SMS sent, inside its own write transaction, and what it asks to show how that goes."""

from dataclasses import dataclass
from typing import Final

from data.database import Database
from data.messages import Message, MessageKind, MessageState
from data.modems import Modem, ModemState
from data.transmissions import Transmission
from kiosk.delivery.candidates import (
    NOT_SEEN,
    Circumstances,
    Survey,
    is_reserved,
    present_modems,
    used_groups,
)
from kiosk.delivery.doorbell import Doorbell
from kiosk.delivery.limits import Limit, LimitScope, limit_for, may_go_to
from kiosk.delivery.routing import Choice, Reason, choose
from kiosk.delivery.state import DeliveryState
from kiosk.policy import Policy

__all__ = ["Delivery", "DeliveryState", "Limit", "LimitScope", "Outbox"]

# Error code of a message that the site's `countries` forbid.
COUNTRY: Final = "country"


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How one SMS stands, for a screen."""

    message_id: str
    state: DeliveryState
    final: bool
    """Nothing more will be tried for this SMS; a late answer or a report may still tell what became of it."""
    network_name: str | None
    """The network that took or refused it; before that the one it would take now."""
    network_group: str | None
    at: int | None
    """When it came into this state, in kiosk milliseconds; None while it waits."""
    sender_tail: str | None
    """Last digits of the number that it comes from, when the configuration knows it."""
    position: int
    """SMS that go before it; 0 unless it is in the queue."""
    tries: int
    """Transmissions so far, also those that failed before anything was sent."""
    error: str | None
    """Code of what went wrong, for the technician."""


_STATE: Final = {
    MessageState.COMMITTED: DeliveryState.SENDING,
    MessageState.SENT: DeliveryState.ACCEPTED,
    MessageState.DELIVERED: DeliveryState.DELIVERED,
    MessageState.UNDELIVERED: DeliveryState.NOT_DELIVERED,
    MessageState.UNKNOWN: DeliveryState.UNKNOWN,
    # Nothing left this kiosk and nothing will.
    MessageState.CANCELLED: DeliveryState.MODEM_DOWN,
    MessageState.EXPIRED: DeliveryState.MODEM_DOWN,
}
_WAITING: Final = {
    Reason.NO_NETWORK: DeliveryState.NO_NETWORK,
    Reason.NO_OTHER_NETWORK: DeliveryState.NO_NETWORK,
    Reason.SIM_GUARD: DeliveryState.MODEM_DOWN,
    Reason.MODEM_DOWN: DeliveryState.MODEM_DOWN,
    Reason.REFUSED: DeliveryState.REFUSED,
}


class Outbox:
    """The outbox as the domain of one process sees it, used in the database's thread.

    Methods that change something need the caller's open write transaction; the dispatcher is woken after its commit.
    """

    def __init__(self, database: Database, policy: Policy, doorbell: Doorbell) -> None:
        self._database = database
        self._policy = policy.sms
        self._doorbell = doorbell
        self._changed = False
        database.on_commit(self._after_commit)

    def limit_for(self, *, user_id: str, number: str, desk_id: str, reserved: bool, now: int) -> Limit | None:
        """Return which limit forbids one more code or back-up code for this person, phone and desk, and until when.

        `reserved` people, administrators and technicians, may use the part of the site's SMS that is kept for them.
        """
        return limit_for(
            self._database,
            self._policy,
            user_id=user_id,
            number=number,
            desk_id=desk_id,
            reserved=reserved,
            now=now,
        )

    def may_go_to(self, number: str) -> bool:
        """Whether the site allows SMS to the country of `number` (E.164)."""
        return may_go_to(number, self._policy)

    def queue(
        self,
        *,
        kind: MessageKind,
        user_id: str | None,
        desk_id: str | None,
        sign_in_id: str | None,
        challenge_id: str | None,
        number: str,
        text: str,
        priority: int,
        not_after: int,
        attempt_number: int = 1,
        avoid_groups: tuple[str, ...] = (),
        same_network_allowed: bool = True,
        report: bool = True,
        only_modem: str | None = None,
        language: str,
        now: int,
    ) -> Message:
        """Put an SMS in the outbox; ask `limit_for` first, in the same transaction.

        A number in a country that the site does not allow makes a message that has FAILED with error "country", so that
        whoever waits for it is shown the other ways. `not_after` is the end of the life of what it carries, `only_modem` the
        name of the one modem that may send it (a test of that modem).
        """
        message = self._database.messages.queue(
            kind=kind,
            user_id=user_id,
            desk_id=desk_id,
            sign_in_id=sign_in_id,
            challenge_id=challenge_id,
            number=number,
            text=text,
            priority=priority,
            not_after=not_after,
            attempt_number=attempt_number,
            avoid_groups=avoid_groups,
            same_network_allowed=same_network_allowed,
            report=report,
            only_modem=only_modem,
            language=language,
            now=now,
        )
        self._changed = True
        if self.may_go_to(number):
            return message
        self._database.messages.failed(message.id, COUNTRY, now)
        return self._database.messages.get(message.id) or message

    def cancel(self, sign_in_id: str, *, now: int) -> int:
        """The person left: what has not gone out yet is not sent; how many that were."""
        self._changed = True
        return self._database.messages.cancel_queued(sign_in_id, now)

    def answered(self, sign_in_id: str, *, now: int) -> None:
        """The person got in: nothing more is sent for this sign-in, and what was sent does not count for the limits."""
        self.cancel(sign_in_id, now=now)
        self._database.messages.uncharge(sign_in_id)

    def used_groups(self, challenge_id: str) -> frozenset[str]:
        """Return the groups of networks over which this code may have gone out."""
        return used_groups(self._database, challenge_id)

    def modems(self, now: int, *, reserved: bool = False) -> list[Modem]:
        """Return the modems as they stand; one whose SIM has sent what it may is DOWN with reason "sim_guard"."""
        return Survey(self._database, self._policy, now).for_people(reserved=reserved)

    def delivery_of(self, challenge_id: str, *, now: int) -> Delivery:
        """How the latest SMS with this code stands; raises LookupError when none was queued."""
        messages = self._database.messages.of_challenge(challenge_id)
        if not messages:
            raise LookupError(challenge_id)
        return self._delivery(messages[-1], now)

    def delivery_of_message(self, message_id: str, *, now: int) -> Delivery:
        """How this SMS stands; raises LookupError when there is none with that id."""
        message = self._database.messages.get(message_id)
        if message is None:
            raise LookupError(message_id)
        return self._delivery(message, now)

    def _delivery(self, message: Message, now: int) -> Delivery:
        tries = self._database.transmissions.of_message(message.id)
        if message.state is MessageState.QUEUED:
            return self._waiting(message, tries, now)
        last = tries[-1] if tries else None
        modem = None if last is None else self._database.modems.get(last.modem_id)
        return Delivery(
            message_id=message.id,
            state=self._state(message, last, now),
            final=message.state is not MessageState.COMMITTED,
            network_name=None if last is None else last.network_name,
            network_group=None if last is None else last.network_group,
            at=_since(message, last),
            sender_tail=None if modem is None else modem.number_tail,
            position=0,
            tries=len(tries),
            error=message.error,
        )

    def _state(self, message: Message, last: Transmission | None, now: int) -> DeliveryState:
        if message.state is MessageState.FAILED:
            # Codes that modem or network gave begin so; any other failure is our own.
            by_network = (message.error or "").startswith(("cms_", "cme_"))
            return DeliveryState.REFUSED if by_network else DeliveryState.MODEM_DOWN
        if message.state is MessageState.COMMITTED and last is not None:
            present = present_modems(self._database, now)
            if not any(one.id == last.modem_id and one.reason != NOT_SEEN for one in present):
                # Whoever was sending it has died and nobody has taken over yet.
                return DeliveryState.UNKNOWN
        return _STATE[message.state]

    def _waiting(self, message: Message, tries: list[Transmission], now: int) -> Delivery:
        survey = Survey(self._database, self._policy, now)
        busy = self._busy()
        choice = choose(
            message,
            survey.candidates(message, Circumstances(busy=busy)),
            self._policy,
            reserved=is_reserved(self._database, message),
        )
        state, position = self._in_line(message, choice, survey, busy)
        if choice.reason is not Reason.OTHER_NETWORK and any(one.moved_for == message.id for one in survey.modems):
            state, position = DeliveryState.SEARCHING, 0
        modem, last = choice.modem, tries[-1] if tries else None
        carrier = modem or last
        return Delivery(
            message_id=message.id,
            state=state,
            final=False,
            network_name=None if carrier is None else carrier.network_name,
            network_group=None if carrier is None else carrier.network_group,
            at=None,
            sender_tail=None if modem is None else modem.number_tail,
            position=position,
            tries=len(tries),
            error=None if last is None else last.error,
        )

    def _in_line(
        self, message: Message, choice: Choice, survey: Survey, busy: frozenset[str]
    ) -> tuple[DeliveryState, int]:
        """Whether it goes out now or after how many others."""
        if (state := _WAITING.get(choice.reason)) is not None:
            return state, 0
        ready = [modem for modem in survey.modems if modem.state is ModemState.READY]
        if not ready:
            return DeliveryState.QUEUE, 0
        # Every free modem takes one of those in front; what a busy one is sending goes before as well.
        free = sum(modem.id not in busy for modem in ready)
        before = self._database.messages.position(message.id) + 1 - free
        return (DeliveryState.QUEUE, before) if before > 0 else (DeliveryState.SENDING, 0)

    def _busy(self) -> frozenset[str]:
        """Modems that are sending, as far as the table tells: from Ctrl-Z to the answer."""
        return frozenset(
            one.modem_id
            for message in self._database.messages.orphans()
            for one in self._database.transmissions.of_message(message.id)[-1:]
        )

    def _after_commit(self) -> None:
        if self._changed:
            self._changed = False
            self._doorbell.ring()


def _since(message: Message, last: Transmission | None) -> int | None:
    if message.state in {MessageState.DELIVERED, MessageState.UNDELIVERED} and last is not None:
        return last.reported_at
    if message.state is MessageState.SENT and last is not None:
        return last.answered_at
    return message.final_at if message.final_at is not None else message.committed_at
