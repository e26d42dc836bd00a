"""Authenticator app toevoegen: its key, then its first code."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.account.views import AccountView, AppView
from kiosk.sign_in.outcomes import Moved, Refused
from screens.account.asked import Request
from screens.account.asking import AccountForm
from screens.sign_in.app_key import AppKeyPage
from screens.widgets.action import Action
from screens.widgets.code_boxes import CodeBoxes


class NewAppPage(AccountForm, AppKeyPage):
    """The key is only on this page, and counts from the first right code on."""

    title_id = "account.app.title"
    AUTO_FOCUS = "#code"

    def __init__(self, app: AppView) -> None:
        super().__init__()
        self.hold_key(app.secret, app.uri)

    def __repr__(self) -> str:
        return "NewAppPage()"

    def compose_card(self) -> ComposeResult:
        """The key, with its QR code where there is room."""
        yield from AppKeyPage.compose_card(self)

    def compose_foot(self) -> ComposeResult:
        """The next step and the way back."""
        yield Action("account.app.add.button", id="add", kind="primary", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("account.back.button", id="back", kind="link")

    @on(CodeBoxes.Submitted)
    def _submitted(self, event: CodeBoxes.Submitted) -> None:
        event.stop()
        self._answer(event.text)

    @on(Action.Pressed, "#add")
    def _add(self) -> None:
        self._answer(self.query_one("#code", CodeBoxes).typed)

    def _answer(self, typed: str) -> None:
        self.do(lambda account: account.answer_app(typed), self._added)

    def _added(self, news: Moved, _view: AccountView) -> None:
        self.done(news)

    def refuse(self, refused: Refused) -> None:
        """Empty boxes with the cursor in them, or what is there when it may stand."""
        super().refuse(refused)
        boxes = self.query_one("#code", CodeBoxes)
        if refused.clears_field:
            boxes.clear()
        boxes.focus()

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.action_back()

    def leave_request(self) -> Request | None:
        """The key counts for nothing."""
        return lambda account: account.leave_app()
