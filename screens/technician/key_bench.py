"""YubiKey testen: what is plugged in, rights, two touches with their timing, and what to do about what is wrong."""

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.message import Message as TextualMessage

from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from kiosk.technician.key_session import KeyEvent, KeyProgressTold, KeySession, KeyStepTold, KeyTested
from kiosk.technician.key_test import KeyRun, KeyStep, KeyStepResult
from kiosk.technician.key_words import do_about_key, name_of_key_step, shown_of_key, verdict_of_key
from kiosk.technician.steps import FINAL, Mark
from kiosk.technician.words import mark_of
from kiosk.yubikey.ceremony import Phase
from screens.dense import Order
from screens.technician.saving import Saving
from screens.technician.words import STYLE_OF_MARK
from screens.widgets.base import Line, Plain
from screens.widgets.field import Field
from screens.widgets.rows import Cell, Column, Row, Rows

if TYPE_CHECKING:
    from kiosk.desk import Desk

LINES = {
    Phase.INSERT: "yubikey.insert.line",
    Phase.LOOKING: "yubikey.looking.line",
    Phase.TOUCH: "yubikey.touch.line",
    Phase.FINGER: "yubikey.fingerprint.line",
    Phase.PIN: "yubikey.pin.line",
    Phase.REMOVED: "yubikey.removed",
    Phase.SEVERAL: "yubikey.several",
    Phase.NO_ANSWER: "yubikey.no_answer",
    Phase.TOO_LATE: "key_bench.too_late",
    Phase.PIN_REINSERT: "yubikey.pin.reinsert",
    Phase.PIN_BLOCKED: "yubikey.pin.blocked",
    Phase.REFUSED: "yubikey.wrong",
    Phase.NOT_SUITABLE: "yubikey.not_suitable",
    Phase.IN_USE: "yubikey.in_use",
    Phase.FINGER_WRONG: "yubikey.finger_wrong",
}


@dataclass
class Told(TextualMessage):
    """The session said something."""

    event: KeyEvent


class KeyBenchPage(Saving):
    """Begins by itself with whatever key is in or comes."""

    title_id = "key_bench.title"
    path = ("home.title",)
    AUTO_FOCUS = ""
    ORDERS: ClassVar = (
        Order(key="h", label="key_bench.again", does="again", when="may_repeat"),
        Order(key="e", label="bench.key.save", does="save", when="may_save"),
        Order(key="escape", label="home.title", does="action_back"),
    )

    def __init__(self) -> None:
        super().__init__()
        self._results: dict[KeyStep, KeyStepResult] = {}
        self._run: KeyRun | None = None
        self._progress: KeyProgressTold | None = None
        self._session: KeySession | None = None
        self._handing = threading.Lock()
        self._gone = False

    def compose_body(self) -> ComposeResult:
        """What to do now, the steps, what is the matter."""
        yield Plain(id="keys-in", classes="quiet")
        yield Line(id="key-now", classes="heading")
        yield Field("yubikey.pin.label", id="pin", secret=True, toggle=False)
        yield Rows(
            (Column("", 2, "right"), Column("", 32), Column("", 0), Column("", 7, "right"), Column("", 12)),
            id="steps",
            cursor=False,
        )
        with Vertical(id="findings", classes="box gap"):
            yield Plain(id="finding")

    def on_mount(self) -> None:
        """Begin to look for a key."""
        self.query_one("#pin", Field).display = False
        self._forget()

        def told(event: KeyEvent) -> None:
            self.post_message(Told(event))

        def open_session(desk: "Desk") -> KeySession | None:
            session = desk.bench().open_keys(told)
            with self._handing:
                self._session, gone = session, self._gone
            if gone and session is not None:
                session.close()
            return session

        self.ask_domain(open_session, lambda _session: None)

    def on_unmount(self) -> None:
        """Let go of the key."""
        with self._handing:
            self._gone, session = True, self._session
        if session is not None:
            session.close()

    def on_told(self, told: Told) -> None:
        """One event of the session."""
        told.stop()
        if self._gone or not self.is_mounted:
            return
        match told.event:
            case KeyStepTold(result):
                self._results[result.step] = result
            case KeyTested(run):
                self._run = run
                self._results = {result.step: result for result in run.steps}
            case KeyProgressTold() as progress:
                self._follow(progress)
        self.refresh_words()
        self.show_actions()

    def _follow(self, told: KeyProgressTold) -> None:
        pulled = self._progress is not None and told.keys != self._progress.keys
        self._progress = told
        if pulled and self._run is not None:
            # Another key, or the same one again: what stands there is of the one before.
            self.again()
        asks = told.progress.phase is Phase.PIN
        field = self.query_one("#pin", Field)
        if field.display != asks:
            field.clear()
            field.display = asks
        if asks:
            field.focus()
        if told.progress.pin_wrong:
            self.message.failure(Sentence("yubikey.pin.wrong_unknown"))

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        self.retitle()
        words = self.kiosk.language
        keys = () if self._progress is None else self._progress.keys
        names = ", ".join(printable(key.product_name) for key in keys)
        self.query_one("#keys-in", Plain).show(words.text("key_bench.present", names=names) if names else "")
        self.query_one("#key-now", Line).say(self._now())
        self.query_one("#steps", Rows).show([self._row(step) for step in KeyStep])
        done = [do_about_key(result, words) for result in self._results.values() if result.do]
        if self._run is not None:
            done.insert(0, verdict_of_key(self._run, words))
        self.query_one("#findings").display = bool(done)
        self.query_one("#finding", Plain).show("\n".join(dict.fromkeys(done)))

    def _now(self) -> Sentence | None:
        if self._progress is None or self._run is not None:
            return None
        text_id = LINES.get(self._progress.progress.phase)
        return None if text_id is None else Sentence(text_id)

    def _row(self, step: KeyStep) -> Row:
        words = self.kiosk.language
        result = self._results.get(step, KeyStepResult(step=step, mark=Mark.WAITING))
        seconds = f"{result.seconds:.1f} s" if result.mark in FINAL - {Mark.SKIPPED} else ""
        return Row(
            step.value,
            (
                Cell(str(list(KeyStep).index(step) + 1)),
                Cell(name_of_key_step(step, words)),
                Cell(printable(shown_of_key(result, words)), "$quiet"),
                Cell(seconds, "$quiet"),
                Cell(mark_of(result.mark, words), STYLE_OF_MARK[result.mark]),
            ),
        )

    @on(Field.Submitted, "#pin")
    def _pin_typed(self) -> None:
        field = self.query_one("#pin", Field)
        pin = field.value
        field.clear()
        if self._session is not None and pin:
            self._session.give_pin(pin)

    @property
    def may_repeat(self) -> bool:
        """Whether a test is done, or stands still."""
        phase = None if self._progress is None else self._progress.progress.phase
        return self._run is not None or phase in {Phase.TOO_LATE, Phase.NO_ANSWER, Phase.REFUSED}

    @property
    def may_save(self) -> bool:
        """Whether a test is done."""
        return self._run is not None

    def save(self) -> None:
        """E."""
        run, words = self._run, self.kiosk.language
        assert run is not None
        self.keep(lambda bench: bench.save_key_test(run, words))

    def again(self) -> None:
        """H."""
        self._forget()
        if self._session is not None:
            self._session.again()
        self.refresh_words()
        self.show_actions()

    def _forget(self) -> None:
        self._run = None
        self._results = {}
        self.message.clear()
        self.refresh_words()
