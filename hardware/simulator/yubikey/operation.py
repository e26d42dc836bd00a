"""How a command runs inside a key: a script that may be busy or wait for a touch in between, without a thread of its own.

Time-outs are noticed by whoever looks next: a read, a touch, the state of the lamp.
"""

from collections.abc import Callable, Generator
from dataclasses import dataclass

from hardware.simulator.errors import SimulatorError
from hardware.simulator.yubikey.clock import Clock


@dataclass(frozen=True, slots=True)
class Touch:
    """A finger on the key; `known` = one that its sensor recognises."""

    known: bool = True


@dataclass(frozen=True, slots=True)
class AwaitTouch:
    """Blink until a touch, at most so many seconds."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Busy:
    """Compute for so many seconds."""

    seconds: float


Step = AwaitTouch | Busy
Script = Generator[Step, Touch | None, bytes]


class TouchTimedOut(SimulatorError):
    """Nobody touched the key in time."""


class OperationCancelled(SimulatorError):
    """The host took its command back."""


class Operation:
    """A script under way.

    Attributes:
        response: what the script returned, None while it runs.
        deadline: when its present step is over, seconds of the clock.
    """

    def __init__(self, script: Script, clock: Clock) -> None:
        self.response: bytes | None = None
        self.deadline = 0.0
        self._script = script
        self._clock = clock
        self._step: Step | None = None
        self._resume(lambda: next(script))

    @property
    def waits_for_touch(self) -> bool:
        """Whether a touch would take it further."""
        return isinstance(self._step, AwaitTouch)

    @property
    def seconds_left(self) -> float:
        """Until the present step is over."""
        return max(self.deadline - self._clock.now(), 0.0)

    def settle(self) -> None:
        """Go on with what has become due."""
        while self._step is not None and self._clock.now() >= self.deadline:
            if self.waits_for_touch:
                self._resume(lambda: self._script.throw(TouchTimedOut()))
            else:
                self._resume(lambda: self._script.send(None))

    def touch(self, touch: Touch) -> None:
        """Go on with a touch; only when it waits for one."""
        self._resume(lambda: self._script.send(touch))

    def cancel(self) -> None:
        """Let the script end as cancelled."""
        if self._step is not None:
            self._resume(lambda: self._script.throw(OperationCancelled()))

    def _resume(self, go_on: Callable[[], Step]) -> None:
        try:
            self._step = go_on()
        except StopIteration as end:
            self._step = None
            self.response = end.value
        else:
            self.deadline = self._clock.now() + self._step.seconds
