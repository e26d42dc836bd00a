"""AppKeyPage: a page that shows the key of an authenticator app, as text and as a QR code where there is room."""

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal, Vertical

from kiosk.sign_in.outcomes import Sentence
from screens.page import Page
from screens.sign_in.qr_dialog import QrDialog, fits_alone, fits_beside
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.qr_code import QrCode

# A key is read and typed in groups.
GROUP = 4

# Rows of the page around the code beside the text: bar, frame, strip.
ROWS_AROUND = 6


class AppKeyPage(Page[None]):
    """The key, the boxes for its first code, and what `compose_foot` gives; `hold_key` comes before it is shown."""

    def __init__(self) -> None:
        super().__init__()
        self._secret = self._uri = ""
        self._qr: QrCode | None = None

    def hold_key(self, secret: str, uri: str) -> None:
        """Show this key."""
        self._secret, self._uri = secret, uri
        self._qr = QrCode(uri, id="qr")

    def compose_foot(self) -> ComposeResult:
        """What stands under the message."""
        yield from ()

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
                yield from self.compose_foot()
            if self._qr is not None:
                yield self._qr

    def _grouped_key(self) -> str:
        secret = self._secret
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
