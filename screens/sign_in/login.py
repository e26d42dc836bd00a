"""Inloggen: user name and password; what this desk cannot do now is said before anybody types."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from kiosk.desk_status import DeskStatus
from kiosk.sign_in.outcomes import Refused, Sentence, Stage
from screens.desk_words import missing_methods
from screens.sign_in.attempt import Attempt
from screens.sign_in.contact import asks_administrator, say_failure
from screens.sign_in.forgotten import ForgottenDialog
from screens.sign_in.stage_page import SignInPage
from screens.widgets.action import Action
from screens.widgets.base import Line
from screens.widgets.field import Field
from screens.widgets.message import Message

# A wait for one name: whoever types another name need not wait.
WAIT_OF_THE_NAME = "sign_in.login.wait"

# A desk that has not said by then what it can do is still starting, and says so instead of letting somebody type.
STARTING_SECONDS = 3.0

# Longest user name that is taken.
NAME_LENGTH = 64


class LoginPage(SignInPage):
    """The first page; `notice` says how the previous sign-in ended."""

    stage: ClassVar[Stage] = Stage.LOGIN
    AUTO_FOCUS = "#name Entry"
    title_id = "sign_in.login.title"
    idle_silent = True

    def __init__(self, notice: Sentence | Refused | None = None) -> None:
        super().__init__()
        self._notice = notice
        self._refused_name = ""
        self._starting = False
        # Held, not looked up: the clock asks for them before the page is composed, and messages still come after it.
        self._desk_notice = Message(id="desk-notice")
        self._out_more = Vertical(
            Line("out.still"), Line("out.again", classes="gap quiet"), id="out-more", classes="gap"
        )
        self._out_more.display = False
        self._name_field = Field("sign_in.login.name.label", id="name", maximum_length=NAME_LENGTH)
        self._password_field = Field("sign_in.login.password.label", id="password", secret=True)
        self._next_step = Action("common.sign_in.button", id="sign-in", kind="primary", classes="gap")

    def compose_card(self) -> ComposeResult:
        """What does not work, the two fields, the next step."""
        yield self._desk_notice
        yield self._out_more
        with Vertical(id="form"):
            yield self._name_field
            yield self._password_field
            yield self.message
            yield self._next_step
            yield Action("sign_in.login.forgotten.button", id="forgotten", kind="link", classes="gap")

    def on_mount(self) -> None:
        """Say how it ended, and follow what this desk can do."""
        self.attempt = Attempt(self.kiosk)
        self.kiosk.attempt = self.attempt
        self.watch(self.app, "status", self._show_status)
        self.set_timer(STARTING_SECONDS, self._say_starting)
        if isinstance(self._notice, Refused):
            self.refuse(self._notice)
        elif self._notice is not None and asks_administrator(self._notice):
            say_failure(self.message, self._notice)
        elif self._notice is not None:
            self.message.note(self._notice)
        self.make_room()

    # What this desk can do

    def _say_starting(self) -> None:
        if self.kiosk.status is None:
            self._starting = True
            self._show_status(None)

    def _show_status(self, status: DeskStatus | None) -> None:
        # A desk that starts is there before anybody has typed a name, and who types meanwhile loses nothing.
        starting = "out.starting" if self._starting else None
        out = status.out_of_service if status is not None else starting
        form = self.query_one("#form")
        was_out = not form.display
        form.display = out is None
        self.retitle("out.title" if out is not None else "sign_in.login.title")
        notice = Sentence(out) if out is not None else None
        if status is not None and out is None:
            notice = missing_methods(status)
        if notice is None:
            self._desk_notice.clear()
        else:
            reference = status.out_reference if status is not None else None
            self._desk_notice.failure(notice, reference=reference, contact=asks_administrator(notice))
        self._out_more.display = status is not None and out is not None
        self.make_room()
        if out is None and was_out:
            self._first_empty().focus()

    @property
    def much_to_read(self) -> bool:
        """There is room for one of the two."""
        return super().much_to_read and self._desk_notice.sentence is not None

    # What a person does

    def _first_empty(self) -> Field:
        return self._password_field if self._name_field.value else self._name_field

    @on(Field.Submitted, "#name")
    def _name_submitted(self) -> None:
        self._password_field.focus()

    @on(Field.Submitted, "#password")
    @on(Action.Pressed, "#sign-in")
    def _sign_in(self) -> None:
        if self.waiting:
            return
        name, password = self._name_field.value, self._password_field.value
        self._refused_name = name
        self.do(lambda sign_in: sign_in.begin(name, password))

    @on(Action.Pressed, "#forgotten")
    def _forgotten(self) -> None:
        self.app.push_screen(ForgottenDialog())

    def refuse(self, refused: Refused) -> None:
        """Say why; the name stays, and the cursor stands where something is to be typed."""
        super().refuse(refused)
        if refused.clears_field:
            self._password_field.clear()
        if self.query_one("#form").display:
            self._first_empty().focus()
        self._show_wait()

    def action_back(self) -> None:
        """Esc empties what was typed; on an empty page it opens the menu."""
        if self.attempt.busy:
            self.leave()
        elif self._begun:
            self._name_field.clear()
            self._password_field.clear()
            self._name_field.focus()
        else:
            self.kiosk.action_menu()

    # Waiting

    @property
    def waiting(self) -> bool:
        """Whether trying again has to wait: the countdown runs, for this desk or for the name that stands there."""
        sentence = self.message.sentence
        if not self.message.waiting or sentence is None:
            return False
        return sentence.text_id != WAIT_OF_THE_NAME or self._name_field.value == self._refused_name

    @on(Field.Changed, "#name")
    def _show_wait(self) -> None:
        self._next_step.disabled = self.waiting

    def tick(self) -> None:
        """Count down; at the end of the wait the next step is there again."""
        super().tick()
        self._show_wait()

    # Idleness

    @property
    def _typed(self) -> bool:
        return bool(self._name_field.value or self._password_field.value)

    @property
    def _begun(self) -> bool:
        """Also a password that would be readable for whoever types the next one."""
        return self._typed or self._password_field.shown

    @on(Field.Changed)
    def _weigh_idleness(self) -> None:
        """On an empty page nothing is lost, so no warning comes first."""
        self.idle_silent = not self._typed

    @property
    def idle_seconds(self) -> int | None:
        """What somebody typed and left behind is taken away, and the language of the desk comes back; a gate ends."""
        facts = self.kiosk.facts
        begun = self._begun or self.kiosk.language.code != facts.language or facts.gate_account is not None
        return facts.login_idle_seconds if begun else None

    async def idle_ended(self) -> None:
        """How the previous sign-in ended still stands there for whoever comes back."""
        if self._typed:
            await super().idle_ended()
        else:
            self._password_field.clear()
            self.kiosk.set_language(self.kiosk.facts.language)
