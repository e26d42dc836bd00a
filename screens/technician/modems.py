"""SMS-modems: all of them at a glance, what is the matter with the one under the cursor, and what can be done with it."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical

from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from kiosk.technician.adoption import CURED, Candidate
from kiosk.technician.overview import Health, ModemOverview, Overview
from kiosk.technician.words import clock_line
from screens.dense import DensePage, Order
from screens.sign_in.question import Question
from screens.technician.bench_page import BenchPage
from screens.technician.words import STYLE_OF_HEALTH, bars_of, level_of, what_and_do
from screens.widgets.base import Plain
from screens.widgets.rows import Cell, Column, Row, Rows

# How often the table is read again, in seconds.
REFRESH_SECONDS = 2.0
# From this width on there is room for what only some want to know.
WIDE = 96
# Signal of the sparkline's lowest and highest level, in dBm.
LOWEST, HIGHEST = -113, -63
LEVELS = " .:-=+*#"


class ModemsPage(DensePage):
    """Page 9 of the technician."""

    title_id = "bench.modems.title"
    path = ("home.title",)
    AUTO_FOCUS = "#modems"
    ORDERS: ClassVar = (
        Order(key="t", label="bench.key.test", does="test", when="any"),
        Order(key="a", label="bench.key.antenna", does="antenna", when="any"),
        Order(key="b", label="bench.key.out", does="take_out", when="may_take_out"),
        Order(key="b", label="bench.key.in", does="put_back", when="may_put_back"),
        Order(key="n", label="bench.key.adopt", does="adopt", when="may_adopt"),
        Order(key="o", label="bench.key.scan", does="scan", when="any"),
        Order(key="c", label="bench.key.console", does="console", when="any"),
        Order(key="g", label="bench.key.credit", does="credit", when="any", row=False),
        Order(key="i", label="bench.key.inbox", does="inbox", when="any", row=False),
        Order(key="?", label="dense.more", does="more"),
        Order(key="escape", label="home.title", does="action_back", row=False),
    )

    def __init__(self) -> None:
        super().__init__()
        self.overview: Overview | None = None

    def compose_body(self) -> ComposeResult:
        """What is wrong with the machine itself, table, the modem under the cursor, its signal of the last day."""
        yield Plain(id="machine-clock")
        yield Rows(
            (
                Column("bench.modems.column.modem", 11),
                Column("bench.modems.column.network", 14),
                Column("bench.modems.column.signal", 15),
                Column("bench.modems.column.hour", 0),
                Column("bench.modems.column.state", 10),
            ),
            id="modems",
        )
        with Vertical(id="detail", classes="box gap"):
            yield Plain(id="finding")
            yield Plain(id="facts")
            yield Plain(id="more-facts", classes="quiet")
        yield Plain(id="spark", classes="quiet")
        yield Plain(id="last", classes="quiet")

    def on_mount(self) -> None:
        """Read now and every two seconds."""
        self.read()
        self.set_interval(REFRESH_SECONDS, self.read)

    def on_screen_resume(self) -> None:
        """Back from a test: what it changed is to be seen at once."""
        self.read()

    def read(self) -> None:
        """Ask the domain how the modems are."""
        if self.kiosk.screen is self or self.overview is None:
            self.ask_domain(lambda desk: desk.bench().overview(), self._take)

    def path_note(self) -> str:
        """When it was read."""
        if self.overview is None:
            return ""
        return self.kiosk.text("bench.modems.updated", time=self.kiosk.words.moment(self.overview.at))

    def _take(self, overview: Overview) -> None:
        self.overview = overview
        self.refresh_words()
        self.show_actions()

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        if self.overview is None:
            return
        self.retitle()
        off, machine = self.overview.clock_off, self.query_one("#machine-clock", Plain)
        machine.display = off is not None
        machine.show("" if off is None else clock_line(off, self.kiosk.language))
        self.query_one("#modems", Rows).show(
            [self._row(one) for one in self.overview.modems], empty=self.kiosk.text("bench.modems.none")
        )
        self._show_detail()

    def _row(self, one: ModemOverview) -> Row:
        app = self.kiosk
        network = f"{one.network or '-'} {one.technology}".strip()
        hour = app.text("bench.modems.hour", good=one.on_time, failed=one.failed, unknown=one.unknown)
        return Row(
            one.name,
            (
                Cell(one.name),
                Cell(network),
                Cell(f"{bars_of(app, one.bars)} {level_of(app, one.dbm)}"),
                Cell(
                    hour if one.on_time or one.failed or one.unknown else app.text("bench.modems.hour_none"), "$quiet"
                ),
                Cell(app.text(f"bench.health.{one.health.value}"), STYLE_OF_HEALTH[one.health]),
            ),
        )

    @property
    def modem(self) -> ModemOverview | None:
        """The one under the cursor."""
        current = self.query_one("#modems", Rows).current
        modems = self.overview.modems if self.overview else ()
        return next((one for one in modems if one.name == current), None)

    def _show_detail(self) -> None:
        one, app = self.modem, self.kiosk
        box = self.query_one("#detail", Vertical)
        box.display = one is not None
        for name in ("#spark", "#last"):
            self.query_one(name).display = one is not None
        if one is None:
            return
        box.border_title = printable(one.name)
        self.query_one("#finding", Plain).show(self._finding(one))
        pin = app.text("bench.modems.pin_good")
        if one.pin_tries is not None:
            pin = app.text("bench.modems.pin_tries", tries=one.pin_tries)
        sim = app.text("bench.modems.sim", network=one.network or "-", tail=one.iccid_tail or "?", pin=pin)
        port = app.text(
            "bench.modems.port",
            port=one.port.rpartition("/")[2] or "-",
            model=one.model or "?",
            tail=one.imei_tail or "?",
        )
        self.query_one("#facts", Plain).show(f"{sim}\n{port}")
        self.query_one("#more-facts", Plain).show(self._more(one))
        self.query_one("#more-facts").display = self.size.width >= WIDE
        self.query_one("#spark", Plain).show(self._spark(one))
        self.query_one("#last", Plain).show(self._last(one))

    def _finding(self, one: ModemOverview) -> str:
        app = self.kiosk
        if one.lent_to:
            return app.text("bench.modems.lent", who=one.lent_to)
        if one.out_reason:
            return app.text("bench.modems.out", reason=one.out_reason)
        if one.findings:
            return what_and_do(app, one.findings[0])
        return app.text("bench.modems.good")

    def _more(self, one: ModemOverview) -> str:
        app = self.kiosk
        results = " ".join(app.text(f"bench.result.{each.value}") for each in one.results) or "-"
        recovery = "; ".join(f"{rung} ({reason})" for rung, reason in one.recovery[-2:]) or "-"
        return "\n".join(
            (
                app.text("bench.modems.results", results=results),
                app.text("bench.modems.firmware", revision=one.revision or "?", code=one.network_code or "-"),
                app.text("bench.modems.recovery", steps=recovery),
            )
        )

    def _spark(self, one: ModemOverview) -> str:
        points = "".join(" " if dbm is None else LEVELS[_level(dbm)] for dbm in one.history)
        return self.kiosk.text("bench.modems.spark", low=LOWEST, points=points, high=HIGHEST)

    def _last(self, one: ModemOverview) -> str:
        app = self.kiosk
        sent = "-" if one.last_sent_at is None else app.words.moment(one.last_sent_at)
        unknown = "-" if one.last_unknown_at is None else app.words.moment(one.last_unknown_at)
        clock = "-" if one.clock_offset is None else app.text("bench.modems.offset", seconds=f"{one.clock_offset:+d}")
        return app.text("bench.modems.last", sent=sent, unknown=unknown, clock=clock)

    @on(Rows.Moved)
    def _moved(self, event: Rows.Moved) -> None:
        event.stop()
        self._show_detail()
        self.show_actions()

    # What can be done

    @property
    def any(self) -> bool:
        """Whether there is a modem under the cursor."""
        return self.modem is not None

    @property
    def may_take_out(self) -> bool:
        """Whether it is in service."""
        return self.modem is not None and self.modem.health is not Health.OUT

    @property
    def may_put_back(self) -> bool:
        """Whether it is out of service."""
        return self.modem is not None and self.modem.health is Health.OUT

    def test(self) -> None:
        """T."""
        from screens.technician.testing import TestPage  # noqa: PLC0415  each page when it is wanted

        self._open(TestPage)

    def antenna(self) -> None:
        """A."""
        from screens.technician.antenna import AntennaPage  # noqa: PLC0415  each page when it is wanted

        self._open(AntennaPage)

    def scan(self) -> None:
        """O."""
        from screens.technician.scanning import ScanPage  # noqa: PLC0415  each page when it is wanted

        self._open(ScanPage)

    def console(self) -> None:
        """C."""
        from screens.technician.console import ConsolePage  # noqa: PLC0415  each page when it is wanted

        self._open(ConsolePage)

    def credit(self) -> None:
        """G."""
        from screens.technician.credit import CreditPage  # noqa: PLC0415  each page when it is wanted

        self._open(CreditPage)

    def inbox(self) -> None:
        """I."""
        from screens.technician.inbox import InboxPage  # noqa: PLC0415  each page when it is wanted

        self._open(InboxPage)

    def more(self) -> None:
        """?."""
        self.kiosk.action_help()

    def take_out(self) -> None:
        """B: for another SIM or antenna; nothing is lost, so it is not asked about."""
        name = self._current_name
        reason = self.kiosk.text("bench.modems.reason")
        self.ask_domain(
            lambda desk: desk.bench().take_out(name, reason), lambda _: self._done("bench.modems.taken_out", name)
        )

    @property
    def may_adopt(self) -> bool:
        """Whether it waits for a technician who knows it."""
        return self.modem is not None and any(one.cause in CURED for one in self.modem.findings)

    def adopt(self) -> None:
        """N: show what stands there, and confirm it."""
        name = self._current_name
        self.ask_domain(lambda desk: desk.bench().candidate(name), self._ask_adoption)

    def _ask_adoption(self, candidate: Candidate | None) -> None:
        if candidate is None:
            self.message.failure(Sentence("bench.adopt.unreadable"))
            return
        self.ask_domain(lambda desk: desk.bench().forbids(candidate), lambda key: self._ask_sure(candidate, key))

    def _ask_sure(self, candidate: Candidate, key: str) -> None:
        if key:
            self.message.failure(Sentence("bench.adopt.configured", {"modem": candidate.modem, "key": key}))
            return
        if not candidate.whole:
            self.message.failure(Sentence("bench.adopt.unreadable"))
            return
        values: dict[str, str | int] = {
            "model": printable(candidate.model or "?"),
            "imei": candidate.imei_tail,
            "iccid": candidate.iccid_tail,
            "socket": candidate.socket or "-",
        }
        reason = self.kiosk.text("bench.adopt.reason")

        def answered(yes: bool | None) -> None:
            if yes:
                self.ask_domain(
                    lambda desk: desk.bench().adopt(candidate, reason),
                    lambda _: self._done("bench.adopt.done", candidate.modem),
                )

        self.app.push_screen(Question(Sentence("bench.adopt.sure", values)), answered)

    def put_back(self) -> None:
        """B again."""
        name = self._current_name
        self.ask_domain(lambda desk: desk.bench().put_back(name), lambda _: self._done("bench.modems.put_back", name))

    @property
    def _current_name(self) -> str:
        return self.modem.name if self.modem is not None else ""

    def _done(self, text_id: str, name: str) -> None:
        # Of the modem it was asked for: the cursor may stand on another one by now.
        self.message.success(Sentence(text_id, {"modem": name}))
        self.read()

    def _open(self, page: type[BenchPage]) -> None:
        if self.modem is not None:
            self.app.push_screen(page(self.modem.name))


def _level(dbm: int) -> int:
    share = (min(max(dbm, LOWEST), HIGHEST) - LOWEST) / (HIGHEST - LOWEST)
    return min(len(LEVELS) - 1, 1 + int(share * (len(LEVELS) - 1)))
