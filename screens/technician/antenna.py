"""Antenne richten: the signal in digits that can be read from three metres, every two seconds, with the best so far."""

from typing import ClassVar

from textual.app import ComposeResult
from textual.containers import Center

from kiosk.delivery.borrowing import Purpose
from kiosk.technician.events import Event, SignalTold
from screens.dense import Order
from screens.technician.bench_page import BenchPage
from screens.technician.words import bars_of, level_of
from screens.widgets.base import Line, Plain
from screens.widgets.block_digits import FAR, BlockDigits

EVERY_SECONDS = 2.0
# Whoever is on a ladder touches no key (PAGES: no lock for 30 minutes, any key renews).
IDLE_SECONDS = 30 * 60


class AntennaPage(BenchPage):
    """The hidden page A of the technician."""

    title_id = "bench.antenna.title"
    purpose: ClassVar = Purpose.ANTENNA
    ORDERS: ClassVar = (
        Order(key="h", label="bench.key.best", does="forget", when="here"),
        Order(key="escape", label="bench.modems.title", does="action_back"),
    )

    def __init__(self, modem: str) -> None:
        super().__init__(modem)
        self.best: int | None = None
        self.dbm: int | None = None
        self._waiting = False

    def compose_body(self) -> ComposeResult:
        """Digits, bars, best."""
        yield Line("bench.antenna.advice", classes="quiet gap")
        with Center(classes="gap"):
            yield BlockDigits("", FAR, id="digits")
        with Center(classes="gap"):
            yield Plain(id="level")
        with Center():
            yield Plain(id="best")
        yield Line("bench.antenna.limits", classes="quiet gap")

    def on_mount(self) -> None:
        """Ask again and again."""
        self.set_interval(EVERY_SECONDS, self._ask)

    def opened(self) -> None:
        """The first look at once."""
        self._ask()

    def stopped(self) -> None:
        """No answer this time; the next look tells."""
        self._waiting = False

    def _ask(self) -> None:
        if self.here and not self._waiting and self.session is not None:
            self._waiting = True
            self.session.signal()

    def heard(self, event: Event) -> None:
        """The signal now."""
        if isinstance(event, SignalTold):
            self._waiting = False
            self.dbm = event.dbm
            if event.dbm is not None:
                self.best = event.dbm if self.best is None else max(self.best, event.dbm)
                self.message.clear()
            self.refresh_words()

    def refresh_words(self) -> None:
        """Everything that the page says by itself."""
        app = self.kiosk
        # Without its sign: the digits have none, and a level is always below zero.
        self.query_one("#digits", BlockDigits).show("" if self.dbm is None else str(abs(self.dbm)))
        bars = 0 if self.dbm is None else sum(self.dbm >= limit for limit in (-107, -97, -87, -77))
        level = app.text("bench.antenna.none") if self.dbm is None else level_of(app, self.dbm)
        self.query_one("#level", Plain).show(f"{bars_of(app, bars)}  {level}")
        best = "-" if self.best is None else str(self.best)
        self.query_one("#best", Plain).show(app.text("bench.antenna.best", dbm=best))

    def forget(self) -> None:
        """H: begin anew with the best."""
        self.best = self.dbm
        self.refresh_words()

    @property
    def idle_seconds(self) -> int | None:
        """Half an hour."""
        return IDLE_SECONDS
