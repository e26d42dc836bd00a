"""A modem that a page has for a while: borrowed, asked one thing at a time, given back, in a thread of its own."""

import logging
import queue
import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from typing import Final, Protocol

from data.errors import DataError
from hardware.errors import HardwareError
from hardware.modem.errand import ErrandCancelled, ErrandRefused
from hardware.modem.errands import facts
from hardware.modem.errands.console import BadConsoleLine
from hardware.modem.errands.console import ask as ask_line
from hardware.modem.errands.inbox import delete_all, inbox
from hardware.modem.errands.scan import scan
from hardware.modem.errands.ussd import BadUssdCode, ask_ussd
from kiosk.delivery.borrowing import LoanRefused
from kiosk.technician import diagnosis
from kiosk.technician.diagnosis import Finding
from kiosk.technician.events import (
    ConsoleDone,
    Event,
    Failed,
    GoneBack,
    InboxDone,
    NotLent,
    Opened,
    Said,
    ScanDone,
    SecondsPassed,
    SignalTold,
    StepTold,
    Stopped,
    TestDone,
    UssdDone,
    WaitingForIt,
)
from kiosk.technician.scanning import networks_of
from kiosk.technician.steps import Step
from kiosk.technician.testing import ModemTest
from kiosk.technician.workplace import Postman, Workplace, ask

log = logging.getLogger("kiosk.technician")

# Between two looks at whether the modem has gone back by itself, in seconds.
_LOOK_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Had:
    """A modem that is here, with what a test of it needs."""

    place: Workplace
    postman: Postman
    test_text: Callable[[], str]
    over: Callable[[], bool]
    """Whether it has gone back by itself."""


class Borrow(Protocol):
    """Borrows the modem; entering waits until it is free or `cancelled`, and calls `waiting` once when that takes long."""

    def __call__(self, *, waiting: Callable[[], None], cancelled: threading.Event) -> AbstractContextManager[Had]:
        """Raises LoanRefused and DataError on entering."""


class BenchSession:
    """Every method returns at once, from any thread; what comes of it is told. While one thing runs, another one waits its turn.

    `told` is called in the session's thread and must return at once.
    """

    def __init__(self, modem: str, borrow: Borrow, told: Callable[[Event], None], *, now: Callable[[], int]) -> None:
        self._modem = modem
        self._borrow = borrow
        self._told = told
        self._now = now
        self._jobs: queue.SimpleQueue[Callable[[Had], None] | None] = queue.SimpleQueue()
        self._closing = threading.Event()
        self._cancelled = threading.Event()
        self._test: ModemTest | None = None
        self._thread = threading.Thread(target=self._run, name=f"bench {modem}", daemon=True)

    def start(self) -> None:
        """Borrow the modem; Opened or NotLent follows."""
        self._thread.start()

    def close(self) -> None:
        """Stop what runs and give the modem back."""
        self._closing.set()
        self.cancel()
        self._jobs.put(None)

    def join(self, seconds: float) -> bool:
        """Wait for the modem to be back; for tests."""
        self._thread.join(seconds)
        return not self._thread.is_alive()

    def cancel(self) -> None:
        """Stop what runs; a committed SMS is waited for."""
        self._cancelled.set()
        test = self._test
        if test is not None:
            test.cancel()

    # What can be asked

    def test(self, *, end: Step = Step.REPORT) -> None:
        """The test from its first step up to `end`; `go_on` does the rest, with a number for the real SMS."""
        self._jobs.put(lambda had: self._run_test(had, Step.PORT, end, None))

    def go_on(self, begin: Step, number: str | None, *, end: Step = Step.REPORT) -> None:
        """The test again from a step on; `number` (E.164) for the real SMS, None skips it."""
        self._jobs.put(lambda had: self._run_test(had, begin, end, number))

    def scan(self) -> None:
        """Search for networks."""
        self._jobs.put(self._scan)

    def ussd(self, code: str) -> None:
        """Ask the operator."""
        self._jobs.put(lambda had: self._ussd(had, code))

    def line(self, text: str) -> None:
        """One line of the console."""
        self._jobs.put(lambda had: self._line(had, text))

    def inbox(self, *, clear: bool = False) -> None:
        """The messages of SIM and modem; with `clear` they are deleted first."""
        self._jobs.put(lambda had: self._inbox(had, clear=clear))

    def signal(self) -> None:
        """The signal now."""
        self._jobs.put(lambda had: self._told(SignalTold(self._ask(had, "signal", facts.signal).dbm)))

    # The session's thread

    def _run(self) -> None:
        try:
            with self._borrow(waiting=lambda: self._told(WaitingForIt()), cancelled=self._closing) as had:
                self._told(Opened())
                self._serve(had)
        except LoanRefused as refused:
            if refused.reason != "cancelled":
                self._told(NotLent(refused.reason, refused.who))
        except DataError as error:
            log.warning("modem %s could not be borrowed: %s", self._modem, error)
            self._told(NotLent("database"))

    def _serve(self, had: Had) -> None:
        while not self._closing.is_set():
            try:
                job = self._jobs.get(timeout=_LOOK_SECONDS)
            except queue.Empty:
                if had.over():
                    self._told(GoneBack())
                    return
                continue
            if job is None:
                return
            self._cancelled.clear()
            if not self._closing.is_set():
                self._do(had, job)

    def _do(self, had: Had, job: Callable[[Had], None]) -> None:
        try:
            job(had)
        except ErrandCancelled:
            self._told(Stopped())
        except ErrandRefused as refused:
            status = had.place.status
            if refused.reason == "loan_ended":
                self._told(GoneBack())
            else:
                self._told(
                    Failed(diagnosis.of_reason(refused.reason, detail=status.detail, pin_tries=status.pin_tries))
                )
        except BadUssdCode:
            self._told(Failed(Finding(cause="bad_ussd")))
        except BadConsoleLine:
            self._told(Failed(Finding(cause="bad_line")))
        except HardwareError:
            self._told(Failed(diagnosis.of_status(had.place.status) or Finding(cause="no_answer")))
        except DataError as error:
            log.warning("the bench of modem %s: %s", self._modem, error)
            self._told(Failed(Finding(cause="internal")))
        except Exception:
            # A mistake of ours must not keep the modem from going back.
            log.exception("the bench of modem %s", self._modem)
            self._told(Failed(Finding(cause="internal")))

    def _ask(self, had: Had, name: str, question: Callable[..., facts.Signal]) -> facts.Signal:
        return ask(had.place, name, question, cancelled=self._cancelled)

    def _run_test(self, had: Had, begin: Step, end: Step, number: str | None) -> None:
        if self._test is None or begin is Step.PORT:
            self._test = ModemTest(
                had.place,
                had.postman,
                number=number,
                text=had.test_text(),
                modem=self._modem,
                at=self._now(),
                told=lambda result: self._told(StepTold(result)),
            )
        self._test.renew(number)
        self._told(TestDone(self._test.run(begin, end)))

    def _scan(self, had: Had) -> None:
        with self._counting() as told:
            found = ask(had.place, "scan", lambda session: scan(session, told), cancelled=self._cancelled)
        if found.refused is not None:
            self._told(Failed(diagnosis.of_status(had.place.status) or Finding(cause="no_answer")))
            return
        networks = tuple(networks_of(found.operators))
        finding = None if networks else diagnosis.of_status(had.place.status) or Finding(cause="no_signal")
        self._told(ScanDone(networks, found.seconds, finding))

    def _ussd(self, had: Had, code: str) -> None:
        with self._counting() as told:
            found = ask(had.place, "USSD", lambda session: ask_ussd(session, code, (), told), cancelled=self._cancelled)
        self._told(UssdDone(found.end.value, found.texts))

    def _line(self, had: Had, text: str) -> None:
        answer = ask(
            had.place,
            "console",
            lambda session: ask_line(session, text, hear=lambda line: self._told(Said(line))),
            cancelled=self._cancelled,
        )
        self._told(ConsoleDone(answer.end.value))

    def _inbox(self, had: Had, *, clear: bool) -> None:
        if clear and ask(had.place, "clear", delete_all, cancelled=self._cancelled).refused is not None:
            self._told(Failed(Finding(cause="no_answer")))
            return
        found = ask(had.place, "inbox", inbox, cancelled=self._cancelled)
        memory = found.memory
        self._told(
            InboxDone(found.messages, None if memory is None else memory.used, None if memory is None else memory.total)
        )

    @contextmanager
    def _counting(self) -> Iterator[Callable[[float], None]]:
        yield lambda seconds: self._told(SecondsPassed(seconds))
