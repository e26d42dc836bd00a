"""One thing of Mijn account in lines: says what there is to know, asks until it is done, and leaves nothing under way."""

import logging
from collections.abc import Iterator
from typing import TYPE_CHECKING

from kiosk.account.views import AccountView
from kiosk.domain_thread import DomainEnded
from kiosk.sign_in.outcomes import AskFirst, Moved, Refused, Sentence, Stage
from screens.account.asked import Request, asked, seen
from screens.plain.console import TerminalGone
from screens.plain.page import OverPage
from screens.plain.talk import Back, Choice, Elsewhere, SaidAgain

if TYPE_CHECKING:
    from screens.plain.home import HomePage

log = logging.getLogger("kiosk.screens")


class Done(Exception):
    """There is nothing more to ask."""


class Card(OverPage):
    """Over Home: its idleness, its help, its end of the session."""

    title_id = ""

    def __init__(self, home: "HomePage") -> None:
        super().__init__(home)
        self.home = home

    # What a subclass gives

    def introduce(self) -> None:
        """What there is to know before the first question."""
        self.talk.line(self.text(self.title_id))

    def turn(self) -> None:
        """Ask once; raises Done when that was all, Back when the person leaves."""
        raise NotImplementedError

    def leave(self) -> None:
        """The person goes without having done it."""

    def keys(self) -> Iterator[str]:
        """Letters that do something here."""
        yield f"Esc: {self.text('account.back.button')}"

    # What it is for

    def run(self) -> bool:
        """Whether it was done."""
        fresh = True
        while True:
            try:
                if fresh:
                    self.introduce()
                fresh = False
                self.turn()
            except SaidAgain:
                fresh = True
            except Done:
                return True
            except Back:
                self.leave()
                return False

    def do(self, request: Request, *, confirmed: Request | None = None) -> tuple[Moved, AccountView] | None:
        """Ask for a change; None when it was refused, which has been said then. Raises Elsewhere when the session is over."""
        language = self.here.language
        try:
            outcome, view = self.here.attempt.ask(
                lambda desk, _sign_in: asked(desk, lambda desk: desk.account(), request), language
            )
        except (TerminalGone, DomainEnded):
            raise
        except Exception as error:  # noqa: BLE001  the person is told, and Home stands as it stood
            log.error("unexpected: %r", error)  # noqa: TRY400  a traceback holds what was typed
            outcome, view = Refused(Sentence("error.unexpected"), Stage.SIGNED_IN), None
        if isinstance(outcome, AskFirst):
            self.talk.say(outcome.question)
            return self.do(confirmed) if confirmed is not None and self.yes() else None
        if outcome.stage is Stage.ENDED:
            raise Elsewhere
        if isinstance(outcome, Refused) or view is None:
            if isinstance(outcome, Refused):
                self.talk.refused(outcome)
            return None
        return outcome, view

    def done(self, request: Request) -> bool:
        """Ask for a change and say what was done; whether it was."""
        answer = self.do(request)
        if answer is not None and answer[0].notice is not None:
            self.talk.say(answer[0].notice)
        return answer is not None

    def look(self) -> AccountView | None:
        """What stands there now, None when it cannot be read at the moment; raises Elsewhere when the session is over."""
        try:
            view = self.here.attempt.ask(
                lambda desk, _sign_in: seen(desk, lambda desk: desk.account()), self.here.language
            )
        except (TerminalGone, DomainEnded):
            raise
        except Exception as error:  # noqa: BLE001  a database that is busy comes back
            log.error("unexpected: %r", error)  # noqa: TRY400  a traceback holds what was typed
            return None
        if view is None:
            raise Elsewhere
        return view

    def yes(self) -> bool:
        """Yes or no; a step back is no."""
        choices = [
            Choice(True, self.text("common.yes.button"), "j"),
            Choice(False, self.text("common.no.button"), "n"),
        ]
        self.talk.offer(choices)
        try:
            return self.talk.choose(self.text("plain.choose.label"), choices, self)
        except Back:
            return False
