"""One modem on one open port: set up, kept healthy, listened to, sent with."""

import contextlib
import time
from collections.abc import Callable, Iterator
from enum import Enum

from hardware.modem import pdu
from hardware.modem.answers import message_reference, report_length, stored_at
from hardware.modem.answers_sim import READY, sim_state
from hardware.modem.at import AtChannel, Unsolicited
from hardware.modem.causes import CMS_NO_SERVICE_CENTRE, SUBSCRIPTION, ErrorClass
from hardware.modem.errands.waiting import slow_command
from hardware.modem.errors import AtTimeout, PduError
from hardware.modem.health import Health
from hardware.modem.initialise import Initialiser, write_service_centre
from hardware.modem.jobs import Cancelled, NotSent, Refused, SendResult, Sent, SmsJob, Unknown
from hardware.modem.late import LateAnswer
from hardware.modem.network_state import NetworkState
from hardware.modem.recovery import Recovery
from hardware.modem.reports import StatusReport
from hardware.modem.send import Transmission
from hardware.modem.settings import ModemSettings, RefusedPins
from hardware.modem.status import ModemState, ModemStatus, Rung
from hardware.modem.status_board import StatusBoard
from hardware.modem.stored import MessageMemory
from hardware.modem.wire_log import LOGGER
from hardware.serial_line import SerialLine

# So many refusals in a row for one and the same number are the SIM's after all.
_REFUSALS_OF_ONE_NUMBER = 3
# Two barred numbers hours apart say nothing of the SIM.
_REFUSED_LATELY_SECONDS = 3600.0


class Aftermath(Enum):
    """What a transmission leaves to be done."""

    NOTHING = "nothing"
    SET_UP_AGAIN = "set_up_again"  # the SIM has failed or the set-up is lost
    BUSY = "busy"  # it does not answer, and the answer to the message may still come
    OUT_OF_SERVICE = "out_of_service"  # the network refuses this SIM


class ModemSession:
    """The dialogue from opening to closing, for the owner's thread.

    `on_report` gets delivery reports, `on_late` the reference of a +CMGS that settles an unknown message, `stop_at` says until
    when a committed message may be waited for (None: nobody stops). Every method may raise PortError, AtTimeout,
    ModemRestarted and Stopped: then the port must be opened or the modem set up again.
    """

    def __init__(
        self,
        line: SerialLine,
        settings: ModemSettings,
        board: StatusBoard,
        *,
        late: LateAnswer,
        refused_pins: RefusedPins,
        recovery: Recovery,
        on_report: Callable[[StatusReport], None],
        on_late: Callable[[int], None],
        stop_at: Callable[[], float | None],
    ) -> None:
        self.settings = settings
        self._board = board
        self._late = late
        self._on_report = on_report
        self._on_late = on_late
        self._stop_at = stop_at
        self._given_up: Callable[[], bool] = lambda: False
        self.channel = AtChannel(
            line,
            name=settings.name,
            pace=settings.pace,
            on_unsolicited=self._heard,
            stopping=lambda: stop_at() is not None or self._given_up(),
        )
        self._network = NetworkState(self.channel, board)
        self._initialiser = Initialiser(self.channel, settings, board, refused_pins, self._network)
        self._recovery = recovery
        self._memory = MessageMemory(self.channel, board, on_report)
        self._health = Health(self.channel, board, self._network, self._memory, recovery)
        self._next_check = 0.0
        self._ringing = False
        self._transmission: Transmission | None = None
        self._result: SendResult | None = None
        # Numbers to which the network would not let this SIM send, and when, since the last SMS that went out.
        self._refused_to: list[tuple[float, str]] = []
        self._overhearing: Callable[[str], None] | None = None
        self.sim_changed = False

    @property
    def status(self) -> ModemStatus:
        """The latest status."""
        return self._board.status

    @property
    def network(self) -> NetworkState:
        """What is known of the network, for errands that ask about it."""
        return self._network

    @contextlib.contextmanager
    def overheard(self, hear: Callable[[str], None]) -> Iterator[None]:
        """Let `hear` have every line inside that nobody asked for, besides what the session makes of it."""
        self._overhearing = hear
        try:
            yield
        finally:
            self._overhearing = None

    @contextlib.contextmanager
    def interruptible(self, given_up: Callable[[], bool]) -> Iterator[None]:
        """Let waits inside end with Stopped as soon as `given_up` says so; for errands, which can be cancelled."""
        self._given_up = given_up
        try:
            yield
        finally:
            self._given_up = lambda: False

    def get_into_step(self) -> None:
        """After a dialogue that was broken off: AtTimeout when the modem does not follow."""
        self._plan_check()
        if not self.channel.resync():
            raise AtTimeout("AT")
        self.restore_dialogue()

    @property
    def settled(self) -> bool:
        """Whether the modem is set up, so that registration alone decides between READY and NO_NETWORK."""
        return self._board.status.state in {ModemState.READY, ModemState.NO_NETWORK}

    def restore_dialogue(self) -> None:
        """After commands that are not ours: words, no echo, coded errors and, what matters most, PDU mode.

        A modem that is not set up is left alone: setting it up does the same.
        """
        if self.settled:
            self._initialiser.restore_dialogue()

    def initialise(self) -> None:
        """Set the modem up; afterwards READY or NO_NETWORK. SimProblem and ModemUnfit say why not."""
        self.sim_changed = False
        self._recovery.begin()
        self._initialiser.run()
        self._board.update(detail="")
        self._health.begin()
        self._plan_check()

    def listen(self, seconds: float) -> None:
        """Take what comes in unasked for so long, or until the line is woken."""
        self.channel.listen(time.monotonic() + seconds)

    def idle(self) -> None:
        """One turn without a job: what is due, else listening; AtTimeout when the modem does not answer any more."""
        if self._ringing:
            # And no listening now: the wake-up for a job may have come meanwhile.
            self._ringing = False
            self.channel.command("AT+CHUP")
            return
        now = time.monotonic()
        self._recovery.network(registered=self._network.registered)
        work = self._due(now)
        if work is None:
            self.listen(min(self.channel.pace.idle_read, self._next_check - now))
            return
        try:
            work()
        except AtTimeout as silent:
            self._recovery.climb(Rung.RESYNC, silent.command)
            if not self.channel.resync():
                raise

    def _due(self, now: float) -> Callable[[], None] | None:
        """What is to be done now, the most useful first; None while there is nothing."""
        if self._memory.waiting:
            return self._memory.read_report
        if self._memory.full:
            return self._memory.check
        if self._recovery.automatic_due():
            return self._choose_automatically
        if self._recovery.radio_due():
            return self._cycle_radio
        if (service := self._recovery.next_sms_service()) is not None:
            return lambda: self._health.change_sms_service(service)
        return self._check if now >= self._next_check else None

    def _check(self) -> None:
        self._plan_check()
        self._health.check()
        self.sim_changed |= self._health.stale

    def _choose_automatically(self) -> None:
        """Another program left the choice of network on manual, and that network is gone."""
        self._recovery.climb(Rung.AUTOMATIC, f"+COPS: {self._board.status.selection}")
        slow_command(self.channel, "AT+COPS=0", timeout=self.channel.pace.operator_set)
        self._network.read_operator()
        self._network.read_registration()
        self._network.announce()

    def _cycle_radio(self) -> None:
        """Radio off and on, then set up again; never a restart (AT+CFUN=1,1), which makes sticks another device."""
        self._recovery.climb(Rung.RADIO, self._board.status.reason)
        self.sim_changed = True
        self.channel.command("AT+CFUN=0", timeout=self.channel.pace.radio)
        self.channel.command("AT+CFUN=1", timeout=self.channel.pace.radio)

    def send(self, job: SmsJob) -> SendResult:
        """Send one SMS; never raises because of the modem: what it broke shows in `clear_up`, which must follow."""
        self._transmission = Transmission(
            job, self.channel, self._board, self._late, on_late=self._on_late, stop_at=self._stop_at
        )
        result = self._transmission.run()
        LOGGER.info("%s: SMS %s", self.settings.name, describe(result))
        self._result = result
        self._recovery.judge(result)
        return result

    @property
    def last_cause(self) -> str:
        """What the last message ended with, as "cms_50"; empty when the modem gave no code."""
        result = self._result
        if isinstance(result, Refused | NotSent) and result.kind and result.code is not None:
            return f"{result.kind}_{result.code}"
        return result.reason if isinstance(result, NotSent) else ""

    def clear_up(self) -> Aftermath:
        """Leave the modem fit for the next message, after the result has been told."""
        assert self._transmission is not None
        self._plan_check()
        if self._transmission.lost:
            raise self._transmission.lost
        if self._transmission.in_doubt and not self.channel.resync():
            if self._late.waiting:
                return Aftermath.BUSY
            raise AtTimeout("AT")
        if self._transmission.echo_left_on:
            self.restore_dialogue()
        result = self._result
        if isinstance(result, Sent):
            self._refused_to.clear()
        if not isinstance(result, Refused | NotSent) or result.error_class is not ErrorClass.MODEM_DOWN:
            return Aftermath.NOTHING
        cause = (result.kind, result.code)
        if cause == ("cms", CMS_NO_SERVICE_CENTRE):
            # Some modems lose it, and take it back once it is written.
            number = self._board.status.service_centre or self.settings.smsc
            if number and write_service_centre(self.channel, number):
                return Aftermath.NOTHING
        if cause not in SUBSCRIPTION:
            return Aftermath.SET_UP_AGAIN
        return Aftermath.OUT_OF_SERVICE if self._is_the_sim() else Aftermath.NOTHING

    def _is_the_sim(self) -> bool:
        """Whether a refusal like this is meant for the SIM: one barred number must not take a whole modem out of service."""
        assert self._transmission is not None
        now = time.monotonic()
        self._refused_to = [each for each in self._refused_to if now - each[0] < _REFUSED_LATELY_SECONDS]
        self._refused_to.append((now, self._transmission.job.number))
        numbers = [number for _, number in self._refused_to]
        return len(set(numbers)) > 1 or len(numbers) >= _REFUSALS_OF_ONE_NUMBER

    def _heard(self, unsolicited: Unsolicited) -> None:
        """What a line that nobody asked for means; it may come in the middle of anything, so nothing is sent here."""
        line = unsolicited.line
        if self._overhearing:
            self._overhearing(line)
        if unsolicited.pdu:
            self._heard_pdu(unsolicited)
        elif self._network.heard(line) or self._health.heard(line) or self._memory.heard(line):
            return
        elif (reference := message_reference(line)) is not None:
            if self._late.take():
                LOGGER.info("%s: late answer: the SMS was sent", self.settings.name)
                self._board.call("on_late", self._on_late, reference)
        elif line.startswith("+CDSI:") and (place := stored_at(line)):
            self._memory.announced(place)
        elif line == "RING":
            self._ringing = True
        elif state := sim_state(line):
            settled = {ModemState.READY, ModemState.NO_NETWORK} if state != READY else {ModemState.SIM_PROBLEM}
            self.sim_changed |= self._board.status.state in settled

    def _heard_pdu(self, unsolicited: Unsolicited) -> None:
        length = report_length(unsolicited.line)
        if length is None:
            return
        try:
            report = pdu.decode_announced_report(unsolicited.pdu, length)
        except PduError as error:
            LOGGER.warning("%s: unreadable delivery report: %s", self.settings.name, error.reason)
            return
        self._board.call("on_report", self._on_report, report)

    def _plan_check(self) -> None:
        self._next_check = time.monotonic() + self.settings.health_seconds


def describe(result: SendResult) -> str:
    """A result in a few words for the log."""
    match result:
        case Sent():
            return f"sent in {result.seconds:.1f} s"
        case Refused():
            return f"refused: {result.kind} {result.code} ({result.error_class.value})"
        case Unknown():
            return f"unknown: {result.reason} after {result.seconds:.1f} s"
        case NotSent():
            return f"not sent: {result.reason} {result.kind or ''} {result.code or ''} ({result.error_class.value})"
        case Cancelled():
            return "cancelled"
