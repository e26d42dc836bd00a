"""What every page of a sign-in shares: it asks the domain, shows what follows and keeps up with what the domain learns.

Page
└── SignInPage     asks the domain one thing at a time
    └── StagePage  shows a view of a running sign-in and follows it
"""

import math
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Protocol, runtime_checkable

from kiosk.sign_in.outcomes import AskFirst, Moved, Outcome, Refused, Sentence, Stage
from screens.page import Page, on_screen
from screens.sign_in.attempt import Attempt, ViewChanged
from screens.sign_in.contact import say_failure, say_refused
from screens.sign_in.question import Question
from screens.widgets.action import Action

if TYPE_CHECKING:
    # They come with the domain: twenty classes that the first page does not need.
    from kiosk.sign_in.machine import SignIn
    from kiosk.sign_in.views import SignInView

Request = Callable[["SignIn"], Outcome]

MS_PER_SECOND = 1000


@runtime_checkable
class Answered(Protocol):
    """A page or a dialog that says why something was not done."""

    def refuse(self, refused: Refused) -> None:
        """Not done, and this is still the page."""


class SignInPage(Page[None]):
    """A page that asks the domain: one request at a time, while keys, clock and Esc go on."""

    # Absolute, because Textual looks beside the module of a subclass.
    CSS_PATH = Path(__file__).with_name("sign_in.tcss")

    stage: ClassVar[Stage]
    attempt: Attempt

    def __init__(self) -> None:
        super().__init__()
        self._busy: list[tuple[Action, Sentence]] = []

    def do(self, request: Request, *, confirmed: Request | None = None) -> None:
        """Ask the domain and show what follows; ignored while it is at work.

        `confirmed` is asked instead when the domain wants to know first and the person says yes.
        """
        stage = self.stage

        def ask(sign_in: "SignIn") -> "tuple[Outcome, SignInView | None, SignInView | None]":
            outcome = request(sign_in)
            stays = isinstance(outcome, AskFirst) or (isinstance(outcome, Refused) and outcome.stage is stage)
            # Nothing moved: a database that just failed is not asked again.
            return outcome, None if stays else sign_in.view(), self.attempt.view

        async def answered(answer: "tuple[Outcome, SignInView | None, SignInView | None]") -> None:
            self._show_ready()
            outcome, view, told = answer
            if isinstance(outcome, AskFirst):
                self._ask(outcome, confirmed)
            elif view is not None:
                newest = self.attempt.view
                # What was told since is newer than the answer, and is not told again.
                passed = newest is not None and newest is not told and newest.stage is view.stage
                await self.follow(outcome, newest if newest is not None and passed else view)
            elif isinstance(outcome, Refused):
                # The dialog that asked says why it was not done.
                next(screen for screen in reversed(self.app.screen_stack) if isinstance(screen, Answered)).refuse(
                    outcome
                )

        if self.attempt.do(ask, answered):
            self._show_busy()

    def _ask(self, outcome: AskFirst, confirmed: Request | None) -> None:
        def said(yes: bool | None) -> None:
            if yes and confirmed is not None:
                self.do(confirmed)

        self.app.push_screen(Question(outcome.question), said)

    async def follow(self, news: Moved | Refused, view: "SignInView") -> None:
        """Show the page of the stage where the sign-in stands now."""
        from screens.sign_in.flow import follow  # noqa: PLC0415  it knows every page

        await follow(self.kiosk, self.attempt, news, view)

    def _show_busy(self) -> None:
        """The next step says that it is being taken; no row moves for it."""
        for action in self.app.screen.query(Action):
            if action.kind == "primary" and action.display and not action.disabled:
                self._busy.append((action, action.label))
                action.relabel("common.busy.line")

    def _show_ready(self) -> None:
        while self._busy:
            action, label = self._busy.pop()
            if action.is_attached:
                action.relabel(label)

    def refuse(self, refused: Refused) -> None:
        """Not done, and this is still the page: say why, let the person try again."""
        say_refused(self.message, refused)
        self.make_room()

    def tell(self, news: Moved) -> None:
        """What brought the person here, or what was done and left them here."""
        if news.notice is None:
            self.message.clear()
        elif news.warning:
            say_failure(self.message, news.notice)
        else:
            self.message.success(news.notice)
        self.make_room()

    @property
    def much_to_read(self) -> bool:
        """Whether what is to be read needs rows of the rest."""
        return self.message.sentence is not None

    def make_room(self) -> None:
        """Give or take the rows between and of the actions."""
        self.set_class(self.much_to_read, "-told")

    def tick(self) -> None:
        """A message whose countdown ended is gone."""
        if on_screen(self):
            super().tick()
            self.make_room()

    def leave(self) -> None:
        """Back to the login page: the sign-in ends, the language stays."""
        self.app.run_worker(self.kiosk.show_login(reason="person", same_person=True))


class StagePage(SignInPage):
    """The page of one stage; `view` is the newest that the domain told, `news` what brought the person here."""

    def __init__(self, attempt: Attempt, view: "SignInView", news: Moved | Refused) -> None:
        super().__init__()
        self.attempt = attempt
        self.view = view
        self.step = view.step
        self._news = news

    def show_view(self) -> None:
        """Show what `view` says now."""

    def on_mount(self) -> None:
        """Say what brought the person here, and follow the sign-in."""
        self.show_view()
        if isinstance(self._news, Refused):
            self.refuse(self._news)
        else:
            self.tell(self._news)
        self.attempt.join(self, self.view)

    def on_unmount(self) -> None:
        """Nobody looks any more."""
        self.attempt.leave(self)

    async def on_view_changed(self, event: ViewChanged) -> None:
        """Show it, or follow the sign-in to where it went by itself."""
        event.stop()
        if not on_screen(self):
            return
        if event.view.stage is self.stage:
            self.take(event.view)
        elif not self.attempt.busy:
            await self.moved_away(event.view)

    def take(self, view: "SignInView") -> None:
        """Show another view of the same stage."""
        self.view = view
        self.show_view()

    async def moved_away(self, view: "SignInView") -> None:
        """The sign-in went on without this page having asked, such as at the end of its time."""
        await self.follow(Moved(view.stage, view.ended), view)

    @property
    def now_ms(self) -> int:
        """Kiosk time in milliseconds, in which the domain tells waits and the life of codes."""
        return self.kiosk.clock.now_ms()

    @property
    def code_left_seconds(self) -> float:
        """How long the code of the SMS is good, 0 without one."""
        sms = self.view.sms
        return max(0.0, (sms.valid_until - self.now_ms) / MS_PER_SECOND) if sms is not None else 0.0

    @property
    def idle_seconds(self) -> int | None:
        """A living code is the clock, from then on the wait of every page after the password."""
        at_least = self.kiosk.facts.sign_in_idle_seconds
        if self.code_left_seconds == 0:
            return at_least
        return max(at_least, math.ceil(self.kiosk.idleness.since_seconds + self.code_left_seconds))
