"""The second step of a new method, with the person at this desk: this screen is for them, not for the administrator."""

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.accounts import AccountError
from kiosk.administration.changing import Office
from kiosk.administration.errors import AdministrationError
from kiosk.administration.free_text import Why
from kiosk.administration.passwords import Done
from kiosk.administration.proving import AppProof, CodeRefused, PhoneProof, offered_phone
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asking import OfficePage, OfficePart
from screens.sign_in.app_key import AppKeyPage
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.keypad import Keypad

SIGN_IN_CSS: list[str | PurePath] = [
    Path(__file__).parents[1] / "sign_in" / "sign_in.tcss",
    Path(__file__).with_name("administrator.tcss"),
]
# How often what is known of the SMS is read again, in seconds.
LOOK_SECONDS = 1.0


class HereCard(OfficePart):
    """A card over the administrator's pages; Esc leaves, and what was not proved counts for nothing."""

    CSS_PATH: ClassVar[list[str | PurePath]] = SIGN_IN_CSS

    def __init__(self, why: Why, name: str) -> None:
        super().__init__()
        self.reason = why
        self.whose = name

    @property
    def about(self) -> str:
        """Whose method it will be."""
        return self.whose

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.action_back()

    def action_back(self) -> None:
        """Esc."""
        if not self.asking:
            self.app.pop_screen()

    def finish(self, text_id: str, done: Done) -> None:
        """Back to the card, which says what was done."""
        self.waits(Sentence(text_id), done.reference)

    def waits(self, news: Sentence, reference: str) -> None:
        """Back to the card, which says so."""
        self.close()
        below = self.app.screen
        if isinstance(below, OfficePage):
            below.tell(news, reference=reference)

    def refuse(self, error: AdministrationError | AccountError, again: Callable[[], None]) -> None:
        """Say why; the message takes rows from the rest."""
        super().refuse(error, again)
        self.add_class("-told")


class HereForm(HereCard):
    """Takes the digits of a code."""

    AUTO_FOCUS = "#code"

    @property
    def boxes(self) -> CodeBoxes:
        """Where the code goes."""
        return self.query_one("#code", CodeBoxes)

    def answer(self, typed: str) -> None:
        """The code was typed."""

    @on(CodeBoxes.Submitted)
    def _submitted(self, event: CodeBoxes.Submitted) -> None:
        event.stop()
        self.answer(event.text)

    @on(Action.Pressed, "#add")
    def _add(self) -> None:
        self.answer(self.boxes.typed)

    def refuse(self, error: AdministrationError | AccountError, again: Callable[[], None]) -> None:
        """Empty boxes, with the cursor in them."""
        super().refuse(error, again)
        if isinstance(error, CodeRefused):
            self.boxes.clear()
        self.boxes.focus()


class AppHerePage(HereForm, AppKeyPage):
    """The key of an app, as text and QR code; it counts from the first right code on."""

    title_id = "account.app.title"

    def __init__(self, proof: AppProof, uri: str, why: Why, name: str) -> None:
        super().__init__(why, name)
        self._proof = proof
        self.hold_key(proof.secret, uri)

    def __repr__(self) -> str:
        return "AppHerePage()"

    def compose_card(self) -> ComposeResult:
        """For whom it is, the key, the code."""
        yield Plain(self.kiosk.say(Sentence("people.here.for", {"who": self.whose})), classes="quiet")
        yield from AppKeyPage.compose_card(self)

    def compose_foot(self) -> ComposeResult:
        """The next step and the way back."""
        yield Action("account.app.add.button", id="add", kind="primary", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("account.back.button", id="back", kind="link")

    def answer(self, typed: str) -> None:
        """The first code of the app."""
        proof, why = self._proof, self.reason

        def prove(office: Office) -> Done:
            # The own second factor may have been shown anew since the key was made.
            proof.office = office
            return proof.answer(typed, why)

        self.do(prove, lambda done: self.finish("people.method.app_done", done))


class PhoneHerePage(HereForm):
    """A code by SMS to the number that was offered just now."""

    title_id = "account.phone.title"

    def __init__(self, person_id: str, why: Why, name: str) -> None:
        super().__init__(why, name)
        self._person_id = person_id
        self._proof: PhoneProof | None = None

    def compose_card(self) -> ComposeResult:
        """For whom it is, the code, how the SMS goes."""
        yield Plain(self.kiosk.say(Sentence("people.here.for", {"who": self.whose})), classes="quiet")
        yield Line(id="intro", classes="gap")
        with Center(id="boxes"):
            yield CodeBoxes((6,), id="code")
        yield Line(id="sms-status")
        yield self.message
        yield Action("account.phone.confirm.button", id="add", kind="primary", classes="gap")
        yield Action("people.here.again", id="again", key="h", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("people.here.leave", id="back", kind="link")
        yield Keypad()

    def on_mount(self) -> None:
        """Send it."""
        self.send()
        self.set_interval(LOOK_SECONDS, self._follow)

    def send(self, *, over_other_network: bool = False) -> None:
        """Send a code, the first one or a new one over another network."""

        def send(office: Office) -> tuple[PhoneProof, str]:
            proof = self._proof or offered_phone(office, self._person_id)
            proof.office = office
            return proof, proof.send(over_other_network=over_other_network)

        self.do(send, self._sent)

    def _sent(self, sent: tuple[PhoneProof, str]) -> None:
        self._proof, tail = sent
        self.query_one("#intro", Line).say(Sentence("account.phone.intro.code", {"tail": tail}))
        self.boxes.clear()
        self.boxes.focus()

    def _follow(self) -> None:
        proof = self._proof
        if proof is not None and self.is_current and not self.asking:
            self.read(lambda _office: proof.status_line(), self.query_one("#sms-status", Line).say)

    @on(Action.Pressed, "#again")
    def _again(self) -> None:
        self.send(over_other_network=True)

    def answer(self, typed: str) -> None:
        """The code that came."""
        proof, why = self._proof, self.reason
        if proof is None:
            return

        def prove(office: Office) -> Done:
            proof.office = office
            return proof.answer(typed, why)

        self.do(prove, lambda done: self.finish("people.method.phone_done", done))
