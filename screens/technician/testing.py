"""Modem testen: twelve steps with what they saw, the number for the real SMS, the report to save."""

from textwrap import wrap
from typing import ClassVar

import phonenumbers
from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kiosk.delivery.borrowing import Purpose
from kiosk.sign_in.outcomes import Sentence
from kiosk.technician.events import Event, StepTold, TestDone
from kiosk.technician.report import verdict
from kiosk.technician.steps import FINAL, Mark, Step, StepResult, TestRun
from kiosk.technician.words import mark_of, name_of_step, shown_of
from screens.dense import Order
from screens.technician.bench_page import BenchPage
from screens.technician.words import STYLE_OF_MARK, what_and_do
from screens.widgets.base import Line, Plain
from screens.widgets.number_box import NumberBox
from screens.widgets.rows import Cell, Column, Row, Rows

# From this width on there is room for what was said over the line.
WIDE = 96
# What the frame around them takes, and the width of what is the matter beside it (dense.tcss).
FRAME_ROWS, FRAME_COLUMNS = 2, 4
FINDING_SHARE = 3 / 5
# Numbers without a country are read as numbers of this one.
HOME = "NL"


class TestPage(BenchPage):
    """Page 10 of the technician. Steps 1 to 10 begin at once; 11 waits for a number or for Enter."""

    __test__ = False
    title_id = "bench.test.title"
    purpose: ClassVar = Purpose.TEST
    AUTO_FOCUS = "#number"
    ORDERS: ClassVar = (
        Order(key="enter", label="bench.key.send", does="submit", when="asks"),
        Order(key="s", label="bench.key.stop", does="stop", when="may_stop"),
        Order(key="h", label="bench.key.again", does="again", when="may_repeat"),
        Order(key="a", label="bench.key.antenna", does="antenna", when="may_repeat"),
        Order(key="e", label="bench.key.save", does="save", when="may_save"),
        Order(key="escape", label="bench.modems.title", does="action_back"),
    )

    def __init__(self, modem: str) -> None:
        super().__init__(modem)
        self._results: dict[Step, StepResult] = {step: StepResult(step=step, mark=Mark.WAITING) for step in Step}
        self._run: TestRun | None = None
        self._number: str | None = None
        self._asked = False
        """The technician has said where to, or nowhere, before the first ten steps were done."""

    def compose_body(self) -> ComposeResult:
        """Steps, number, what is the matter."""
        yield Rows(
            (Column("", 2, "right"), Column("", 27), Column("", 0), Column("", 6, "right"), Column("", 12)),
            id="steps",
            cursor=False,
        )
        with Horizontal(id="number-row"):
            yield Line("bench.test.number", id="number-label")
            yield NumberBox(id="number")
            yield Line("bench.test.skip", id="skip", classes="quiet")
        with Horizontal(id="below", classes="gap"):
            with Vertical(id="findings", classes="box"):
                yield Plain(id="finding")
            with Vertical(id="overheard", classes="box"):
                yield Plain(id="said", classes="quiet")

    def on_mount(self) -> None:
        """Say what was kept of this session's last test."""
        self.query_one("#number", NumberBox).show(self.kiosk.technician_number)
        self.refresh_words()

    def path_note(self) -> str:
        """Step 9 of 12."""
        busy = next((one.step for one in self._results.values() if one.mark is Mark.BUSY), None)
        if busy is None:
            return ""
        return self.kiosk.say(Sentence("common.step.line", {"step": busy.number, "total": len(Step)}))

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        self.retitle()
        self.query_one("#steps", Rows).show([self._row(result) for result in self._results.values()])
        findings = [finding for result in self._results.values() for finding in result.findings]
        box = self.query_one("#findings", Vertical)
        box.display = bool(findings) or self._run is not None
        text = "\n".join(what_and_do(self.kiosk, finding) for finding in findings[:2])
        if not findings and self._run is not None:
            text = verdict(self._run, self.kiosk.language)
        self.query_one("#finding", Plain).show(text)
        self._show_lines(text)

    def _show_lines(self, text: str) -> None:
        """What modem and kiosk said in the step that has a fault, else in the last one: its end, where it went wrong.

        Only beside a `text` that is whole all the same.
        """
        results = [result for result in self._results.values() if result.lines]
        wanted = next((one for one in results if one.mark is Mark.FAULT), results[-1] if results else None)
        box = self.query_one("#overheard", Vertical)
        room = self.query_one("#below").size
        rows, columns = room.height - FRAME_ROWS, round(room.width * FINDING_SHARE) - FRAME_COLUMNS
        fits = sum(len(wrap(line, max(1, columns))) for line in text.splitlines()) <= rows
        box.display = wanted is not None and self.size.width >= WIDE and fits
        if wanted is not None:
            box.border_title = f"{wanted.step.number} {name_of_step(wanted.step, self.kiosk.language)}"
            self.query_one("#said", Plain).show("\n".join(wanted.lines[-max(1, rows) :]))

    def _row(self, result: StepResult) -> Row:
        words = self.kiosk.language
        if result.mark is Mark.BUSY:
            seconds = f"/{result.limit:.0f} s"
        else:
            seconds = f"{result.seconds:.1f} s" if result.mark in FINAL - {Mark.SKIPPED} else ""
        return Row(
            result.step.value,
            (
                Cell(str(result.step.number)),
                Cell(name_of_step(result.step, words)),
                Cell(self._seen(result), "$quiet"),
                Cell(seconds, "$quiet"),
                Cell(mark_of(result.mark, words), STYLE_OF_MARK[result.mark]),
            ),
        )

    def _seen(self, result: StepResult) -> str:
        shown = shown_of(result, self.kiosk.language)
        # The directory says little and takes the room of what says much.
        return shown.rpartition("/")[2] if result.step is Step.PORT else shown

    # The test

    def opened(self) -> None:
        """Everything but the SMS."""
        assert self.session is not None
        self.running = True
        self.session.test(end=Step.DRY_RUN)

    def heard(self, event: Event) -> None:
        """A step, or the end."""
        match event:
            case StepTold(result):
                self._results[result.step] = result
                self.refresh_words()
            case TestDone(run):
                self.running = False
                self._results = {result.step: result for result in run.steps}
                whole = self._results[Step.REPORT].mark is not Mark.WAITING
                self._run = run if whole else None
                self.refresh_words()
                if not whole and self._asked:
                    self._send()

    @property
    def asks(self) -> bool:
        """Whether a number may still be given."""
        return self._results[Step.SMS].mark is Mark.WAITING

    @property
    def may_repeat(self) -> bool:
        """Whether nothing runs."""
        return self.here and not self.running

    @property
    def may_save(self) -> bool:
        """Whether there is a whole test."""
        return self._run is not None and not self.running

    def submit(self) -> None:
        """Enter anywhere on the page."""
        self._take_number(self.query_one("#number", NumberBox).value.strip())

    @on(NumberBox.Submitted)
    def _submitted(self, event: NumberBox.Submitted) -> None:
        event.stop()
        self._take_number(event.text)

    def _take_number(self, text: str) -> None:
        # Whoever types it before the modem is here need not type it again.
        if not self.asks or not (self.here or self.opening):
            return
        number = _number(text) if text else None
        if text and number is None:
            self.message.failure(Sentence("bench.test.no_number"))
            return
        self._number, self._asked = number, True
        # Remembered while this person is signed in, and masked everywhere else.
        self.kiosk.technician_number = text
        self.message.clear()
        if self.here and not self.running:
            self._send()

    def _send(self) -> None:
        assert self.session is not None
        self._asked = False
        self.running = True
        self.session.go_on(Step.SMS, self._number)
        self.show_actions()

    def again(self) -> None:
        """H: from the first fault on, else all of it."""
        assert self.session is not None
        fault = next((one.step for one in self._results.values() if one.mark is Mark.FAULT), Step.PORT)
        self._run = None
        self.running = True
        self.message.clear()
        begun = False
        for step in Step:
            begun = begun or step is fault
            if begun:
                self._results[step] = StepResult(step=step, mark=Mark.WAITING)
        self.refresh_words()
        if fault in {Step.SMS, Step.REPORT}:
            self.session.go_on(fault, self._number)
        else:
            self.session.go_on(fault, None, end=Step.DRY_RUN)

    def antenna(self) -> None:
        """A: the page of the antenna takes this one's place, since there is one modem."""
        from screens.technician.antenna import AntennaPage  # noqa: PLC0415  each page when it is wanted

        self.app.switch_screen(AntennaPage(self.modem))

    def save(self) -> None:
        """E."""
        run, words = self._run, self.kiosk.language
        assert run is not None
        self.keep(lambda bench: bench.save_report(run, words))


def _number(text: str) -> str | None:
    try:
        number = phonenumbers.parse(text, HOME)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
