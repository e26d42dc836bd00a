"""Filter of the log: which period, what, where; a digit for the period is enough."""

from collections.abc import Callable
from dataclasses import replace
from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal

from kiosk.audit.periods import Kind, LogFilter, Period
from kiosk.sign_in.outcomes import Sentence
from screens.audit.room_page import RoomPage
from screens.dense import DensePage, Order
from screens.widgets.base import Line
from screens.widgets.choices import Choice, Choices, Tick
from screens.widgets.field import Field


class FilterPage(DensePage):
    """`choose` is told what was chosen, once; Esc chooses nothing."""

    CSS_PATH = RoomPage.CSS_PATH
    title_id = "audit.filter.title"
    path = ("home.title", "audit.title")
    AUTO_FOCUS = "#period"
    ORDERS: ClassVar = (
        Order(key="enter", label="audit.key.show", does="submit"),
        Order(key="escape", label="audit.title", does="action_back"),
    )

    def __init__(self, chosen: LogFilter, choose: Callable[[LogFilter], None]) -> None:
        super().__init__()
        self._chosen = chosen
        self._choose = choose

    def compose_body(self) -> ComposeResult:
        """Two questions side by side, what is typed, one tick."""
        chosen = self._chosen
        with Horizontal(id="questions", classes="gap"):
            yield Choices(
                "audit.period.label",
                [Choice(one.value, f"audit.period.{one.value}") for one in Period],
                id="period",
                chosen=chosen.period.value,
            )
            yield Choices(
                "audit.kind.label",
                [Choice(one.value, f"audit.kind.{one.value}") for one in Kind],
                id="kind",
                chosen=chosen.kind.value,
            )
        yield self._field("since", chosen.since)
        yield self._field("until", chosen.until)
        yield self._field("desk", chosen.desk)
        yield Tick("audit.without_own.label", id="without-own", on=chosen.without_own, classes="gap")
        yield Line("audit.filter.tip", classes="quiet gap")

    def _field(self, name: str, value: str) -> Field:
        field = Field(f"audit.filter.{name}.label", id=name, maximum_length=64, classes="compact inline")
        field.value = value
        return field

    def on_mount(self) -> None:
        """Dates are asked only for a period of one's own."""
        self.call_later(self.show_actions)
        self._show_dates()

    def _show_dates(self) -> None:
        own = self.query_one("#period", Choices).value == Period.OWN.value
        for name in ("#since", "#until"):
            self.query_one(name, Field).display = own

    @on(Choices.Chosen, "#period")
    def _period_chosen(self, event: Choices.Chosen) -> None:
        self._show_dates()
        if not event.by_digit:
            return
        if event.value == Period.OWN.value:
            self.call_later(self.query_one("#since", Field).focus)
        else:
            self.submit()

    @on(Choices.Chosen, "#kind")
    def _kind_chosen(self, event: Choices.Chosen) -> None:
        if event.by_digit:
            self.submit()

    @on(Field.Submitted)
    def _submitted(self) -> None:
        self.submit()

    def submit(self) -> None:
        """Enter."""
        period, kind = self.query_one("#period", Choices), self.query_one("#kind", Choices)
        chosen = replace(
            self._chosen,
            period=Period(period.value or Period.WEEK),
            kind=Kind(kind.value or Kind.ALL),
            desk=self.query_one("#desk", Field).value.strip(),
            since=self.query_one("#since", Field).value.strip(),
            until=self.query_one("#until", Field).value.strip(),
            without_own=self.query_one("#without-own", Tick).on,
        )
        if chosen.period is Period.OWN and not chosen.since + chosen.until:
            self.message.failure(Sentence("audit.filter.no_dates"))
            self.query_one("#since", Field).focus()
            return
        self.app.pop_screen()
        self._choose(chosen)
