"""Scherm vergrendeld: whoever began the session goes on with it, or somebody else ends it."""

import math
from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.account.lock import OTHER_PERSON_SECONDS, Lock, LockView, at_lock
from kiosk.language import printable
from kiosk.sign_in.outcomes import Moved, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.troubles import sentence_of
from screens.page import Dialog, Page
from screens.sign_in.contact import say_failure, say_refused
from screens.sign_in.yubikey import PIN_LENGTH
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain
from screens.widgets.field import Field

# How often a key is looked for, which a person expects to be seen within half a second.
KEY_LOOK_SECONDS = 0.25
PASSWORD_LENGTH = 256


class LockPage(Page[None]):
    """Lies over everything of the session, until it is unlocked or ends; what runs behind it runs on."""

    AUTO_FOCUS = "#password Input"
    title_id = "locked.title"

    def __init__(self, *, idle: bool) -> None:
        super().__init__()
        self._idle = idle
        self.add_class("-lock")
        self._asking = False
        self._phase = ""
        self._follows = False

    def compose_card(self) -> ComposeResult:
        """Whose it is, the password, the key, and the way for somebody else."""
        yield Plain(id="person")
        yield Line("locked.text" if self._idle else "locked.by_hand", classes="quiet")
        yield Field("sign_in.login.password.label", id="password", secret=True, maximum_length=PASSWORD_LENGTH)
        yield Line(id="key-line", classes="gap")
        yield Field("yubikey.pin.label", id="pin", secret=True, toggle=False, maximum_length=PIN_LENGTH)
        yield self.message
        yield Action("locked.unlock.button", id="unlock", kind="primary", classes="gap")
        yield Action("locked.key.button", id="key", classes="gap")
        with Center(classes="gap"):
            yield Action("locked.other_person.button", id="other-person", kind="link")

    def on_mount(self) -> None:
        """Lock the desk in the domain too, and see what unlocks it."""
        for selector in ("#pin", "#key"):
            self.query_one(selector).display = False
        self._look()
        self.set_interval(KEY_LOOK_SECONDS, self._follow_key)

    @property
    def idle_seconds(self) -> int | None:
        """It waits for ever: the session ends by its longest time."""
        return None

    # What is known

    def _look(self) -> None:
        async def look() -> None:
            try:
                view = await self.kiosk.ask_behind_lock(lambda desk: desk.lock().view())
            except Exception as error:  # noqa: BLE001  the password is asked all the same
                self.kiosk.log_unexpected(error)
                return
            if self.is_mounted:
                self._show(view)

        self.app.run_worker(look(), group="lock-look")

    def _show(self, view: LockView) -> None:
        self.query_one("#person", Plain).show(printable(view.display_name))
        key = view.key
        self._follows = key is not None and not key.may_retry
        self.query_one("#key").display = view.key_offered and (key is None or key.may_retry)
        self.query_one("#key-line", Line).say(None if key is None else key.line)
        pin = self.query_one("#pin", Field)
        asks = key is not None and key.asks_pin
        if pin.display != asks:
            pin.clear()
            pin.display = asks
            (pin if asks else self.query_one("#password", Field)).focus()
        if key is not None and key.phase != self._phase:
            self._phase = key.phase
            if key.problem is not None:
                say_failure(self.message, key.problem)
            if key.answered:
                self._do(lambda lock: lock.answer_key())

    def _follow_key(self) -> None:
        if self._follows and not self._asking:
            self._look()

    # What a person does

    @on(Field.Submitted, "#password")
    @on(Action.Pressed, "#unlock")
    def _unlock(self) -> None:
        field = self.query_one("#password", Field)
        password = field.value
        field.clear()
        self._do(lambda lock: lock.unlock(password))

    @on(Action.Pressed, "#key")
    def _ask_key(self) -> None:
        self._phase, self._follows = "asked", True
        self._do(lambda lock: lock.begin_key(), unlocks=False)

    @on(Field.Submitted, "#pin")
    def _pin_typed(self) -> None:
        field = self.query_one("#pin", Field)
        pin = field.value
        field.clear()
        if pin:
            self._do(lambda lock: lock.give_pin(pin), unlocks=False)

    @on(Action.Pressed, "#other-person")
    def _other_person(self) -> None:
        self.app.push_screen(OtherPerson(self._names_below()), self._other_person_answered)

    def _other_person_answered(self, gone: bool | None) -> None:
        if gone:
            self.app.run_worker(self.kiosk.show_login(Sentence("locked.ended"), reason="other_person"))

    def _names_below(self) -> str:
        """What the end of the session closes: the pages over Home, by their names."""
        stack = self.app.screen_stack
        pages = [page for page in stack[: stack.index(self)] if isinstance(page, Page) and not isinstance(page, Dialog)]
        return ", ".join(page.closing_name for page in pages if page.closing_name)

    def _do(self, request: Callable[[Lock], Outcome], *, unlocks: bool = True) -> None:
        if self._asking:
            return
        self._asking = True

        async def ask() -> None:
            try:
                outcome = await self.kiosk.ask_behind_lock(lambda desk: at_lock(desk, request))
            except Exception as error:  # noqa: BLE001  it stays locked
                self.kiosk.log_unexpected(error)
                outcome = Refused(sentence_of(error), Stage.SIGNED_IN)
            finally:
                self._asking = False
            if not self.is_mounted or not self.kiosk.locking.locked:
                return
            if isinstance(outcome, Refused) and outcome.stage is Stage.ENDED:
                await self.kiosk.show_login(outcome, reason="person")
            elif isinstance(outcome, Refused):
                say_refused(self.message, outcome)
            elif isinstance(outcome, Moved) and unlocks:
                self.kiosk.locking.unlock()
            else:
                self._look()

        self.app.run_worker(ask(), group="lock")


class OtherPerson(Dialog[bool]):
    """Counts down to the end of the first session; True when nobody came back in time."""

    title_id = "locked.other_person.title"

    def __init__(self, names: str) -> None:
        super().__init__()
        self._names = names
        self._until = math.inf

    def compose_card(self) -> ComposeResult:
        """How long, what is lost, and the way to stop it."""
        yield Plain(id="other-text")
        yield Plain(id="other-closing", classes="gap")
        yield Action("locked.stay.button", id="stay", kind="primary", classes="gap")

    def on_mount(self) -> None:
        """Begin to count."""
        self._until = self.kiosk.clock.monotonic() + OTHER_PERSON_SECONDS
        self.refresh_words()

    def refresh_words(self) -> None:
        """In the language of the app."""
        left = max(0, math.ceil(self._until - self.kiosk.clock.monotonic()))
        self.query_one("#other-text", Plain).show(
            self.kiosk.say(Sentence("locked.other_person.text", {"seconds": left}))
        )
        closing = Sentence("locked.closing", {"name": self._names}) if self._names else Sentence("locked.nothing_open")
        self.query_one("#other-closing", Plain).show(self.kiosk.say(closing))

    def tick(self) -> None:
        """A second less."""
        super().tick()
        if not self.is_current or not self.is_mounted:
            return
        if self.kiosk.clock.monotonic() >= self._until:
            self.dismiss(True)
        else:
            self.refresh_words()

    @on(Action.Pressed, "#stay")
    def _stay(self) -> None:
        self.dismiss(False)
