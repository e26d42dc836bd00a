"""Tijd en klok: who says what time it is, whether this machine is right, and G to put it right."""

from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from kiosk.account.views import AccountView
from kiosk.administration.errors import NumberInText, TextUnusable
from kiosk.administration.free_text import REASON_LENGTH
from kiosk.clock import TimeSource
from kiosk.delivery.time_question import ANSWER_SECONDS
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from kiosk.technician.setting_clock import ClockNotSet
from kiosk.technician.time_room import NothingToSet, ProofNeeded, Said, Telling, TimeRoom, TimeSeen, Verdict
from screens.administrator.words import sentence_of
from screens.dense import DensePage, Order
from screens.page import Dialog, on_screen
from screens.widgets.action import Action
from screens.widgets.base import Plain
from screens.widgets.field import Field
from screens.widgets.rows import Cell, Column, Row, Rows
from screens.words import Words

if TYPE_CHECKING:
    from kiosk.desk import Desk

# How often it is read again, in seconds; a modem is asked by H alone, since its own driver reads its clock every minute.
REFRESH_SECONDS = 1.0
# From this width on there is room for what each phone said.
WIDE = 96
_MACHINE: Final = "machine"
_STYLE_OF_VERDICT: Final = {Verdict.GOOD: "-good", Verdict.ALONE: "-quiet"}
_MINUTE_MS: Final = 60_000
_DAYS: Final = ("mo", "tu", "we", "th", "fr", "sa", "su")


class TimePage(DensePage):
    """Page 14 of the technician."""

    title_id = "time.title"
    path = ("home.title",)
    AUTO_FOCUS = "#sources"
    ORDERS: ClassVar = (
        Order(key="enter", label="time.key.details", does="details"),
        Order(key="g", label="time.key.set", does="set_clock", when="may_set"),
        Order(key="h", label="time.key.again", does="again"),
        Order(key="l", label="audit.title", does="open_log", when="reads_log"),
        Order(key="escape", label="home.title", does="action_back"),
    )

    def __init__(self, *, reads_log: bool = False) -> None:
        super().__init__()
        self.reads_log = reads_log
        self.seen: TimeSeen | None = None
        self._detailed = False
        self._asking = False
        self._asked_at: float | None = None
        """When the modems were asked, of the monotonic clock; None: no answer is awaited."""

    def compose_body(self) -> ComposeResult:
        """Table, verdict, what to do, the source under the cursor."""
        yield Rows(
            (
                Column("time.column.source", 0),
                Column("time.column.time", 12),
                Column("time.column.difference", 11, "right"),
                Column("", 1),
                Column("time.column.reliable", 25),
            ),
            id="sources",
        )
        yield Plain(id="verdict", classes="gap")
        yield Plain(id="cure")
        yield Plain(id="phones", classes="quiet gap")
        with Vertical(id="detail", classes="box gap"):
            yield Plain(id="explained")

    def on_mount(self) -> None:
        """Read now and every second."""
        self.query_one("#detail").display = False
        self.read()
        self.set_interval(REFRESH_SECONDS, self.read)

    def on_screen_resume(self) -> None:
        """Back from the proof or the log."""
        self.read()

    def read(self) -> None:
        """Ask the domain who says what."""
        if self.kiosk.screen is self or self.seen is None:
            self.ask_domain(lambda desk: desk.time_room().look(), self._take)

    def _take(self, seen: TimeSeen) -> None:
        self.seen = seen
        self.refresh_words()
        self.show_actions()
        if self._asked_at is not None:
            self._await_modems(seen, self.kiosk.clock.monotonic() - self._asked_at)

    def _await_modems(self, seen: TimeSeen, seconds: float) -> None:
        answered = modems_answered(seen, seconds)
        if answered is None:
            return
        self._asked_at = None
        if answered:
            self.message.note(Sentence("time.measured", {"time": seen.wall_ms}))
        else:
            self.message.failure(Sentence("time.no_answer", {"seconds": f"{ANSWER_SECONDS:.0f}"}))

    @property
    def may_set(self) -> bool:
        """Whether there is something to put right."""
        return self.seen is not None and self.seen.may_set and not self._asking

    # What is shown

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        seen, app = self.seen, self.kiosk
        if seen is None:
            return
        self.retitle()
        self.query_one("#sources", Rows).show([self._machine(seen), *(self._row(one, seen) for one in seen.tellings)])
        values: dict[str, str | int] = {"difference": f"{seen.difference:.0f}"}
        told = seen.verdict in {Verdict.WRONG, Verdict.DRIFTS}
        self.query_one("#verdict", Plain).show(
            app.text(f"time.verdict.{seen.verdict.value}", **(values if told else {}))
        )
        cure = self.query_one("#cure", Plain)
        cure.display = seen.verdict is not Verdict.GOOD or seen.may_set
        by = "set" if seen.best is not None else "watch"
        cure.show(app.text(f"time.cure.{by}" if seen.may_set else "time.cure.none"))
        phones = self.query_one("#phones", Plain)
        phones.display = self.size.width >= WIDE and bool(seen.offsets)
        bars = "   ".join(f"{30 * step:+d} s {'#' * min(count, 12)} {count}" for step, count in seen.offsets)
        phones.show(app.text("time.phones", bars=bars))
        self._explain()

    def _machine(self, seen: TimeSeen) -> Row:
        app = self.kiosk
        battery = app.text("time.battery.yes" if seen.battery else "time.battery.no")
        cells = (Cell(app.text("time.source.machine")), Cell(self.moment(seen.wall_ms)), Cell("-"), Cell(""))
        return Row(_MACHINE, (*cells, Cell(battery, "" if seen.battery else "$here")))

    def _row(self, one: Telling, seen: TimeSeen) -> Row:
        app = self.kiosk
        name = self._source_name(one)
        if one.said is not Said.TOLD:
            why = app.text(f"time.said.{one.said.value}")
            return Row(one.key, (Cell(name, "$quiet"), Cell("-"), Cell("-"), Cell(""), Cell(why, "$quiet")))
        if one.name == "phones":
            age = app.text("time.age.phones")
        elif one.name == TimeSource.MODEM.value:
            age = app.text("time.age.modem")
        else:
            age = app.text("time.age.minutes", minutes=one.age_ms // _MINUTE_MS)
        off = abs(one.seconds) >= seen.worth_setting and one.name != TimeSource.MODEM.value
        difference = f"{one.seconds:+.0f} s" if one.name == "phones" else f"{app.words.tenths(one.seconds)} s"
        moment = self.moment(seen.wall_ms + round(one.seconds * 1000))
        style = "$here" if off else ""
        return Row(one.key, (Cell(name), Cell(moment), Cell(difference, style), Cell(""), Cell(age)))

    def _source_name(self, one: Telling) -> str:
        if one.name == "phones":
            return self.kiosk.text("time.source.phones", people=one.people)
        if not one.modem:
            return self.kiosk.text(f"time.no_source.{one.name}")
        return self.kiosk.text(f"time.source.{one.name}", modem=printable(one.modem))

    def moment(self, at_ms: int) -> str:
        """`vr 09:41:03` in the zone of the site."""
        at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self.kiosk.words.zone)
        return f"{self.kiosk.text(f'time.day.{_DAYS[at.weekday()]}')} {at:%H:%M:%S}"

    @on(Rows.Moved)
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._explain()

    def _explain(self) -> None:
        current = self.query_one("#sources", Rows).current or _MACHINE
        self.query_one("#detail").display = self._detailed
        self.query_one("#explained", Plain).show(self.kiosk.text(f"time.explained.{current.partition(':')[0]}"))

    # What can be done

    def details(self) -> None:
        """Enter: what the source under the cursor is; Enter again takes it away."""
        self._detailed = not self._detailed
        self._explain()

    def again(self) -> None:
        """H: ask the modems now."""
        if self._asked_at is not None:
            return
        # Before they are asked: an answer must not be older than this.
        asked_at = self.kiosk.clock.monotonic()

        def asked(there: bool) -> None:
            if there:
                self._asked_at = asked_at
                self.message.note(Sentence("time.asking", {"seconds": f"{ANSWER_SECONDS:.0f}"}))
            else:
                self.message.note(Sentence("time.no_modem"))

        self.ask_domain(lambda desk: desk.time_room().ask_modems(), asked)

    def open_log(self) -> None:
        """L."""
        from screens.audit.log import LogPage  # noqa: PLC0415  each page when it is wanted

        self.app.push_screen(LogPage())

    def set_clock(self) -> None:
        """G: from what to what, and why."""
        seen = self.seen
        if seen is None or not self.may_set:
            return
        values: dict[str, str | int] = {"old": self.moment(seen.wall_ms)}
        if seen.best is None:
            asked = Sentence("time.set.watch", values)
        else:
            values["new"] = self.moment(seen.wall_ms + round(seen.step * 1000))
            values["source"] = self._source_name(seen.best)
            asked = Sentence("time.set.step" if seen.step else "time.set.believe", values)

        def answered(reason: str | None) -> None:
            if reason is not None:
                self._put_right(reason)

        self.app.push_screen(WhyDialog(asked), answered)

    def _put_right(self, reason: str) -> None:
        if self._asking:
            return
        self._asking = True
        self.message.note(Sentence("common.busy.line"))
        words = self.kiosk.words

        async def ask() -> None:
            try:
                news = await self.kiosk.ask(lambda desk: _put_right(desk.time_room(), reason, words))
            except ProofNeeded:
                self._asking = False
                self.message.clear()
                self.ask_domain(_view_of, lambda view: self._prove(view, reason))
                return
            except Exception as error:  # noqa: BLE001  the clock stands as it stood
                self.kiosk.log_unexpected(error)
                news = None
            finally:
                self._asking = False
            if not on_screen(self):
                return
            if news is None:
                self.message.failure(Sentence("error.unexpected"))
            elif news.text_id in {"time.done", "time.believed"}:
                self.message.success(news)
            else:
                self.message.failure(news)
            self.read()

        self.app.run_worker(ask(), group="time")

    def _prove(self, view: AccountView, reason: str) -> None:
        from screens.account.proof import ProofPage  # noqa: PLC0415  each page when it is wanted

        self.app.push_screen(ProofPage(view.proofs, lambda: self._put_right(reason)))


def modems_answered(seen: TimeSeen, seconds: float) -> bool | None:
    """Whether a modem has answered since it was asked, so many seconds ago; None: it still may."""
    if seen.heard_ms is not None and seen.heard_ms <= seconds * 1000:
        return True
    return None if seconds < ANSWER_SECONDS else False


class WhyDialog(Dialog[str]):
    """From what to what, and a reason; Esc changes nothing."""

    CSS_PATH = Path(__file__).parents[1] / "dense.tcss"
    title_id = "time.set.title"
    AUTO_FOCUS = "#reason Entry"

    def __init__(self, asked: Sentence) -> None:
        super().__init__()
        self._asked = asked

    def compose_card(self) -> ComposeResult:
        """The step, its reason, its consequence."""
        yield Plain(self.kiosk.say(self._asked))
        yield Plain(self.kiosk.text("time.set.after"), classes="quiet gap")
        yield Field("time.reason.label", id="reason", maximum_length=REASON_LENGTH, classes="gap")
        yield self.message
        yield Action("time.key.set", id="set", kind="primary", classes="gap")

    @on(Field.Submitted)
    @on(Action.Pressed, "#set")
    def _set(self) -> None:
        field = self.query_one("#reason", Field)
        if field.value.strip():
            self.dismiss(field.value)
        else:
            self.message.failure(Sentence("people.text.missing"))
            field.focus()


def _put_right(room: TimeRoom, reason: str, words: Words) -> Sentence:
    """What came of it; raises ProofNeeded."""
    try:
        seconds = room.put_right(reason)
    except (TextUnusable, NumberInText) as error:
        return sentence_of(error)
    except NothingToSet:
        return Sentence("time.nothing")
    except ClockNotSet as error:
        return Sentence(f"time.not_set.{error.obstacle.value}")
    return Sentence("time.done", {"difference": words.tenths(seconds)}) if seconds else Sentence("time.believed")


def _view_of(desk: "Desk") -> AccountView:
    return desk.account().view()
