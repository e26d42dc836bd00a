"""A simulated modem in a process of its own, so that it takes nothing from the program that is measured."""

import ast
import json
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from threading import Thread
from types import TracebackType
from typing import Any, Final, Self

from tests.bench.terminal import kiosk_program

CTRL_Z: Final = b"\x1a"
DEADLINE: Final = 30.0
_LOOK_SECONDS: Final = 0.001


@dataclass(frozen=True, slots=True)
class Traffic:
    """Octets that passed the port at `at` (`time.monotonic()`), to the modem or from it."""

    at: float
    to_modem: bool
    octets: bytes


class ModemProcess:
    """`kiosk simulate modem` as a context manager."""

    def __init__(self, directory: Path, *, pace: str = "instant", options: Sequence[str] = ()) -> None:
        self._log = directory / f"modem-{pace}.log"
        self._log.touch()
        self.started = time.monotonic()
        command = [kiosk_program(), "simulate", "modem", "--json", "--pace", pace, "--log", str(self._log), *options]
        self._process = subprocess.Popen(command, stdout=subprocess.PIPE, stdin=subprocess.DEVNULL, text=True)
        assert self._process.stdout is not None
        self._output = self._process.stdout
        self.port = self._output.readline().strip()
        self.sent: list[dict[str, Any]] = []
        """Every SMS that its network took, as the program prints it."""
        if not self.port:
            raise RuntimeError("the simulated modem did not start")
        Thread(target=self._listen, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait(DEADLINE)

    def _listen(self) -> None:
        for line in self._output:
            self.sent.append(json.loads(line))

    def traffic(self, since: float = 0.0) -> list[Traffic]:
        """What passed the port from `since` on, oldest first."""
        entries = (_parsed(line) for line in self._log.read_text(encoding="ascii").splitlines(keepends=True))
        return [entry for entry in entries if entry is not None and entry.at >= since]

    def wait_for(self, found: Callable[[list[Traffic]], float | None], since: float) -> float:
        """The moment that `found` finds in the traffic since then, as soon as it does."""
        deadline = time.monotonic() + DEADLINE
        while time.monotonic() < deadline:
            moment = found(self.traffic(since))
            if moment is not None:
                return moment
            time.sleep(_LOOK_SECONDS)
        raise TimeoutError("that did not pass the port")

    def wait_for_ctrl_z(self, since: float) -> float:
        """The moment at which the next Ctrl-Z reached the modem."""
        return self.wait_for(lambda traffic: moment_of(traffic, CTRL_Z, to_modem=True), since)


def _parsed(line: str) -> Traffic | None:
    if not line.endswith("\n"):
        return None  # being written at this moment
    at, arrow, octets = line.split(" ", 2)
    return Traffic(float(at), arrow == ">", ast.literal_eval(octets))


def moment_of(traffic: Sequence[Traffic], octets: bytes, *, to_modem: bool) -> float | None:
    """When these octets first passed."""
    return next((entry.at for entry in traffic if entry.to_modem is to_modem and octets in entry.octets), None)


def commands(traffic: Sequence[Traffic]) -> int:
    """How many AT command lines the modem got."""
    written = b"".join(entry.octets for entry in traffic if entry.to_modem)
    return written.upper().count(b"AT")


def octets_to_modem(traffic: Sequence[Traffic]) -> int:
    """How many octets the modem got."""
    return sum(len(entry.octets) for entry in traffic if entry.to_modem)


def answers(traffic: Sequence[Traffic]) -> int:
    """How many SMS the modem said that the network took."""
    return b"".join(entry.octets for entry in traffic if not entry.to_modem).count(b"+CMGS:")


def each_sms(traffic: Sequence[Traffic]) -> list[list[Traffic]]:
    """The traffic of each SMS; by its order, because a quick client goes on before the modem notes what it said."""
    parts: list[list[Traffic]] = []
    for entry in traffic:
        if entry.to_modem and b"AT+CMGS" in entry.octets:
            parts.append([])
        if parts:
            parts[-1].append(entry)
    return parts


def modem_seconds(traffic: Sequence[Traffic]) -> float:
    """What the modem itself took for one SMS: from AT+CMGS to the prompt, and from Ctrl-Z to +CMGS."""
    moments = (
        moment_of(traffic, b"AT+CMGS", to_modem=True),
        moment_of(traffic, b"> ", to_modem=False),
        moment_of(traffic, CTRL_Z, to_modem=True),
        moment_of(traffic, b"+CMGS:", to_modem=False),
    )
    asked, prompt, given, answered = (moment for moment in moments if moment is not None)
    return (prompt - asked) + (answered - given)
