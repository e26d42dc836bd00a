"""Wacht op tweede beheerder: what was asked, by whom and why; another administrator decides, whoever asked carries it out."""

from collections.abc import Iterator, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult

from kiosk.administration.accounts import Deleted
from kiosk.administration.passwords import Done, OneTimePassword
from kiosk.administration.requests import (
    CarriedOut,
    RequestLine,
    RequestSeen,
    Step,
    approve,
    carry_out,
    look,
    refuse,
    waiting,
    withdraw,
)
from kiosk.administration.temporary import IssuedCode
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asked import asked_in_words, content_in_words, reason_in_words
from screens.administrator.asking import OfficePage
from screens.administrator.reason_form import ReasonForm
from screens.administrator.words import moment, surname_first
from screens.dense import Order
from screens.sign_in.question import Question
from screens.widgets.base import Plain
from screens.widgets.rows import Cell, Column, Row, Rows

_STYLES: Final = {"waiting": "$here", "approved": "$good", "refused": "$bad"}
_LABEL_WIDTH: Final = 14


class RequestsPage(OfficePage):
    """W on Home: own requests and those that wait for whoever is here; from a card those of one person."""

    title_id = "approval.requests.title"
    path = ("home.title",)
    AUTO_FOCUS = "#requests"
    ORDERS: ClassVar[Sequence[Order]] = (
        Order(key="enter", label="approval.key.open", does="open", when="found"),
        Order(key="escape", label="people.key.back", does="action_back"),
    )

    def __init__(self, person_id: str | None = None) -> None:
        super().__init__()
        self._person_id = person_id
        self._lines: tuple[RequestLine, ...] | None = None

    def compose_body(self) -> ComposeResult:
        """The list."""
        yield Rows(
            (
                Column("approval.column.what", 0),
                Column("approval.column.by", 14),
                Column("approval.column.until", 17),
                Column("people.column.state", 12),
            ),
            id="requests",
            classes="fills gap",
        )

    def on_screen_resume(self) -> None:
        """Come, or back from one of them."""
        person_id = self._person_id
        self.read(lambda office: waiting(office, person_id=person_id), self._take)

    def _take(self, lines: tuple[RequestLine, ...]) -> None:
        self._lines = lines
        self.refresh_words()
        self.show_actions()

    def refresh_words(self) -> None:
        """What waits."""
        self.retitle()
        if self._lines is not None:
            empty = self.kiosk.text("approval.requests.none")
            self.query_one("#requests", Rows).show([self._row(one) for one in self._lines], empty=empty)

    def _row(self, one: RequestLine) -> Row:
        app, state = self.kiosk, one.state.value
        return Row(
            one.id,
            (
                Cell(asked_in_words(app, one.act, one.who)),
                Cell(app.text("approval.you") if one.own else printable(one.asked_by)),
                Cell(moment(app, one.expires_at), "$quiet"),
                Cell(app.text(f"approval.state.{state}"), _STYLES[state]),
            ),
        )

    @property
    def found(self) -> bool:
        """Whether there is one."""
        return bool(self._lines)

    def open(self) -> None:
        """Enter."""
        self.message.clear()
        self.app.push_screen(RequestPage(self.query_one("#requests", Rows).current))


class RequestPage(OfficePage):
    """One request with everything that is approved; nothing that counts is one letter away."""

    title_id = "approval.request.title"
    path = ("home.title", "approval.requests.title")
    AUTO_FOCUS = ""
    ORDERS: ClassVar[Sequence[Order]] = (
        Order(key="enter", label="approval.key.carry_out", does="carry_out", when="may_carry_out"),
        Order(key="g", label="approval.key.approve", does="approve", when="may_approve"),
        Order(key="w", label="approval.key.refuse", does="refuse_it", when="may_refuse"),
        Order(key="x", label="home.seen.button", does="put_away", when="was_refused"),
        Order(key="i", label="approval.key.withdraw", does="withdraw", when="may_withdraw"),
        Order(key="p", label="approval.key.card", does="card", when="has_card"),
        Order(key="escape", label="people.key.back", does="action_back"),
    )

    def __init__(self, request_id: str) -> None:
        super().__init__()
        self.request_id = request_id
        self.seen: RequestSeen | None = None

    def compose_body(self) -> ComposeResult:
        """What, by whom, why, until when."""
        yield Plain(id="facts", classes="gap")
        yield Plain(id="advice", classes="here gap")

    def on_screen_resume(self) -> None:
        """Come, or back from the card."""
        self.read(lambda office: look(office, self.request_id), self._take)

    def _take(self, seen: RequestSeen) -> None:
        self.seen = seen
        self.refresh_words()
        self.show_actions()

    def refresh_words(self) -> None:
        """Everything that is known of it."""
        self.retitle()
        if self.seen is None:
            return
        lines = [f"{self.kiosk.text(label) if label else '':<{_LABEL_WIDTH}} {value}" for label, value in self._facts()]
        self.query_one("#facts", Plain).show("\n".join(lines))
        advice = "approval.over.form" if self.may_do_at_form else "approval.advice" if self.may_approve else None
        self.query_one("#advice", Plain).show("" if advice is None else self.kiosk.text(advice))

    def _facts(self) -> Iterator[tuple[str, str]]:
        seen, app = self._known, self.kiosk
        line = seen.line
        yield "approval.column.what", asked_in_words(app, line.act, line.who)
        for exactly in content_in_words(app, seen.shown):
            yield "", exactly
        yield "approval.column.by", f"{printable(line.asked_by)}, {moment(app, line.asked_at)}"
        yield "people.reason.label", reason_in_words(app, seen.reason)
        if seen.ticket:
            yield "people.ticket.label", printable(seen.ticket)
        yield "approval.column.until", moment(app, line.expires_at)
        state = app.text(f"approval.state.{line.state.value}")
        if seen.broke_glass:
            state = f"{state}: {app.text('break_glass.title')}"
        elif seen.decided_by:
            state = f"{state}: {printable(seen.decided_by)}, {moment(app, seen.decided_at)}"
        yield "people.column.state", state
        if seen.answer:
            yield "approval.answer", reason_in_words(app, seen.answer)

    # What can be done now

    @property
    def _known(self) -> RequestSeen:
        assert self.seen is not None, "there is no letter for it before"
        return self.seen

    def _is(self, *states: str, own: bool) -> bool:
        if self.seen is None:
            return False
        line = self.seen.line
        return (line.own if own else line.mine) and line.state.value in states

    @property
    def may_approve(self) -> bool:
        """G: somebody else's, that waits."""
        return self._is("waiting", own=False)

    @property
    def may_refuse(self) -> bool:
        """W: also what was approved, until it is done."""
        return self._is("waiting", "approved", own=False)

    @property
    def may_carry_out(self) -> bool:
        """Enter."""
        return self._is("approved", own=True) and not self._known.at_form

    @property
    def may_do_at_form(self) -> bool:
        """It was approved, and is done with the person or the list at hand."""
        return self._is("approved", own=True) and self._known.at_form

    @property
    def may_withdraw(self) -> bool:
        """I."""
        return self._is("waiting", "approved", own=True)

    @property
    def was_refused(self) -> bool:
        """X."""
        return self._is("refused", own=True)

    @property
    def has_card(self) -> bool:
        """P: of somebody who is there already."""
        return self.seen is not None and self.seen.line.person_id is not None

    # Doing it

    @property
    def _whose(self) -> str:
        return printable(surname_first(self._known.line.who))

    def approve(self) -> None:
        """G, and then yes."""

        def sure(yes: bool | None) -> None:
            if yes:
                self.do(lambda office: approve(office, self.request_id), lambda step: self._over("approved", step))

        line = self._known.line
        what = asked_in_words(self.kiosk, line.act, line.who)
        self.app.push_screen(Question(Sentence("approval.sure", {"what": what}), cautious=True), sure)

    def refuse_it(self) -> None:
        """W, and then why."""
        line = self._known.line
        self.give_way(RefusePage(self.request_id, asked_in_words(self.kiosk, line.act, line.who)))

    def withdraw(self) -> None:
        """I."""
        self.do(lambda office: withdraw(office, self.request_id), lambda step: self._over("withdrawn", step))

    def put_away(self) -> None:
        """X: it has been read."""
        self.do(lambda office: withdraw(office, self.request_id), lambda _step: self.action_back())

    def _over(self, how: str, step: Step) -> None:
        self.done(Sentence(f"approval.done.{how}"), reference=step.reference)

    def card(self) -> None:
        """P."""
        from screens.administrator.card import CardPage  # noqa: PLC0415  each page when it is wanted

        person_id = self._known.line.person_id
        if person_id is not None:
            self.message.clear()
            self.app.push_screen(CardPage(person_id, self._whose))

    def carry_out(self) -> None:
        """Enter: what was approved, with what comes of it."""
        self.do(lambda office: carry_out(office, self.request_id), self._carried_out)

    def _carried_out(self, made: CarriedOut) -> None:
        match made:
            case OneTimePassword() | IssuedCode():
                self._hand_over(made)
            case Done():
                self.done(Sentence("approval.done.carried_out"), reference=made.reference)
            case Deleted():
                self._leave_with_the_person(made)

    def _leave_with_the_person(self, gone: Deleted) -> None:
        """A card below has nobody to show any more."""
        from screens.administrator.card import CardPage  # noqa: PLC0415  each page when it is wanted

        self.close()
        while isinstance(self.app.screen, CardPage):
            self.app.pop_screen()
        below = self.app.screen
        if isinstance(below, OfficePage):
            below.tell(Sentence("people.delete.done"), reference=gone.reference)

    def _hand_over(self, made: OneTimePassword | IssuedCode) -> None:
        from screens.administrator.handover import CodePage, HandoverPage  # noqa: PLC0415  each page when it is wanted

        if isinstance(made, IssuedCode):
            self.give_way(CodePage(made, self._whose))
            return
        self.give_way(
            HandoverPage(
                made.password,
                until=made.expires_at,
                reference=made.reference,
                name=self._whose,
                user=made.user.name,
                who=made.user.display_name,
            )
        )


class RefusePage(ReasonForm):
    """W on a request: why not, for whoever asked."""

    title_id = "approval.key.refuse"
    path = ("home.title", "approval.requests.title")
    REASONS = ("not_agreed", "unclear", "suspicion")

    def __init__(self, request_id: str, what: str) -> None:
        super().__init__()
        self._request_id = request_id
        self._what = what

    def explained(self) -> str:
        """What is refused, and who reads why."""
        return self.kiosk.text("approval.refuse.explained", what=self._what)

    def submit(self) -> None:
        """Enter."""
        if (why := self.why()) is not None:
            self.do(lambda office: refuse(office, self._request_id, why), self._refused_it)

    def _refused_it(self, step: Step) -> None:
        self.done(Sentence("approval.done.refused"), reference=step.reference)
