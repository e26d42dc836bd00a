"""The test of one modem: twelve steps, each proved on the modem itself, up to a real SMS and its delivery report.

Each step asks by errands of its own, so that a code that waits goes out between two of them. The first fault ends the test; from
there it can be repeated.
"""

import threading
import time
from collections.abc import Callable, Mapping
from concurrent.futures import CancelledError
from dataclasses import dataclass, replace
from typing import Final, TypeVar

from hardware.errors import HardwareError
from hardware.modem.at import Answer
from hardware.modem.errand import ErrandCancelled, ErrandRefused
from hardware.modem.errands import clock, dry_run, facts, sms_service
from hardware.modem.errors import AtTimeout, ModemRestarted
from hardware.modem.jobs import SendProgress
from hardware.modem.reasons import Reason
from hardware.modem.reports import DeliveryOutcome
from hardware.modem.session import ModemSession
from hardware.modem.status import ModemState, ModemStatus
from hardware.serial_line import PortError
from kiosk.delivery.networks import name_of
from kiosk.technician import diagnosis
from kiosk.technician.diagnosis import Finding
from kiosk.technician.overhearing import Overheard
from kiosk.technician.steps import FINAL, Mark, Step, StepResult, TestRun
from kiosk.technician.workplace import Postman, Workplace, ask

T = TypeVar("T")

# Longest time per step in seconds, shown beside it; a step that waits for the engine to set the modem up needs its time.
LIMITS: Final[Mapping[Step, float]] = {
    Step.PORT: 15.0,
    Step.ATTENTION: 45.0,
    Step.IDENTITY: 20.0,
    Step.SIM: 45.0,
    Step.PIN: 45.0,
    Step.REGISTRATION: 60.0,
    Step.NETWORK: 20.0,
    Step.SIGNAL: 10.0,
    Step.SERVICE_CENTRE: 10.0,
    Step.DRY_RUN: 30.0,
    Step.SMS: 150.0,
    Step.REPORT: 60.0,
}
# A machine whose clock is further off the network's lets no authenticator app in (a step is 30 s, one either way).
CLOCK_SECONDS: Final = 60.0
# Between two looks at a status that is on its way, in seconds.
_LOOK_SECONDS: Final = 0.1
_SECOND_GENERATION: Final = "2G"
# <mode> of +COPS (27.007 7.3).
_MANUAL: Final = 1
# The parts of a network by their command, as `bench.part.*` calls them.
_PARTS: Final[Mapping[str, str]] = {"CREG": "calls", "CGREG": "data", "CEREG": "lte"}
# What many modems answer to SMS commands while the SIM is still being read (27.005 3.2.5, "unknown error").
_CMS_UNKNOWN: Final = 500
# Digits of IMEI, ICCID and numbers that are shown.
_TAIL: Final = 4
# States that will be another one in a moment.
_UNSETTLED: Final = frozenset({ModemState.STARTING})
# How long a port that is not there is waited for, in seconds.
_GONE_SECONDS: Final = 2.0


class Faulty(Exception):
    """A step cannot be good; carries what was found."""

    def __init__(self, *findings: Finding, shown: Mapping[str, str | int] | None = None) -> None:
        self.findings = findings
        self.shown = shown or {}
        super().__init__(", ".join(finding.cause for finding in findings))


@dataclass(frozen=True, slots=True)
class _Good:
    """A step that is good, perhaps with something worth attention."""

    shown: Mapping[str, str | int]
    findings: tuple[Finding, ...] = ()
    skipped: bool = False


class ModemTest:
    """One test; `run` it in a thread that may wait. `told` gets each step as it begins, goes on and ends, in that thread.

    Args:
        place: the modem.
        postman: sends the real SMS of step 11.
        number: where to (E.164); None skips steps 11 and 12.
        text: what the SMS says.
        modem: name or port, for the report.
        at: wall time in milliseconds UTC.
    """

    def __init__(
        self,
        place: Workplace,
        postman: Postman,
        *,
        number: str | None,
        text: str,
        modem: str,
        at: int,
        told: Callable[[StepResult], None] = lambda _: None,
    ) -> None:
        self._place = place
        self._postman = postman
        self.number = number
        self._text = text
        self._modem = modem
        self._at = at
        self._told = told
        self._cancelled = threading.Event()
        self._heard = Overheard()
        self._manual = False
        self._sim: facts.SimCard | None = None
        self._results = {step: StepResult(step=step, mark=Mark.WAITING, limit=LIMITS[step]) for step in Step}
        self._doing: Mapping[Step, Callable[[], _Good]] = {
            Step.PORT: self._port,
            Step.ATTENTION: self._attention,
            Step.IDENTITY: self._identity,
            Step.SIM: self._sim_card,
            Step.PIN: self._pin,
            Step.REGISTRATION: self._registration,
            Step.NETWORK: self._network,
            Step.SIGNAL: self._signal,
            Step.SERVICE_CENTRE: self._service_centre,
            Step.DRY_RUN: self._dry_run,
            Step.SMS: self._sms,
            Step.REPORT: self._report,
        }

    @property
    def so_far(self) -> TestRun:
        """Every step as it stands."""
        return TestRun(
            modem=self._modem,
            at=self._at,
            steps=tuple(self._results[step] for step in Step),
            simulated=self._place.status.simulated,
        )

    def cancel(self) -> None:
        """End it as soon as the modem lets us; a committed SMS is waited for. From any thread."""
        self._cancelled.set()
        self._place.wake()

    def renew(self, number: str | None) -> None:
        """Before it is run again: forget that it was stopped; the SMS goes to this number, None skips it."""
        self._cancelled.clear()
        self.number = number

    def run(self, begin: Step = Step.PORT, end: Step = Step.REPORT) -> TestRun:
        """Do the steps from `begin` to `end`; stops at the first fault."""
        steps = list(Step)
        for step in steps[steps.index(begin) : steps.index(end) + 1]:
            if self._cancelled.is_set() or self._do(step).mark is Mark.FAULT:
                break
        for step, result in self._results.items():
            beyond = step.number > end.number and not self._failed
            if result.mark not in FINAL and not beyond:
                self._keep(StepResult(step=step, mark=Mark.NOT_DONE, limit=LIMITS[step]))
        return self.so_far

    @property
    def _failed(self) -> bool:
        return self._cancelled.is_set() or any(result.mark is Mark.FAULT for result in self._results.values())

    def _do(self, step: Step) -> StepResult:
        begun = time.monotonic()
        self._heard.take()
        self._keep(StepResult(step=step, mark=Mark.BUSY, limit=LIMITS[step]))
        mark = Mark.GOOD
        shown: Mapping[str, str | int] = {}
        findings: tuple[Finding, ...] = ()
        try:
            good = self._doing[step]()
            shown, findings = good.shown, good.findings
            mark = Mark.SKIPPED if good.skipped else Mark.ATTENTION if findings else Mark.GOOD
        except Faulty as faulty:
            mark, shown, findings = Mark.FAULT, faulty.shown, faulty.findings
        except (ErrandCancelled, CancelledError):
            mark = Mark.NOT_DONE
        except (HardwareError, TimeoutError) as error:
            mark, findings = Mark.FAULT, (self._of_error(error),)
        result = StepResult(
            step=step,
            mark=mark,
            seconds=time.monotonic() - begun,
            limit=LIMITS[step],
            shown=shown,
            findings=findings,
            lines=self._heard.take(),
        )
        self._keep(result)
        return result

    def _keep(self, result: StepResult) -> None:
        self._results[result.step] = result
        self._told(result)

    def _of_error(self, error: Exception) -> Finding:
        """The cause of a step that the modem did not let come to its end."""
        if isinstance(error, ErrandRefused) and error.reason not in {"too_late", "stopping", "loan_ended"}:
            return diagnosis.of_reason(error.reason, detail=self._status.detail, pin_tries=self._status.pin_tries)
        if isinstance(error, ModemRestarted):
            return Finding(cause="restarted")
        if isinstance(error, PortError):
            return Finding(cause="port_gone")
        if isinstance(error, AtTimeout) and self._status.state is ModemState.DOWN:
            return diagnosis.of_reason(self._status.reason)
        return Finding(cause="no_answer")

    @property
    def _status(self) -> ModemStatus:
        return self._place.status

    def _ask(self, name: str, question: Callable[[ModemSession], T]) -> T:
        return ask(self._place, name, self._heard.during(question), cancelled=self._cancelled)

    def _until(self, settled: Callable[[ModemStatus], bool], seconds: float) -> ModemStatus:
        """Wait for the status to be so, at most so long; the latest one either way."""
        changed = threading.Event()
        watching = self._place.watch(lambda _: changed.set())
        until = time.monotonic() + seconds
        try:
            while not settled(self._status) and time.monotonic() < until:
                if self._cancelled.is_set():
                    raise ErrandCancelled
                changed.wait(_LOOK_SECONDS)
                changed.clear()
        finally:
            watching.cancel()
        return self._status

    # The steps

    def _port(self) -> _Good:
        """The port opens; a program that has it is named."""
        status = self._until(_is_decided, LIMITS[Step.PORT])
        if status.state is ModemState.GONE:
            # A stick that was just plugged in comes and goes for a moment.
            status = self._until(lambda status: status.state is not ModemState.GONE, _GONE_SECONDS)
        if status.state is ModemState.GONE:
            raise Faulty(diagnosis.of_reason(status.reason, detail=status.detail), shown={"port": status.port})
        return _Good({"port": status.port})

    def _attention(self) -> _Good:
        """It answers AT, and how fast. The engine sets it up before it answers us."""
        answered = self._ask("attention", facts.attention)
        if answered.seconds > diagnosis.SLOW_ANSWER_SECONDS:
            slow = Finding(cause="slow_answers", values={"seconds": f"{answered.seconds:.1f}"})
            return _Good({"seconds": f"{answered.seconds:.1f}"}, (slow,))
        return _Good({"seconds": f"{answered.seconds:.1f}"})

    def _identity(self) -> _Good:
        """Which modem it is, and whether it is the right one."""
        found = self._ask("identity", facts.identity)
        shown = {"model": f"{found.manufacturer} {found.model}".strip() or "?", "imei": found.imei[-_TAIL:] or "?"}
        status = self._status
        if status.reason == Reason.NO_PDU_MODE:
            raise Faulty(self._why_no_sms(), shown=shown)
        if status.state is ModemState.DOWN and status.reason != Reason.BARRED:
            raise Faulty(diagnosis.of_reason(status.reason, detail=status.detail), shown=shown)
        return _Good(shown)

    def _why_no_sms(self) -> Finding:
        """The engine could not switch PDU mode on: the modem only knows text mode, is not ready, or the port is wrong."""
        mode, told = self._ask("message format", _message_format)
        code = diagnosis.code_words(mode.final.family, mode.final.code)
        if mode.final.family == "cms" and mode.final.code == _CMS_UNKNOWN:
            return Finding(cause="sms_not_ready", code=code)
        # It tells its mode and will not change it.
        return Finding(cause="text_mode_only" if told.lines else "no_pdu_mode", code=code)

    def _sim_card(self) -> _Good:
        """There is a SIM, it can be read, and it is the right one."""
        status = self._until(lambda status: status.state not in _UNSETTLED, LIMITS[Step.SIM])
        card = self._sim = self._ask("SIM", facts.sim_card)
        shown: dict[str, str | int] = {"iccid": card.iccid[-_TAIL:] or "?"}
        if card.imsi_network:
            shown["network"] = name_of(card.imsi_network)
        if status.state is ModemState.SIM_PROBLEM and not _is_about_pin(status.reason):
            raise Faulty(diagnosis.of_reason(status.reason, pin_tries=status.pin_tries), shown=shown)
        if status.state in _UNSETTLED:
            raise Faulty(diagnosis.of_status(status) or Finding(cause="starting"), shown=shown)
        return _Good(shown)

    def _pin(self) -> _Good:
        """No PIN is in the way; how many tries are left."""
        status = self._status
        tries = self._sim.pin_tries if self._sim and self._sim.pin_tries is not None else status.pin_tries
        shown: dict[str, str | int] = {"tries": "?" if tries is None else tries}
        if status.state is ModemState.SIM_PROBLEM:
            raise Faulty(diagnosis.of_reason(status.reason, pin_tries=tries), shown=shown)
        return _Good(shown)

    def _registration(self) -> _Good:
        """Registered in some domain; a SIM that has just come needs its time."""
        found = self._ask("registration", facts.registrations)
        if not found.registered:
            self._wait_for_network()
            found = self._ask("registration", facts.registrations)
        shown = {"parts": " ".join(_domains(found))}
        if not found.registered:
            raise Faulty(
                diagnosis.of_status(self._status, manual=self._manual) or Finding(cause="searching"), shown=shown
            )
        refused = any(each.name == "CREG" and each.state is not None and each.state.stat == 3 for each in found.domains)
        return _Good(shown, (Finding(cause="calls_denied"),) if refused else ())

    def _wait_for_network(self) -> None:
        serving = self._ask("operator", facts.serving)
        self._manual = serving.mode == _MANUAL
        self._ask("signal", facts.signal)
        # Denied is an answer, and so is a radio that hears nothing; a search may still end well.
        if self._status.reason == Reason.DENIED or self._manual or self._status.signal_dbm is None:
            return
        self._until(lambda status: status.registered, LIMITS[Step.REGISTRATION])

    def _network(self) -> _Good:
        """Which network serves, over which technology."""
        serving = self._ask("operator", facts.serving)
        name = name_of(serving.network, self._status.network_name or serving.name)
        shown = {"network": name or "?", "code": serving.network or "?", "technology": serving.technology or "?"}
        findings = []
        if serving.mode == _MANUAL:
            findings.append(Finding(cause="manual_operator"))
        if serving.technology == _SECOND_GENERATION:
            findings.append(Finding(cause="second_generation"))
        offset = self._ask("clock", clock.modem_clock)
        if offset.offset_seconds is not None and abs(offset.offset_seconds) > CLOCK_SECONDS:
            # A clock that the network sets tells of ours; any other only of itself, until the service centre has told its time.
            by_network = offset.from_network and self._status.clock_from_network is not False
            of_clock = diagnosis.of_clock if by_network else diagnosis.of_modem_clock
            findings.append(of_clock(offset.offset_seconds))
        return _Good(shown, tuple(findings))

    def _signal(self) -> _Good:
        signal = self._ask("signal", facts.signal)
        finding = diagnosis.of_signal(signal.dbm)
        return _Good({"dbm": "?" if signal.dbm is None else signal.dbm}, (finding,) if finding else ())

    def _service_centre(self) -> _Good:
        """The number that every SMS goes to first, and room for what comes in."""
        centre = self._ask("service centre", facts.sms_centre)
        if centre.number == "":
            raise Faulty(Finding(cause="no_service_centre"))
        number = centre.number or self._status.service_centre
        memories = self._ask("memories", facts.memories)
        full = [
            Finding(cause="memory_full", values={"used": each.used, "capacity": each.total})
            for each in memories.memories[:1]
            if each.full
        ]
        return _Good({"tail": number[-_TAIL:] or "?"}, tuple(full))

    def _dry_run(self) -> _Good:
        """The modem asks for an SMS, and gets ESC: nothing is sent."""
        run = self._ask("dry run", dry_run.dry_run)
        match run.outcome:
            case dry_run.DryRunOutcome.PROMPT:
                return _Good({"seconds": f"{run.seconds:.1f}"})
            case dry_run.DryRunOutcome.NO_PROMPT:
                raise Faulty(Finding(cause="no_prompt"))
            case dry_run.DryRunOutcome.REFUSED:
                refused = run.refused
                raise Faulty(
                    diagnosis.of_refusal(
                        refused.family if refused else None, refused.code if refused else None, after_ctrl_z=False
                    )
                )

    def _sms(self) -> _Good:
        if self.number is None:
            return _Good({}, skipped=True)
        shown: dict[str, str | int] = {"tail": self.number[-2:]}
        outcome = self._postman.send(self.number, self._text, cancelled=self._cancelled, progress=self._progress)
        match outcome.state:
            case "sent":
                shown["seconds"] = f"{outcome.seconds:.1f}"
                slow = outcome.seconds > diagnosis.SLOW_NETWORK_SECONDS
                finding = Finding(cause="slow_network", values={"seconds": f"{outcome.seconds:.0f}"})
                return _Good(shown, (finding,) if slow else ())
            case "cancelled":
                raise ErrandCancelled
            case "unknown":
                raise Faulty(self._of_unclear(outcome.error), shown=shown)
            case _:
                raise Faulty(diagnosis.of_failed_sms(outcome.error), shown=shown)

    def _of_unclear(self, reason: str) -> Finding:
        """An unclear end; an error without a reason is explained by the side of the network over which SMS go, if it is."""
        found = diagnosis.of_unclear_end(reason)
        if found.cause != "unexplained_error" or self._status.state is not ModemState.READY:
            return found
        service = self._ask("SMS service", sms_service.sms_service).service
        return diagnosis.of_unclear_end(reason, technology=self._status.technology, sms_service=service)

    def _progress(self, progress: SendProgress) -> None:
        del progress
        self._told(self._results[Step.SMS])

    def _report(self) -> _Good:
        if self.number is None or self._results[Step.SMS].mark not in {Mark.GOOD, Mark.ATTENTION}:
            return _Good({}, skipped=True)
        match self._postman.delivered(LIMITS[Step.REPORT], self._cancelled):
            case DeliveryOutcome.DELIVERED:
                return _Good({}, self._whose_clock())
            case DeliveryOutcome.FAILED:
                raise Faulty(Finding(cause="undelivered"))
            case DeliveryOutcome.PENDING:
                return _Good({}, (Finding(cause="phone_off"), *self._whose_clock()))
            case _:
                return _Good({}, (Finding(cause="report_missing"),))

    def _whose_clock(self) -> tuple[Finding, ...]:
        """The service centre's time settles whether it is our clock that the modem's differs from, or the modem's own."""
        offset, network = self._postman.clock_offset(), self._results[Step.NETWORK]
        if offset is None:
            return ()
        doubts = [one for one in network.findings if one.cause in {"clock_off", "modem_clock_off"}]
        others = tuple(one for one in network.findings if one not in doubts)
        if abs(offset) > CLOCK_SECONDS:
            self._results[Step.NETWORK] = replace(
                network, mark=Mark.ATTENTION if others else Mark.GOOD, findings=others
            )
            return (diagnosis.of_clock(offset),)
        acquitted = tuple(replace(one, cause="modem_clock_off") for one in doubts)
        self._results[Step.NETWORK] = replace(network, findings=others + acquitted)
        return ()


def _is_decided(status: ModemStatus) -> bool:
    """Whether it is known that the port opens, or that it does not."""
    return (status.state, status.reason) != (ModemState.STARTING, Reason.OPENING) or bool(status.manufacturer)


def _message_format(session: ModemSession) -> tuple[Answer, Answer]:
    """What the modem says to PDU mode, and which mode it tells."""
    mode = session.channel.command("AT+CMGF=0")
    return mode, session.channel.command("AT+CMGF?", prefixes=("+CMGF",))


def _is_about_pin(reason: str) -> bool:
    return reason.startswith(("pin_", "puk_"))


def _domains(found: facts.Registrations) -> list[str]:
    return [
        _PARTS.get(each.name, each.name) for each in found.domains if each.state is not None and each.state.registered
    ]
