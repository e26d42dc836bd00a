"""What the administrator's pages share: they ask the office of whoever is signed in, one thing at a time.

Page
└── OfficePart         asks, and lets the administrator prove it is them when the domain wants that first
    └── OfficePage     dense, as all pages behind Home
        └── FormPage   questions with digits, fields and ticks; Enter does it
            └── PersonForm
"""

from collections.abc import Callable, Sequence
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar, TypeVar

from textual import on
from textual.widget import Widget

from kiosk.account.account import NotSignedIn
from kiosk.account.changing import SessionOver
from kiosk.account.views import AccountView
from kiosk.accounts import AccountError
from kiosk.administration.authority import PageAuthority, must_prove
from kiosk.administration.changing import Office
from kiosk.administration.errors import AdministrationError, ChangedMeanwhile, CodeTried, Forbidden, Rule
from kiosk.administration.four_eyes import Wanted
from kiosk.administration.free_text import Why
from kiosk.administration.people import CardSeen
from kiosk.administration.requests import Step, leave_waiting
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.words import moment, sentence_of
from screens.dense import DensePage, Order
from screens.page import Page, on_screen
from screens.session_idle import SessionIdle
from screens.widgets.choices import Choice, Choices
from screens.widgets.field import Field

if TYPE_CHECKING:
    from kiosk.desk import Desk

T = TypeVar("T")

# A reason in one's own words stands last in every list of reasons.
OTHER = "other"


class OfficePart(SessionIdle, Page[None]):
    """Asks one thing at a time; what is refused is told, and the form stands as it stood."""

    asking = False
    """A change is being made."""

    def read(self, question: Callable[[Office], T], then: Callable[[T], None]) -> None:
        """Look something up; it wants no fresh second factor."""
        self._ask(lambda desk: question(desk.office()), then, lambda: self.read(question, then))

    def do(self, act: Callable[[Office], T], then: Callable[[T], None]) -> None:
        """Change something; ignored while another change is made."""
        if self.asking:
            return
        self.asking = True
        self.message.note(Sentence("common.busy.line"))

        def done(answer: T) -> None:
            self.message.clear()
            then(answer)

        self._ask(lambda desk: _proved(desk, act), done, lambda: self.do(act, then), changes=True)

    def close(self) -> None:
        """Take this page away, with whatever was opened over it while the answer came."""
        self._close_what_is_above()
        self.app.pop_screen()

    def give_way(self, page: Page[None]) -> None:
        """Put `page` in the place of this one."""
        self._close_what_is_above()
        self.app.switch_screen(page)

    def _close_what_is_above(self) -> None:
        while self.app.screen is not self:
            self.app.pop_screen()

    # What a subclass gives

    def refuse(self, error: AdministrationError | AccountError, again: Callable[[], None]) -> None:
        """Say why; `again` would ask the same once more."""
        del again
        reference = error.reference if isinstance(error, Forbidden | CodeTried) else None
        self.message.failure(sentence_of(error), reference=reference)

    # Inside

    def _ask(
        self,
        question: "Callable[[Desk], T]",
        then: Callable[[T], None],
        again: Callable[[], None],
        *,
        changes: bool = False,
    ) -> None:
        async def ask() -> None:
            try:
                answer = await self.kiosk.ask(question)
            except (NotSignedIn, SessionOver):
                self._answered(lambda: self.refuse(Forbidden(Rule.NOT_ADMINISTRATOR), again), changes=changes)
            except (AdministrationError, AccountError) as error:
                refused = error
                self._answered(lambda: self._refused(refused, again), changes=changes)
            except Exception as error:  # noqa: BLE001  the page shows what it knew
                self.kiosk.log_unexpected(error)
                self._answered(lambda: self.message.failure(Sentence("people.error.busy")), changes=changes)
            else:
                self._answered(lambda: then(answer), changes=changes)

        self.app.run_worker(ask(), group="office")

    def _answered(self, show: Callable[[], None], *, changes: bool) -> None:
        if changes:
            self.asking = False
        if on_screen(self):
            show()

    def _refused(self, error: AdministrationError | AccountError, again: Callable[[], None]) -> None:
        if isinstance(error, Forbidden) and error.rule is Rule.REAUTHENTICATE:
            self._prove_first(again)
        elif isinstance(error, Forbidden) and error.wanted is not None:
            self.ask_second(error.wanted, again)
        else:
            self.refuse(error, again)

    def ask_second(self, wanted: Wanted, again: Callable[[], None]) -> None:
        """A second administrator beside this one, or later; the page stays below with everything that was typed."""
        from screens.administrator.second import SecondPage  # noqa: PLC0415  each page when it is wanted

        def wait() -> None:
            self.do(lambda office: leave_waiting(office, wanted), self._waits)

        self.message.clear()
        self.app.push_screen(SecondPage(wanted, self.about, again, wait))

    def _waits(self, step: Step) -> None:
        self.waits(Sentence("approval.waits", {"until_day": moment(self.kiosk, step.expires_at)}), step.reference)

    def waits(self, news: Sentence, reference: str) -> None:
        """It was not done, and waits for a second administrator."""
        self.message.success(Sentence("people.done", {"what": self.kiosk.say(news), "reference": reference}))

    @property
    def about(self) -> str:
        """Whom a change is about, for a second administrator; empty when it is nobody yet."""
        return ""

    def _prove_first(self, again: Callable[[], None]) -> None:
        """The own second factor; the page stays below it with everything that was typed."""

        def asked(view: AccountView) -> None:
            from screens.account.proof import ProofPage  # noqa: PLC0415  each page when it is wanted

            self.message.clear()
            self.app.push_screen(ProofPage(view.proofs, again))

        self._ask(lambda desk: desk.account().view(), asked, again)


class OfficePage(DensePage, OfficePart):
    """A dense page of the administrator."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path(__file__).parents[1] / "dense.tcss",
        Path(__file__).with_name("administrator.tcss"),
    ]

    ticket = ""
    """The number of the help desk that was typed on an earlier form for this person."""

    def on_mount(self) -> None:
        """The row of actions, also where nothing is read first."""
        self.call_later(self.show_actions)

    def done(self, news: Sentence, *, reference: str | None = None) -> None:
        """Back to the page below, which says what was done and its reference for the telephone."""
        below = self.go_back()
        if below is not None:
            below.tell(news, reference=reference)

    def go_back(self) -> "OfficePage | None":
        """To the page below, which keeps the number of the help desk for the next form."""
        self.close()
        below = self.app.screen
        if not isinstance(below, OfficePage):
            return None
        below.ticket = self.ticket or below.ticket
        return below

    def tell(self, news: Sentence, *, reference: str | None = None) -> None:
        """What was done."""
        if reference is not None:
            news = Sentence("people.done", {"what": self.kiosk.say(news), "reference": reference})
        self.message.success(news)

    def waits(self, news: Sentence, reference: str) -> None:
        """Back to the page below, which says so."""
        self.done(news, reference=reference)

    def more(self) -> None:
        """?."""
        self.kiosk.action_help()


class FormPage(OfficePage):
    """A form: a digit answers a question and goes on to the next part, Enter does it, Esc leaves and changes nothing."""

    ORDERS: ClassVar[Sequence[Order]] = (
        Order(key="enter", label="people.key.do", does="submit"),
        Order(key="escape", label="people.key.leave", does="action_back"),
    )

    REASONS: ClassVar[tuple[str, ...]] = ()
    """Why people do this, the likeliest first; the values are what the log keeps and the end of `people.reason.*`."""

    def reasons(self) -> Choices:
        """The question why."""
        entries = [Choice(value, f"people.reason.{value}") for value in (*self.REASONS, OTHER)]
        return Choices("people.reason.label", entries, id="reasons")

    def words_field(self) -> Field:
        """A reason in one's own words; shown when that was chosen."""
        field = Field("people.reason.words.label", id="words", maximum_length=200, classes="compact inline")
        field.display = False
        return field

    def ticket_field(self) -> Field:
        """The number under which the help desk knows it."""
        field = Field("people.ticket.label", id="ticket", maximum_length=40, classes="compact inline")
        field.value = self.ticket
        return field

    def why(self) -> Why | None:
        """The reason that was given; None after saying that there is none."""
        reasons, ticket = self.query_one("#reasons", Choices), self.query_one("#ticket", Field).value
        if reasons.value is None:
            self.lacks("people.reason.missing", reasons)
            return None
        if reasons.value != OTHER:
            return Why(reasons.value, ticket)
        field = self.query_one("#words", Field)
        if not field.value.strip():
            self.lacks("people.text.missing", field)
            return None
        return Why(field.value, ticket)

    def lacks(self, text_id: str, part: Widget) -> None:
        """Say what is missing, and go there."""
        self.message.failure(Sentence(text_id))
        part.focus()

    @on(Choices.Chosen, "#reasons")
    def _reason_chosen(self, event: Choices.Chosen) -> None:
        self.query_one("#words", Field).display = event.value == OTHER

    @on(Choices.Chosen)
    def _go_on(self, event: Choices.Chosen) -> None:
        if event.by_digit:
            # After what this answer shows or hides.
            self.call_later(self.focus_next)

    @on(Field.Submitted)
    def _submitted(self, event: Field.Submitted) -> None:
        event.stop()
        self.perform("enter")

    def submit(self) -> None:
        """Enter."""

    def action_back(self) -> None:
        """Esc; not while it is being done, because then it may be done already."""
        if not self.asking:
            self.app.pop_screen()


class PersonForm(FormPage):
    """A form about one person, whose card was read just before."""

    def __init__(self, seen: CardSeen, name: str) -> None:
        super().__init__()
        self.seen = seen
        self.name_shown = name

    @property
    def person_id(self) -> str:
        """Whom it is about."""
        return self.seen.card.user.id

    @property
    def who(self) -> str:
        """The person as one speaks of them."""
        return printable(self.seen.card.user.display_name)

    @property
    def about(self) -> str:
        """The person."""
        return self.who

    def path_names(self) -> list[str]:
        """Home, people, this person, this form."""
        text = self.kiosk.text
        return [text("home.title"), text("people.title"), self.name_shown, text(self.title_id)]

    def why(self) -> Why | None:
        """As given; the next form for this person has the number of the help desk already."""
        why = super().why()
        self.ticket = self.query_one("#ticket", Field).value.strip()
        return why

    def refuse(self, error: AdministrationError | AccountError, again: Callable[[], None]) -> None:
        """What a colleague did meanwhile is to be seen on the card first."""
        if isinstance(error, ChangedMeanwhile):
            below = self.go_back()
            if below is not None:
                below.message.failure(sentence_of(error))
        else:
            super().refuse(error, again)


def _proved(desk: "Desk", act: Callable[[Office], T]) -> T:
    office = desk.office()
    assert isinstance(office.authority, PageAuthority), "a desk knows no other"
    if must_prove(office.site, office.authority, office.site.clock.now()):
        raise Forbidden(Rule.REAUTHENTICATE)
    answer = act(office)
    desk.approval_spent()
    return answer
