"""The page below an application: it lends the terminal, and takes it back when another page lies over it."""

import asyncio
import os
from typing import Final

from textual.app import ComposeResult

from kiosk.applications.launching import Ended, Launching, NotRunning, Program
from kiosk.applications.relay import Left, Relay
from kiosk.applications.wire import Opening
from kiosk.desk_status import ApplicationEntry
from kiosk.language import printable
from kiosk.sign_in.outcomes import Refused, Sentence, Stage
from kiosk.sign_in.troubles import sentence_of
from screens.page import Page
from screens.session_idle import SessionIdle
from screens.widgets.base import Plain

# What terminfo of every system has, for a terminal that says nothing of itself.
PLAIN_TERM: Final = "linux"


class ApplicationPage(SessionIdle, Page[Refused]):
    """Runs one application for as long as this page is on the stack, and shows it while it is the page on top.

    It ends with what Home has to say of it, None when there is nothing.
    """

    AUTO_FOCUS = ""
    title_id = "home.applications.label"

    def __init__(self, entry: ApplicationEntry, launching: Launching) -> None:
        super().__init__()
        self._entry = entry
        self._launching = launching
        self._on_top = asyncio.Event()
        self._gone = False
        self._relay: Relay | None = None

    def compose_card(self) -> ComposeResult:
        """What happens now, for the moment in which nothing else is shown."""
        yield Plain(id="application")

    def on_mount(self) -> None:
        """Begin."""
        self.refresh_words()
        # The app's own: the program must be ended by it when this page is gone.
        self.app.run_worker(self._run(), group="application")

    def refresh_words(self) -> None:
        """In the language of the app."""
        self.query_one("#application", Plain).show(self.kiosk.say(Sentence("home.application.opening", self._named)))

    @property
    def _named(self) -> dict[str, str | int]:
        return {"name": printable(self._entry.label(self.kiosk.language.code))}

    # When it is shown

    def on_screen_resume(self) -> None:
        """Nothing lies over it any more."""
        self._on_top.set()

    def on_screen_suspend(self) -> None:
        """Another page lies over it."""
        self._on_top.clear()
        self._call_away()

    def on_unmount(self) -> None:
        """The session is over."""
        self._gone = True
        self._on_top.set()
        self._call_away()

    def _call_away(self) -> None:
        if self._relay is not None:
            self._relay.call_away()

    # From its beginning to its end

    async def _run(self) -> None:
        kiosk, entry = self.kiosk, self._entry
        term = os.environ.get("TERM") or PLAIN_TERM
        try:
            opening = await kiosk.ask(
                lambda desk: desk.begin_application(entry.name, term=term, language=kiosk.language.code)
            )
        except Exception as error:  # noqa: BLE001  what is not in the log is not started
            kiosk.log_unexpected(error)
            await self._over(Refused(sentence_of(error), Stage.SIGNED_IN))
            return
        try:
            program = await self._launching.start(
                opening.request, same_account=entry.same_account, size=(kiosk.size.width, kiosk.size.height)
            )
        except NotRunning as error:
            await self._note(opening, error.why.value)
            sentence = Sentence(f"home.application.failed.{error.why}", self._named)
            await self._over(Refused(sentence, Stage.SIGNED_IN, names_contact=True))
            return
        ended, left = await self._shown_to_the_end(program, term)
        await self._note(opening, ended.result)
        if left is Left.HUNG_UP:
            kiosk.exit(return_code=1)
        elif left is Left.ENDED and ended.signal is not None:
            sentence = Sentence("home.application.crashed", self._named)
            await self._over(Refused(sentence, Stage.SIGNED_IN), began=True)
        else:
            await self._over(None, began=True)

    async def _shown_to_the_end(self, program: Program, term: str) -> tuple[Ended, Left]:
        """Show it as often as this page is on top; whatever happens, nothing of it is left."""
        left = Left.CALLED_AWAY
        try:
            while left is Left.CALLED_AWAY and not self._gone:
                await self._on_top.wait()
                if not self._gone:
                    left = await self.kiosk.lend_terminal(lambda descriptor: self._show(program, descriptor, term))
        finally:
            # Also while this app ends: then nobody waits, and the launcher ends it for the closed connection.
            try:
                ended = await program.end()
            finally:
                if self._relay is not None:
                    self._relay.close()
                program.close()
        return ended, left

    async def _show(self, program: Program, descriptor: int, term: str) -> Left:
        if self._relay is None:
            self._relay = Relay(program, descriptor, term=term, alive=self.kiosk.idleness.touched)
        if not self._on_top.is_set():
            return Left.CALLED_AWAY
        return await self._relay.show()

    async def _note(self, opening: Opening, result: str) -> None:
        try:
            await self.kiosk.ask(lambda desk: desk.end_application(opening, result))
        except Exception as error:  # noqa: BLE001  it has ended all the same
            self.kiosk.log_unexpected(error)

    async def _over(self, news: Refused | None, *, began: bool = False) -> None:
        """Back to Home, or out, as the site says."""
        if self._gone:
            return
        if began and self._entry.signs_out:
            notice = Sentence("signed_out.self_no_key") if news is None else news
            await self.kiosk.show_login(notice, reason="sign_out")
            return
        # Whatever lies over this page stays there until it has been answered.
        await self._on_top.wait()
        if not self._gone:
            self.dismiss(news)

    @property
    def closing_name(self) -> str:
        """The application by its name."""
        return str(self._named["name"])

    # Idleness
