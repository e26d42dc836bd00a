"""From starting the process to the login page on the screen, and what the terminal costs when nobody is there."""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from tests.bench import one_widget
from tests.bench.measurement import Baseline, Measurement, Of, Target, milliseconds
from tests.bench.modem import ModemProcess
from tests.bench.place import PASSWORD, Place, name_of, temporary_directory
from tests.bench.terminal import TerminalProgram, kiosk_program

ROUNDS: Final = 7
# The label of the first field stands there only when somebody can type; the title alone also stands over other words.
LOGIN_PAGE: Final = "Gebruikersnaam"
KEY_PAGE: Final = "Steek uw YubiKey in"
SETTLE_SECONDS: Final = 5.0
# Between two keys of a person.
KEY_SECONDS: Final = 0.5
IDLE_SECONDS: Final = 20.0
BARE_NAME: Final = "one-widget application"
BARE: Final = [sys.executable, "-m", "tests.bench.one_widget"]
IMPORTS: Final = "import kiosk.commands.run, kiosk.commands.show"
BARE_IMPORTS: Final = "import textual.app, textual.widgets._static"


def measure() -> Iterator[Measurement]:
    """Start, imports, idle processor, memory."""
    with temporary_directory() as directory, ModemProcess(directory) as modem:
        place = Place.make(directory, {"noord": modem.port}, people=1)
        run = [kiosk_program(), "run", "--config", str(place.file)]
        yield from _starts(run)
        yield from _imports()
        yield from _idle(run)
        place.give_key(0)
        yield from _key_page(run)


def _starts(run: list[str]) -> Iterator[Measurement]:
    programs = {
        "run": (run, LOGIN_PAGE),
        "bare": (BARE, one_widget.TEXT),
        "demo": ([kiosk_program(), "demo"], LOGIN_PAGE),
    }
    starts: dict[str, list[_Start]] = {name: [] for name in programs}
    for round_ in range(ROUNDS + 1):
        # In turns, so that whatever else the machine does meets all of them; the first round warms the caches.
        for name, (command, text) in programs.items():
            start = _start(command, text)
            if round_:
                starts[name].append(start)
    seconds = {name: milliseconds(statistics.median(one.seconds for one in starts[name])) for name in programs}
    busy = {name: milliseconds(statistics.median(one.processor_seconds for one in starts[name])) for name in programs}
    yield Measurement(
        what="process start → login page painted (kiosk run)",
        value=seconds["run"],
        unit="ms",
        target=Target(1.5, Of.RATIO),
        baseline=Baseline(seconds["bare"], BARE_NAME),
        note=f"median of {ROUNDS}, until the label of the first field is on the screen",
    )
    yield Measurement(
        what="… processor time until then",
        value=busy["run"],
        unit="ms",
        baseline=Baseline(busy["bare"], BARE_NAME),
        note="says the same on a busy machine",
    )
    yield Measurement(
        what="process start → login page painted (kiosk demo)",
        value=seconds["demo"],
        unit="ms",
        baseline=Baseline(seconds["bare"], BARE_NAME),
        note="also makes key, database, four people with their hashes, and two modems",
    )


@dataclass(frozen=True, slots=True)
class _Start:
    """Until the page was painted, in seconds."""

    seconds: float
    processor_seconds: float


def _start(command: list[str], text: str) -> _Start:
    with TerminalProgram(command) as program:
        painted = program.wait_for(text)
        return _Start(painted - program.started, program.processor_seconds())


def _imports() -> Iterator[Measurement]:
    pairs = [(_python(IMPORTS), _python(BARE_IMPORTS), _python("pass")) for _ in range(ROUNDS)]
    ours, bare, nothing = (milliseconds(statistics.median(each)) for each in zip(*pairs, strict=True))
    yield Measurement(
        what="imports of kiosk run, pages included",
        value=ours - nothing,
        unit="ms",
        baseline=Baseline(bare - nothing, "textual.app and Static"),
        note="less the start of Python itself",
    )


def _python(code: str) -> float:
    before = time.monotonic()
    subprocess.run([sys.executable, "-c", code], check=True)
    return time.monotonic() - before


def _idle(run: list[str]) -> Iterator[Measurement]:
    with TerminalProgram(run) as terminal, TerminalProgram(BARE) as bare:
        terminal.wait_for(LOGIN_PAGE)
        bare.wait_for(one_widget.TEXT)
        terminal.settle(SETTLE_SECONDS)
        ours, theirs = _processor_share(terminal), _processor_share(bare)
        yield Measurement(
            what="idle processor of the terminal, one modem",
            value=ours,
            unit="%",
            target=Target(1.0),
            baseline=Baseline(theirs, BARE_NAME),
            note=f"of one core, over {IDLE_SECONDS:.0f} s on the login page",
        )
        yield Measurement(
            what="memory of the terminal, login page",
            value=terminal.resident_mebibytes(),
            unit="MiB",
            target=Target(1.6, Of.RATIO),
            baseline=Baseline(bare.resident_mebibytes(), BARE_NAME),
            note="resident set",
        )


def _key_page(run: list[str]) -> Iterator[Measurement]:
    """The page that asks for a YubiKey has loaded the libraries and looks at the ports."""
    with TerminalProgram(run) as terminal, TerminalProgram(BARE) as bare:
        terminal.wait_for(LOGIN_PAGE)
        bare.wait_for(one_widget.TEXT)
        terminal.settle(SETTLE_SECONDS)
        terminal.type(f"{name_of(0)}\r")
        terminal.settle(KEY_SECONDS)
        terminal.type(f"{PASSWORD}\r")
        terminal.wait_for(KEY_PAGE)
        terminal.settle(SETTLE_SECONDS)
        yield Measurement(
            what="memory of the terminal, after the YubiKey page",
            value=terminal.resident_mebibytes(),
            unit="MiB",
            target=Target(2.0, Of.RATIO),
            baseline=Baseline(bare.resident_mebibytes(), BARE_NAME),
            note="resident set; no key in the port",
        )


def _processor_share(program: TerminalProgram) -> float:
    def used() -> tuple[float, float]:
        return program.processor_seconds(), time.monotonic()

    return _share(used, lambda: program.settle(IDLE_SECONDS))


def _share(used: Callable[[], tuple[float, float]], wait: Callable[[], None]) -> float:
    processor_before, before = used()
    wait()
    processor_after, after = used()
    return 100 * (processor_after - processor_before) / (after - before)
