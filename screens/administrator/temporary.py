"""Tijdelijke code: why, how the administrator knows who asks, and what is done in the same stroke."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kiosk.accounts import AccountError
from kiosk.administration.errors import AdministrationError, Contradiction
from kiosk.administration.people import CardSeen
from kiosk.administration.temporary import (
    Identification,
    IssuedCode,
    TemporaryReason,
    TemporaryRequest,
    contradicts,
    issue,
    needs_detail,
)
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asking import FormPage, PersonForm
from screens.administrator.card_words import methods_in_words
from screens.administrator.words import method_words
from screens.dense import Order
from screens.sign_in.question import Question
from screens.widgets.base import Plain
from screens.widgets.choices import Choice, Choices, Stepper, Tick
from screens.widgets.field import Field

# What is offered, as far as the site allows it, in minutes.
MINUTES: Final = (5, 10, 15, 30, 60, 120, 240, 480, 1440)
AN_HOUR: Final = 60


class TemporaryCodePage(PersonForm):
    """Page 5. Nobody is identified before the administrator has said how: there is no default."""

    title_id = "people.temporary.title"
    AUTO_FOCUS = "#why-code"
    ORDERS: ClassVar[Sequence[Order]] = (
        Order(key="enter", label="people.temporary.make", does="submit"),
        *(one for one in FormPage.ORDERS if one.key == "escape"),
    )

    def __init__(self, seen: CardSeen, name: str) -> None:
        super().__init__(seen, name)
        self._ticked: dict[str, Tick] = {}

    def compose_body(self) -> ComposeResult:
        """Reason and identification beside each other, then the rest."""
        card = self.seen.card
        with Horizontal(id="two-questions", classes="gap"):
            reasons = [Choice(one.value, f"people.temporary.reason.{one.value}") for one in TemporaryReason]
            yield Choices("people.reason.label", reasons, id="why-code")
            with Vertical(id="identified-by"):
                ways = [Choice(one.value, f"people.identified.{one.value}") for one in Identification]
                yield Choices("people.identified.label", ways, id="identified")
        detail = Field("people.identified.detail", id="detail", maximum_length=80, classes="compact inline")
        detail.display = False
        yield detail
        yield self.ticket_field()
        yield Plain(id="no-numbers", classes="quiet")
        first, longest = self.seen.temporary_minutes, self.seen.temporary_maximum
        yield Stepper(
            "people.temporary.valid", [one for one in MINUTES if one <= longest], first, self._minutes, id="minutes"
        )
        failures = max(card.second_factor_failures, card.password.failures)
        if failures:
            yield Tick(Sentence("people.temporary.unlock", {"count": failures}), id="unlock", on=True)
        yield Tick("people.temporary.add_app", id="add-app", on=not self._has_app)
        for method in card.methods:
            if method.state.value == "active":
                words = method_words(self.kiosk, method.kind.value, method.number_tail)
                self._ticked[method.id] = Tick(Sentence("people.temporary.revoke", {"method": words}))
        yield from self._ticked.values()
        yield Plain(id="still", classes="quiet gap")

    @property
    def _has_app(self) -> bool:
        return any(one.kind.value == "totp" and one.state.value == "active" for one in self.seen.card.methods)

    def _minutes(self, minutes: int) -> str:
        if minutes >= AN_HOUR and minutes % AN_HOUR == 0:
            return self.kiosk.text("people.temporary.hours", count=minutes // AN_HOUR)
        return self.kiosk.text("people.temporary.minutes", count=minutes)

    def on_mount(self) -> None:
        """Say it."""
        self.refresh_words()

    def refresh_words(self) -> None:
        """What must not be written here, and on a high page what the person has besides."""
        self.query_one("#no-numbers", Plain).show(self.kiosk.text("people.temporary.no_numbers"))
        methods = " · ".join(methods_in_words(self.kiosk, self.seen.card)) or self.kiosk.text("people.card.none")
        self.query_one("#still", Plain).show(self.kiosk.text("people.temporary.still", methods=methods))

    # What is answered

    def _request(self) -> TemporaryRequest | None:
        """What is asked for; None as long as something is missing."""
        reason, identified = self.query_one("#why-code", Choices).value, self.query_one("#identified", Choices).value
        if reason is None or identified is None:
            return None
        return TemporaryRequest(
            reason=TemporaryReason(reason),
            identified=Identification(identified),
            detail=self.query_one("#detail", Field).value,
            ticket=self.query_one("#ticket", Field).value,
            minutes=self.query_one("#minutes", Stepper).value,
            unlock=any(tick.on for tick in self.query("#unlock").results(Tick)),
            add_app=self.query_one("#add-app", Tick).on,
            revoke=tuple(method_id for method_id, tick in self._ticked.items() if tick.on),
        )

    @on(Choices.Chosen)
    def _answered_one(self) -> None:
        request = self._request()
        if request is None:
            return
        self.query_one("#detail").display = needs_detail(request.identified)
        if contradicts(request):
            self.message.failure(Sentence("people.temporary.contradiction"))
        else:
            self.message.clear()

    def submit(self) -> None:
        """Enter: make it, once everything is answered."""
        request = self._request()
        if request is None:
            reasons = self.query_one("#why-code", Choices)
            if reasons.value is None:
                self.lacks("people.reason.missing", reasons)
            else:
                self.lacks("people.identified.missing", self.query_one("#identified"))
        elif needs_detail(request.identified) and not request.detail.strip():
            self.lacks("people.identified.detail_missing", self.query_one("#detail", Field))
        else:
            self.ticket = request.ticket.strip()
            self._issue(request)

    def _issue(self, request: TemporaryRequest, *, despite: bool = False) -> None:
        version = self.seen.card.version
        wanted = replace(request, contradiction_seen=despite)
        self.do(lambda office: issue(office, self.person_id, wanted, seen=version), self._issued)

    def _issued(self, issued: IssuedCode) -> None:
        from screens.administrator.handover import CodePage  # noqa: PLC0415  each page when it is wanted

        page = CodePage(issued, self.name_shown)
        page.ticket = self.ticket
        self.give_way(page)

    def refuse(self, error: AdministrationError | AccountError, again: Callable[[], None]) -> None:
        """Called back on a phone that is gone: only whoever has read what that means goes on."""
        if not isinstance(error, Contradiction):
            super().refuse(error, again)
            return

        def sure(yes: bool | None) -> None:
            request = self._request()
            if yes and request is not None:
                self._issue(request, despite=True)

        self.message.failure(Sentence("people.temporary.contradiction"))
        self.app.push_screen(Question(Sentence("people.temporary.sure"), cautious=True), sure)
