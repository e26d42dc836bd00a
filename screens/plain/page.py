"""PlainPage: what each stage of a sign-in says and asks, as its page does with a card."""

import math
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, ClassVar, Protocol, TypeVar

from kiosk.desk_status import DeskFacts, DeskStatus
from kiosk.sign_in.outcomes import NO_VALUES, AskFirst, Moved, Outcome, Refused, Stage, Value
from kiosk.sign_in.views import SignInView
from screens.desk_words import desk_state
from screens.plain.attempt import PlainAttempt
from screens.plain.talk import Back, Choice, Elsewhere, Talk

if TYPE_CHECKING:
    from kiosk.desk import Desk
    from kiosk.sign_in.machine import SignIn
    from screens.plain.application import Applications

T = TypeVar("T")
MS_PER_SECOND = 1000


class Here(Protocol):
    """The terminal, as far as a page must know it."""

    talk: Talk
    attempt: PlainAttempt
    facts: DeskFacts
    status: DeskStatus | None
    applications: "Applications | None"
    """Where they are started; None where there are none."""

    @property
    def now_ms(self) -> int:
        """Kiosk time."""

    @property
    def settled(self) -> bool:
        """The modems have had the time to say how they are."""

    @property
    def language(self) -> str:
        """Code of the language that is spoken."""

    def other_language(self) -> None:
        """Speak the other one from now on."""

    def heed(self) -> None:
        """Raises DomainEnded when nobody answers any more."""


class PlainPage:
    """One stage. `introduce` says what stands on its page, `turn` asks once and answers what came of it."""

    stage: ClassVar[Stage]
    title_id: str = ""
    idle_text_id: str = "plain.idle.sign_in"
    idle_silent: bool = False

    def __init__(self, here: Here) -> None:
        self.here = here
        self.talk = here.talk

    # What a subclass gives

    def introduce(self) -> None:
        """What there is to know before the first question."""

    def turn(self) -> Outcome | None:
        """Ask once; None when there is nothing to tell and the same page goes on."""
        raise NotImplementedError

    def changed(self, before: SignInView, now: SignInView) -> Iterator[str]:  # noqa: ARG002  for subclasses
        """What is new since it was last told; raises Elsewhere when the question does not fit any more."""
        yield from ()

    def keys(self) -> Iterator[str]:
        """Letters that do something here."""
        yield from ()

    def back(self) -> Outcome | None:
        """One step back; raises Back for the login page."""
        raise Back

    # The face that a question looks at

    @property
    def idle_seconds(self) -> int | None:
        """A living code is the clock, from then on the wait of every page after the password."""
        at_least = self.here.facts.sign_in_idle_seconds
        if self.code_left_seconds == 0:
            return at_least
        return max(at_least, math.ceil(self.talk.patience.since_seconds + self.code_left_seconds))

    _told: SignInView | None = None

    def news(self) -> Iterable[str]:
        """What the domain learned since the last look."""
        self.here.heed()
        now = self.here.attempt.view
        if now is None:
            return
        if now.stage is not self.stage:
            raise Elsewhere
        before, self._told = self._told or now, now
        yield from self.changed(before, now)

    def help(self) -> Iterable[str]:
        """Whom to call, what to tell them, what this desk can do, and every key."""
        words, desk = self.talk.words, self.here.facts.help_desk
        if desk.phone:
            yield words.text("help.call")
            if desk.hours:
                yield words.text("help.hours.line")
        else:
            yield words.text("contact.line.none")
        yield words.text("help.site.line")
        yield words.text("help.kiosk.line")
        yield from desk_state(words, self.here.status)
        yield words.text("help.say")
        yield words.text("plain.keys", {"language": words.text("language.button")})
        yield from self.keys()

    def other_language(self) -> None:
        """Speak the other language."""
        self.here.other_language()

    # For subclasses

    @property
    def view(self) -> SignInView:
        """The newest view of the sign-in, which has begun."""
        view = self.here.attempt.view
        assert view is not None, "only the login page comes before the first question"
        return view

    @property
    def code_left_seconds(self) -> float:
        """How long the code of the SMS is good, 0 without one."""
        view = self.here.attempt.view
        sms = None if view is None else view.sms
        return max(0.0, (sms.valid_until - self.here.now_ms) / MS_PER_SECOND) if sms is not None else 0.0

    def text(self, text_id: str, values: Mapping[str, Value] = NO_VALUES) -> str:
        """Words of an id."""
        return self.talk.words.text(text_id, values)

    def title(self) -> None:
        """Name of the page, and which step it is."""
        number, total = self.view.step
        step = self.text("common.step.line", {"step": number, "total": total})
        self.talk.line(f"{self.text(self.title_id)}, {step}")

    def do(
        self, request: "Callable[[SignIn], Outcome]", *, confirmed: "Callable[[SignIn], Outcome] | None" = None
    ) -> Outcome | None:
        """Ask the domain; `confirmed` instead when it wants to know first and the person says yes."""
        attempt, stage = self.here.attempt, self.stage

        def asked(_desk: "Desk", sign_in: "SignIn") -> tuple[Outcome | None, SignInView | None]:
            if sign_in.stage is not stage:
                # It went on by itself while somebody typed.
                return None, None
            outcome = request(sign_in)
            stays = isinstance(outcome, AskFirst) or (isinstance(outcome, Refused) and outcome.stage is stage)
            # Nothing moved: a database that just failed is not asked again.
            return outcome, None if stays else sign_in.view()

        outcome, view = attempt.ask(asked, self.here.language)
        if outcome is None:
            raise Elsewhere
        attempt.view = view or attempt.view
        if isinstance(outcome, AskFirst):
            self.talk.say(outcome.question)
            return self.do(confirmed) if confirmed is not None and self.yes() else None
        return outcome

    def look(self, question: "Callable[[SignIn], T]") -> T:
        """Ask the domain for something to say; nothing moves."""
        stage = self.stage

        def asked(_desk: "Desk", sign_in: "SignIn") -> T:
            if sign_in.stage is not stage:
                raise Elsewhere
            return question(sign_in)

        return self.here.attempt.ask(asked, self.here.language)

    def yes(self) -> bool:
        """Yes or no."""
        choices = [
            Choice(True, self.text("common.yes.button"), "j"),
            Choice(False, self.text("common.no.button"), "n"),
        ]
        self.talk.offer(choices)
        try:
            return self.talk.choose(self.text("plain.choose.label"), choices, self)
        except Back:
            return False

    def named(self, letter: str, text_id: str) -> str:
        """A letter and what it does."""
        return f"{letter}: {self.text(text_id)}"


class OverPage:
    """A dialog over a page: its keys are its own, its news those of the page below."""

    def __init__(self, page: PlainPage) -> None:
        self._page = page
        self.here = page.here
        self.talk = page.talk
        self.idle_text_id, self.idle_silent = page.idle_text_id, page.idle_silent

    def text(self, text_id: str, values: Mapping[str, Value] = NO_VALUES) -> str:
        """Words of an id."""
        return self.talk.words.text(text_id, values)

    @property
    def idle_seconds(self) -> int | None:
        """That of the page."""
        return self._page.idle_seconds

    def news(self) -> Iterable[str]:
        """That of the page."""
        yield from self._page.news()

    def help(self) -> Iterable[str]:
        """That of the page."""
        yield from self._page.help()

    def other_language(self) -> None:
        """As the page does."""
        self._page.other_language()


def as_moved(view: SignInView) -> Moved:
    """The sign-in went on without having been asked."""
    return Moved(view.stage, view.ended)
