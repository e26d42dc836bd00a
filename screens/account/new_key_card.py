"""What every page shows on which a security key is added: insert, touch, touch once more as a proof, give it a name."""

from textual.app import ComposeResult
from textual.containers import Center

from kiosk.account.views import NewKeyView
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from kiosk.yubikey.enrolment import LONGEST_NAME, EnrolStage
from screens.page import Page
from screens.sign_in.contact import say_failure
from screens.sign_in.stage_page import MS_PER_SECOND
from screens.sign_in.yubikey import PIN_LENGTH
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain
from screens.widgets.field import Field
from screens.widgets.key_picture import KeyPicture
from screens.widgets.time_left import TimeLeft

# A person expects to see within half a second that the key was put in.
LOOK_SECONDS = 0.25


class NewKeyCard(Page[None]):
    """Follows the key; nothing is pressed before the name. A subclass asks and hands in what it was told."""

    _said = ""
    _until: int | None = None

    def compose_key(self) -> ComposeResult:
        """What to do now, what the key is, its name, the ways out."""
        yield Line("account.new_key.why", id="why", classes="quiet")
        with Center(id="picture-place"):
            yield KeyPicture(id="picture")
        yield Line(id="key-line", classes="center")
        yield TimeLeft(id="time-left")
        yield Field("yubikey.pin.label", id="pin", secret=True, toggle=False, maximum_length=PIN_LENGTH)
        yield Plain(id="facts", classes="quiet")
        yield Field("account.new_key.name", id="name", maximum_length=LONGEST_NAME)
        yield self.message
        yield Action("account.new_key.add.button", id="add", kind="primary", classes="gap")
        yield Action("account.new_key.silence.button", id="silence", classes="gap")
        yield Action("common.again.button", id="again", kind="primary", key="h", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("account.back.button", id="back", kind="link")

    def hide_all(self) -> None:
        """As it stands before a key was seen."""
        for hidden in ("#pin", "#name", "#add", "#silence", "#again"):
            self.query_one(hidden).display = False

    def show_key(self, new: NewKeyView) -> None:
        """Show how it stands."""
        key = new.key
        self.query_one("#why", Line).say("account.new_key.why_slot" if new.one_touch else "account.new_key.why")
        phase = "answered" if key is None else key.phase
        named = new.stage == EnrolStage.NAME
        self.query_one("#picture", KeyPicture).show(phase)
        self.query_one("#key-line", Line).say("account.new_key.good.line" if named else new.line)
        self.query_one("#facts", Plain).show(self._facts(new))
        self._show_time(None if key is None else key.touch_until)
        self._show_field("#pin", shown=key is not None and key.asks_pin)
        self._show_field("#name", shown=named)
        self.query_one("#add").display = named
        self.query_one("#silence").display = named and new.types
        refused = new.stage == EnrolStage.REFUSED
        may_retry = refused or (key is not None and key.may_retry)
        again = self.query_one("#again", Action)
        if again.display != may_retry:
            again.display = may_retry
            if may_retry:
                again.focus()
        self._say(new)

    def _say(self, new: NewKeyView) -> None:
        problem = new.why if new.key is None else new.key.problem
        now = f"{new.stage} {'' if new.key is None else new.key.phase} {problem}"
        if now == self._said:
            return
        self._said = now
        self.set_class(problem is not None or new.stage == EnrolStage.NAME, "-told")
        if problem is not None:
            say_failure(self.message, problem)
        elif new.stage == EnrolStage.NAME and new.flawed:
            self.message.note(Sentence("account.new_key.flawed"))
        else:
            self.message.clear()

    def _facts(self, new: NewKeyView) -> str:
        if not new.model:
            return ""
        said = self.kiosk.say(Sentence("account.new_key.facts", {"model": printable(new.model)}))
        if new.firmware is not None:
            said += self.kiosk.say(Sentence("account.new_key.facts_firmware", {"firmware": new.firmware}))
        if new.serial is not None:
            said += self.kiosk.say(Sentence("account.new_key.facts_serial", {"serial": new.serial}))
        if new.attested is not None:
            said += f"\n{self.kiosk.text(f'account.new_key.attested.{new.attested}')}"
        return said

    def _show_time(self, until: int | None) -> None:
        time_left = self.query_one("#time-left", TimeLeft)
        time_left.display = until is not None
        if until is not None and until != self._until:
            left = (until - self.kiosk.clock.now_ms()) / MS_PER_SECOND
            time_left.start(left_seconds=left, whole_seconds=left)
        elif until is None:
            time_left.stop()
        self._until = until

    def _show_field(self, name: str, *, shown: bool) -> None:
        field = self.query_one(name, Field)
        if field.display != shown:
            field.clear()
            field.display = shown
            if shown:
                field.focus()

    def typed_pin(self) -> str:
        """The PIN that was typed, which stands nowhere any more."""
        field = self.query_one("#pin", Field)
        pin = field.value
        field.clear()
        return pin
