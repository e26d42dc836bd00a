"""Operators zoeken: which networks are in reach and which of them this SIM may use; minutes, with a way to stop."""

from typing import ClassVar

from textual.app import ComposeResult

from kiosk.delivery.borrowing import Purpose
from kiosk.sign_in.outcomes import Sentence
from kiosk.technician.events import Event, ScanDone, SecondsPassed
from kiosk.technician.scanning import NetworkState, ScannedNetwork
from screens.dense import Order
from screens.look import GLYPHS
from screens.sign_in.question import Question
from screens.technician.bench_page import BenchPage
from screens.technician.words import what_and_do
from screens.widgets.base import Line, Plain
from screens.widgets.rows import Cell, Column, Row, Rows

# What a search usually takes, in seconds: the bar is a help, not a promise.
USUAL_SECONDS = 120.0
BAR = 40
_STYLES = {
    NetworkState.CURRENT: "$good",
    NetworkState.AVAILABLE: "",
    NetworkState.FORBIDDEN: "$quiet",
    NetworkState.UNKNOWN: "$quiet",
}


class ScanPage(BenchPage):
    """Page 11 of the technician."""

    title_id = "bench.scan.title"
    purpose: ClassVar = Purpose.SCAN
    AUTO_FOCUS = "#networks"
    ORDERS: ClassVar = (
        Order(key="s", label="bench.key.stop", does="stop", when="may_stop"),
        Order(key="h", label="bench.key.again", does="again", when="may_repeat"),
        Order(key="e", label="bench.key.save", does="save", when="may_save"),
        Order(key="escape", label="bench.modems.title", does="action_back"),
    )

    # The last result of each modem stays on the screen while a new search goes on, and when the page comes back.
    last: ClassVar[dict[str, tuple[str, ScanDone]]] = {}

    def compose_body(self) -> ComposeResult:
        """Bar, who sends codes meanwhile, the networks."""
        yield Plain(id="bar", classes="gap")
        yield Plain(id="meanwhile")
        yield Plain(id="when", classes="quiet gap")
        yield Rows(
            (
                Column("bench.scan.column.network", 20),
                Column("bench.scan.column.code", 8),
                Column("bench.scan.column.technology", 10),
                Column("bench.scan.column.state", 12),
                Column("bench.scan.column.use", 0),
            ),
            id="networks",
        )
        yield Plain(id="finding", classes="gap")
        yield Line("bench.scan.usual", classes="quiet gap")

    def on_mount(self) -> None:
        """What was found last."""
        self._seconds = 0.0
        self._others = True
        self.refresh_words()

    def opened(self) -> None:
        """Ask first when no other modem would send codes meanwhile."""
        modem = self.modem
        self.ask_domain(lambda desk: desk.bench().others_serve(modem), self._consider)

    def _consider(self, others: bool) -> None:
        self._others = others
        if others:
            self._scan(True)
        else:
            self.app.push_screen(Question(Sentence("bench.scan.only")), self._scan)

    def _scan(self, yes: bool | None) -> None:
        if yes and self.claim():
            assert self.session is not None
            self._seconds = 0.0
            self.message.clear()
            self.session.scan()
        self.refresh_words()
        self.show_actions()

    def again(self) -> None:
        """H: asked anew, because the other modem may have failed meanwhile."""
        self.opened()

    @property
    def may_repeat(self) -> bool:
        """Whether nothing runs."""
        return self.here and not self.running

    @property
    def may_save(self) -> bool:
        """Whether something was found, now or before."""
        return self.modem in self.last and not self.running

    def save(self) -> None:
        """E."""
        modem, words, networks = self.modem, self.kiosk.language, self.last[self.modem][1].networks
        self.keep(lambda bench: bench.save_networks(modem, networks, words))

    def heard(self, event: Event) -> None:
        """How long it takes, and what was found."""
        match event:
            case SecondsPassed(seconds):
                self._seconds = seconds
            case ScanDone():
                self.running = False
                self.last[self.modem] = (self.kiosk.words.moment(self.kiosk.clock.wall_ms()), event)
                self.message.success(Sentence("bench.scan.done", {"count": len(event.networks)}))
        self.refresh_words()

    def stopped(self) -> None:
        """Nothing runs any more."""
        self.refresh_words()

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        app = self.kiosk
        self.retitle()
        lit = min(BAR, int(self._seconds / USUAL_SECONDS * BAR))
        glyphs = GLYPHS[app.look.glyphs]
        bar = glyphs.time_left * lit + glyphs.time_gone * (BAR - lit)
        line = app.text("bench.scan.busy", seconds=f"{self._seconds:.0f}") if self.running else ""
        self.query_one("#bar", Plain).show(f"{bar}  {line}" if self.running else "")
        self.query_one("#meanwhile", Plain).show(
            app.text("bench.scan.others" if self._others else "bench.scan.nobody") if self.running else ""
        )
        found = self.last.get(self.modem)
        self.query_one("#when", Plain).show(app.text("bench.scan.when", time=found[0]) if found else "")
        networks = found[1].networks if found else ()
        empty = "" if found is None else app.text("bench.scan.none")
        self.query_one("#networks", Rows).show([self._row(one) for one in networks], empty=empty)
        finding = found[1].finding if found else None
        self.query_one("#finding", Plain).show("" if finding is None else what_and_do(app, finding))

    def _row(self, one: ScannedNetwork) -> Row:
        app, style = self.kiosk, _STYLES[one.state]
        return Row(
            one.code or one.name,
            (
                Cell(one.name),
                Cell(one.code),
                Cell(one.technologies),
                Cell(app.text(f"bench.network.{one.state.value}"), style),
                Cell(app.text(f"bench.network_use.{one.state.value}"), style),
            ),
        )
