"""A storm: people sign in at two desks while drivers are killed, modems pulled out and technicians borrow them.

The desks are two real `kiosk run` on terminals of their own, used by keys alone; what drives the modems are three real processes of
`kiosk gateway`, of which the one that drives is killed with -9; technicians are real `kiosk modem test --name`.
"""

import contextlib
import os
import random
import re
import signal
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from data.messages import MessageState
from hardware.port_user import find_user
from hardware.simulator import SimulatedModem, SimulatedNetwork
from hardware.simulator.faults import Fault
from hardware.simulator.phone import SimulatedPhone
from kiosk.delivery.state import DeliveryState
from kiosk.language import Language
from tests.bench.measurement import Measurement, Target, milliseconds
from tests.bench.place import PASSWORD, Place, name_of, phone_of, temporary_directory
from tests.bench.terminal import TerminalProgram, kiosk_program

SIGN_INS: Final = 200
PEOPLE: Final = 40
DESKS: Final = 2
DRIVERS: Final = 3
KILLS: Final = 10
LOANS: Final = 8
SEED: Final = 20408
# How long somebody looks at a page that says what is wrong before they leave, and at one that says nothing, in seconds.
TOLD_SECONDS: Final = 6.0
STUCK_SECONDS: Final = 90.0
ENDING_SECONDS: Final = 60.0
# A page that seems to say nothing is read whole now and then: only what changes is painted.
READ_WHOLE_SECONDS: Final = 10.0
# Every so many sign-ins an hour passes for the budgets of the SIMs, which this many people would use up.
_HOUR_AFTER: Final = 40
HOUR_MS: Final = 3_600_000
_LOOK: Final = 0.02
CODE: Final = re.compile(r"\b[0-9]{6}\b")
_FINAL: Final = frozenset(state.value for state in MessageState) - {"queued", "committed"}
# What stands on the login page, the page of the code, Home, and below every refusal.
LOGIN: Final = "Gebruikersnaam"
SMS_PAGE: Final = "SMS code"
HOME: Final = "Uitloggen"
REFERENCE: Final = "Kenmerk voor de helpdesk"
ESCAPE: Final = "\x1b"
START_SECONDS: Final = 3.0
# Between two keys of a person: an Esc that another key follows at once would be Alt.
KEY_SECONDS: Final = 0.5
LEAVING_KEYS: Final = 6
_NOTHING_WRONG: Final = frozenset(
    {DeliveryState.SENDING, DeliveryState.QUEUE, DeliveryState.ACCEPTED, DeliveryState.DELIVERED}
)


def measure() -> Iterator[Measurement]:
    """What became of everybody, and of every SMS."""
    with temporary_directory() as directory:
        storm = _Storm(directory)
        try:
            storm.blow()
        finally:
            storm.close()
        yield from storm.account()


class _Storm:
    def __init__(self, directory: Path) -> None:
        self._chance = random.Random(SEED)
        self._air = SimulatedNetwork()
        self._modems = {
            name: SimulatedModem(air=self._air, network=network, name=name)
            for name, network in (("noord", "20408"), ("zuid", "20404"))
        }
        self._phones = [self._air.phone(phone_of(number)) for number in range(PEOPLE)]
        ports = {name: modem.start() for name, modem in self._modems.items()}
        for modem in self._modems.values():
            # Slow enough that a kill or a pulled plug hits an SMS on its way.
            modem.inject(Fault.CMGS_TAKES, 0.3)
        self._place = Place.make(directory, ports, people=PEOPLE, gateway="service")
        self._ends: Counter[str] = Counter()
        self._last_seen: list[str] = []
        self._done = threading.Condition()
        self._over = threading.Event()
        self._pulls = self._loans = 0
        self._take_overs: list[float] = []
        words = Language.load("nl")
        # As far as they say the same for every network and time.
        self._no_sms = [
            words._words(f"sms.status.line.{state.value}").partition("{")[0].strip()
            for state in DeliveryState
            if state not in _NOTHING_WRONG
        ]
        self._drivers = [self._driver() for _ in range(DRIVERS)]

    def blow(self) -> None:
        """Everything at once."""
        desks = [threading.Thread(target=self._desk, args=(number,)) for number in range(DESKS)]
        weather = [threading.Thread(target=each) for each in (self._pull, self._borrow)]
        for thread in (*desks, *weather):
            thread.start()
        for kill in range(1, KILLS + 1):
            self._until_done(kill * SIGN_INS // (KILLS + 1))
            self._kill()
        for thread in desks:
            thread.join()
        self._over.set()
        for thread in weather:
            thread.join()
        self._until_final()

    def close(self) -> None:
        """Nothing runs any more."""
        self._over.set()
        for driver in self._drivers:
            driver.kill()
            driver.wait()
        for modem in self._modems.values():
            modem.stop()
        self._air.close()

    def account(self) -> Iterator[Measurement]:
        """The count."""
        states = Counter(self._states())
        texts = [text for phone in self._phones for text in phone.texts]
        sent = states["sent"] + states["delivered"] + states["undelivered"]
        what = f"{SIGN_INS} sign-ins, {KILLS} kills, {self._pulls} plugs pulled, {self._loans} loans"
        yield Measurement(what="storm: signed in with the code", value=self._ends["in"], unit="", note=what)
        yield Measurement(
            what="storm: told why no SMS came",
            value=self._ends["told"] + self._ends["refused"],
            unit="",
            note=", ".join(f"{state} {count}" for state, count in sorted(states.items())),
        )
        yield Measurement(
            what="storm: neither",
            value=self._ends["stuck"],
            unit="",
            target=Target(0),
            note=" | ".join(self._last_seen),
        )
        yield Measurement(
            what="storm: SMS that came twice", value=len(texts) - len(set(texts)), unit="", target=Target(0)
        )
        yield Measurement(
            what="storm: called sent and never taken by the network",
            value=max(0, sent - len(self._air.accepted)),
            unit="",
            target=Target(0),
        )
        unsettled = sum(count for state, count in states.items() if state not in _FINAL)
        yield Measurement(what="storm: SMS without an end", value=unsettled, unit="", target=Target(0))
        yield Measurement(
            what="storm: take-over after kill -9, longest",
            value=milliseconds(max(self._take_overs)),
            unit="ms",
            target=Target(1000),
            note=f"median {milliseconds(statistics.median(self._take_overs)):.0f} ms of {len(self._take_overs)}",
        )

    # People

    def _desk(self, number: int) -> None:
        chance = random.Random(SEED + number)
        command = [kiosk_program(), "run", "--config", str(self._place.file), "--desk", f"balie {number + 1}"]
        with TerminalProgram(command) as terminal:
            terminal.wait_for(LOGIN)
            # So that the domain stands: what is typed before it does is kept, and measured by another bench.
            terminal.settle(START_SECONDS)
            for turn in range(SIGN_INS // DESKS):
                # Nobody stands at two desks at once.
                person = (chance.randrange(PEOPLE // DESKS)) * DESKS + number
                end = self._visit(terminal, person)
                if turn % (_HOUR_AFTER // DESKS) == 0:
                    self._let_an_hour_pass()
                with self._done:
                    self._ends[end] += 1
                    self._done.notify_all()

    def _visit(self, terminal: TerminalProgram, person: int) -> str:
        """One person, from the empty login page to the next one."""
        phone = self._phones[person]
        seen = len(phone.texts)
        terminal.forget()
        terminal.type(f"{name_of(person)}\r")
        terminal.settle(KEY_SECONDS)
        terminal.type(f"{PASSWORD}\r")
        end = self._wait_at(terminal, phone, seen)
        self._leave(terminal, end)
        return end

    def _leave(self, terminal: TerminalProgram, end: str) -> None:
        """Signed in: U on Home. Else Esc, from a dialog, from the page; on the login page once, which empties it."""
        for _ in range(LEAVING_KEYS):
            terminal.type("u" if end == "in" else ESCAPE)
            terminal.settle(KEY_SECONDS)
            if LOGIN in terminal.look_again():
                return
        raise RuntimeError(f"the login page did not come back: {terminal.painted[-400:]}")

    def _wait_at(self, terminal: TerminalProgram, phone: SimulatedPhone, seen: int) -> str:
        began = time.monotonic()
        told_since: float | None = None
        read = began
        while (now := time.monotonic()) - began < STUCK_SECONDS:
            terminal.settle(_LOOK)
            if HOME in terminal.painted:
                return "in"
            if told_since is None and now - read > READ_WHOLE_SECONDS:
                read = now
                terminal.look_again()
            new = phone.texts[seen:]
            # Nobody reads a phone faster than the page is there.
            if new and SMS_PAGE in terminal.painted and (code := CODE.search(new[-1])):
                seen += len(new)
                terminal.settle(KEY_SECONDS)
                terminal.type(f"{code[0]}\r")
            if REFERENCE in terminal.painted and SMS_PAGE not in terminal.painted:
                return "refused"
            if told_since is None and any(words in terminal.painted for words in self._no_sms):
                told_since = now
            if told_since is not None and now - told_since > TOLD_SECONDS and len(phone.texts) == seen:
                return "told"
        self._last_seen.append(" ".join(terminal.look_again().split()))
        return "stuck"

    def _let_an_hour_pass(self) -> None:
        with contextlib.closing(sqlite3.connect(self._place.premises.config.database.path, timeout=30)) as database:
            database.execute(f"UPDATE transmissions SET started_at = started_at - {HOUR_MS} WHERE state = 'sent'")
            database.commit()

    # Weather

    def _driver(self) -> "subprocess.Popen[bytes]":
        command = [sys.executable, "-m", "kiosk", "gateway", "--config", str(self._place.file)]
        return subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def _kill(self) -> None:
        """The one that drives; another one is started in its place."""
        lock = str(self._place.premises.dispatcher_lock)
        while (owner := find_user(lock)) is None or owner.pid not in {one.pid for one in self._drivers}:
            self._over.wait(_LOOK)
        os.kill(owner.pid, signal.SIGKILL)
        began = time.monotonic()
        dead = next(one for one in self._drivers if one.pid == owner.pid)
        dead.wait()
        while (heir := find_user(lock)) is None or heir.pid == owner.pid:
            self._over.wait(0.002)
        self._take_overs.append(time.monotonic() - began)
        self._drivers.remove(dead)
        self._drivers.append(self._driver())

    def _pull(self) -> None:
        while not self._over.wait(self._chance.uniform(2.0, 8.0)):
            modem = self._modems[self._chance.choice(sorted(self._modems))]
            modem.unplug()
            self._pulls += 1
            self._over.wait(self._chance.uniform(0.2, 2.0))
            modem.plug()

    def _borrow(self) -> None:
        chance = random.Random(SEED)
        for loan in range(1, LOANS + 1):
            with self._done:
                while sum(self._ends.values()) < loan * SIGN_INS // (LOANS + 1) and not self._over.is_set():
                    self._done.wait(1.0)
            if self._over.is_set():
                return
            name = chance.choice(sorted(self._modems))
            command = [
                sys.executable,
                "-m",
                "kiosk",
                "modem",
                "test",
                "--name",
                name,
                "--config",
                str(self._place.file),
            ]
            subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, timeout=300, check=False)
            self._loans += 1

    def _until_done(self, count: int) -> None:
        with self._done:
            while sum(self._ends.values()) < count:
                self._done.wait(1.0)

    def _until_final(self) -> None:
        end = time.monotonic() + ENDING_SECONDS
        while time.monotonic() < end and any(state not in _FINAL for state in self._states()):
            threading.Event().wait(1.0)

    def _states(self) -> list[str]:
        with contextlib.closing(sqlite3.connect(self._place.premises.config.database.path, timeout=30)) as database:
            return [row[0] for row in database.execute("SELECT state FROM messages")]
