"""Koppel uw authenticator app: the key of the app by QR code and by text, then its first code."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal, Vertical

from kiosk.sign_in.outcomes import Moved, Refused, Sentence, Stage
from kiosk.sign_in.views import SignInView
from screens.sign_in.attempt import Attempt
from screens.sign_in.code_page import CodePage
from screens.sign_in.qr_dialog import QrDialog, fits_alone, fits_beside
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.qr_code import QrCode

# A key is read and typed in groups.
GROUP = 4

# Rows of the page around the code beside the text: bar, frame, strip.
ROWS_AROUND = 6


class EnrolAppPage(CodePage):
    """First sign-in with an app that the administrator offered: it is linked by its first right code."""

    stage: ClassVar[Stage] = Stage.ENROL_TOTP
    title_id = "first.app.title"

    def __init__(self, attempt: Attempt, view: SignInView, news: Moved | Refused) -> None:
        super().__init__(attempt, view, news)
        self._qr: QrCode | None = None
        self._uri = ""
        if view.enrol_totp is not None:
            self._uri = view.enrol_totp.uri
            self._qr = QrCode(self._uri, id="qr")

    def __repr__(self) -> str:
        return "EnrolAppPage()"

    def compose_card(self) -> ComposeResult:
        """What to do in the app, the key, the code; the QR code at the side where there is room."""
        with Horizontal(id="enrol"):
            with Vertical(id="enrol-text"):
                yield Line(id="intro")
                yield Line("first.app.key.label", classes="quiet gap")
                yield Plain(self._grouped_key(), id="key")
                yield Action("sign_in.page.qr.button", id="show-qr", key="q")
                yield Line("app.code.label", classes="quiet gap")
                with Center(id="boxes"):
                    yield CodeBoxes((6,), id="code")
                yield self.message
                yield Action("common.sign_in.button", id="sign-in", kind="primary", classes="gap")
                with Center(id="back-place", classes="gap"):
                    yield Action("common.back.button", id="back", kind="link")
            if self._qr is not None:
                yield self._qr

    def _grouped_key(self) -> str:
        secret = self.view.enrol_totp.secret if self.view.enrol_totp is not None else ""
        return " ".join(secret[start : start + GROUP] for start in range(0, len(secret), GROUP))

    def on_mount(self) -> None:
        """Where the QR code goes depends on the room."""
        self._place_qr()

    def on_resize(self, event: events.Resize) -> None:
        """Another size has other room."""
        super().on_resize(event)
        self._place_qr()

    def _place_qr(self) -> None:
        code = self._qr
        if code is None:
            return
        beside = fits_beside(code, self, rows_around=ROWS_AROUND)
        code.display = beside
        self.query_one("#show-qr").display = not beside and fits_alone(code, self)
        self.query_one("#card").set_class(beside, "-broad")
        self.query_one("#intro", Line).say(Sentence("first.app.scan" if beside else "first.app.type"))

    @on(Action.Pressed, "#show-qr")
    def _show_qr(self) -> None:
        self.app.push_screen(QrDialog(self._uri))

    def look_for_alternatives(self) -> None:
        """The page offers none: Esc goes back to the SMS where one was sent, and there they are."""
