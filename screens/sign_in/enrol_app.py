"""Koppel uw authenticator app: the key of the app by QR code and by text, then its first code."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Center

from kiosk.sign_in.outcomes import Moved, Refused, Stage
from kiosk.sign_in.views import SignInView
from screens.sign_in.app_key import AppKeyPage
from screens.sign_in.attempt import Attempt
from screens.sign_in.code_page import CodePage
from screens.widgets.action import Action


class EnrolAppPage(CodePage, AppKeyPage):
    """First sign-in with an app that the administrator offered: it is linked by its first right code."""

    stage: ClassVar[Stage] = Stage.ENROL_TOTP
    title_id = "first.app.title"

    def __init__(self, attempt: Attempt, view: SignInView, news: Moved | Refused) -> None:
        super().__init__(attempt, view, news)
        if view.enrol_totp is not None:
            self.hold_key(view.enrol_totp.secret, view.enrol_totp.uri)

    def __repr__(self) -> str:
        return "EnrolAppPage()"

    def compose_card(self) -> ComposeResult:
        """The key, with its QR code where there is room."""
        yield from AppKeyPage.compose_card(self)

    def compose_foot(self) -> ComposeResult:
        """The next step and the way back."""
        yield Action("common.sign_in.button", id="sign-in", kind="primary", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("common.back.button", id="back", kind="link")

    def look_for_alternatives(self) -> None:
        """The page offers none: Esc goes back to the SMS where one was sent, and there they are."""
