"""Methods of somebody else: a new one, here at this desk or by the person at the next sign-in; and what is there already."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kiosk.administration.changing import Office
from kiosk.administration.free_text import Why
from kiosk.administration.methods import OldNumber, add_phone, change_phone, offer_app, revoke_method
from kiosk.administration.passwords import Done
from kiosk.administration.people import CardSeen
from kiosk.administration.proving import AppProof
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asking import FormPage, OfficePage, PersonForm
from screens.administrator.deeds import DeedPage
from screens.administrator.words import method_words, moment
from screens.dense import Order
from screens.widgets.base import Line, Plain
from screens.widgets.choices import Choice, Choices
from screens.widgets.number_box import NumberBox

if TYPE_CHECKING:
    from kiosk.administration.card import MethodLine

HERE: Final = "here"
LATER: Final = "later"


class NewMethodPage(PersonForm):
    """Page 4: which method, who enters it, why; the second step is for the person and not for the administrator."""

    title_id = "people.method.new.title"
    AUTO_FOCUS = "#kind"
    REASONS = ("new_device", "lost", "first_time")

    def compose_body(self) -> ComposeResult:
        """The questions."""
        with Horizontal(id="two-questions", classes="gap"):
            kinds = [Choice(kind, f"people.method.{kind}") for kind in ADDING]
            yield Choices("people.method.which", kinds, id="kind")
            with Vertical(id="second-column"):
                who = [Choice(HERE, "people.method.here"), Choice(LATER, "people.method.later")]
                yield Choices("people.method.who", who, id="who")
        yield self.reasons()
        yield self.words_field()
        yield self.ticket_field()
        yield Line("people.method.proof", classes="quiet")

    def submit(self) -> None:
        """Enter."""
        kind, who = self.query_one("#kind", Choices), self.query_one("#who", Choices)
        if kind.value is None:
            self.lacks("people.method.no_kind", kind)
        elif who.value is None:
            self.lacks("people.method.no_who", who)
        elif (why := self.why()) is not None:
            entry = ADDING[kind.value]
            (entry.here if who.value == HERE else entry.later)(self, why)

    def app_here(self, why: Why) -> None:
        """The key of the app, for the person."""

        def begun(made: tuple[AppProof, str]) -> None:
            from screens.administrator.proving import AppHerePage  # noqa: PLC0415  each page when it is wanted

            proof, uri = made
            self.give_way(AppHerePage(proof, uri, why, self.who))

        def begin(office: Office) -> tuple[AppProof, str]:
            proof = AppProof(office, self.person_id)
            return proof, proof.uri()

        self.do(begin, begun)

    def app_later(self, why: Why) -> None:
        """Offered; the person adds it."""

        def offered(done: Done) -> None:
            self.done(Sentence("people.method.offered"), reference=done.reference)

        self.do(lambda office: offer_app(office, self.person_id, why, seen=self.seen.card.version), offered)

    def key_here(self, why: Why) -> None:
        """A security key, with the person here."""
        from screens.administrator.key_here import KeyHerePage  # noqa: PLC0415  each page when it is wanted

        self.app.switch_screen(KeyHerePage(self.person_id, why, self.name_shown))

    def key_later(self, _why: Why) -> None:
        """A key is in nobody's hands but the person's: they add it under Mijn account."""
        self.lacks("people.method.key_later", self.query_one("#who", Choices))

    def phone_here(self, why: Why) -> None:
        """The number, and a code to it."""
        self._phone(why, here=True)

    def phone_later(self, why: Why) -> None:
        """The number; the person confirms it."""
        self._phone(why, here=False)

    def _phone(self, why: Why, *, here: bool) -> None:
        page = NumberPage(self.seen, self.name_shown, why, replaces=None, here=here)
        page.ticket = self.ticket
        self.give_way(page)


@dataclass(frozen=True, slots=True)
class Adding:
    """How one kind of method is added."""

    here: Callable[[NewMethodPage, Why], None]
    later: Callable[[NewMethodPage, Why], None]


# One entry per kind; its words are `people.method.KIND`.
ADDING: Final[dict[str, Adding]] = {
    "totp": Adding(NewMethodPage.app_here, NewMethodPage.app_later),
    "sms": Adding(NewMethodPage.phone_here, NewMethodPage.phone_later),
    "yubikey": Adding(NewMethodPage.key_here, NewMethodPage.key_later),
}


class NumberPage(PersonForm):
    """A phone number, new or in place of another one; with the person here a code goes there at once."""

    title_id = "people.phone.title"
    AUTO_FOCUS = "#number"
    ORDERS: ClassVar[Sequence[Order]] = (
        Order(key="enter", label="people.phone.send", does="submit", when="here"),
        Order(key="enter", label="people.key.do", does="submit", when="later"),
        *(one for one in FormPage.ORDERS if one.key == "escape"),
    )

    def __init__(self, seen: CardSeen, name: str, why: Why, *, replaces: "MethodLine | None", here: bool) -> None:
        super().__init__(seen, name)
        self._why = why
        self._replaces = replaces
        self.here = here

    @property
    def later(self) -> bool:
        """The person confirms it at the next sign-in."""
        return not self.here

    def compose_body(self) -> ComposeResult:
        """What becomes of the old one, the number."""
        yield Plain(id="explained", classes="gap")
        with Horizontal(id="number-row", classes="gap"):
            yield Line("account.phone.number.label", id="number-label")
            yield NumberBox(id="number")
        yield Line("account.phone.risk", classes="quiet gap")

    def on_mount(self) -> None:
        """Say it."""
        self.refresh_words()

    def refresh_words(self) -> None:
        """Whose number goes."""
        say, who = self.kiosk.say, self.who
        told = Sentence("people.phone.new", {"who": who})
        if self._replaces is not None:
            told = Sentence("people.phone.replaces", {"who": who, "tail": self._replaces.number_tail or "-"})
        self.query_one("#explained", Plain).show(say(told))

    @on(NumberBox.Submitted)
    def _number_submitted(self, event: NumberBox.Submitted) -> None:
        event.stop()
        self.submit()

    def submit(self) -> None:
        """Enter."""
        box = self.query_one("#number", NumberBox)
        number = box.value.strip()
        if not number:
            self.lacks("account.phone.missing", box)
            return
        why, replaces, person_id, version = self._why, self._replaces, self.person_id, self.seen.card.version

        def change(office: Office) -> Done:
            if replaces is None:
                return add_phone(office, person_id, number, why, seen=version)
            old = OldNumber.KEPT_UNTIL_CONFIRMED
            return change_phone(office, person_id, why, method_id=replaces.id, number=number, old=old, seen=version)

        self.do(change, self._changed)

    def _changed(self, done: Done) -> None:
        if not self.here:
            self.done(Sentence("people.phone.offered"), reference=done.reference)
            return
        from screens.administrator.proving import PhoneHerePage  # noqa: PLC0415  each page when it is wanted

        self.give_way(PhoneHerePage(self.person_id, self._why, self.who))


class MethodPage(OfficePage):
    """Enter on a method of the card: what is known of it, and what can be done with it."""

    title_id = "people.column.method"
    AUTO_FOCUS = ""
    ORDERS: ClassVar[Sequence[Order]] = (
        Order(key="w", label="people.method.change", does="change", when="is_phone"),
        Order(key="c", label="people.method.confirm", does="confirm", when="may_confirm"),
        Order(key="v", label="people.method.revoke.title", does="revoke"),
        Order(key="escape", label="people.key.back", does="action_back"),
    )

    def __init__(self, seen: CardSeen, name: str, method: "MethodLine") -> None:
        super().__init__()
        self.seen = seen
        self.name_shown = name
        self.method = method

    def path_names(self) -> list[str]:
        """Home, people, this person, this method."""
        text, one = self.kiosk.text, self.method
        words = method_words(self.kiosk, one.kind.value, one.number_tail)
        return [text("home.title"), text("people.title"), self.name_shown, words]

    def compose_body(self) -> ComposeResult:
        """What is known of it."""
        yield Plain(id="facts", classes="gap")

    def on_mount(self) -> None:
        """Say it."""
        self.refresh_words()

    def refresh_words(self) -> None:
        """What is known of it."""
        self.retitle()
        app, one = self.kiosk, self.method
        lines = [
            ("people.column.state", app.text(f"people.state.{one.state.value}")),
            ("people.method.added", moment(app, one.added_at)),
            ("people.method.confirmed", moment(app, one.confirmed_at)),
            ("people.column.used", moment(app, one.last_used_at)),
        ]
        if one.drift:
            lines.append(("people.method.drift", app.text("people.method.drift_seconds", count=one.drift * 30)))
        self.query_one("#facts", Plain).show("\n".join(f"{app.text(label):<16} {value}" for label, value in lines))

    @property
    def is_phone(self) -> bool:
        """Whether it has a number to change; a switched off account has to be switched on first."""
        return self.method.kind.value == "sms" and not self.seen.card.switched_off

    @property
    def may_confirm(self) -> bool:
        """Whether the person can prove the number now."""
        return self.is_phone and self.method.state.value == "offered"

    def change(self) -> None:
        """W: another number, with the person here."""
        why = Why("new_number", self.ticket)
        self.give_way(NumberPage(self.seen, self.name_shown, why, replaces=self.method, here=True))

    def confirm(self) -> None:
        """C: a code to the number that was offered."""
        from screens.administrator.proving import PhoneHerePage  # noqa: PLC0415  each page when it is wanted

        user = self.seen.card.user
        self.give_way(PhoneHerePage(user.id, Why("confirmed_here", self.ticket), printable(user.display_name)))

    def revoke(self) -> None:
        """V."""
        page = RevokePage(self.seen, self.name_shown, self.method)
        page.ticket = self.ticket
        self.give_way(page)


class RevokePage(DeedPage):
    """V: the method ends for ever, and the sessions that it began."""

    title_id = "people.method.revoke.title"
    EXPLAINED = "people.method.revoke.explained"
    DONE = "people.method.revoke.done"
    REASONS = ("lost", "replaced", "suspicion")

    def __init__(self, seen: CardSeen, name: str, method: "MethodLine") -> None:
        super().__init__(seen, name)
        self._method = method

    def refresh_words(self) -> None:
        """Which one."""
        words = method_words(self.kiosk, self._method.kind.value, self._method.number_tail)
        told = Sentence(self.EXPLAINED, {"who": self.who, "method": words})
        self.query_one("#explained", Plain).show(self.kiosk.say(told))

    def act(self, office: Office, why: Why) -> Done:
        """End it."""
        return revoke_method(office, self.person_id, self._method.id, why, seen=self.seen.card.version)
