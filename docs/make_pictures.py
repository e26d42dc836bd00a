"""Makes the pictures of the docs: plays the demonstration and exports its pages. `python -m docs.make_pictures`.

Everything on them is simulated: people, numbers, codes.
"""  # noqa: INP001  a script beside what it makes, not a package

import asyncio
import dataclasses
import re
import tempfile
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Final

from textual.pilot import Pilot

from hardware.simulator import Pace
from kiosk.commands.backstage import Backstage, modem_settings
from kiosk.commands.demo import build
from kiosk.commands.demo_world import DemoWorld
from kiosk.commands.site import open_site
from kiosk.commands.terminal import Terminal, facts_of
from kiosk.demo import DemoPerson
from screens.app import KioskApp
from screens.clock import Clock
from screens.look import Look

PICTURES: Final = Path(__file__).with_name("pictures")
PAGE: Final = (100, 30)
# Wide enough for the panel beside the pages.
WITH_PANEL: Final = (140, 32)
QUICK: Final = Pace(command=0.0, prompt=0.0, submit=0.05)
DEADLINE: Final = 30.0
LOOK_SECONDS: Final = 0.05
# A letter acts after this much silence (`screens.typed_burst`), in seconds; and then some.
LETTER_SECONDS: Final = 0.15

# Textual names a font on the web; a picture must look the same without a network.
_WEB_FONT: Final = re.compile(r"@font-face\s*\{.*?\}\s*", re.DOTALL)
_FONT_NAME: Final = re.compile(r"font-family:\s*[^;}]+")


class Player:
    """Plays somebody at the terminal and takes pictures."""

    def __init__(self, app: KioskApp, pilot: Pilot[None], world: DemoWorld) -> None:
        self._app = app
        self._pilot = pilot
        self.world = world

    async def until(self, text: str) -> None:
        """Wait until `text` is on the screen."""
        end = time.monotonic() + DEADLINE
        while text not in self._screen():
            if time.monotonic() > end:
                raise TimeoutError(f"{text!r} did not come:\n{self._screen()}")
            await self._pilot.pause(LOOK_SECONDS)

    async def type(self, text: str) -> None:
        """Type into the field that has the focus."""
        await self._pilot.press(*("space" if character == " " else character for character in text))

    async def press(self, key: str) -> None:
        """Press one key and let it act."""
        await self._pilot.press(key)
        await self._pilot.pause(LETTER_SECONDS)

    async def sign_in(self, name: str) -> None:
        """Name and password."""
        await self.until("Gebruikersnaam")
        await self.type(name)
        await self.press("enter")
        await self.type(self.person(name).password)
        await self.press("enter")

    def person(self, name: str) -> DemoPerson:
        """Somebody of the demonstration, with what only they know."""
        return next(person for person in self.world.state().people if person.name == name)

    async def take(self, name: str) -> None:
        """Keep what is on the screen as `name`.svg."""
        await self._pilot.pause(LETTER_SECONDS)
        svg = self._app.export_screenshot(title="kiosk demo", simplify=True)
        svg = _FONT_NAME.sub("font-family: monospace", _WEB_FONT.sub("", svg))
        (PICTURES / f"{name}.svg").write_text(svg + "\n", encoding="utf-8")

    def _screen(self) -> str:
        strips = self._app.screen._compositor.render_strips()  # noqa: SLF001  Textual has no public way to the text
        return "\n".join("".join(segment.text for segment in strip) for strip in strips)


@asynccontextmanager
async def kiosk(size: tuple[int, int], *, panel: bool) -> AsyncIterator[Player]:
    """A terminal of the demonstration, on its login page with both modems ready."""
    with tempfile.TemporaryDirectory(prefix="kiosk-pictures-") as name:
        world = DemoWorld(pace=QUICK, transit_seconds=0.0, report_seconds=0.05)
        premises = build(Path(name), world.start(), "nl")
        with open_site(premises) as site:
            world.populate(premises, site)
        settings = [dataclasses.replace(one, simulated=True) for one in modem_settings(premises.config)]
        terminal = Terminal(
            facts_of(premises.config, "demo 3"),
            lambda: Backstage(premises, settings, simulated=True, keys=world.keys.bus),
        )
        terminal.start()
        app = KioskApp(
            terminal.thread,
            facts=terminal.facts,
            languages=premises.languages,
            demo=world if panel else None,
            look=Look(theme="dark", glyphs="rich"),
            clock=Clock(now_ms=premises.clock.now, wall_ms=premises.clock.wall),
        )
        try:
            async with app.run_test(size=size) as pilot:
                player = Player(app, pilot, world)
                await player.until("KPN")
                await player.until("Vodafone")
                yield player
        finally:
            await asyncio.to_thread(terminal.stop)
            await asyncio.to_thread(world.stop)


async def pages() -> None:
    """A first sign-in does not come into it: jan has his own password and a confirmed phone."""
    async with kiosk(PAGE, panel=False) as player:
        await player.take("login")
        await player.sign_in("jan")
        await player.until("op uw telefoon aangekomen")
        await player.take("sms_code")
        await player.press("a")
        await player.until("Geen SMS ontvangen")
        await player.take("no_sms")
        await player.press("u")
        await player.until("Uitleg: geen SMS ontvangen")
        await player.take("explanation")


async def new_backup_code() -> None:
    """The back-up code is used, so a new one is shown."""
    async with kiosk(PAGE, panel=False) as player:
        await player.sign_in("jan")
        await player.until("SMS code")
        await player.press("a")
        await player.until("GEBRUIK BACK-UP CODE")
        await player.press("b")
        await player.until("8 cijfers")
        code = player.person("jan").backup_code
        assert code is not None
        await player.type(code)
        await player.press("enter")
        await player.until("U bent succesvol ingelogd")
        await player.take("success")


async def key() -> None:
    """A YubiKey that blinks."""
    async with kiosk(PAGE, panel=False) as player:
        await player.sign_in("sam")
        await player.until("Steek uw YubiKey")
        player.world.toggle_key("sam")
        await player.until("Raak uw YubiKey aan")
        await player.take("yubikey")


async def administrator() -> None:
    """Somebody calls who cannot get in: found, looked at, helped with a temporary code."""
    async with kiosk(PAGE, panel=False) as player:
        await player.sign_in("beheer")
        await player.until("Authenticator app")
        code = player.person("beheer").totp_code
        assert code is not None
        await player.type(code)
        await player.press("enter")
        await player.until("Uitloggen")
        await player.take("home")
        await player.press("p")
        await player.until("Vries")
        await player.type("vri")
        await player.until("1 gevonden")
        await player.take("people")
        await player.press("enter")
        await player.until("Wat u kunt doen")
        await player.take("person")
        await player.press("t")
        await player.until("Hoe weet u wie dit is?")
        await player.press("2")
        await player.press("2")
        await player.take("temporary_code")


async def panel() -> None:
    """The page with the code, and beside it the phone on which it arrived."""
    async with kiosk(WITH_PANEL, panel=True) as player:
        await player.sign_in("jan")
        await player.until("op uw telefoon aangekomen")
        await player.take("demo")


def main() -> None:
    """Make all pictures."""
    PICTURES.mkdir(exist_ok=True)
    for story in (pages, new_backup_code, key, administrator, panel):
        asyncio.run(story())


if __name__ == "__main__":
    main()
