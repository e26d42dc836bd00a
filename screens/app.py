"""KioskApp: the terminal that a person sees; it never waits for the domain and keeps nothing of anybody."""

import asyncio
import logging
import os
import signal
import sys
from collections.abc import Awaitable, Callable, Mapping
from concurrent.futures import Future
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar, Final, Protocol, TypeVar

from rich.console import RenderableType
from rich.text import Text
from textual import events, on
from textual.app import App
from textual.await_complete import AwaitComplete
from textual.message import Message
from textual.reactive import reactive
from textual.screen import Screen
from textual.theme import Theme
from textual.widget import Widget

from kiosk.desk_status import DeskFacts, DeskStatus
from kiosk.domain_thread import DomainThread
from kiosk.language import Language
from kiosk.service_manager import ServiceManager
from kiosk.sign_in.outcomes import Refused, Sentence, Value
from screens import hostile_input, safety
from screens.clock import Clock
from screens.demo_drawer import DemoDrawer
from screens.ending import CRASHED, ENDING, HARMLESS, plain_traceback
from screens.help import HelpPage, Menu
from screens.idle import IdleDialog, Idleness
from screens.in_service import InService
from screens.keys import KeyGate
from screens.locking import Locking
from screens.look import Look
from screens.page import Page
from screens.themes import theme_name, themes
from screens.widgets.status_strip import StatusStrip
from screens.words import Words

if TYPE_CHECKING:
    from kiosk.applications.launching import Launching
    from kiosk.demo import Demo, DemoState
    from kiosk.desk import Desk
    from kiosk.gate.passing import GateAnswer

T = TypeVar("T")
log = logging.getLogger("kiosk.screens")

# What tells that somebody is there. A mouse that moves may lie on a trembling desk.
SIGNS_OF_LIFE: Final = (events.Key, events.MouseDown, events.MouseScrollDown, events.MouseScrollUp, events.Paste)

# Ends the demonstration and the gate, and nothing else.
LEAVE_DEMO: Final = "ctrl+c"


class OpenAttempt(Protocol):
    """The sign-in of the person who is here, as far as the app must know it."""

    busy: bool
    """The domain is at work on what the person asked for."""

    def close(self, reason: str) -> None:
        """End it: "person", "idle", "sign_out" or "stop"; returns at once."""

    def tell_language(self) -> None:
        """The language of the app changed; returns at once."""


class StatusChanged(Message):
    """The desk can do something else than before."""

    def __init__(self, status: DeskStatus) -> None:
        super().__init__()
        self.status = status


class DemoChanged(Message):
    """The simulated world changed."""

    def __init__(self, state: "DemoState") -> None:
        super().__init__()
        self.state = state


class KioskApp(App[None], inherit_bindings=False):
    """The terminal. `thread` runs the domain, `facts` never change, `languages` has Dutch and English.

    `begin` lets the domain come, once the first page stands there, and again when it was lost; None when it is there already.
    `service` is told that the page stands, and then that the pages still move. `launching` makes what starts applications,
    once somebody wants one; None where there are none.
    """

    # Absolute, because Textual looks beside the module of a subclass.
    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path(__file__).with_name("kiosk.tcss"),
        # At once: a page that brings a sheet along makes Textual parse all of them anew, before it can be painted.
        Path(__file__).parent / "sign_in" / "sign_in.tcss",
    ]
    TITLE = "Kiosk"
    ENABLE_COMMAND_PALETTE = False
    ALLOW_SELECT = False

    status: reactive[DeskStatus | None] = reactive(None)
    """What this desk can do right now; None until the domain has said so."""

    demo_state: "reactive[DemoState | None]" = reactive(None)
    """The simulated world; None outside the demonstration."""

    technician_number: str = ""
    """Where this technician's last test SMS went; forgotten with the sign-in."""

    pointer: bool = False
    """Whether somebody used a mouse or a finger here, or the site says that this is how it is used."""

    attempt: OpenAttempt | None = None
    """Set by the login page; closed and forgotten by `show_login`."""

    def __init__(
        self,
        thread: "DomainThread[Desk]",
        *,
        facts: DeskFacts,
        languages: Mapping[str, Language],
        demo: "Demo | None" = None,
        look: Look,
        clock: Clock | None = None,
        begin: Callable[[], Future[None]] | None = None,
        service: ServiceManager | None = None,
        lights: Callable[[], int | None] = lambda: None,
        launching: "Callable[[], Launching] | None" = None,
        gate: "GateAnswer | None" = None,
    ) -> None:
        safety.close_switches(os.environ)
        hostile_input.bear()
        super().__init__()
        self.thread = thread
        self.facts = facts
        self.languages = languages
        self.demo = demo
        self.look = look
        self.pointer = look.touch
        self.clock = clock or Clock()
        self.failure: BaseException | None = None
        """A mistake of ours for which the domain could not come: the app ends then."""
        self.lights = lights
        """State of the locks of the keyboard (`linux_console.lights`); None where nobody can tell."""
        self.launching = launching
        self.gate = gate
        """Is told who signed in, and then the terminal ends; None where people come to be signed in."""
        self._in_service = InService(self, begin)
        self._service = service or ServiceManager()
        self.language = languages[facts.language]
        self.contrast = False
        self._language_chosen = self._contrast_chosen = False
        self.idleness = Idleness(self)
        self.keys = KeyGate(self)
        self.locking = Locking(self)
        self._words = {code: Words(language, facts) for code, language in languages.items()}
        for theme in themes():
            self.register_theme(theme)
        self.theme = theme_name(look.theme, contrast=False)

    # Words

    @property
    def words(self) -> Words:
        """The words of the present language."""
        return self._words[self.language.code]

    def say(self, sentence: Sentence) -> str:
        """Words of a sentence in the present language: waits with their unit, moments as 12:03, values of this desk."""
        return self.words.say(sentence)

    def text(self, text_id: str, **values: Value) -> str:
        """Words of an id in the present language."""
        return self.words.text(text_id, values)

    # The domain

    async def ask(self, function: "Callable[[Desk], T]") -> T:
        """Run `function` on the desk in the domain thread; raises what it raises.

        Only in a worker: a message handler that waits would hold up keys, clock and exit.
        """
        try:
            return await self.ask_behind_lock(function)
        finally:
            # What comes of it may open or close pages, and nothing but the lock does while that lies over them.
            await self.locking.over()

    async def ask_behind_lock(self, function: "Callable[[Desk], T]") -> T:
        """As `ask`, for the page of the lock."""
        return await asyncio.wrap_future(self.thread.call(function))

    # The callbacks come in other threads; a message is the way into this one.

    def _desk_changed(self, status: DeskStatus) -> None:
        self.post_message(StatusChanged(status))

    def _demo_changed_there(self, state: "DemoState") -> None:
        self.post_message(DemoChanged(state))

    @on(StatusChanged)
    def _status_changed(self, event: StatusChanged) -> None:
        self.status = event.status

    @on(DemoChanged)
    def _demo_changed(self, event: DemoChanged) -> None:
        self.demo_state = event.state

    # Coming and going

    async def on_mount(self) -> None:
        """Guard the terminal, follow the desk, show the login page."""
        if not self.is_headless:
            self._guard_terminal()
        self.theme_changed_signal.subscribe(self, self._repaint)
        self.set_interval(1.0, self.tick)
        self.run_worker(self._in_service.follow(self._desk_changed, self._demo_changed_there), group="desk")
        await self.show_login()
        self.call_after_refresh(self._stands)

    def _stands(self) -> None:
        self._in_service.painted.set()
        self._service.ready()
        self._service.status(self.facts.desk_name)

    def _guard_terminal(self) -> None:
        safety.keep_streams_clean()
        loop = asyncio.get_running_loop()
        for number in ENDING:
            loop.add_signal_handler(number, self.exit)
        for number in HARMLESS:
            loop.add_signal_handler(number, log.warning, "the signal %s does nothing", number.name)
        # Textual would start the pages once more by it, even while they end: a terminal that hangs up sends it too.
        signal.signal(signal.SIGCONT, signal.SIG_DFL)

    def login_page(self, notice: Sentence | Refused | None) -> Screen[None]:
        """A fresh login page."""
        from screens.sign_in.login import LoginPage  # noqa: PLC0415  it is built on this module

        return LoginPage(notice)

    async def show_login(
        self, notice: Sentence | Refused | None = None, *, reason: str = "person", same_person: bool = False
    ) -> None:
        """End the sign-in and start anew: fresh pages, and nothing of the previous person anywhere.

        `notice` is what the login page says, such as why the sign-in ended; `reason` is that of `SignIn.cancel`;
        `same_person` keeps language and contrast, for the way back to the login page.
        """
        self.locking.forget()
        attempt, self.attempt = self.attempt, None
        if attempt is not None:
            attempt.close(reason)
        self.keys.forget()
        self.technician_number = ""
        self.clear_notifications()
        self.idleness.touched()
        if not same_person:
            self._language_chosen = self._contrast_chosen = False
            self.language = self.languages[self.facts.language]
            self._set_contrast(on=False)
        while len(self.screen_stack) > 1:
            # Not awaited: the page that asks for this may be one of them.
            self.pop_screen()
        await self.push_screen(self.login_page(notice))
        self.call_after_refresh(safety.forget_painted)

    def forget_closed(self) -> None:
        """Let go of pages that watched `status` or `demo_state` and are closed.

        Textual drops them only when the value changes, which takes days on a quiet desk; until then each page
        stays in memory with all that was typed on it.
        """
        self.mutate_reactive(KioskApp.status)
        self.mutate_reactive(KioskApp.demo_state)

    def pop_screen(self) -> AwaitComplete:
        """Close the page on top; while the desk is locked, nothing closes the page of the lock."""
        self.locking.check(self.screen)
        return super().pop_screen()

    async def show_unexpected(self, error: Exception) -> None:
        """Something failed that nobody foresaw: the log has it, the person a sentence and the login page."""
        self.log_unexpected(error)
        await self.show_login(Sentence("error.unexpected"), reason="stop", same_person=True)

    def log_unexpected(self, error: Exception) -> None:
        """Something failed that nobody foresaw, and nobody waits for it."""
        log.error("unexpected\n%s", plain_traceback(error))

    def copy_to_clipboard(self, text: str) -> None:
        """Nothing is ever copied: neither here nor to the terminal (OSC 52)."""

    # What works on every page

    def action_help(self) -> None:
        """F1: whom to call and what to say."""
        if not isinstance(self.screen, HelpPage):
            self.push_screen(HelpPage())

    def action_menu(self) -> None:
        """Esc on an empty login page: what the F-keys do."""
        self.push_screen(Menu())

    def action_language(self) -> None:
        """F2: the other language, in place."""
        self._language_chosen = True
        codes = list(self.languages)
        self.set_language(codes[(codes.index(self.language.code) + 1) % len(codes)])

    def set_language(self, code: str) -> None:
        """Say everything in this language; typed text, focus and the running code stay."""
        self.language = self.languages[code]
        if self.attempt is not None:
            self.attempt.tell_language()
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                screen.reword()

    def prefer(self, language: str | None, contrast: bool | None) -> None:
        """The pages as whoever signed in chose them once; what they changed by F2 or F3 in this sign-in stands."""
        if language is not None and not self._language_chosen:
            self.set_language(language)
        if contrast is not None and not self._contrast_chosen:
            self._set_contrast(on=contrast)

    def action_contrast(self) -> None:
        """F3: high contrast on or off."""
        self._contrast_chosen = True
        self._set_contrast(on=not self.contrast)
        for strip in self.screen.query(StatusStrip):
            strip.note("contrast.on.line" if self.contrast else "contrast.off.line")

    def refresh_css(self, animate: bool = True) -> None:
        """Style everything anew. Before there is a page that is nothing, and the sheets are parsed once, for the page."""
        if self.screen_stack:
            super().refresh_css(animate)
        else:
            self.stylesheet.set_variables(self.get_css_variables())

    def _set_contrast(self, *, on: bool) -> None:
        self.contrast = on
        self.theme = theme_name(self.look.theme, contrast=on)

    def _repaint(self, _theme: Theme) -> None:
        # Textual keeps painted text whose own style did not change, with the colours of the theme before in it.
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                screen.reword()
                for node in screen.walk_children(Widget):
                    node.refresh()

    def action_demo_panel(self) -> None:
        """F9: the panel of the demonstration gets the keys, or gives them back."""
        if self.demo is None:
            return
        if isinstance(self.screen, DemoDrawer):
            self.screen.dismiss(None)
        else:
            self.push_screen(DemoDrawer())

    # Lending the terminal

    async def lend_terminal(self, use: "Callable[[int], Awaitable[T]]") -> T:
        """Let `use` have the terminal, by its descriptor; the pages come back whatever came of it."""
        # Painted meanwhile, they would fill the queue of a writer that has stopped, and then wait for it.
        with self.batch_update(), self.suspend():
            try:
                outcome = await use(sys.__stdin__.fileno() if sys.__stdin__ is not None else 0)
            except BaseException as error:  # noqa: BLE001  `suspend` does not come back from one
                failure: BaseException | None = error
            else:
                failure = None
            if self._exit:
                # Nor would the app end after it: whoever reads the keys would be started once more.
                raise failure or asyncio.CancelledError
        if failure is not None:
            raise failure
        return outcome

    # What comes from the terminal

    async def on_event(self, event: events.Event) -> None:
        """Notice that somebody is there; hold back what no person typed."""
        if isinstance(event, SIGNS_OF_LIFE) and not event.is_forwarded:
            if not isinstance(self.screen, IdleDialog):
                self.idleness.touched()
            if isinstance(event, events.Key) and event.key == LEAVE_DEMO and self.demo is not None:
                # A terminal at a desk has no way out by keys; whoever only plays with it must get out.
                self.exit()
                return
            if isinstance(event, events.Key) and event.key == LEAVE_DEMO and self.gate is not None:
                self.action_leave_gate()
                return
            if isinstance(event, events.Key) and self.keys.holds_back(event):
                return
        await super().on_event(event)
        if isinstance(event, events.MouseUp) and not self.pointer:
            self._pointer_seen()

    def _pointer_seen(self) -> None:
        # After its click has found what it was meant for: the card moves by this.
        self.pointer = True
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                screen.place_keypad()

    def type_as_keyboard(self, text: str) -> None:
        """Type like something that is plugged in beside the keyboard: a key of the demonstration, touched by accident."""
        for character in text:
            enter = character == "\n"
            self.post_message(events.Key("enter" if enter else character, None if enter else character))

    async def hand_on(self, event: events.Key) -> None:
        """Give a key that was held back to the page."""
        await super().on_event(event)

    def action_leave_gate(self) -> None:
        """End without anybody having signed in; the exit code says whether somebody could have."""
        works = self.status is not None and self.status.out_of_service is None
        self.exit(return_code=0 if works else 1)

    def tick(self) -> None:
        """Once a second: move the clocks, look for idleness and for a terminal that is gone."""
        if not self.is_running:
            # The timer outlives the pages by a moment when the app ends.
            return
        if not self.is_headless and safety.terminal_is_gone():
            log.error("the terminal is gone")
            self.exit(return_code=1)
            return
        if self.demo is not None:
            # The codes of the authenticator apps change by the clock alone.
            self.demo_state = self.demo.state()
        for screen in self.screen_stack:
            if isinstance(screen, Page):
                screen.tick()
        self.idleness.look()
        self._service.alive()

    # The end

    def panic(self, *renderables: RenderableType) -> None:
        """A crash whose picture may hold what nobody may read: its name for the log, one sentence for the terminal."""
        # Highlighting of source code comes with it, which a terminal that does not crash never needs.
        from rich.traceback import Traceback  # noqa: PLC0415  see above

        for renderable in renderables:
            stacks = renderable.trace.stacks if isinstance(renderable, Traceback) else []
            names = [f"{stack.exc_type}: {stack.exc_value}" for stack in stacks]
            log.critical("Textual gave up: %s", "; ".join(names) or type(renderable).__name__)
        self._return_code = 1
        self._fatal_error()

    def _fatal_error(self) -> None:
        log.critical("the pages crashed\n%s", plain_traceback(self._exception))
        self._exit_renderables[:] = [Text(CRASHED)]
        self._close_messages_no_wait()
