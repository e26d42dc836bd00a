"""AT-console: a transcript with direction and time, a line to type, and a question before what can do harm."""

from collections import deque
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from kiosk.delivery.borrowing import Purpose
from kiosk.sign_in.outcomes import Sentence
from kiosk.technician.console import dangerous
from kiosk.technician.events import ConsoleDone, Event, Said
from kiosk.technician.words import meaning_of
from screens.dense import Order
from screens.page import Dialog
from screens.technician.bench_page import BenchPage
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain
from screens.widgets.field import Field
from screens.widgets.rows import Cell, Column, Row, Rows

# Lines that are kept; older ones go.
KEPT = 500
HISTORY = 50
# What a modem understands.
LONGEST = 400


class ConsolePage(BenchPage):
    """Page 12 of the technician. In the line keys type; Tab goes to the transcript, where letters act."""

    title_id = "bench.console.title"
    purpose: ClassVar = Purpose.CONSOLE
    AUTO_FOCUS = "#line Entry"
    ORDERS: ClassVar = (
        Order(key="enter", label="bench.key.send", does="send", when="may_send"),
        Order(key="s", label="bench.key.stop", does="stop", when="may_stop"),
        Order(key="h", label="bench.key.hex", does="toggle_hex"),
        Order(key="e", label="bench.key.save", does="save", when="may_save"),
        Order(key="w", label="bench.key.clear", does="clear_transcript"),
        Order(key="escape", label="bench.modems.title", does="action_back"),
    )

    def __init__(self, modem: str) -> None:
        super().__init__(modem)
        self._lines: deque[tuple[str, str, str, str]] = deque(maxlen=KEPT)
        self._history: deque[str] = deque(maxlen=HISTORY)
        self._place = 0
        self._hex = False
        self._count = 0

    def compose_body(self) -> ComposeResult:
        """Transcript and line."""
        yield Rows((Column("", 8), Column("", 2), Column("", 0)), id="transcript", classes="fills")
        with Horizontal(id="line-row"):
            yield Plain("AT> ", id="at")
            yield Field("bench.console.line", id="line", maximum_length=LONGEST, classes="compact")

    def on_mount(self) -> None:
        """The label stands before the line instead of above it."""
        self.query_one("#line .label", Line).display = False
        self._show()

    def path_note(self) -> str:
        """Codes do not wait for this modem."""
        return self.kiosk.text("bench.console.note")

    @property
    def may_send(self) -> bool:
        """Whether nothing runs."""
        return self.here and not self.running

    def send(self) -> None:
        """Enter."""
        field = self.query_one("#line", Field)
        line = field.value.strip()
        if not line or not self.may_send:
            return
        danger = dangerous(line)
        if danger is None:
            self._sent(line)
            return

        def answered(yes: bool | None) -> None:
            if yes:
                self._sent(line)

        self.app.push_screen(Sure(f"bench.danger.{danger.value}"), answered)

    def _sent(self, line: str) -> None:
        if not self.claim():
            return
        assert self.session is not None
        field = self.query_one("#line", Field)
        # A PIN is not for the history; whoever needs it again types it again.
        if "PIN" not in line.upper() and "CPWD" not in line.upper() and "CLCK" not in line.upper():
            self._history.append(line)
        self._place = len(self._history)
        field.clear()
        self.message.note(Sentence("bench.console.busy"))
        self.session.line(line)
        self.show_actions()

    @on(Field.Submitted)
    def _submitted(self, event: Field.Submitted) -> None:
        event.stop()
        self.send()

    def heard(self, event: Event) -> None:
        """A line, or the end of an answer."""
        match event:
            case Said(line):
                arrow = {">": "->", "<": "<-"}[line.direction.value]
                self._lines.append((f"{line.seconds:.3f}", arrow, line.text, line.raw.hex(" ")))
                self._count += 1
                self._show()
            case ConsoleDone(end):
                self.running = False
                if end == "answered":
                    self.message.clear()
                else:
                    self.message.note(Sentence(f"bench.console.{end}"))

    def _show(self) -> None:
        first = self._count - len(self._lines)
        rows: list[Row] = []
        for number, (seconds, arrow, text, octets) in enumerate(self._lines, start=first):
            told = Cell(f"{text}   {octets}" if self._hex else text)
            rows.append(
                Row(str(number), (Cell(seconds, "$quiet"), Cell(arrow, "$here" if arrow == "->" else "$good"), told))
            )
            # Below it and not beside: an answer may need the whole width.
            if arrow == "<-" and (meaning := meaning_of(text, self.kiosk.language)):
                rows.append(Row(f"{number} means", (Cell(""), Cell(""), Cell(meaning, "$quiet"))))
        transcript = self.query_one("#transcript", Rows)
        transcript.show(rows, empty=self.kiosk.text("bench.console.empty"))
        transcript.follow_end()

    def refresh_words(self) -> None:
        """The transcript is the modem's own, what it means is ours."""
        self._show()

    @property
    def may_save(self) -> bool:
        """Whether anything was said."""
        return bool(self._lines)

    def save(self) -> None:
        """E."""
        modem, words = self.modem, self.kiosk.language
        lines = [(seconds, arrow, text) for seconds, arrow, text, _ in self._lines]
        self.keep(lambda bench: bench.save_dialogue(modem, lines, words))

    def toggle_hex(self) -> None:
        """H."""
        self._hex = not self._hex
        self._show()

    def clear_transcript(self) -> None:
        """W."""
        self._lines.clear()
        self._show()
        self.show_actions()

    def key_up(self) -> None:
        """The line before, while typing."""
        self._recall(-1)

    def key_down(self) -> None:
        """The line after."""
        self._recall(1)

    def _recall(self, by: int) -> None:
        field = self.query_one("#line", Field)
        if not field.entry.has_focus or not self._history:
            return
        self._place = max(0, min(self._place + by, len(self._history)))
        field.value = self._history[self._place] if self._place < len(self._history) else ""


class Sure(Dialog[bool]):
    """What can do harm is typed out: `ja` and Enter; anything else sends nothing."""

    title_id = "bench.sure.title"
    AUTO_FOCUS = "#word Entry"

    def __init__(self, danger_id: str) -> None:
        super().__init__()
        self._danger_id = danger_id

    def compose_card(self) -> ComposeResult:
        """What it does, and the word."""
        yield Line(self._danger_id)
        yield Field("bench.sure.word", id="word", maximum_length=3, classes="gap")
        yield Action("bench.sure.no", id="no", kind="link", classes="gap")

    @on(Field.Submitted, "#word")
    def _submitted(self) -> None:
        word = self.kiosk.text("common.yes.button").lower()
        self.dismiss(self.query_one("#word", Field).value.strip().lower() == word)

    @on(Action.Pressed, "#no")
    def _no(self) -> None:
        self.dismiss(False)
