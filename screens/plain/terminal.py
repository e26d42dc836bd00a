"""PlainTerminal: one person after another at a terminal of lines, over the same state machine as the pages."""

import logging
import os
import signal
import sys
from collections.abc import Callable, Mapping
from concurrent.futures import Future
from typing import TYPE_CHECKING, Final, Never

from kiosk.demo import Demo
from kiosk.desk_status import DeskFacts, DeskStatus
from kiosk.domain_thread import DomainEnded, DomainThread
from kiosk.gate.passing import GateAnswer
from kiosk.language import Language
from kiosk.out_of_service import text_id_of
from kiosk.sign_in.outcomes import Moved, Outcome, Refused, Sentence, Stage
from screens.clock import Clock
from screens.ending import ENDING, HARMLESS
from screens.linux_console import lights
from screens.plain.attempt import BUSY_SECONDS, PlainAttempt
from screens.plain.console import Bell, Console, TerminalGone
from screens.plain.demonstration import Demonstration
from screens.plain.factor_pages import (
    EightDigitPage,
    EnrolAppPage,
    SmsCodePage,
    TemporaryCodePage,
    TotpPage,
    YubikeyPage,
)
from screens.plain.first_pages import ChoosePage, ConfirmPhonePage, LoginPage, OwnPasswordPage
from screens.plain.home import HomePage
from screens.plain.out_of_service import OutOfServicePage
from screens.plain.page import Here, PlainPage, as_moved
from screens.plain.patience import NobodyThere, Patience
from screens.plain.sign_out import SignOut
from screens.plain.success_page import SuccessPage
from screens.plain.talk import Back, Elsewhere, SaidAgain, Talk
from screens.words import Words

if TYPE_CHECKING:
    from kiosk.applications.launching import Launching
    from kiosk.desk import Desk
    from screens.plain.application import Applications

log = logging.getLogger("kiosk.screens")

# A database that is busy or full is a status too, and comes no later.
START_SECONDS: Final = 20.0

SETTLING_SECONDS: Final = 5.0

# A terminal that says nothing of itself.
DUMB: Final = "dumb"

# A domain that was lost says why as soon as it has let go of everything.
WHY_SECONDS: Final = 5.0

# ENDED is the login page of whoever comes next.
PAGES: Final[Mapping[Stage, Callable[[Here], PlainPage]]] = {
    page.stage: page
    for page in (
        LoginPage,
        OwnPasswordPage,
        ConfirmPhonePage,
        ChoosePage,
        SmsCodePage,
        EightDigitPage,
        TemporaryCodePage,
        TotpPage,
        EnrolAppPage,
        YubikeyPage,
        SuccessPage,
        HomePage,
    )
}


class PlainTerminal:
    """Runs until its terminal is gone or somebody tells it to end; the domain stands already, and `begin` brings another when it was lost."""

    def __init__(
        self,
        thread: "DomainThread[Desk]",
        *,
        begin: Callable[[], Future[None]],
        facts: DeskFacts,
        languages: Mapping[str, Language],
        clock: Clock,
        console: Console,
        bell: Bell,
        lights: Callable[[], int | None] = lambda: None,
        gate: GateAnswer | None = None,
    ) -> None:
        self.facts = facts
        self.status: DeskStatus | None = None
        self.applications: Applications | None = None
        self._thread = thread
        self._gate = gate
        self._begin = begin
        self._clock = clock
        self._begun = clock.monotonic()
        self._console = console
        console.ends_by_key = gate is not None
        self._bell = bell
        self._words = {code: Words(language, facts) for code, language in languages.items()}
        self._language = facts.language
        self._language_chosen = False
        self.talk = Talk(console, self._words[self._language], Patience(facts, clock), clock, lights)
        self.attempt = self._new_attempt()
        self._notice: Refused | Sentence | None = None

    # What pages ask for

    @property
    def now_ms(self) -> int:
        """Kiosk time, in which the domain tells waits and the life of codes."""
        return self._clock.now_ms()

    @property
    def settled(self) -> bool:
        """The modems have had the time to say how they are: an alarm at every start would be said to nobody's good."""
        return self._clock.monotonic() - self._begun >= SETTLING_SECONDS

    @property
    def language(self) -> str:
        """Code of the language that is spoken."""
        return self._language

    def other_language(self) -> None:
        """Speak the other one from now on."""
        self._language_chosen = True
        codes = list(self._words)
        self._speak(codes[(codes.index(self._language) + 1) % len(codes)])
        self.attempt.speak(self._language)

    def heed(self) -> None:
        """Raises DomainEnded when the domain was lost."""
        if self._thread.lost.done():
            raise DomainEnded

    # From the first person to the last

    def run(self, coming: Future[None] | None = None) -> int:
        """0 when it was told to end, 1 when the terminal is gone; raises what a domain raises that cannot begin again.

        `coming` is done when the domain stands, or holds what keeps it away; None: it stands.
        """
        try:
            with self._console:
                if coming is not None:
                    self._await_domain(coming)
                while True:
                    try:
                        self._serve()
                    except DomainEnded:
                        lost = self._thread.lost.exception(WHY_SECONDS)
                        assert lost is not None, "a domain is never lost without a reason"
                        self._out_of_service(lost.__cause__ or lost)
        except TerminalGone:
            return 0 if self._console.told_to_end else 1
        finally:
            self.attempt.close("stop")

    def demonstrate(self, demo: Demo) -> None:
        """Let whoever plays with it see both ends of every SMS; to be called before `run`."""
        self.talk.demonstration = Demonstration(
            demo, ring=self._bell.ring, type_in=self._console.type_in, stop=self.end
        )
        self.talk.demonstration.follow()

    def lend(self, launching: "Callable[[], Launching]", *, term: str) -> None:
        """Let the applications of the site have this terminal, which is called `term`; to be called before `run`, in the main thread."""
        # What passes their bytes is a part that most terminals of lines never need.
        from screens.plain.application import Applications  # noqa: PLC0415  see above

        self.applications = Applications(launching, self._console, self._bell, term=term)

    def end(self) -> None:
        """Come to an end; from a signal handler or another thread."""
        self._console.told_to_end = True
        self._bell.ring()

    def _status_changed(self, status: DeskStatus) -> None:
        self.status = status
        self._bell.ring()

    def _new_attempt(self) -> PlainAttempt:
        return PlainAttempt(self._thread, self._console, self._bell.ring, self.talk.busy)

    def _speak(self, code: str) -> None:
        self._language = code
        self.talk.words = self._words[code]

    def _serve(self) -> Never:
        """One person after another, until the domain is lost."""
        self._thread.lost.add_done_callback(lambda _lost: self._bell.ring())
        # The first one comes before this returns, so that what does not work is said before anybody types.
        self._thread.call(lambda desk: desk.watch_status(self._status_changed)).result(START_SECONDS)
        while True:
            self._one_person()

    def _await_domain(self, coming: Future[None]) -> None:
        """Until the domain stands; what is missing is told, and tried again until it is there."""
        coming.add_done_callback(lambda _coming: self._bell.ring())
        told = False
        while not coming.done():
            self._console.rest(BUSY_SECONDS)
            if not told and not coming.done():
                self.talk.line(self.talk.words.text("out.starting"))
                told = True
        error = coming.exception()
        if error is None:
            return
        if text_id_of(error) is None:
            raise error
        self._out_of_service(error)

    def _out_of_service(self, why: BaseException) -> None:
        """Until there is a domain again; nothing of whoever was here stays."""
        self.attempt = self._new_attempt()
        self._language_chosen, self._notice = False, None
        self._speak(self.facts.language)
        self.talk.clear()
        page = OutOfServicePage(self, why, self._begin, self._clock, self._bell.ring)
        self.status = page.status
        fresh = True
        while True:
            try:
                if fresh:
                    page.introduce()
                fresh = False
                page.turn()
            except SaidAgain:
                fresh = True
            except Elsewhere:
                return

    def _one_person(self) -> None:
        """From the login page until nothing of the person is left."""
        self.attempt = self._new_attempt()
        self.talk.clear()
        self.talk.patience.begin()
        self._say_notice()
        reason, same_person = "stop", False
        try:
            reason, same_person = self._follow()
        except (TerminalGone, DomainEnded):
            raise
        except Exception as error:  # noqa: BLE001  whatever it is, the next person needs a login page
            log.error("unexpected: %r", error)  # noqa: TRY400  a traceback holds what was typed
            self._notice = Sentence("error.unexpected")
        finally:
            self.attempt.close(reason)
        if not same_person:
            self._language_chosen = False
            self._speak(self.facts.language)

    def _say_notice(self) -> None:
        """How the sign-in before this one ended."""
        notice, self._notice = self._notice, None
        if isinstance(notice, Refused):
            self.talk.refused(notice)
        elif notice is not None:
            self.talk.say(notice)

    def _follow(self) -> tuple[str, bool]:
        """Page after page; why it ended, and whether the same person goes on."""
        page: PlainPage | None = None
        fresh = True
        while self.attempt.stage in PAGES:
            if page is None or page.stage is not self.attempt.stage:
                page, fresh = PAGES[self.attempt.stage](self), True
                self._take_preference(page)
            if self._gate is not None and isinstance(page, HomePage):
                self._gate(self.attempt.ask(lambda desk, _sign_in: desk.pass_gate(), self._language))
                self._leave_gate()
            try:
                if fresh:
                    page.introduce()
                fresh = False
                self._tell(page, self._turn(page))
            except Back:
                self._notice = Sentence("plain.stopped")
                return "person", True
            except SignOut as gone:
                self._notice = gone.notice
                return gone.reason, False
            except NobodyThere:
                self._leave_gate()
                self._nobody_there(page)
                return "idle", False
            except SaidAgain:
                fresh = True
        return "stop", True

    def _leave_gate(self) -> None:
        """A gate lets through or not, and ends; a desk stays for whoever comes next."""
        if self._gate is not None:
            self._console.told_to_end = True
            raise TerminalGone

    def _turn(self, page: PlainPage) -> Outcome | None:
        try:
            return page.turn()
        except Back:
            return page.back()
        except Elsewhere:
            self._console.write("\n")
            view = self.attempt.view
            return None if view is None or view.stage is page.stage else as_moved(view)

    def _tell(self, page: PlainPage, outcome: Outcome | None) -> None:
        """What came of it; where the sign-in ended, the next login page says so."""
        if self.attempt.stage is Stage.ENDED:
            ended = outcome.notice if isinstance(outcome, Moved) else outcome
            self._notice = ended if isinstance(ended, Sentence | Refused) else None
        elif isinstance(outcome, Refused):
            self.talk.refused(outcome)
        elif isinstance(outcome, Moved) and outcome.notice is not None:
            self.talk.say(outcome.notice)
        if page.stage is Stage.ENROL_TOTP and self.attempt.stage is not page.stage:
            # The key of the app has served.
            self.talk.clear()

    def _take_preference(self, page: PlainPage) -> None:
        home = self.attempt.view.home if self.attempt.view is not None else None
        wished = None if home is None or self._language_chosen else home.language
        if isinstance(page, HomePage) and wished in self._words:
            self._speak(wished)

    def _nobody_there(self, page: PlainPage) -> None:
        if isinstance(page, LoginPage):
            return
        self._notice = Sentence("home.signed_out" if isinstance(page, HomePage) else "signed_out.idle_sign_in")


def run_plain(
    thread: "DomainThread[Desk]",
    *,
    begin: Callable[[], Future[None]],
    facts: DeskFacts,
    languages: Mapping[str, Language],
    clock: Clock,
    clears: bool,
    demo: Demo | None = None,
    gate: GateAnswer | None = None,
    coming: Future[None] | None = None,
    launching: "Callable[[], Launching] | None" = None,
) -> int:
    """Be the terminal on standard input and output until it is gone; its exit code. `coming` as in `PlainTerminal.run`."""
    bell = Bell()
    console = Console(
        sys.stdin.fileno(), sys.stdout.fileno(), bell, encoding=sys.stdout.encoding or "utf-8", clears=clears
    )
    terminal = PlainTerminal(
        thread,
        begin=begin,
        facts=facts,
        languages=languages,
        clock=clock,
        console=console,
        bell=bell,
        lights=lambda: lights(sys.stdin.fileno()),
        gate=gate,
    )
    if demo is not None:
        terminal.demonstrate(demo)
    if launching is not None:
        terminal.lend(launching, term=os.environ.get("TERM") or DUMB)
    for number in ENDING:
        signal.signal(number, lambda _number, _frame: terminal.end())
    for number in HARMLESS:
        signal.signal(number, _note_harmless)
    try:
        return terminal.run(coming)
    finally:
        bell.close()


def _note_harmless(number: int, _frame: object) -> None:
    log.warning("the signal %s does nothing", signal.Signals(number).name)
