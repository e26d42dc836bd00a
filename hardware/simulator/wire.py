"""What leaves the modem: shaped by the faults of the line, noted in the transcript."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

from hardware.simulator.faults import ActiveFaults, Fault
from hardware.simulator.pseudo_terminal import PseudoTerminal

# As a UART without a reader: what does not fit is lost.
MOST_WAITING = 65536


@dataclass(frozen=True, slots=True)
class TranscriptEntry:
    """Octets that passed the port.

    Attributes:
        at: `time.monotonic()` seconds.
        direction: "in" from the client to the modem, "out" from the modem.
        octets: as they were.
    """

    at: float
    direction: Literal["in", "out"]
    octets: bytes = field(repr=False)


class Wire:
    """The modem's side of its port. Used in the modem's thread only."""

    def __init__(
        self,
        port: PseudoTerminal,
        *,
        faults: ActiveFaults,
        after: Callable[[float, Callable[[], None]], None],
        note: Callable[[TranscriptEntry], None],
    ) -> None:
        self._port = port
        self._faults = faults
        self._after = after
        self._note = note
        self._waiting = bytearray()
        self._paused = False

    def power_on(self) -> None:
        """Forget what was not yet sent."""
        self._waiting.clear()
        self._paused = False

    def write(self, octets: bytes) -> None:
        """Send octets, in the shape that the faults give them."""
        if self._faults.active(Fault.NUL_BYTES) and octets.startswith(b"\r\n"):
            octets = b"\x00\x00" + octets
        if self._faults.active(Fault.DOUBLE_CR):
            octets = octets.replace(b"\r\n", b"\r\r\n")
        elif self._faults.active(Fault.LF_ONLY):
            octets = octets.replace(b"\r\n", b"\n")
        self._waiting += octets[: MOST_WAITING - len(self._waiting)]

    def flush(self) -> None:
        """Put on the line what it takes now."""
        if self._waiting and not self._port.attended:
            # A port that nobody has open loses what the modem says.
            self._waiting.clear()
        while self._waiting and not self._paused:
            alone = self._faults.active(Fault.ONE_BYTE_AT_A_TIME)
            chunk = bytes(self._waiting[:1] if alone else self._waiting)
            taken = self._port.write(chunk)
            if not taken:
                return
            self._note(TranscriptEntry(time.monotonic(), "out", chunk[:taken]))
            del self._waiting[:taken]
            if alone:
                self._paused = True
                self._after((alone.value or 0) / 1000, self._resume)

    def read(self) -> bytes:
        """What clients wrote since the last time."""
        octets = self._port.read()
        if octets:
            self._note(TranscriptEntry(time.monotonic(), "in", octets))
        return octets

    def _resume(self) -> None:
        self._paused = False
