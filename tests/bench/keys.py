"""From a key press to what it paints, while the same process hashes passwords and sends SMS, against the same page idle."""

import os
import random
import signal
import statistics
import sys
from collections.abc import Iterator
from typing import Final

from tests.bench.measurement import Baseline, Measurement, Of, Target, milliseconds, percentile
from tests.bench.modem import ModemProcess, answers
from tests.bench.place import Place, temporary_directory
from tests.bench.start import LOGIN_PAGE
from tests.bench.terminal import TerminalProgram

KEYS: Final = 300
# Stands nowhere on the login page.
LETTER: Final = "q"
BACKSPACE: Final = "\x7f"
SETTLE_SECONDS: Final = 2.0
# Between two keys, so that they fall on every moment of the clocks and timers.
SHORTEST_PAUSE: Final = 0.020
LONGEST_PAUSE: Final = 0.060
SEED: Final = 44


def measure() -> Iterator[Measurement]:
    """Type into the name field, first idle, then with work."""
    with temporary_directory() as directory, ModemProcess(directory) as modem:
        place = Place.make(directory, {"noord": modem.port}, people=1)
        with TerminalProgram([sys.executable, "-m", "tests.bench.busy_terminal", str(place.file)]) as terminal:
            terminal.wait_for(LOGIN_PAGE)
            terminal.settle(SETTLE_SECONDS)
            idle = _type(terminal)
            os.kill(terminal.pid, signal.SIGUSR1)
            terminal.settle(SETTLE_SECONDS)
            before = answers(modem.traffic())
            busy = _type(terminal)
            sent = answers(modem.traffic()) - before
    yield Measurement(
        what="key press → painted while argon2 and SMS run, p99",
        value=milliseconds(percentile(busy, 99)),
        unit="ms",
        target=Target(1.5, Of.RATIO),
        baseline=Baseline(milliseconds(percentile(idle, 99)), "the same page idle"),
        note=f"{KEYS} keys, {sent} SMS meanwhile",
    )
    yield Measurement(
        what="key press → painted while argon2 and SMS run, median",
        value=milliseconds(statistics.median(busy)),
        unit="ms",
        baseline=Baseline(milliseconds(statistics.median(idle)), "the same page idle"),
    )


def _type(terminal: TerminalProgram) -> list[float]:
    chance = random.Random(SEED)
    taken = []
    for _ in range(KEYS):
        terminal.forget()
        pressed = terminal.type(LETTER)
        taken.append(terminal.wait_for(LETTER) - pressed)
        terminal.type(BACKSPACE)
        terminal.settle(chance.uniform(SHORTEST_PAUSE, LONGEST_PAUSE))
    return taken
