"""YubiKey toevoegen, for somebody who stands beside the administrator: this screen is for them."""

from textual import on
from textual.app import ComposeResult

from kiosk.account.views import NewKeyView
from kiosk.administration.changing import Office
from kiosk.administration.free_text import Why
from kiosk.administration.key_proof import KeyProof
from kiosk.administration.passwords import Done
from kiosk.sign_in.outcomes import Sentence
from screens.account.new_key_card import LOOK_SECONDS, NewKeyCard
from screens.administrator.proving import HereCard
from screens.widgets.action import Action
from screens.widgets.base import Plain
from screens.widgets.field import Field


class KeyHerePage(HereCard, NewKeyCard):
    """Follows the key; the administrator's own second factor was shown before it."""

    title_id = "account.new_key.title"
    AUTO_FOCUS = ""

    def __init__(self, person_id: str, why: Why, name: str) -> None:
        super().__init__(why, name)
        self._person_id = person_id
        self._proof: KeyProof | None = None
        self._looking = False
        self._gone = False

    def compose_card(self) -> ComposeResult:
        """For whom it is, and the card."""
        yield Plain(self.kiosk.say(Sentence("people.here.for", {"who": self.whose})), classes="quiet")
        yield from self.compose_key()

    def on_mount(self) -> None:
        """Look for a key."""
        self.hide_all()
        person_id = self._person_id

        def begun(proof: KeyProof) -> None:
            self._proof = proof
            self.set_interval(LOOK_SECONDS, self._follow)

        self.read(lambda office: KeyProof(office, person_id), begun)

    def on_unmount(self) -> None:
        """Let go of the key, however the page went."""
        self._gone = True
        if (proof := self._proof) is not None:
            self.app.run_worker(self.kiosk.ask(lambda _desk: proof.leave()))

    def _follow(self) -> None:
        proof = self._proof
        if proof is None or self._looking or self.asking or not self.is_current:
            return
        self._looking = True
        self.read(lambda _office: proof.view(), self._take)

    def _take(self, new: NewKeyView) -> None:
        self._looking = False
        self.show_key(new)

    def _tell(self, told: str, *values: str) -> None:
        proof = self._proof
        if proof is not None:
            self.read(lambda _office: getattr(proof, told)(*values), lambda _none: None)

    # What a person does

    @on(Field.Submitted, "#pin")
    def _pin_typed(self) -> None:
        if pin := self.typed_pin():
            self._tell("give_pin", pin)

    @on(Field.Submitted, "#name")
    @on(Action.Pressed, "#add")
    def _add(self) -> None:
        proof, why = self._proof, self.reason
        if proof is None:
            return
        name = self.query_one("#name", Field).value

        def keep(office: Office) -> Done:
            return proof.keep(office, name, why)

        self.do(keep, lambda done: self.finish("people.method.key_done", done))

    @on(Action.Pressed, "#silence")
    def _silence(self) -> None:
        self._tell("silence")

    @on(Action.Pressed, "#again")
    def _again(self) -> None:
        self._tell("again")
