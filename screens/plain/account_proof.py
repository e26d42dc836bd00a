"""Bewijs dat u het bent, in lines: a fresh second factor before a change."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from kiosk.account.views import AccountView, ProofView
from kiosk.sign_in.outcomes import MethodKind, Refused, Sentence, Stage
from screens.account.lines import proof_intro
from screens.plain.account_card import Card, Done
from screens.plain.awaited_sms import AwaitedSms
from screens.plain.factor_pages import PIN_LENGTH
from screens.plain.talk import LOOK_SECONDS, Back, Choice

if TYPE_CHECKING:
    from screens.plain.home import HomePage

KEY_LOOK_SECONDS: Final = 0.25
LABEL: Final = {
    MethodKind.SMS: "sms.title",
    MethodKind.TOTP: "app.code.label",
    MethodKind.BACKUP_CODE: "backup.title",
    MethodKind.YUBIKEY: "plain.letter.label",
}


class _KeySays(Exception):
    """The key wants something else than what is asked now."""


class ProofCard(Card):
    """Asks the likeliest method at once; the others by a letter."""

    title_id = "account.proof.title"

    def __init__(self, home: "HomePage", view: AccountView) -> None:
        super().__init__(home)
        self._all = view.proofs
        self._proof: ProofView | None = None
        self._awaited = AwaitedSms()
        self._looked = 0.0
        self._judged = False
        """The answer of the key was handed in; once, whatever comes of it."""
        self._unsaid: tuple[str, ...] = ()
        """What is to be said before the next question, since the one before did not fit any more."""

    def run(self) -> bool:
        """Whether the person proved it."""
        if not self._all:
            self.talk.refused(Refused(Sentence("account.proof.none"), Stage.SIGNED_IN))
            return False
        self.talk.line(self.text(self.title_id))
        self.talk.line(self.text("account.proof.why"))
        if not self._begin(self._all[0]) and not self._other():
            return False
        return super().run()

    def introduce(self) -> None:
        """What to do, how it goes, the other ways."""
        intro = proof_intro(self._proof)
        if intro is not None:
            self.talk.say(intro)
        if self._proof is not None and self._proof.sms is not None:
            self.talk.lines(self._awaited.introduce(self.talk.words, self._proof.sms))
        self.talk.lines(self._of_key(self._proof))
        self.talk.lines(self.keys())

    def keys(self) -> Iterator[str]:
        """Other ways, once more, back."""
        if self._others:
            yield f"A: {self.text('account.proof.other.button')}"
        if self._proof is not None and self._proof.sms is not None:
            yield f"R: {self.text('no_sms.resend.button')}"
        if self._may_retry:
            yield f"H: {self.text('common.again.button')}"
        yield from super().keys()

    @property
    def _others(self) -> tuple[MethodKind, ...]:
        return self._all if self._proof is None else self._proof.others

    @property
    def _may_retry(self) -> bool:
        return self._proof is not None and self._proof.key is not None and self._proof.key.may_retry

    def _of_key(self, proof: ProofView | None) -> Iterator[str]:
        if proof is None or proof.key is None:
            return
        for sentence in (proof.key.line, proof.key.problem):
            if sentence is not None:
                yield self.talk.words.say(sentence)

    def _begin(self, kind: MethodKind) -> bool:
        answer = self.do(lambda account: account.begin_proof(kind))
        if answer is None:
            return False
        self._proof = answer[1].proof
        self._looked = self.talk.now
        self._judged = False
        return True

    def news(self) -> Iterator[str]:
        """How the SMS goes, and what the key needs."""
        yield from super().news()
        before = self._proof
        if (
            before is None
            or (before.sms is None and before.key is None)
            or self.talk.now - self._looked < self._look_seconds
        ):
            return
        self._looked = self.talk.now
        view = self.look()
        if view is None:
            return
        now = self._proof = view.proof
        if now is not None and now.sms is not None and before.sms is not None:
            yield from self._awaited.news(self.talk.words, before.sms, now.sms, self.here.now_ms)
        told = list(self._of_key(before))
        news = tuple(line for line in self._of_key(now) if line not in told)
        if now is not None and now.key is not None and before.key is not None:
            key = now.key
            if key.may_retry and not before.key.may_retry:
                news = (*news, f"H: {self.text('common.again.button')}")
            if key.asks_pin is not before.key.asks_pin or (key.answered and not self._judged):
                self._unsaid = news
                raise _KeySays
        yield from news

    @property
    def _look_seconds(self) -> float:
        """How often it is looked how it stands: a person expects a key to be seen within half a second."""
        return KEY_LOOK_SECONDS if self._proof is not None and self._proof.key is not None else LOOK_SECONDS

    def turn(self) -> None:
        """A code, a letter, or what the key needs."""
        kind = None if self._proof is None else self._proof.kind
        try:
            if kind is MethodKind.YUBIKEY:
                self._follow_key()
                return
            typed = self.talk.ask(self.text(LABEL[kind or MethodKind.TOTP]), self)
        except _KeySays:
            self.talk.console.write("\n")
            self.talk.lines(self._unsaid)
            return
        if not self._letter(typed):
            self._answer(typed)

    def _follow_key(self) -> None:
        key = None if self._proof is None else self._proof.key
        if key is not None and key.answered and not self._judged:
            self._judged = True
            self._answer("")
            return
        self._judged = key is not None and key.answered
        if key is not None and key.asks_pin:
            pin = self.talk.ask(
                self.text("yubikey.pin.label"), self, secret=True, maximum=PIN_LENGTH, look_seconds=KEY_LOOK_SECONDS
            )
            self.do(lambda account: account.give_pin(pin))
        else:
            label = self.text(LABEL[MethodKind.YUBIKEY])
            self._letter(self.talk.ask(label, self, look_seconds=KEY_LOOK_SECONDS))

    def _letter(self, typed: str) -> bool:
        """Whether it was one that does something here."""
        letter = typed.strip().lower()
        if letter == "a" and self._others:
            if self._other():
                self.introduce()
        elif letter == "r" and self._proof is not None and self._proof.sms is not None:
            answer = self.do(
                lambda account: account.resend_proof(), confirmed=lambda account: account.resend_proof(confirmed=True)
            )
            if answer is not None and answer[0].notice is not None:
                self.talk.say(answer[0].notice)
        elif letter == "h" and self._may_retry:
            self._begin(MethodKind.YUBIKEY)
        else:
            return False
        return True

    def _answer(self, typed: str) -> None:
        if self.done(lambda account: account.answer_proof(typed)):
            raise Done

    def _other(self) -> bool:
        """Another way, chosen and begun."""
        choices = [Choice(kind, self.text(f"account.proof.by.{kind.value}")) for kind in self._others]
        self.talk.line(self.text("account.proof.other.title"))
        self.talk.offer(choices, self.text("common.close.button"))
        try:
            kind = self.talk.choose(self.text("plain.choose.label"), choices, self)
        except Back:
            return False
        return self._begin(kind)

    def leave(self) -> None:
        """The code that was sent is void."""
        self.do(lambda account: account.leave_proof())
