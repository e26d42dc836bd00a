"""A terminal that is used for months: ten thousand sign-ins through its domain, hundreds at its pages; what it holds afterwards.

The domain is that of `kiosk run`, threads, journal and dispatcher included, with passwords hashed cheaply by injection: argon2 gives back
what it takes and would make this a day. The pages are a real `kiosk run` on a terminal of its own, hashing in earnest.
"""

import contextlib
import dataclasses
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from kiosk.commands.backstage import Backstage, modem_settings
from kiosk.commands.site import Premises
from kiosk.commands.terminal import Terminal, facts_of
from kiosk.passwords import HashCost, Hasher
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import Moved, Stage
from tests.bench.measurement import Baseline, Measurement, Of, Target
from tests.bench.modem import ModemProcess
from tests.bench.place import PASSWORD, Place, name_of, temporary_directory
from tests.bench.screen import Screen
from tests.bench.storm import CODE, HOME, LOGIN, SMS_PAGE
from tests.bench.terminal import kiosk_program

SIGN_INS: Final = 10_000
WARM: Final = 1_000
TYPED: Final = 300
TYPED_WARM: Final = 50
PEOPLE: Final = 20
# Every so many sign-ins a day passes for the budgets of SIM, desk, site and person.
DAY_EVERY: Final = 10
CHEAP: Final = HashCost(passes=1, memory_kib=8, lanes=1)
DEADLINE: Final = 60.0
DAY_MS: Final = 24 * 3_600_000
_LOOK_SECONDS: Final = 0.002
_MEBI: Final = 1024 * 1024


@dataclasses.dataclass(frozen=True, slots=True)
class _Held:
    """What a process holds, and its database on the disk."""

    resident_mebibytes: float
    threads: int
    handles: int
    database_mebibytes: float


def measure() -> Iterator[Measurement]:
    """The domain, then the pages."""
    with temporary_directory() as directory, ModemProcess(directory) as modem:
        place = Place.make(directory, {"noord": modem.port}, people=PEOPLE)
        began = time.monotonic()
        start, warm, end = _through_the_domain(place, modem)
        note = f"{SIGN_INS} sign-ins in {time.monotonic() - began:.0f} s; cheap hash; at the start {start}"
        yield from _compared("soak, domain", warm, end, WARM, note)
    with temporary_directory() as directory, ModemProcess(directory) as modem:
        place = Place.make(directory, {"noord": modem.port}, people=PEOPLE)
        warm, end = _at_the_pages(place, modem)
        yield from _compared("soak, pages", warm, end, TYPED_WARM, f"{TYPED} sign-ins typed at kiosk run")


def _compared(what: str, warm: _Held, end: _Held, warmed: int, note: str) -> Iterator[Measurement]:
    after = f"after {warmed}"
    yield Measurement(
        what=f"{what}: memory",
        value=end.resident_mebibytes,
        unit="MiB",
        target=Target(1.05, Of.RATIO),
        baseline=Baseline(warm.resident_mebibytes, after),
        note=note,
    )
    for name, before, now in (("threads", warm.threads, end.threads), ("handles", warm.handles, end.handles)):
        yield Measurement(
            what=f"{what}: {name}", value=now, unit="", target=Target(1.0, Of.RATIO), baseline=Baseline(before, after)
        )
    yield Measurement(
        what=f"{what}: database on the disk",
        value=end.database_mebibytes,
        unit="MiB",
        baseline=Baseline(warm.database_mebibytes, after),
    )


def _held(pid: int, database: Path) -> _Held:
    process = Path(f"/proc/{pid}")
    status = (process / "status").read_text(encoding="ascii")
    size = sum(file.stat().st_size for file in database.parent.glob(f"{database.name}*"))
    return _Held(
        int(status.partition("VmRSS:")[2].split()[0]) / 1024,
        sum(1 for _ in (process / "task").iterdir()),
        sum(1 for _ in (process / "fd").iterdir()),
        size / _MEBI,
    )


# The domain


@dataclasses.dataclass(frozen=True, slots=True)
class _CheapPremises(Premises):
    def hasher(self) -> Hasher:
        """Cheap, see the docstring of this module."""
        return Hasher(self.vault, password_cost=CHEAP, code_cost=CHEAP)


def _through_the_domain(place: Place, modem: ModemProcess) -> tuple[_Held, _Held, _Held]:
    parts = {field.name: getattr(place.premises, field.name) for field in dataclasses.fields(Premises)}
    premises = _CheapPremises(**parts)
    terminal = Terminal(
        facts_of(premises.config, "balie 1"), lambda: Backstage(premises, modem_settings(premises.config))
    )
    database = premises.config.database.path
    terminal.start()
    try:
        _wait(lambda: terminal.thread.call(lambda desk: desk.status().sms.value).result(DEADLINE) == "ready")
        start = warm = _held(os.getpid(), database)
        for number in range(SIGN_INS):
            if number == WARM:
                warm = _held(os.getpid(), database)
            if number % DAY_EVERY == 0:
                _let_a_day_pass(database)
            _one(terminal, modem, name_of(number % PEOPLE))
        return start, warm, _held(os.getpid(), database)
    finally:
        terminal.stop()


def _one(terminal: Terminal, modem: ModemProcess, name: str) -> None:
    sign_in = terminal.thread.call(lambda desk: desk.sign_in("nl")).result(DEADLINE)
    # What the phones got is not to be counted as growth of the kiosk.
    modem.sent.clear()
    changed = threading.Event()
    watch = terminal.thread.call(lambda _desk: sign_in.watch(lambda _view: changed.set())).result(DEADLINE)
    outcome = terminal.thread.call(lambda _desk: sign_in.begin(name, PASSWORD)).result(DEADLINE)
    if outcome != Moved(Stage.SMS_CODE):
        raise RuntimeError(outcome)
    _wait(lambda: bool(modem.sent))
    [code] = CODE.findall(modem.sent[-1]["text"])
    outcome = terminal.thread.call(lambda _desk: sign_in.answer(code)).result(DEADLINE)
    if outcome != Moved(Stage.SIGNED_IN):
        raise RuntimeError(outcome)
    terminal.thread.call(lambda _desk: _leave(sign_in, watch.cancel)).result(DEADLINE)


def _leave(sign_in: SignIn, close: Callable[[], None]) -> None:
    sign_in.cancel("sign_out")
    close()


def _wait(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(_LOOK_SECONDS)


def _let_a_day_pass(database: Path) -> None:
    with contextlib.closing(sqlite3.connect(database, timeout=30)) as raw:
        for table, column in (("transmissions", "started_at"), ("messages", "queued_at")):
            raw.execute(f"UPDATE {table} SET {column} = {column} - {DAY_MS} WHERE state IN ('sent', 'delivered')")
        raw.commit()


# The pages


def _at_the_pages(place: Place, modem: ModemProcess) -> tuple[_Held, _Held]:
    database = place.premises.config.database.path
    with Screen("soak", [kiosk_program(), "run", "--config", str(place.file)]) as screen:
        # The name of the network stands in the strip once the modem is ready.
        screen.wait_for(lambda words: LOGIN in words and "KPN" in words)
        warm = _held(screen.pid, database)
        for number in range(TYPED):
            if number == TYPED_WARM:
                warm = _held(screen.pid, database)
            if number % DAY_EVERY == 0:
                _let_a_day_pass(database)
            _type_one(screen, modem, name_of(number % PEOPLE))
        return warm, _held(screen.pid, database)


def _type_one(screen: Screen, modem: ModemProcess, name: str) -> None:
    modem.sent.clear()
    for typed in (name, PASSWORD):
        screen.type(typed)
        screen.press("Enter")
    screen.wait_for(lambda words: SMS_PAGE in words)
    _wait(lambda: bool(modem.sent))
    [code] = CODE.findall(modem.sent[-1]["text"])
    screen.type(code)
    screen.press("Enter")
    screen.wait_for(lambda words: HOME in words)
    screen.press("u")
    screen.wait_for(lambda words: LOGIN in words)
