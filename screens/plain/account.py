"""Mijn account in lines: one's own methods and what can be done with them, password, language, sign-ins."""

from collections.abc import Callable, Iterator
from typing import TypeVar

from kiosk.account.views import AccountView, Addable, MethodState, OwnMethod
from kiosk.language import printable
from kiosk.sign_in.outcomes import MethodKind, Refused, Sentence, Stage
from screens.account.lines import advice, language_fact, method_name, moment, proof_lasts
from screens.plain.account_card import Card
from screens.plain.account_cards import AppCard, BackupCodeCard, PasswordCard, RecentCard
from screens.plain.account_phone import PhoneCard
from screens.plain.account_proof import ProofCard
from screens.plain.talk import Back, Choice

T = TypeVar("T")


class AccountCard(Card):
    """Letter M on Home; 0 or Esc leads back there."""

    title_id = "account.title"
    view: AccountView

    def introduce(self) -> None:
        """Every method with its state, what had better be arranged, what one chose."""
        super().introduce()
        view = self.look()
        if view is None:
            self.talk.refused(Refused(Sentence("error.unexpected"), Stage.SIGNED_IN))
            raise Back
        self.view = view
        for one in self.view.methods:
            self.talk.line(", ".join(self._about(one)))
        advised = advice(self.view)
        if advised is not None:
            self.talk.line(self.text(advised))
        self.talk.line(self.text("account.facts.name", {"user": printable(self.view.name)}))
        self.talk.line(language_fact(self.talk.words, self.view))

    def _about(self, one: OwnMethod) -> Iterator[str]:
        words, now = self.talk.words, self.here.now_ms
        yield method_name(words, one)
        yield self.text(f"account.state.{one.state.value}").lower()
        if one.since is not None:
            yield f"{self.text('account.column.since').lower()} {words.day(one.since, now)}"
        if one.last_used_at is not None:
            yield f"{self.text('account.column.used').lower()} {moment(words, one.last_used_at, now)}"

    def turn(self) -> None:
        """One of the things that can be done."""
        choices = list(self._choices())
        self.talk.offer(choices, self.text("home.title"))
        self.talk.choose(self.text("plain.choose.label"), choices, self)()
        self.view = self.look() or self.view

    def _choices(self) -> Iterator[Choice[Callable[[], None]]]:
        yield Choice(self._add, self.text("account.key.new"), "n")
        yield Choice(self._backup, self.text("account.backup.title"), "b")
        yield Choice(self._password, self.text("account.password.title"), "w")
        yield Choice(self._recent, self.text("account.recent.title"), "l")
        if self._preferable:
            yield Choice(self._prefer, self.text("account.key.first"), "a")
        if self._removable:
            yield Choice(self._remove, self.text("account.key.remove"), "v")
        yield Choice(self._language, self.text("account.key.language"), "t")
        yield Choice(self._everywhere, self.text("account.key.everywhere"), "o")

    # Methods

    def _add(self) -> None:
        choices = [Choice(one, self._addable(one)) for one in self.view.addable]
        one = self._one_of("account.add.title", choices)
        if one is None:
            return
        if one.kind is MethodKind.YUBIKEY:
            self.talk.line(self.text("plain.account.pages_only"))
        elif one.why_not is not None:
            self.talk.say(one.why_not)
        elif not self._proved(changes=one.replaces is not None):
            return
        elif one.kind is MethodKind.SMS:
            PhoneCard(self.home, one.replaces).run()
        else:
            answer = self.do(lambda account: account.begin_app())
            if answer is not None and answer[1].app is not None:
                AppCard(self.home, answer[1].app).run()

    def _addable(self, one: Addable) -> str:
        if one.replaces is not None:
            return self.text("account.add.replace", {"tail": one.replaces})
        return self.text(f"account.add.{one.kind.value}")

    @property
    def _removable(self) -> list[OwnMethod]:
        return [one for one in self.view.methods if one.id]

    @property
    def _preferable(self) -> list[OwnMethod]:
        return [one for one in self._removable if one.state is MethodState.GOOD and not one.first_choice]

    def _prefer(self) -> None:
        one = self._one_of("account.key.first", self._named(self._preferable))
        if one is not None:
            self.done(lambda account: account.prefer(one.id))

    def _remove(self) -> None:
        one = self._one_of("account.key.remove", self._named(self._removable))
        if one is None:
            return
        name = self.text(f"account.method.{one.kind.value}")
        self.talk.line(self.text("account.remove.sure", {"method": name}))
        if self.yes() and self._proved():
            self.done(lambda account: account.remove(one.id))

    def _named(self, methods: list[OwnMethod]) -> list[Choice[OwnMethod]]:
        return [Choice(one, method_name(self.talk.words, one)) for one in methods]

    def _one_of(self, title_id: str, choices: list[Choice[T]]) -> T | None:
        self.talk.line(self.text(title_id))
        self.talk.offer(choices, self.text("common.close.button"))
        try:
            return self.talk.choose(self.text("plain.choose.label"), choices, self)
        except Back:
            return None

    # The rest

    def _backup(self) -> None:
        self.talk.line(self.text("account.backup.sure"))
        if not self.yes() or not self._proved():
            return
        answer = self.do(lambda account: account.new_backup_code())
        if answer is not None:
            BackupCodeCard(self.home, answer[1]).run()

    def _password(self) -> None:
        if self._proved():
            PasswordCard(self.home, self.view.minimum_length).run()

    def _recent(self) -> None:
        RecentCard(self.home).run()

    def _language(self) -> None:
        self.here.other_language()
        code = self.here.language
        self.done(lambda account: account.keep_language(code))

    def _everywhere(self) -> None:
        self.talk.line(self.text("account.everywhere.sure"))
        if self.yes():
            self.do(lambda account: account.sign_out_everywhere())

    def _proved(self, *, changes: bool = True) -> bool:
        """After a fresh second factor; what a temporary code does not let do is said at once."""
        # It stood there for a while perhaps.
        self.view = self.look() or self.view
        if self.view.temporary and changes:
            self.talk.say(Sentence("account.temporary"))
            return False
        return proof_lasts(self.view, self.here.now_ms) or ProofCard(self.home, self.view).run()
