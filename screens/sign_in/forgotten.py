"""Wachtwoord vergeten: whom to call."""

from textual import on
from textual.app import ComposeResult

from screens.page import Dialog
from screens.widgets.action import Action
from screens.widgets.base import Line


class ForgottenDialog(Dialog[None]):
    """A password is replaced by a person, so this says which one."""

    title_id = "sign_in.login.forgotten.button"

    def compose_card(self) -> ComposeResult:
        """The help desk, or the reception where a site named none."""
        desk = self.kiosk.facts.help_desk
        yield Line("sign_in.login.forgotten.text" if desk.phone else "contact.line.none")
        yield Action("common.close.button", id="close", kind="primary", classes="gap")

    @on(Action.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)
