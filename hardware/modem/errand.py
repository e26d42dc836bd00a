"""What a technician asks of a modem: run in the owner's thread, between two SMS, over the same dialogue.

A long errand is many small ones, so that a code that waits goes out in between.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

from hardware.modem.errors import AtTimeout, ModemError, ModemRestarted, ModemUnfit, Stopped
from hardware.modem.session import ModemSession
from hardware.modem.status_board import where
from hardware.modem.wire_log import LOGGER
from hardware.serial_line import PortError

T = TypeVar("T")


class ErrandRefused(ModemError):
    """The errand was not begun: the port is not open, its time is over, or the owner stops; `reason` says which."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class ErrandCancelled(ModemError):
    """It was cancelled, gave way to an SMS, or the owner was told to stop while it ran; the modem may have done part of it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand(Generic[T]):
    """One question or order to a modem.

    `run` talks over `session.channel` and may raise AtTimeout; while it waits, Stopped tells it that it was cancelled. What it
    opened (a prompt, a search) it must close itself. `deadline` is `time.monotonic()` after which it must not be begun; how
    long it takes is limited by the time limits inside. `cancelled` may be set at any time; then call `ModemOwner.wake`.
    With `gives_way` it is cancelled by an SMS that is submitted meanwhile: for what nobody waits for, and may be asked again.
    `name` is for the log and holds no value.
    """

    name: str
    run: Callable[[ModemSession], T] = field(repr=False)
    deadline: float
    cancelled: threading.Event = field(default_factory=threading.Event, repr=False)
    gives_way: bool = False


class Errands:
    """The errands that wait for one owner; `add` and `refuse` from any thread, the others in the owner's."""

    def __init__(self) -> None:
        self._waiting: deque[tuple[Errand[Any], Future[Any]]] = deque()
        self._lock = threading.Lock()

    def add(self, errand: Errand[T]) -> "Future[T]":
        """Let it wait for its turn."""
        future: Future[T] = Future()
        with self._lock:
            self._waiting.append((errand, future))
        return future

    def refuse(self, reason: str) -> None:
        """None of those that wait is begun any more."""
        self._settle(lambda _: True, reason)

    def settle_overdue(self) -> None:
        """Those that were cancelled or came too late need no modem any more."""
        self._settle(lambda errand: errand.cancelled.is_set() or errand.deadline <= time.monotonic(), "too_late")

    def perform_next(self, session: ModemSession, sms_waits: Callable[[], bool]) -> bool:
        """Run the first one, whether there was one; what breaks the port or the set-up is raised for the owner too."""
        with self._lock:
            if not self._waiting:
                return False
            errand, future = self._waiting.popleft()
        if future.set_running_or_notify_cancel():
            _perform(errand, future, session, sms_waits)
        return True

    def _settle(self, which: Callable[[Errand[Any]], bool], reason: str) -> None:
        if not self._waiting:
            return
        with self._lock:
            settled = [each for each in self._waiting if which(each[0])]
            for each in settled:
                self._waiting.remove(each)
        for errand, future in settled:
            if future.set_running_or_notify_cancel():
                future.set_exception(ErrandCancelled() if errand.cancelled.is_set() else ErrandRefused(reason))


def _perform(errand: Errand[T], future: "Future[T]", session: ModemSession, sms_waits: Callable[[], bool]) -> None:
    """Afterwards the future is settled and the dialogue in step; else AtTimeout, Stopped, PortError or ModemRestarted."""
    name = session.settings.name
    LOGGER.info("%s: errand %s", name, errand.name)

    def given_up() -> bool:
        return errand.cancelled.is_set() or (errand.gives_way and sms_waits())

    try:
        with session.interruptible(given_up):
            result = errand.run(session)
    except (PortError, ModemRestarted, ModemUnfit) as lost:
        future.set_exception(lost)
        raise
    except Stopped:
        future.set_exception(ErrandCancelled())
        session.get_into_step()
    except AtTimeout as silent:
        LOGGER.warning("%s: errand %s: no answer to %s", name, errand.name, silent.command)
        future.set_exception(silent)
        session.get_into_step()
    except ModemError as error:
        future.set_exception(error)
    except Exception as error:  # noqa: BLE001  the thread must go on; whoever asked gets the exception
        LOGGER.error("%s: errand %s: mistake in the program: %s", name, errand.name, where(error))
        future.set_exception(error)
        session.get_into_step()
    else:
        future.set_result(result)
