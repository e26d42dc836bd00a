"""Driver: a person at the kiosk, in a test: presses, reads, lets time go by."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

from textual import events
from textual.pilot import Pilot
from textual.widget import Widget
from textual.widgets import Input

from kiosk.desk_status import DeskFacts
from kiosk.sign_in.outcomes import Stage
from kiosk.sign_in.views import SignInView
from screens.app import KioskApp
from screens.look import Look
from screens.page import Dialog, Page
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.field import Field
from screens.widgets.message import Message
from tests.screens.sign_in.scripted import FACTS, HandClock, Script, make_app

# Between two keys of a person: more than any burst.
KEY_SECONDS = 0.4
DEADLINE_SECONDS = 10.0
LOOK_SECONDS = 0.002
QUIET_ROUNDS = 3

CHARACTERS = {"space": " "}


class Driver:
    """Presses keys as a person does and reads what stands on the screen."""

    def __init__(self, app: KioskApp, pilot: Pilot[None], script: Script, hand: HandClock) -> None:
        self.app = app
        self.pilot = pilot
        self.script = script
        self.hand = hand
        self.presses = 0

    async def press(self, *keys: str) -> None:
        """One key after another, each in its own time."""
        for key in keys:
            self.presses += 1
            self._post(key)
            await self.settle()

    def _post(self, key: str) -> None:
        self.hand.forward(KEY_SECONDS)
        character = CHARACTERS.get(key, key if len(key) == 1 else None)
        self.app.post_message(events.Key(key, character))

    async def type(self, text: str) -> None:
        """Text into whatever has the focus; not counted among the presses."""
        for character in text:
            self._post("space" if character == " " else character)
            await self.until(self.app._message_queue.empty)
        await self.settle()

    async def paste(self, text: str) -> None:
        """A terminal's paste."""
        self.app.post_message(events.Paste(text))
        await self.settle()

    async def settle(self) -> None:
        """Everything that is under way has been handled and shown; a domain that waits for its gate is not waited for."""
        # A key becomes a message of the widget, of the page, a call of the domain, a page: as many rounds as it takes.
        quiet = 0
        while quiet < QUIET_ROUNDS:
            await self.until(self._at_rest)
            await self.pilot._wait_for_screen()
            quiet = quiet + 1 if self._at_rest() else 0

    def _at_rest(self) -> bool:
        screen = self.app.screen
        pumps = [self.app, *self.app.screen_stack, *screen.walk_children(Widget)]
        if self.app.keys._held is not None or not all(pump._message_queue.empty() for pump in pumps):
            return False
        if screen._layout_required or screen._repaint_required or screen._dirty_widgets or screen._callbacks:
            return False
        working = any(worker.is_running for worker in self.app.workers)
        return not working or not self.script.gate.is_set()

    async def until(self, holds: Callable[[], bool]) -> None:
        """Wait until something holds; fail after the deadline."""
        deadline = time.monotonic() + DEADLINE_SECONDS
        while not holds():
            assert time.monotonic() < deadline, f"did not happen; the page says:\n{self.text}"
            await asyncio.sleep(LOOK_SECONDS)

    async def seconds(self, seconds: float) -> None:
        """Let time go by, a second at a time as the app looks at it."""
        whole = int(seconds)
        for step in [1.0] * whole + ([seconds - whole] if seconds > whole else []):
            self.hand.forward(step)
            self.app.tick()
        await self.settle()

    async def leap(self, seconds: float) -> None:
        """Let time go by in one step."""
        self.hand.forward(seconds)
        self.app.tick()
        await self.settle()

    async def become(self, view: SignInView) -> None:
        """The domain learns something by itself."""
        sign_in = self.script.sign_ins[-1]
        self.app.thread.call(lambda _desk: sign_in.become(view)).result(DEADLINE_SECONDS)
        await self.settle()

    async def sign_in(self, view: SignInView) -> None:
        """Name and password are right and lead to this page."""
        self.script.signs_in(view)
        self.field("name").value = "jan"
        self.field("password").value = "geheim"
        self.field("password").focus()
        await self.press("enter")
        await self.until(lambda: self.stage is view.stage)
        await self.settle()
        self.presses = 0

    # What stands there

    @property
    def page(self) -> Page[object]:
        """What has the keys."""
        screen = self.app.screen
        assert isinstance(screen, Page)
        return screen

    @property
    def stage(self) -> Stage | None:
        """That of the page below all dialogs."""
        return next(
            (screen.stage for screen in self.app.screen_stack if hasattr(screen, "stage")),
            None,
        )

    @property
    def text(self) -> str:
        """All words of the page that has the keys, a line per row of the terminal."""
        return "\n".join(line.rstrip() for line in screen_text(self.app))

    @property
    def words(self) -> str:
        """All words of the card in one line, frames left out, so that a sentence that wraps is found."""
        card = self.page.query_one("#card")
        rows = screen_text(self.app)[card.region.y : card.region.bottom]
        inside = [row[card.region.x + 1 : card.region.right - 1] for row in rows]
        return " ".join(" ".join(inside).split())

    def words_in(self, widget: Widget) -> str:
        """All words of a widget in one line, so that a sentence that wraps is found."""
        region = widget.region
        rows = screen_text(self.app)[region.y : region.bottom]
        return " ".join(" ".join(row[region.x : region.right] for row in rows).split())

    @property
    def title(self) -> str:
        """The title in the frame."""
        return str(self.page.query_one("#card").border_title).strip()

    @property
    def message(self) -> Message:
        """The message of the page that has the keys."""
        return self.page.message

    @property
    def focused(self) -> str | None:
        """Id of what has the focus; of the field for the line in it."""
        focused = self.app.focused
        if isinstance(focused, Input):
            return next((node.id for node in focused.ancestors if isinstance(node, Field)), None)
        return focused.id if focused is not None else None

    def field(self, name: str) -> Field:
        """A field of the page."""
        return self.page.query_one(f"#{name}", Field)

    @property
    def boxes(self) -> CodeBoxes:
        """The code boxes of the page."""
        return self.page.query_one(CodeBoxes)

    def shown(self, selector: str) -> bool:
        """Whether something is on the page."""
        return any(is_shown(widget) for widget in self.page.query(selector))

    def cut_off(self) -> list[str]:
        """What of the card does not fit on the screen."""
        card = self.page.query_one("#card")
        if card.max_scroll_y > 0:
            return [f"the card is {card.max_scroll_y} rows too high"]
        return [
            f"{widget!r} at {widget.region}"
            for widget in card.query("*").results(Widget)
            if is_shown(widget) and not card.region.contains_region(widget.region)
        ]

    @property
    def in_dialog(self) -> bool:
        """Whether a dialog has the keys."""
        return isinstance(self.app.screen, Dialog)


def is_shown(widget: Widget) -> bool:
    """Whether a widget takes any cell."""
    return widget.display and all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))


def screen_text(app: KioskApp) -> list[str]:
    """The rows of the terminal as text."""
    return ["".join(segment.text for segment in line) for line in app.screen._compositor.render_strips()]


@asynccontextmanager
async def kiosk(
    script: Script | None = None,
    *,
    size: tuple[int, int] = (80, 24),
    facts: DeskFacts = FACTS,
    look: Look | None = None,
) -> AsyncIterator[Driver]:
    """A kiosk at its login page."""
    script = script or Script()
    hand = HandClock()
    app, thread = make_app(script, hand, facts=facts, look=look)
    try:
        async with app.run_test(size=size) as pilot:
            driver = Driver(app, pilot, script, hand)
            await driver.until(lambda: app.status is not None)
            await driver.settle()
            yield driver
    finally:
        script.gate.set()
        assert thread.stop()
