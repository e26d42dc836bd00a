"""YubiKey toevoegen, by the person whose account it is."""

from textual import on
from textual.app import ComposeResult

from kiosk.account.views import AccountView
from kiosk.sign_in.outcomes import Moved
from screens.account.asked import Request
from screens.account.asking import AccountForm
from screens.account.new_key_card import LOOK_SECONDS, NewKeyCard
from screens.widgets.action import Action
from screens.widgets.field import Field


class NewKeyPage(AccountForm, NewKeyCard):
    """Reached from Mijn account after a fresh second factor."""

    title_id = "account.new_key.title"
    AUTO_FOCUS = ""

    def compose_card(self) -> ComposeResult:
        """The card."""
        yield from self.compose_key()

    def on_mount(self) -> None:
        """Look for a key."""
        self.hide_all()
        self.do(lambda account: account.begin_key(), self._begun)
        self.set_interval(LOOK_SECONDS, self._follow)

    def _begun(self, _news: Moved, view: AccountView) -> None:
        self.take(view)

    def _follow(self) -> None:
        if self.account is not None and self.account.new_key is not None and self.is_current:
            self.look()

    def take(self, view: AccountView) -> None:
        """How it stands with the key."""
        super().take(view)
        if view.new_key is not None:
            self.show_key(view.new_key)

    # What a person does

    @on(Field.Submitted, "#pin")
    def _pin_typed(self) -> None:
        if pin := self.typed_pin():
            self.do(lambda account: account.give_pin(pin))

    @on(Field.Submitted, "#name")
    @on(Action.Pressed, "#add")
    def _add(self) -> None:
        name = self.query_one("#name", Field).value
        self.do(lambda account: account.keep_key(name), self._added)

    def _added(self, news: Moved, _view: AccountView) -> None:
        self.done(news)

    @on(Action.Pressed, "#silence")
    def _silence(self) -> None:
        self.do(lambda account: account.silence_key(), self._begun)

    @on(Action.Pressed, "#again")
    def _again(self) -> None:
        self.do(lambda account: account.again_key(), self._begun)

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.action_back()

    def leave_request(self) -> Request | None:
        """The key is let go of and counts for nothing."""
        return lambda account: account.leave_key()
