"""From the queue to the modems and back: which message goes out next, over which modem, and what its result means."""

import logging
import math
import time
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Final

from data.challenges import ChallengeState
from data.database import Database
from data.errors import DatabaseUnavailable, SealBroken, Wiped
from data.messages import Message, MessageState
from data.modems import Modem, ModemState
from hardware.modem.causes import ErrorClass
from hardware.modem.fleet import Fleet
from hardware.modem.jobs import Cancelled, NotSent, Refused, SendResult, Sent, SmsJob, Unknown
from hardware.modem.reports import StatusReport
from kiosk.delivery.candidates import Circumstances, Survey, is_reserved
from kiosk.delivery.jobs import Flight, Journals
from kiosk.delivery.modem_rows import ModemRows
from kiosk.delivery.moving import ChoosesAgain, Moved, Moving
from kiosk.delivery.records import Records
from kiosk.delivery.routing import Candidate, Choice, Reason, choose, movable
from kiosk.delivery.time_witness import TimeWitness
from kiosk.policy import SmsPolicy

log = logging.getLogger("kiosk.delivery")

# Messages looked at in one round; when so many cannot go out, those behind them cannot either.
LOOK_AHEAD: Final = 100
# Expired messages are looked for at most so often, in milliseconds.
EXPIRY_PACE_MS: Final = 1_000
# Pause before a modem gets a message again at which it failed, in seconds: doubled each time, at most the last value.
FIRST_REST: Final = 0.5
LONGEST_REST: Final = 15.0
# A modem that failed at a message so often, without a doubt about itself, will not send it.
MOST_TRIES: Final = 4
# A modem's failures older than this many seconds say nothing about it any more.
FAILURES_COUNT: Final = 600.0
# Why a message does not go over another network than those that carried its code.
_NO_OTHER: Final = frozenset({Reason.SAME_NETWORK, Reason.NO_OTHER_NETWORK})
# These say nothing about modem or network.
_NOBODYS_FAULT: Final = frozenset({"too_late", "stopping", "journal_failed"})


@dataclass(frozen=True, slots=True)
class Answered:
    """A modem's owner has finished with a flight."""

    flight: Flight
    result: SendResult


@dataclass(frozen=True, slots=True)
class Reported:
    """A delivery report came in over the modem with that name."""

    modem: str
    report: StatusReport


@dataclass(frozen=True, slots=True)
class Late:
    """The answer to the last unknown SMS of the modem with that name came after all."""

    modem: str
    reference: int


Event = Answered | Reported | Late | Moved | ChoosesAgain


class Sending:
    """What one dispatcher knows beside the tables; used in its thread, which hands in `records` for each step."""

    def __init__(
        self,
        fleet: Fleet,
        rows: ModemRows,
        journals: Journals,
        policy: SmsPolicy,
        witness: TimeWitness,
        *,
        answered: Callable[[Answered | Moved | ChoosesAgain], None],
    ) -> None:
        self._fleet = fleet
        self._rows = rows
        self._journals = journals
        self._policy = policy
        self._witness = witness
        self._answered = answered
        self._moving = Moving(fleet, told=answered)
        self.flights: Final[dict[str, Flight]] = {}
        self.waiting = 0
        """Messages in the queue that are on no modem, at the last look."""
        self.reserved: Collection[str] = frozenset()
        """Names of modems that get nothing new: somebody else is about to have them."""
        self.mine: Callable[[Message, Database, int], bool] = lambda *_: True
        """Whether a message is ours to send; a borrower leaves to the others what they can send."""
        self.may_move = True
        """Whether modems may look for another network; not while somebody has them to themselves."""
        self._wish: tuple[Message, Modem] | None = None
        self._rests: dict[tuple[str, str], tuple[int, float]] = {}
        self._refusing: set[tuple[str, str]] = set()
        self._failures: dict[str, list[float]] = {}
        self._unknown: dict[str, str] = {}
        self._early: dict[str, list[StatusReport]] = {}
        self._unfit: set[str] = set()
        self._expired_at = 0

    def look(self, records: Records, now: int) -> None:
        """Expire, call back and hand out; raises DataError."""
        if not 0 <= now - self._expired_at < EXPIRY_PACE_MS:
            records.expire()
            self._expired_at = now
        self._call_back(records)
        queued = records.database.messages.next_queued(now, limit=LOOK_AHEAD)
        waiting = [message for message in queued if message.id not in self.flights]
        self.waiting = len(waiting)
        self._forget_all_but({message.id for message in queued})
        if waiting:
            self._hand_out_all(waiting, records, now)
        self._moving.look({message.id for message in queued} | self.flights.keys(), records)

    def _hand_out_all(self, waiting: Sequence[Message], records: Records, now: int) -> None:
        self._wish = None
        mine = self._fleet.statuses().keys() - set(self.reserved)
        survey = Survey(records.database, self._policy, now, only=mine)
        for message in waiting:
            if not self._free_modem(survey):
                break
            if message.id not in self._unfit and self.mine(message, records.database, now):
                self._try_to_hand_out(message, records, survey)
        self._fulfil_wish(records, now)

    def _fulfil_wish(self, records: Records, now: int) -> None:
        """Last, when every code that this modem could send has been handed out."""
        if self._wish is not None and not self.sends_over(self._wish[1].name):
            self._moving.begin(*self._wish, records, now)

    def settle(self, event: Event, records: Records) -> None:
        """Write down what a modem's owner told; raises DataError, and then it may be told again."""
        match event:
            case Answered(flight, result):
                self._settle_result(flight, result, records)
                self.flights.pop(flight.message.id, None)
                for report in self._early.get(flight.modem.name, ()):
                    self._settle_report(flight.modem.name, report, records)
                self._early.pop(flight.modem.name, None)
            case Reported(modem, report):
                self._settle_report(modem, report, records)
            case Late(modem, reference):
                if (transmission_id := self._unknown.get(modem)) is not None:
                    records.late(transmission_id, reference)
                    del self._unknown[modem]
            case Moved() | ChoosesAgain():
                self._moving.settle(event, records)

    def forget(self, event: Event) -> None:
        """What was told cannot be written down, ever: the modem is free again, the sweep finds the message."""
        match event:
            case Answered(flight, _):
                self.flights.pop(flight.message.id, None)
            case Moved() | ChoosesAgain():
                self._moving.forget(event)

    def sends_over(self, modem: str) -> bool:
        """Whether something is on its way over the modem with that name."""
        return any(flight.modem.name == modem for flight in self.flights.values())

    def call_back_all(self) -> None:
        """Nothing more goes out; what is before Ctrl-Z is undone."""
        for flight in self.flights.values():
            flight.cancelled.set()
        self._moving.give_up_all()
        self._fleet.wake()

    def _call_back(self, records: Records) -> None:
        """Undo the flights of messages that somebody has taken out of the queue."""
        for message_id, flight in self.flights.items():
            if flight.cancelled.is_set() or flight.journaled.is_set():
                continue
            message = records.database.messages.get(message_id)
            if message is None or message.state is not MessageState.QUEUED:
                flight.cancelled.set()
                self._fleet.wake()

    def _forget_all_but(self, queued: set[str]) -> None:
        self._rests = {pair: rest for pair, rest in self._rests.items() if pair[0] in queued}
        self._refusing = {pair for pair in self._refusing if pair[0] in queued}
        self._unfit &= queued

    def _free_modem(self, survey: Survey) -> bool:
        busy = self._busy()
        return any(modem.state is ModemState.READY and modem.id not in busy for modem in survey.modems)

    def _busy(self) -> frozenset[str]:
        return frozenset(flight.modem.id for flight in self.flights.values())

    def _try_to_hand_out(self, message: Message, records: Records, survey: Survey) -> None:
        try:
            self._hand_out(message, records, survey)
        except DatabaseUnavailable:
            raise
        except Exception:
            # A mistake of ours with one message must not keep all others from going out; this one will expire.
            log.exception("message %s cannot be handed out", message.id)
            self._unfit.add(message.id)

    def _hand_out(self, message: Message, records: Records, survey: Survey) -> None:
        if self._code_is_gone(message, records, survey.now):
            records.failed(message, "code_gone")
            return
        candidates = survey.candidates(message, self._circumstances())
        reserved = is_reserved(records.database, message)
        choice = choose(message, candidates, self._policy, reserved=reserved)
        if self._waits_for_network(message, choice, candidates, survey.now, reserved=reserved):
            return
        if choice.modem is not None:
            self._launch(message, choice.modem, records, survey.now)
        elif choice.reason is Reason.REFUSED:
            records.failed(message)

    def _waits_for_network(
        self, message: Message, choice: Choice, candidates: Sequence[Candidate], now: int, *, reserved: bool
    ) -> bool:
        """Whether a modem looks for another network for this message, or is about to: then it goes over no other."""
        searching = self._moving.modem_for(message.id)
        if choice.modem is not None and choice.reason is not Reason.SAME_NETWORK:
            if searching not in {None, choice.modem.name}:
                # Another modem has come, or come to another network.
                self._moving.give_up(message.id)
                return False
            return searching is not None
        if searching is not None:
            return True
        may = (
            self.may_move and self._wish is None and choice.reason in _NO_OTHER and self._moving.may_begin(message, now)
        )
        modem = movable(message, candidates, self._policy, reserved=reserved) if may else None
        if modem is None:
            return False
        self._wish = (message, modem)
        return True

    @staticmethod
    def _code_is_gone(message: Message, records: Records, now: int) -> bool:
        """The person left or got in while a modem was being refused: the message came back to the queue after that."""
        if message.challenge_id is None:
            return False
        challenge = records.database.challenges.get(message.challenge_id)
        return challenge is None or challenge.state(now) is not ChallengeState.LIVE

    def _circumstances(self) -> Circumstances:
        now = time.monotonic()
        return Circumstances(
            busy=self._busy(),
            resting={pair for pair, (_, until) in self._rests.items() if until > now},
            refusing=self._refusing,
            failures_in_a_row={
                modem_id: sum(at > now - FAILURES_COUNT for at in times) for modem_id, times in self._failures.items()
            },
        )

    def _launch(self, message: Message, modem: Modem, records: Records, now: int) -> None:
        try:
            number, text = records.database.messages.number(message), records.database.messages.text(message)
        except (SealBroken, Wiped) as error:
            log.error("message %s cannot be read: %s", message.id, error)  # noqa: TRY400  the place says it all
            records.failed(message, "unreadable")
            return
        flight = Flight(message=message, modem=modem, label=self._rows.label(modem.name))
        left_ms = message.not_after - now
        job = SmsJob(
            number=number,
            text=text,
            validity_minutes=math.ceil(left_ms / 60_000),
            report=message.report,
            journal=lambda status: self._journals.commit(flight, status),
            deadline=time.monotonic() + left_ms / 1000,
            cancelled=flight.cancelled,
        )
        self.flights[message.id] = flight
        log.info("message %s goes over modem %s", message.id, modem.name)
        future = self._fleet.submit(modem.name, job)
        future.add_done_callback(lambda done: self._answered(Answered(flight, done.result())))

    def _settle_report(self, name: str, report: StatusReport, records: Records) -> None:
        row = self._rows.row(name)
        assert row is not None, "rows are written before the modems are started"
        if any(one.modem.name == name and one.journaled.is_set() for one in self.flights.values()):
            # A phone can be quicker than the answer that tells the reference, and a report whose reference nobody knows
            # would be taken for that of an earlier SMS of unknown fate. After the answer it is clear.
            self._early.setdefault(name, []).append(report)
            return
        with records.database.transaction(write=True):
            # Both or neither: whoever sees the report may ask at once what it said of the time.
            if records.reported(row.id, report):
                self._witness.reported(name, report, records.database)
            else:
                log.info("modem %s has a delivery report of no message of ours, status %02x", name, report.status)

    def _settle_result(self, flight: Flight, result: SendResult, records: Records) -> None:
        pair = (flight.message.id, flight.modem.id)
        match result:
            case Sent():
                records.sent(flight, result)
                self._witness.sent(flight.modem.name, result.reference, result.seconds)
                self._failures.pop(flight.modem.id, None)
            case Unknown():
                records.unknown(flight, result)
                self._unknown[flight.modem.name] = flight.transmission_id
                self._count_failure(flight.modem)
            case Refused() if result.error_class is ErrorClass.UNKNOWN:
                records.unknown(flight, Unknown(reason=f"{result.kind}_{result.code}", seconds=result.seconds))
                self._count_failure(flight.modem)
            case Refused():
                records.refused(flight, result)
                if result.error_class is not ErrorClass.PERMANENT_NUMBER:
                    self._count_failure(flight.modem)
            case NotSent() if result.reason not in _NOBODYS_FAULT:
                records.not_sent(flight, result)
                self._learn(pair, flight.modem, result)
            case NotSent() | Cancelled():
                # Taken out of the queue, or still in it: then the modem gets a pause, so that nothing spins.
                self._rest(pair)

    def _learn(self, pair: tuple[str, str], modem: Modem, result: NotSent) -> None:
        self._rest(pair)
        answered = result.kind is not None or result.reason == "no_prompt"
        if result.error_class is ErrorClass.OUR_BUG or (answered and self._rests[pair][0] >= MOST_TRIES):
            self._refusing.add(pair)
        if result.error_class is not ErrorClass.PERMANENT_NUMBER:
            self._count_failure(modem)

    def _rest(self, pair: tuple[str, str]) -> None:
        times = self._rests.get(pair, (0, 0.0))[0]
        self._rests[pair] = (times + 1, time.monotonic() + min(FIRST_REST * 2**times, LONGEST_REST))

    def _count_failure(self, modem: Modem) -> None:
        recent = time.monotonic() - FAILURES_COUNT
        times = [at for at in self._failures.get(modem.id, []) if at > recent]
        self._failures[modem.id] = [*times, time.monotonic()]
