"""Applications from lines: the terminal is lent to one, and taken back when there is something to say or when it has ended.

The bytes go through the relay of the pages, in a loop of their own that lives as long as the application; what is said
meanwhile is said in a thread beside it, so that the application runs on.
"""

import asyncio
import contextlib
import logging
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING

from kiosk.applications.launching import Ended, Launching, NotRunning
from kiosk.applications.relay import Left, Relay
from kiosk.applications.wire import Opening
from kiosk.desk_status import ApplicationEntry
from kiosk.domain_thread import DomainEnded
from kiosk.language import printable
from kiosk.sign_in.outcomes import Refused, Sentence, Stage
from screens.plain.console import Bell, Console, TerminalGone
from screens.plain.locked import Locked
from screens.plain.page import OverPage
from screens.plain.patience import NobodyThere
from screens.plain.sign_out import SignOut
from screens.plain.talk import LOOK_SECONDS, Back, SaidAgain

if TYPE_CHECKING:
    from kiosk.applications.launching import Program
    from screens.plain.home import HomePage

log = logging.getLogger("kiosk.screens")


class Applications:
    """Starts what the site has, as Home of the pages does; `launching` is made once somebody wants one."""

    def __init__(self, launching: Callable[[], Launching], console: Console, bell: Bell, *, term: str) -> None:
        self._launching = launching
        self._console = console
        self._bell = bell
        self._term = term

    def run(self, entry: ApplicationEntry, home: "HomePage") -> Refused | None:
        """Until it has ended; why it failed, None when it did not. Raises what ends the session, and then it has ended too."""
        opening = self._begin(entry, home)
        if opening is None:
            return Refused(Sentence("error.unexpected"), Stage.SIGNED_IN)
        named = {"name": printable(entry.label(home.here.language))}
        home.talk.line(home.text("home.application.opening", named))
        lent = _Lent(self._launching(), self._console, self._bell, home, named["name"])
        try:
            asyncio.run(lent.to_the_end(opening, same_account=entry.same_account))
        except NotRunning as error:
            self._note(opening, error.why.value, home)
            return Refused(Sentence(f"home.application.failed.{error.why}", named), Stage.SIGNED_IN, names_contact=True)
        finally:
            if lent.ended is not None:
                self._note(opening, lent.ended.result, home)
        home.talk.clear()
        crashed = lent.ended is not None and lent.ended.signal is not None
        news = Refused(Sentence("home.application.crashed", named), Stage.SIGNED_IN) if crashed else None
        if entry.signs_out:
            raise SignOut(Sentence("signed_out.self_no_key") if news is None else news)
        if news is None:
            home.talk.line(home.text("plain.application.closed", named))
        return news

    def _begin(self, entry: ApplicationEntry, home: "HomePage") -> Opening | None:
        language = home.here.language
        try:
            return home.here.attempt.ask(
                lambda desk, _: desk.begin_application(entry.name, term=self._term, language=language), language
            )
        except (TerminalGone, DomainEnded):
            raise
        except Exception as error:  # noqa: BLE001  what is not in the log is not started
            log.error("unexpected: %r", error)  # noqa: TRY400  a traceback holds what was typed
            return None

    def _note(self, opening: Opening, result: str, home: "HomePage") -> None:
        try:
            home.here.attempt.ask(lambda desk, _: desk.end_application(opening, result), home.here.language)
        except (TerminalGone, DomainEnded):
            raise
        except Exception as error:  # noqa: BLE001  it has ended all the same
            log.error("unexpected: %r", error)  # noqa: TRY400  a traceback holds what was typed


class _Lent:
    """One application while it has the terminal; `ended` once it has."""

    def __init__(self, launching: Launching, console: Console, bell: Bell, home: "HomePage", name: str) -> None:
        self.ended: Ended | None = None
        self._launching = launching
        self._console = console
        self._bell = bell
        self._home = home
        self._name = name

    async def to_the_end(self, opening: Opening, *, same_account: bool) -> None:
        """Show it, however often it is called away; raises NotRunning, and what ends the session."""
        console = self._console
        program = await self._launching.start(
            opening.request, same_account=same_account, size=(console.columns, console.rows)
        )
        relay = Relay(program, console.keyboard, term=opening.request.term, alive=self._home.talk.patience.begin)
        try:
            while (left := await self._shown(relay)) is Left.CALLED_AWAY:
                await asyncio.to_thread(self._speak)
            if left is Left.HUNG_UP:
                raise TerminalGone
        finally:
            await self._end(program, relay)

    async def _shown(self, relay: Relay) -> Left:
        watching = asyncio.create_task(self._watch(relay))
        try:
            return await relay.show()
        finally:
            watching.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watching

    async def _end(self, program: "Program", relay: Relay) -> None:
        try:
            if not self._console.told_to_end:
                # Else nobody waits, and the launcher ends it for the closed connection.
                self.ended = await program.end()
        finally:
            relay.close()
            program.close()

    async def _watch(self, relay: Relay) -> None:
        """Call it away when there is something to say, or nothing more to show it to."""
        loop, rung = asyncio.get_running_loop(), asyncio.Event()

        def hear() -> None:
            self._bell.silence()
            rung.set()

        loop.add_reader(self._bell.fileno(), hear)
        try:
            while not self._is_wanted:
                rung.clear()
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(rung.wait(), LOOK_SECONDS)
        finally:
            loop.remove_reader(self._bell.fileno())
        relay.call_away()

    @property
    def _is_wanted(self) -> bool:
        home = self._home
        return self._console.told_to_end or home.has_news or home.talk.patience.due(home.idle_seconds)

    # In a thread beside the loop

    def _speak(self) -> None:
        """Say it; back when the person goes back to the application."""
        if self._console.told_to_end:
            # The bell that said so has been heard already.
            raise TerminalGone
        self._console.forget()
        self._home.talk.clear()
        try:
            _Interlude(self._home, self._name).until_answered()
        except NobodyThere:
            Locked(self._home, idle=True, closing=self._name).until_unlocked()
        self._console.forget()


class _MoreTime(Exception):
    """The warning was answered, and there was nothing else."""


class _Interlude(OverPage):
    """What is said over an application: a warning that any key answers, or news until Enter."""

    def __init__(self, home: "HomePage", name: str) -> None:
        super().__init__(home)
        self.idle_text_id = "plain.idle.lock"
        self._name = name
        self._only_warning = False

    def until_answered(self) -> None:
        """Raises NobodyThere when nobody did."""
        with contextlib.suppress(_MoreTime, Back):
            while True:
                try:
                    self._ask()
                except SaidAgain:
                    continue
                return

    def _ask(self) -> None:
        news = list(super().news())
        warning = self.talk.patience.look(self.idle_seconds, self.idle_text_id)
        if warning is not None:
            self.talk.say(warning)
        self.talk.lines(news)
        self._only_warning = self.talk.patience.warned and not news
        self.talk.ask(self.talk.words.text("plain.application.back.label", {"name": self._name}), self)

    def news(self) -> Iterable[str]:
        """Also that there is nothing more to wait for."""
        yield from super().news()
        if self._only_warning and not self.talk.patience.warned:
            raise _MoreTime
