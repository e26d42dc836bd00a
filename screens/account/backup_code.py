"""Nieuwe back-upcode: in large digits, once, until the person has written it down."""

from textual import on
from textual.app import ComposeResult

from kiosk.account.views import AccountView
from kiosk.sign_in.outcomes import Moved
from kiosk.sign_in.views import SuccessView
from screens.account.asking import AccountForm
from screens.account.proof import LOOK_SECONDS
from screens.sign_in.noted import NotedDialog
from screens.sign_in.shown_code import ShownCodePage
from screens.widgets.action import Action
from screens.widgets.base import Line


class NewBackupCodePage(AccountForm, ShownCodePage):
    """The old code is void already; Esc asks whether the new one was written down."""

    title_id = "account.backup.title"
    AUTO_FOCUS = "#continue"
    idle_text_id = "idle.backup_code"

    def __init__(self, view: AccountView) -> None:
        super().__init__()
        self.account = view

    def __repr__(self) -> str:
        return "NewBackupCodePage()"

    def compose_card(self) -> ComposeResult:
        """What it is, the digits, the SMS, the next step."""
        yield Line("account.backup.intro", id="intro")
        yield from self.compose_code()
        yield Line(id="sms")
        yield self.message
        yield Action("success.sms.button", id="send", key="s", classes="gap")
        yield Action("common.continue.button", id="continue", kind="primary", classes="gap")

    def on_mount(self) -> None:
        """Show the code."""
        self._show()
        self.set_interval(LOOK_SECONDS, self._follow_sms)

    @property
    def _backup(self) -> SuccessView | None:
        return None if self.account is None else self.account.backup

    @property
    def shown_code(self) -> str | None:
        """The new code."""
        return None if self._backup is None else self._backup.backup_code

    def take(self, view: AccountView) -> None:
        """How the SMS goes."""
        super().take(view)
        self._show()

    def _show(self) -> None:
        self.show_code()
        backup = self._backup
        self.query_one("#send").display = backup is not None and backup.may_send_sms
        sms = None if backup is None else backup.sms
        self.query_one("#sms", Line).say(None if sms == self.message.sentence else sms)

    def refresh_words(self) -> None:
        """The name of the code is in the language of the page."""
        self._show()

    def _follow_sms(self) -> None:
        if self._backup is not None and self._backup.sms is not None and self.is_current:
            self.look()

    # What a person does

    @on(Action.Pressed, "#send")
    def _send(self) -> None:
        self.do(lambda account: account.send_backup_code())

    @on(Action.Pressed, "#continue")
    def _continue(self) -> None:
        self.app.push_screen(NotedDialog(), self._noted)

    def _noted(self, noted: bool | None) -> None:
        if noted:
            self.do(lambda account: account.confirm_backup_code(), self._confirmed)

    def _confirmed(self, news: Moved, _view: AccountView) -> None:
        self.done(news)

    def action_back(self) -> None:
        """Esc: the same question, for what is left now is gone."""
        self._continue()

    @property
    def idle_seconds(self) -> int | None:
        """A code that nobody looks at does not stay."""
        return self.kiosk.facts.success_idle_seconds
