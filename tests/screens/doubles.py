"""A desk, clocks and pages that are small enough to see the frame alone."""

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import TYPE_CHECKING, Any, cast

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Center
from textual.pilot import Pilot
from textual.screen import Screen

from kiosk.demo import DemoModem, DemoPerson, DemoSms, DemoState
from kiosk.desk_status import DeskFacts, DeskStatus, HelpDesk, ModemHealth, ModemStrip, SmsHealth
from kiosk.domain_thread import DomainThread
from kiosk.gate.passing import GateAnswer
from kiosk.language import LANGUAGES, Language
from kiosk.service_manager import ServiceManager
from kiosk.sign_in.outcomes import MethodKind, Refused, Sentence
from kiosk.watch import Subscription, Watchers
from screens.app import KioskApp
from screens.clock import Clock
from screens.look import Look
from screens.page import Dialog, Page
from screens.widgets.action import Action
from screens.widgets.block_digits import BlockDigits
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.field import Field
from screens.widgets.time_left import TimeLeft

if TYPE_CHECKING:
    from kiosk.desk import Desk

DARK = Look("dark", "rich")
SIXTEEN = Look("sixteen", "basic")

# Monday 8 January 2024, 09:41 in Amsterdam.
MONDAY_MORNING_MS = 1_704_703_260_000

FACTS = DeskFacts(
    site="Receptie Noord",
    desk_name="Balie 1",
    desk_number="12",
    help_desk=HelpDesk(name="Servicebalie", phone="030 555 01 23", hours="ma-vr 8-17"),
    language="nl",
    time_zone="Europe/Amsterdam",
    login_idle_seconds=90,
    sign_in_idle_seconds=180,
    success_idle_seconds=120,
    session_idle_seconds=300,
    idle_warning_seconds=20,
    idle_extensions=10,
)

MODEMS = (
    ModemStrip(name="noord", health=ModemHealth.READY, network="KPN", bars=4, simulated=False),
    ModemStrip(name="zuid", health=ModemHealth.READY, network="Vodafone", bars=3, simulated=False),
)

STATUS = DeskStatus(
    sms=SmsHealth.READY,
    modems=MODEMS,
    yubikey_present=False,
    clock_wrong=False,
    simulated=False,
    methods_working=(MethodKind.SMS, MethodKind.TOTP, MethodKind.BACKUP_CODE),
)


class StillClock:
    """Moves only when a test moves it."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def advance(self, seconds: float) -> None:
        self.seconds += seconds

    def clock(self) -> Clock:
        def ms() -> int:
            return MONDAY_MORNING_MS + round((self.seconds - 1000.0) * 1000)

        return Clock(monotonic=lambda: self.seconds, now_ms=ms, wall_ms=ms)


class SmallDesk:
    """As much of a desk as the frame asks for."""

    def __init__(self, status: DeskStatus = STATUS) -> None:
        self._status = status
        self._watchers = Watchers(lambda: self._status)

    def watch_status(self, callback: Callable[[DeskStatus], None]) -> Subscription:
        return self._watchers.watch(callback)

    def change(self, status: DeskStatus) -> None:
        self._status = status
        self._watchers.refresh()

    def poll(self) -> float:
        return 60.0

    def close(self) -> None:
        pass


class SmallWorld:
    """A demonstration without hardware."""

    def __init__(self) -> None:
        person = DemoPerson(name="jan", password="vier losse woorden", note_id="demo.phone.empty", totp_code="492039")
        self._state = DemoState(
            people=(person,),
            messages=(),
            modems=(
                DemoModem(name="noord", network="KPN", plugged=True),
                DemoModem(name="zuid", network="Vodafone", plugged=True),
            ),
            losing=False,
        )
        self._watchers = Watchers(lambda: self._state)

    def state(self) -> DemoState:
        return self._state

    def watch(self, callback: Callable[[DemoState], None]) -> Subscription:
        return self._watchers.watch(callback)

    def show(self, **changes: Any) -> None:
        self._state = replace(self._state, **changes)
        self._watchers.refresh()

    def receive(self, text: str, network: str = "KPN") -> None:
        sms = DemoSms(at=MONDAY_MORNING_MS, number_tail="78", sender="1655", network=network, text=text)
        self.show(messages=(sms, *self._state.messages))

    def toggle_modem(self, name: str) -> None:
        self.show(modems=tuple(replace(m, plugged=not m.plugged) if m.name == name else m for m in self._state.modems))

    def toggle_key(self, name: str) -> None:
        self.show(keys=tuple(replace(k, plugged=not k.plugged) if k.name == name else k for k in self._state.keys))

    def touch_key(self) -> str:
        return ""

    def lose_next_sms(self) -> None:
        self.show(losing=True)

    def stop(self) -> None:
        pass


class SmallAttempt:
    """Remembers what the app told it."""

    busy = False

    def __init__(self) -> None:
        self.closed: list[str] = []
        self.languages = 0

    def close(self, reason: str) -> None:
        self.closed.append(reason)

    def tell_language(self) -> None:
        self.languages += 1


class LoginSample(Page[None]):
    """The fields of a login page, and what was handed in."""

    title_id = "sign_in.login.title"
    step = (1, 2)

    def __init__(self, notice: Sentence | Refused | None = None) -> None:
        super().__init__()
        self.notice = notice
        self.handed_in: list[tuple[str, str]] = []

    def compose_card(self) -> ComposeResult:
        yield Field("sign_in.login.name.label", id="name", maximum_length=64)
        yield Field("sign_in.login.password.label", id="password", secret=True)
        yield self.message
        yield Action("common.sign_in.button", id="sign-in", kind="primary", classes="gap")
        with Center(classes="gap"):
            yield Action("sign_in.login.forgotten.button", id="forgotten", kind="link")

    def on_mount(self) -> None:
        # As the real one does, which says what the desk can do right now.
        self.watch(self.app, "status", self.refresh_words, init=False)
        if isinstance(self.notice, Sentence):
            self.message.note(self.notice)

    @on(Field.Submitted, "#password")
    @on(Action.Pressed, "#sign-in")
    def _hand_in(self) -> None:
        self.handed_in.append((self.query_one("#name", Field).value, self.query_one("#password", Field).value))

    def action_back(self) -> None:
        self.kiosk.action_menu()


class CodeSample(Page[None]):
    """Boxes, a countdown and three actions, two with a letter."""

    title_id = "sms.title"
    step = (2, 2)

    def __init__(self) -> None:
        super().__init__()
        self.submitted: list[str] = []
        self.pressed: list[str] = []
        self.ended = 0

    def compose_card(self) -> ComposeResult:
        with Center():
            yield CodeBoxes((6,), id="code")
        yield TimeLeft(id="time-left")
        yield self.message
        yield Action("common.sign_in.button", id="sign-in", kind="primary", classes="gap")
        yield Action("sms.alternatives.button", id="alternatives", key="a", classes="gap")
        with Center(classes="gap"):
            yield Action("common.back.button", id="back", kind="link", key="t")

    @on(CodeBoxes.Submitted)
    def _submitted(self, event: CodeBoxes.Submitted) -> None:
        self.submitted.append(event.text)

    @on(Action.Pressed)
    def _pressed(self, event: Action.Pressed) -> None:
        self.pressed.append(str(event.action.id))

    @on(TimeLeft.Ended)
    def _ended(self) -> None:
        self.ended += 1


class BackupCodeSample(Page[None]):
    """A back-up code in large digits."""

    title_id = "success.title"
    idle_text_id = "idle.backup_code"

    def compose_card(self) -> ComposeResult:
        with Center():
            yield BlockDigits("1753 2256", id="digits")
        yield Action("common.continue.button", id="continue", kind="primary", classes="gap")


class QuestionSample(Dialog[bool]):
    """A dialog with one answer."""

    title_id = "success.noted.title"

    def compose_card(self) -> ComposeResult:
        yield Action("common.yes.button", id="yes", kind="primary", key="j")


class SmallApp(KioskApp):
    """The app with the sample login page."""

    def login_page(self, notice: Sentence | Refused | None) -> Screen[None]:
        return LoginSample(notice)


@contextmanager
def small_app(
    *,
    look: Look = DARK,
    clock: StillClock | None = None,
    demo: SmallWorld | None = None,
    status: DeskStatus = STATUS,
    facts: DeskFacts = FACTS,
    stop: bool = True,
    service: ServiceManager | None = None,
    gate: GateAnswer | None = None,
) -> Iterator[SmallApp]:
    """An app over a real domain thread, which ends with it unless `stop` is False."""
    thread = DomainThread(lambda: SmallDesk(status))
    thread.start().result(timeout=5)
    languages = {code: Language.load(code) for code in LANGUAGES}
    try:
        yield SmallApp(
            cast("DomainThread[Desk]", thread),
            facts=facts,
            languages=languages,
            demo=demo,
            look=look,
            clock=(clock or StillClock()).clock(),
            service=service,
            gate=gate,
        )
    finally:
        assert not stop or thread.stop()


async def until(pilot: Pilot[Any], condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Let the app work until `condition` holds; fails after `seconds`."""
    deadline = asyncio.get_running_loop().time() + seconds
    while not condition():
        assert asyncio.get_running_loop().time() < deadline, "waited in vain"
        await pilot.pause(0.005)


async def ready(pilot: Pilot[Any]) -> None:
    """Let the app come up: the login page is there and the status of the desk has arrived."""
    app = cast("SmallApp", pilot.app)
    await until(
        pilot, lambda: app.status is not None and isinstance(app.screen, LoginSample) and app.focused is not None
    )
    await pilot.pause()


async def type_fast(pilot: Pilot[Any], text: str, *keys: str) -> None:
    """Type without waiting for the app in between, as a device does; the still clock sees no gap at all."""
    driver = pilot.app._driver
    assert driver is not None
    for character in text:
        driver.send_message(events.Key(character, character))
    for key in keys:
        driver.send_message(events.Key(key, "\r" if key == "enter" else None))
    await pilot.pause()
    await pilot.pause()


async def show(pilot: Pilot[Any], page: Page[Any]) -> None:
    """Show `page` on top."""
    await pilot.app.push_screen(page)
    await pilot.pause()


def seen(app: KioskApp) -> list[str]:
    """What stands on the screen, row by row."""
    return [strip.text for strip in app.screen._compositor.render_strips()]


def seen_text(app: KioskApp) -> str:
    """What can be read on the screen, as flowing text without the lines of frames."""
    return " ".join(
        "".join(" " if character in "│─┌┐└┘╭╮╰╯" else character for row in seen(app) for character in f"{row} ").split()
    )
