"""What gammu-smsd and smstools need for the same SMS over the same simulated modem, beside our own number."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.bench.measurement import Measurement, milliseconds
from tests.bench.modem import ModemProcess, Traffic, answers, commands, octets_to_modem
from tests.bench.place import temporary_directory
from tests.hardware.simulator.daemons import GAMMU_SMSD, SMSTOOLS, Daemon, GammuSmsd, Smstools

SMS: Final = 10


def measure_daemons(number: str, text: str) -> Iterator[Measurement]:
    """Those that are installed: commands, octets and time per SMS once they are warm."""
    for name, program, daemon in (("gammu-smsd", GAMMU_SMSD, GammuSmsd), ("smstools", SMSTOOLS, Smstools)):
        if program is not None:
            with temporary_directory() as directory:
                yield from _measure(name, daemon, directory, number, text)


def _measure(name: str, daemon: type[Daemon], directory: Path, number: str, text: str) -> Iterator[Measurement]:
    with ModemProcess(directory) as modem, daemon(directory / "spool", modem.port) as running:
        # It sets the modem up, and is warm.
        running.queue(number, text)
        modem.wait_for(_Sent(1), 0.0)
        since = time.monotonic()
        for _ in range(SMS):
            running.queue(number, text)
        seconds = (modem.wait_for(_Sent(SMS), since) - since) / SMS
        traffic = modem.traffic(since)
    note = f"for comparison; mean of {SMS}, its own questions between them counted"
    yield Measurement(what=f"{name}: commands per SMS, warm", value=commands(traffic) / SMS, unit="", note=note)
    yield Measurement(what=f"{name}: octets to the modem per SMS, warm", value=octets_to_modem(traffic) / SMS, unit="B")
    yield Measurement(what=f"{name}: time per SMS of a queue of {SMS}", value=milliseconds(seconds), unit="ms")


class _Sent:
    """When the network has taken so many."""

    def __init__(self, count: int) -> None:
        self._count = count

    def __call__(self, traffic: list[Traffic]) -> float | None:
        return traffic[-1].at if answers(traffic) >= self._count else None
