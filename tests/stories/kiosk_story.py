"""Drives the whole kiosk like a person: the real pages, domain, dispatcher and engine before simulated modems."""

import asyncio
import contextlib
import dataclasses
import os
import time
from collections.abc import AsyncIterator
from pathlib import Path

from textual.pilot import Pilot

from hardware.simulator import Pace
from kiosk.commands.backstage import Backstage, modem_settings
from kiosk.commands.demo import build
from kiosk.commands.demo_world import CHARACTERS, DemoWorld
from kiosk.commands.site import Premises, open_site
from kiosk.commands.terminal import Terminal, facts_of
from kiosk.demo import DemoPerson
from kiosk.gate.passing import GateAnswer
from kiosk.passwords import HashCost
from screens.app import KioskApp
from screens.clock import Clock
from screens.look import Look

CHEAP = HashCost(passes=1, memory_kib=8, lanes=1)
# Long enough for a loaded machine; a story that is right never waits for it.
PATIENCE_SECONDS = 20.0
LOOK_SECONDS = 0.02
QUICK = Pace(command=0.0, prompt=0.0, submit=0.05)


class NeverSeen(AssertionError):
    """The screen did not show what the story says."""

    def __init__(self, wanted: str, screen: str) -> None:
        super().__init__(f"{wanted!r} was not on the screen:\n{screen}")


class Story:
    """One terminal, its people, and the phones in their pockets."""

    def __init__(self, app: KioskApp, pilot: Pilot[None], world: DemoWorld, premises: Premises) -> None:
        self.app = app
        self.pilot = pilot
        self.world = world
        self.premises = premises

    def screen(self) -> str:
        """What a person reads now."""
        width, height = self.app.size
        strips = self.app.screen._compositor.render_strips()
        lines = ["".join(segment.text for segment in strip)[:width].rstrip() for strip in strips[:height]]
        return "\n".join(lines)

    def plain(self) -> str:
        """The screen without frames and line breaks, so that wrapped sentences can be found."""
        return " ".join(self.screen().translate(str.maketrans("│┌┐└┘─╭╮╰╯", " " * 10)).split())

    async def until(self, *wanted: str) -> None:
        """Wait until all of `wanted` are on the screen."""
        end = time.monotonic() + PATIENCE_SECONDS
        while not all(text in self.plain() for text in wanted):
            if time.monotonic() > end:
                raise NeverSeen(next(text for text in wanted if text not in self.plain()), self.screen())
            await self.pilot.pause(LOOK_SECONDS)

    async def until_gone(self, text: str) -> None:
        """Wait until `text` is not on the screen any more."""
        end = time.monotonic() + PATIENCE_SECONDS
        while text in self.plain():
            assert time.monotonic() < end, self.screen()
            await self.pilot.pause(LOOK_SECONDS)

    async def until_ended(self) -> None:
        """Wait until the terminal has ended by itself."""
        end = time.monotonic() + PATIENCE_SECONDS
        while self.app.is_running and not self.app._exit:
            assert time.monotonic() < end, self.plain()
            await asyncio.sleep(LOOK_SECONDS)

    async def type(self, text: str) -> None:
        """Type like a person, key by key."""
        await self.pilot.press(*("space" if key == " " else key for key in text))

    async def press(self, *keys: str) -> None:
        """Press named keys; a letter acts after its 60 ms of silence."""
        await self.pilot.press(*keys)
        await self.pilot.pause(0.08)

    async def sign_in(self, name: str) -> None:
        """Name and password on the login page."""
        await self.until("Gebruikersnaam", "INLOGGEN")
        await self.type(name)
        await self.pilot.press("enter")
        await self.type(self.person(name).password)
        await self.pilot.press("enter")

    async def sms(self, name: str, count: int = 1) -> str:
        """The newest SMS on the phone of this person, once there are `count`."""
        number = next(one.phone for one in CHARACTERS if one.name == name)
        assert number is not None
        phone = self.world.air.phone(number)
        arrived = await asyncio.to_thread(
            self.world.air.wait_for, lambda: len(phone.messages) >= count, PATIENCE_SECONDS
        )
        assert arrived, f"{len(phone.messages)} SMS on the phone, {count} wanted"
        return phone.messages[-1].text

    def person(self, name: str) -> DemoPerson:
        """What the panel says of this person now."""
        return next(person for person in self.world.state().people if person.name == name)


def started_terminal(
    world: DemoWorld, directory: Path, language: str, *, gate_account: int | None = None
) -> tuple[Premises, Terminal]:
    """The domain of a terminal over this world, with people; the caller stops both."""
    premises = build(directory, world.start(), language, hash_cost=CHEAP)
    with open_site(premises) as site:
        world.populate(premises, site)
    settings = [dataclasses.replace(one, simulated=True) for one in modem_settings(premises.config)]
    terminal = Terminal(
        dataclasses.replace(facts_of(premises.config, "demo 3"), gate_account=gate_account),
        lambda: Backstage(premises, settings, simulated=True, keys=world.keys.bus),
    )
    terminal.start()
    return premises, terminal


@contextlib.asynccontextmanager
async def kiosk_story(
    directory: Path,
    *,
    size: tuple[int, int] = (80, 24),
    look: Look | None = None,
    language: str = "nl",
    gate: GateAnswer | None = None,
) -> AsyncIterator[Story]:
    """A kiosk that stands ready on its login page."""
    world = DemoWorld(pace=QUICK, transit_seconds=0.0, report_seconds=0.05)
    try:
        account = None if gate is None else os.getuid()
        premises, terminal = started_terminal(world, directory, language, gate_account=account)
        try:
            app = KioskApp(
                terminal.thread,
                facts=terminal.facts,
                languages=premises.languages,
                look=look or Look(theme="dark", glyphs="rich"),
                clock=Clock(now_ms=premises.clock.now, wall_ms=premises.clock.wall),
                gate=gate,
            )
            async with app.run_test(size=size) as pilot:
                story = Story(app, pilot, world, premises)
                await story.until("KPN", "Vodafone")
                yield story
        finally:
            await asyncio.to_thread(terminal.stop)
    finally:
        await asyncio.to_thread(world.stop)
