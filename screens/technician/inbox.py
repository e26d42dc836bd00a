"""SIM-berichten: what lies in the memory of SIM and modem, and clearing it when it is full."""

from typing import ClassVar

from textual.app import ComposeResult

from kiosk.delivery.borrowing import Purpose
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from kiosk.technician.events import Event, InboxDone
from screens.dense import Order
from screens.sign_in.question import Question
from screens.technician.bench_page import BenchPage
from screens.widgets.base import Plain
from screens.widgets.rows import Cell, Column, Row, Rows


class InboxPage(BenchPage):
    """The hidden page I of the technician."""

    title_id = "bench.inbox.title"
    purpose: ClassVar = Purpose.INBOX
    AUTO_FOCUS = "#messages"
    ORDERS: ClassVar = (
        Order(key="w", label="bench.key.clear", does="clear", when="may_clear"),
        Order(key="h", label="bench.key.again", does="again", when="may_repeat"),
        Order(key="escape", label="bench.modems.title", does="action_back"),
    )

    def __init__(self, modem: str) -> None:
        super().__init__(modem)
        self.found: InboxDone | None = None

    def compose_body(self) -> ComposeResult:
        """How full, and the messages."""
        yield Plain(id="full", classes="quiet")
        yield Rows((Column("", 16), Column("", 16), Column("", 0)), id="messages", classes="fills gap")

    def opened(self) -> None:
        """Read them."""
        self.again()

    def again(self) -> None:
        """H."""
        if self.claim():
            assert self.session is not None
            self.session.inbox()
            self.show_actions()

    @property
    def may_repeat(self) -> bool:
        """Whether nothing runs."""
        return self.here and not self.running

    @property
    def may_clear(self) -> bool:
        """Whether there is something to clear."""
        return self.may_repeat and self.found is not None and bool(self.found.messages)

    def clear(self) -> None:
        """W: asked about, since nothing brings a message back."""

        def answered(yes: bool | None) -> None:
            if yes and self.claim():
                assert self.session is not None
                self.session.inbox(clear=True)
                self.show_actions()

        self.app.push_screen(Question(Sentence("bench.inbox.sure"), cautious=True), answered)

    def heard(self, event: Event) -> None:
        """What lies there."""
        if isinstance(event, InboxDone):
            self.running = False
            self.found = event
            self.refresh_words()

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        app, found = self.kiosk, self.found
        self.retitle()
        if found is None:
            return
        used = "?" if found.used is None else str(found.used)
        total = "?" if found.total is None else str(found.total)
        self.query_one("#full", Plain).show(app.text("bench.inbox.full", used=used, total=total))
        rows = [
            Row(
                str(one.index),
                (
                    Cell("-" if one.at is None else f"{one.at:%d-%m-%Y %H:%M}", "$quiet"),
                    Cell(one.other or "-"),
                    Cell(printable((one.text or "-").replace("\n", " "))),
                ),
            )
            for one in found.messages
        ]
        self.query_one("#messages", Rows).show(rows, empty=app.text("bench.inbox.none"))
