"""Talks with the plain terminal like a person: a real pseudo-terminal before the real domain and simulated hardware."""

import contextlib
import os
import pty
import re
import select
import termios
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from kiosk.commands.demo_world import CHARACTERS, DemoWorld
from kiosk.commands.site import Premises
from kiosk.demo import DemoPerson
from kiosk.desk_status import ModemHealth
from kiosk.gate.passing import GateAnswer
from screens.clock import Clock
from screens.plain.console import Bell, Console
from screens.plain.terminal import PlainTerminal
from tests.stories.kiosk_story import PATIENCE_SECONDS, QUICK, NeverSeen, started_terminal

# Everything before it can be read no more, neither on the screen nor above it.
CLEARED = "\x1b[3J"
COLUMNS = 80


class Line:
    """The far end of a pseudo-terminal: types, and reads what comes."""

    def __init__(self, far: int) -> None:
        self._far = far
        self.output = ""
        self._heard = 0

    def type(self, keys: str) -> None:
        """Press keys; Enter is part of them where it is meant."""
        os.write(self._far, keys.encode())

    def until(self, *wanted: str) -> str:
        """Wait until all of `wanted` were said since the last call; what was said until then."""
        end = time.monotonic() + PATIENCE_SECONDS
        while True:
            said = self.output[self._heard :]
            found = [_loose(text).search(said) for text in wanted]
            ends = [match.end() for match in found if match is not None]
            if len(ends) == len(wanted):
                # What came behind it is for the next call.
                self._heard += max(ends)
                return " ".join(said[: max(ends)].split())
            if time.monotonic() > end:
                raise NeverSeen(next(text for text, match in zip(wanted, found, strict=True) if not match), self.output)
            self.read()

    def read(self) -> None:
        """Take what is there, or wait a moment for it."""
        if select.select([self._far], [], [], 0.05)[0]:
            with contextlib.suppress(OSError):
                self.output += os.read(self._far, 65536).decode(errors="replace").replace("\r\n", "\n")

    @property
    def readable(self) -> str:
        """What a person who comes now can still read."""
        return self.output.rsplit(CLEARED, 1)[-1]


def _loose(text: str) -> re.Pattern[str]:
    """Broken lines are one sentence."""
    return re.compile(r"\s+".join(map(re.escape, text.split())) + (r"\s" if text.endswith(" ") else ""))


class PlainStory(Line):
    """One plain terminal, its people, and the phones in their pockets."""

    def __init__(self, far: int, world: DemoWorld, premises: Premises, bell: Bell) -> None:
        super().__init__(far)
        self.world = world
        self.premises = premises
        self.later = 0.0
        """Seconds by which a test put the clock of idleness on."""
        self.talking = threading.Thread()
        self._bell = bell

    def until_ended(self) -> None:
        """Wait until the terminal has ended by itself."""
        end = time.monotonic() + PATIENCE_SECONDS
        while self.talking.is_alive():
            assert time.monotonic() < end, self.output
            self.read()

    def wait(self, seconds: float) -> None:
        """Let time go by without any key."""
        self.later += seconds
        self._bell.ring()

    def sign_in(self, name: str) -> None:
        """Name and password."""
        self.type(f"{name}\r")
        self.until("Wachtwoord: ")
        self.type(f"{self.person(name).password}\r")

    def sms(self, name: str, count: int = 1) -> str:
        """The newest SMS on the phone of this person, once there are `count`."""
        number = next(one.phone for one in CHARACTERS if one.name == name)
        assert number is not None
        phone = self.world.air.phone(number)
        assert self.world.air.wait_for(lambda: len(phone.messages) >= count, PATIENCE_SECONDS)
        return phone.messages[-1].text

    def person(self, name: str) -> DemoPerson:
        """What the panel says of this person now."""
        return next(person for person in self.world.state().people if person.name == name)


@contextlib.contextmanager
def plain_story(directory: Path, *, gate: GateAnswer | None = None) -> Iterator[PlainStory]:
    """A plain terminal that stands ready at its first question."""
    world = DemoWorld(pace=QUICK, transit_seconds=0.0, report_seconds=0.05)
    far, near = pty.openpty()
    termios.tcsetwinsize(near, (24, COLUMNS))
    bell = Bell()
    try:
        account = None if gate is None else os.getuid()
        premises, terminal = started_terminal(world, directory, "nl", gate_account=account)
        story = PlainStory(far, world, premises, bell)
        plain = PlainTerminal(
            terminal.thread,
            begin=terminal.begin,
            facts=terminal.facts,
            languages=premises.languages,
            clock=Clock(
                monotonic=lambda: time.monotonic() + story.later,
                now_ms=premises.clock.now,
                wall_ms=premises.clock.wall,
            ),
            console=Console(near, near, bell),
            bell=bell,
            gate=gate,
        )
        talking = story.talking = threading.Thread(target=plain.run)
        talking.start()
        try:
            end = time.monotonic() + PATIENCE_SECONDS
            while plain.status is None or [modem.health for modem in plain.status.modems] != [ModemHealth.READY] * 2:
                assert time.monotonic() < end, plain.status
                story.read()
            story.until("Gebruikersnaam: ")
            yield story
        finally:
            plain.end()
            talking.join(PATIENCE_SECONDS)
            terminal.stop()
            assert not talking.is_alive()
    finally:
        world.stop()
        bell.close()
        for end in (far, near):
            os.close(end)
