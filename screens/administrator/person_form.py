"""A new person, and what can be changed of somebody: name, role, language."""

from collections.abc import Callable, Sequence
from typing import ClassVar, Final

from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kiosk.accounts import AccountError, Created, NameTaken, NameUnusable, NewPerson, NumberUnusable
from kiosk.administration.accounts import change_details, change_role
from kiosk.administration.changing import Office
from kiosk.administration.creating import ROLES, create, role_named
from kiosk.administration.errors import AdministrationError, NothingToDo
from kiosk.administration.free_text import Why
from kiosk.administration.passwords import Done
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asking import FormPage, PersonForm
from screens.administrator.words import surname_first
from screens.dense import Order
from screens.widgets.base import Line
from screens.widgets.choices import Choice, Choices, Tick
from screens.widgets.field import Field

LANGUAGES: Final = ("nl", "en")


def role_choices(chosen: str) -> Choices:
    """Which role."""
    return Choices("people.card.role", [Choice(one, f"home.role.{one}") for one in ROLES], id="role", chosen=chosen)


def language_choices(chosen: str) -> Choices:
    """Which language."""
    entries = [Choice(one, f"account.language.{one}") for one in LANGUAGES]
    return Choices("people.details.language", entries, id="language", chosen=chosen)


class NewPersonPage(FormPage):
    """N on the list: who it is; a one-time password to hand over comes of it."""

    title_id = "people.new.title"
    path = ("home.title", "people.title")
    AUTO_FOCUS = "#display-name Entry"
    REASONS = ("new_colleague", "temporary_help")
    ORDERS: ClassVar[Sequence[Order]] = (
        Order(key="enter", label="people.new.make", does="submit"),
        *(one for one in FormPage.ORDERS if one.key == "escape"),
    )

    def compose_body(self) -> ComposeResult:
        """Names and number, then the questions."""
        yield Field("people.new.display_name", id="display-name", maximum_length=64, classes="compact inline gap")
        yield Field("people.new.user_name", id="user-name", maximum_length=64, classes="compact inline")
        yield Field("people.new.phone", id="phone", maximum_length=24, classes="compact inline")
        with Horizontal(id="two-questions", classes="gap"):
            yield role_choices(ROLES[0])
            with Vertical(id="second-column"):
                yield language_choices(self.kiosk.facts.language)
        yield Tick("people.new.app", id="app", on=True)
        yield self.reasons()
        yield self.words_field()
        yield self.ticket_field()

    def submit(self) -> None:
        """Enter."""
        for name in ("display-name", "user-name"):
            field = self.query_one(f"#{name}", Field)
            if not field.value.strip():
                self.lacks("people.new.missing", field)
                return
        if (why := self.why()) is not None:
            self._create(why)

    def _create(self, why: Why) -> None:
        number = self.query_one("#phone", Field).value.strip()
        person = NewPerson(
            name=self.query_one("#user-name", Field).value.strip(),
            display_name=self.query_one("#display-name", Field).value.strip(),
            role=role_named(self.query_one("#role", Choices).value or ROLES[0]),
            language=self.query_one("#language", Choices).value or self.kiosk.facts.language,
            phone=number or None,
            app=self.query_one("#app", Tick).on,
        )
        self.do(lambda office: create(office, person, why), self._created)

    def _created(self, created: Created) -> None:
        from screens.administrator.handover import HandoverPage  # noqa: PLC0415  each page when it is wanted

        self.give_way(
            HandoverPage(
                created.one_time_password,
                until=created.user.password_expires_at,
                reference=created.reference,
                name=printable(surname_first(created.user.display_name)),
                user=created.user.name,
                who=created.user.display_name,
            )
        )

    def refuse(self, error: AdministrationError | AccountError, again: Callable[[], None]) -> None:
        """The cursor goes to what is wrong."""
        super().refuse(error, again)
        if isinstance(error, NameTaken | NameUnusable):
            self.query_one("#user-name", Field).focus()
        elif isinstance(error, NumberUnusable):
            self.query_one("#phone", Field).focus()


class DetailsPage(PersonForm):
    """G: the name that is shown, language, role."""

    title_id = "people.details.title"
    AUTO_FOCUS = "#display-name Entry"
    REASONS = ("other_work", "name_changed", "mistake")

    _done: tuple[str, str, Done] | None = None
    """Name and language that were changed from here already, when the role is asked once more."""

    def compose_body(self) -> ComposeResult:
        """What there is, and why it changes."""
        user = self.seen.card.user
        field = Field("people.new.display_name", id="display-name", maximum_length=64, classes="compact inline gap")
        field.value = user.display_name
        yield field
        with Horizontal(id="two-questions", classes="gap"):
            roles = role_choices(user.role.value)
            roles.display = not self.seen.own
            yield roles
            with Vertical(id="second-column"):
                yield language_choices(user.language)
        yield Line("people.details.role_hint", classes="quiet")
        yield self.reasons()
        yield self.words_field()
        yield self.ticket_field()

    def submit(self) -> None:
        """Enter."""
        why = self.why()
        if why is None:
            return
        user, version, person_id = self.seen.card.user, self.seen.card.version, self.person_id
        name = self.query_one("#display-name", Field).value.strip()
        language = self.query_one("#language", Choices).value or user.language
        role = role_named(self.query_one("#role", Choices).value or user.role.value)

        def change(office: Office) -> Done:
            seen = version if self._done is None else None
            if (name, language) != ((user.display_name, user.language) if self._done is None else self._done[:2]):
                # First: a role may have to wait for a second administrator, and these do not.
                done = change_details(office, person_id, why, display_name=name, language=language, seen=seen)
                self._done, seen = (name, language, done), None
            if role is not user.role:
                return change_role(office, person_id, role, why, seen=seen)
            if self._done is None:
                raise NothingToDo
            return self._done[2]

        self.do(change, self._changed)

    def _changed(self, done: Done) -> None:
        self.done(Sentence("people.details.done"), reference=done.reference)
