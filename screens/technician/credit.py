"""Tegoed: a question to the operator by USSD, such as *101#."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult

from kiosk.delivery.borrowing import Purpose
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from kiosk.technician.events import Event, SecondsPassed, UssdDone
from screens.dense import Order
from screens.technician.bench_page import BenchPage
from screens.widgets.base import Line, Plain
from screens.widgets.field import Field

# What most Dutch prepaid providers answer with the credit.
USUAL = "*101#"
LONGEST = 32


class CreditPage(BenchPage):
    """The hidden page G of the technician."""

    title_id = "bench.credit.title"
    purpose: ClassVar = Purpose.USSD
    AUTO_FOCUS = "#code Entry"
    ORDERS: ClassVar = (
        Order(key="enter", label="bench.key.ask", does="send", when="may_send"),
        Order(key="s", label="bench.key.stop", does="stop", when="may_stop"),
        Order(key="escape", label="bench.modems.title", does="action_back"),
    )

    def compose_body(self) -> ComposeResult:
        """Code and answer."""
        yield Field("bench.credit.code", id="code", maximum_length=LONGEST, classes="gap")
        yield Line("bench.credit.advice", classes="quiet")
        yield Plain(id="answer", classes="gap")

    def on_mount(self) -> None:
        """The usual code stands there."""
        self.query_one("#code", Field).value = USUAL

    @property
    def may_send(self) -> bool:
        """Whether nothing runs."""
        return self.here and not self.running

    def send(self) -> None:
        """Enter."""
        code = self.query_one("#code", Field).value.strip()
        if code and self.may_send and self.session is not None:
            self.running = True
            self.query_one("#answer", Plain).show("")
            self.message.note(Sentence("bench.credit.busy"))
            self.session.ussd(code)
            self.show_actions()

    @on(Field.Submitted)
    def _submitted(self, event: Field.Submitted) -> None:
        event.stop()
        self.send()

    def heard(self, event: Event) -> None:
        """What the operator says."""
        match event:
            case SecondsPassed():
                pass
            case UssdDone(end, texts):
                self.running = False
                self.query_one("#answer", Plain).show("\n".join(printable(text) for text in texts))
                sentence = Sentence(f"command.modem.ussd.{end}")
                if texts:
                    self.message.success(sentence)
                else:
                    self.message.failure(sentence)
