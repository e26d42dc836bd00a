"""Bewijs dat u het bent: a fresh second factor before a change."""

from collections.abc import Callable

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.account.views import AccountView, ProofView
from kiosk.sign_in.outcomes import MethodKind, Moved, Refused, Sentence, Stage
from kiosk.sign_in.views import KeyView
from screens.account.asked import Request
from screens.account.asking import AccountForm
from screens.account.choice import ChoiceDialog, Entry
from screens.account.lines import proof_intro
from screens.sign_in.contact import say_failure
from screens.sign_in.stage_page import MS_PER_SECOND
from screens.sign_in.yubikey import PIN_LENGTH
from screens.widgets.action import Action
from screens.widgets.base import Line
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.field import Field
from screens.widgets.key_picture import KeyPicture
from screens.widgets.keypad import Keypad
from screens.widgets.time_left import TimeLeft

# How often what is known of the SMS is read again, in seconds.
LOOK_SECONDS = 1.0
# And of a key, which a person expects to be seen within half a second.
KEY_LOOK_SECONDS = 0.25


class ProofPage(AccountForm):
    """Asks the likeliest method at once; `then` goes on with what the person wanted."""

    title_id = "account.proof.title"
    why_id = "account.proof.why"
    """Why it is asked."""
    AUTO_FOCUS = ""

    def __init__(self, proofs: tuple[MethodKind, ...], then: Callable[[], None]) -> None:
        super().__init__()
        self._proofs = proofs
        self._then = then
        self._tried: MethodKind | None = None
        self._phase = ""

    def compose_card(self) -> ComposeResult:
        """Why, how, the boxes, and the other ways."""
        yield Line(self.why_id, classes="quiet")
        yield Line(id="intro", classes="gap")
        with Center(id="boxes"):
            yield CodeBoxes((6,), id="six")
            yield CodeBoxes((4, 4), id="eight")
        with Center(id="picture-place"):
            yield KeyPicture(id="picture")
        yield Line(id="key-line", classes="center")
        yield Field("yubikey.pin.label", id="pin", secret=True, toggle=False, maximum_length=PIN_LENGTH)
        yield TimeLeft(id="time-left")
        yield Line(id="sms-status")
        yield self.message
        yield Action("account.proof.check.button", id="check", kind="primary", classes="gap")
        yield Action("common.again.button", id="again", kind="primary", key="h", classes="gap")
        yield Action("account.proof.other.button", id="other", key="a", classes="gap")
        yield Action("no_sms.resend.button", id="resend", key="r", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("account.back.button", id="back", kind="link")
        yield Keypad()

    def on_mount(self) -> None:
        """Ask for the likeliest way."""
        self._show(None)
        if self._proofs:
            self._begin(self._proofs[0])
        else:
            self.refuse(Refused(Sentence("account.proof.none"), Stage.SIGNED_IN, names_contact=True))
        self.set_interval(LOOK_SECONDS, self._follow_sms)
        self.set_interval(KEY_LOOK_SECONDS, self._follow_key)

    @property
    def _boxes(self) -> CodeBoxes:
        return self.query_one("#eight" if self._kind is MethodKind.BACKUP_CODE else "#six", CodeBoxes)

    @property
    def _kind(self) -> MethodKind | None:
        return self.account.proof.kind if self.account is not None and self.account.proof is not None else None

    @property
    def _others(self) -> tuple[MethodKind, ...]:
        """Further ways; all that are left while the first one could not be asked."""
        if self.account is not None and self.account.proof is not None:
            return self.account.proof.others
        return tuple(kind for kind in self._proofs if kind is not self._tried)

    def _begin(self, kind: MethodKind) -> None:
        self._tried = kind
        self.do(lambda account: account.begin_proof(kind), self._begun)

    def _begun(self, news: Moved, _view: AccountView) -> None:
        self.tell(news)
        for boxes in self.query(CodeBoxes):
            boxes.clear()
        if self._kind is not MethodKind.YUBIKEY:
            self._boxes.focus()

    def take(self, view: AccountView) -> None:
        """How the SMS goes, which boxes there are."""
        super().take(view)
        self._show(view.proof)

    def _show(self, proof: ProofView | None) -> None:
        kind = None if proof is None else proof.kind
        self.query_one("#six").display = kind not in {MethodKind.BACKUP_CODE, MethodKind.YUBIKEY}
        self.query_one("#eight").display = kind is MethodKind.BACKUP_CODE
        self.query_one("#other").display = bool(self._others)
        sms = None if proof is None else proof.sms
        self._show_key(None if proof is None else proof.key)
        self.set_class(sms is not None, "-crowded")
        self.query_one("#resend").display = sms is not None
        self.query_one("#sms-status", Line).say(None if sms is None else sms.status_line)
        self.query_one("#intro", Line).say(proof_intro(proof))
        time_left = self.query_one("#time-left", TimeLeft)
        time_left.display = sms is not None
        self.place_keypad()
        if sms is not None:
            left = (sms.valid_until - self.kiosk.clock.now_ms()) / MS_PER_SECOND
            time_left.start(left_seconds=left, whole_seconds=(sms.valid_until - sms.issued_at) / MS_PER_SECOND)

    def _show_key(self, key: KeyView | None) -> None:
        self.query_one("#boxes").display = self.query_one("#check").display = key is None
        self.query_one("#again").display = False
        self.query_one("#picture-place").display = key is not None
        self.query_one("#key-line", Line).say(None if key is None else key.line)
        field = self.query_one("#pin", Field)
        asks = key is not None and key.asks_pin
        if field.display != asks:
            field.clear()
            field.display = asks
            if asks:
                field.focus()
        if key is None:
            return
        self.query_one("#picture", KeyPicture).show(key.phase)
        again = self.query_one("#again", Action)
        again.display = key.may_retry
        if self._phase != key.phase:
            self._phase = key.phase
            self.set_class(key.problem is not None, "-told")
            if key.problem is not None:
                say_failure(self.message, key.problem)
            else:
                self.message.clear()
            if key.answered:
                self._answer("")

    def _follow_key(self) -> None:
        if self._kind is MethodKind.YUBIKEY and self.is_current:
            self.look()

    @on(Field.Submitted, "#pin")
    def _pin_typed(self) -> None:
        field = self.query_one("#pin", Field)
        pin = field.value
        field.clear()
        if pin:
            self.do(lambda account: account.give_pin(pin))

    def _follow_sms(self) -> None:
        if self._kind is MethodKind.SMS and self.is_current:
            self.look()

    # What a person does

    @on(CodeBoxes.Submitted)
    def _submitted(self, event: CodeBoxes.Submitted) -> None:
        event.stop()
        self._answer(event.text)

    @on(Action.Pressed, "#check")
    def _check(self) -> None:
        self._answer(self._boxes.typed)

    def _answer(self, typed: str) -> None:
        if self._kind is not None:
            self.do(lambda account: account.answer_proof(typed), self._proved)

    def _proved(self, _news: Moved, _view: AccountView) -> None:
        self.close()
        self._then()

    def refuse(self, refused: Refused) -> None:
        """Empty boxes with the cursor in them, or what is there when it may stand."""
        super().refuse(refused)
        self.query_one("#other").display = bool(self._others)
        if self._kind is MethodKind.YUBIKEY:
            return
        if refused.clears_field:
            self._boxes.clear()
        self._boxes.focus()

    @on(Action.Pressed, "#again")
    def _again(self) -> None:
        self._phase = ""
        self._begin(MethodKind.YUBIKEY)

    @on(Action.Pressed, "#other")
    def _other(self) -> None:
        others = self._others
        if len(others) == 1:
            self._begin(others[0])
            return
        entries = [Entry(value=kind.value, label=Sentence(f"account.proof.by.{kind.value}")) for kind in others]
        self.app.push_screen(ChoiceDialog("account.proof.other.title", entries), self._chosen)

    def _chosen(self, value: str | None) -> None:
        if value is not None:
            self._begin(MethodKind(value))

    @on(Action.Pressed, "#resend")
    def _resend(self) -> None:
        self.do(lambda account: account.resend_proof(), confirmed=lambda account: account.resend_proof(confirmed=True))

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.action_back()

    def leave_request(self) -> Request | None:
        """The code that was sent is void."""
        return lambda account: account.leave_proof()
