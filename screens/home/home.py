"""Home: who is here, since when, what was changed, and what this person can do."""

import math
from functools import partial
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical
from textual.timer import Timer

from kiosk.desk_status import ApplicationEntry
from kiosk.language import printable
from kiosk.sign_in.outcomes import Nudge, Refused, Sentence, Stage
from screens.home.lines import changes, ends_soon, last_sign_in
from screens.home.waiting import Waiting
from screens.page import Dialog
from screens.session_idle import SessionIdle
from screens.sign_in.stage_page import MS_PER_SECOND, StagePage
from screens.typed_burst import LETTER_SILENCE_SECONDS
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain, kiosk

# Roles that see the part about modems and keys; the domain asks once more.
TECHNICIANS = frozenset({"technician", "administrator"})
# Who sees the part about people and who the log; the domain asks once more, too.
ADMINISTRATOR = "administrator"
READERS = frozenset({ADMINISTRATOR, "auditor"})


# So many applications have a digit of their own.
DIGITS = 9


class Start(Action):
    """One application; its label is the site's own."""

    def __init__(self, entry: ApplicationEntry, *, key: str | None) -> None:
        super().__init__("home.applications.label", key=key)
        self.entry = entry

    @property
    def words(self) -> str:
        """What the site calls it, in the language of the app."""
        return printable(self.entry.label(kiosk(self).language.code))


class LongestSession(Dialog[None]):
    """You will be signed out; nothing can be done about it but to finish."""

    title_id = "idle.ends_soon.title"

    def __init__(self, ends_at: int) -> None:
        super().__init__()
        self._ends_at = ends_at

    def compose_card(self) -> ComposeResult:
        """When, and back to work."""
        yield Plain(id="ending")
        yield Action("common.continue.button", id="on", kind="primary", classes="gap")

    def on_mount(self) -> None:
        """Say it for the first time."""
        self.refresh_words()

    def refresh_words(self) -> None:
        """How long it still is, in the language of the app."""
        left = max(0, math.ceil((self._ends_at - self.kiosk.clock.now_ms()) / MS_PER_SECOND))
        self.query_one("#ending", Plain).show(self.kiosk.say(Sentence("idle.absolute", {"seconds": left})))

    def tick(self) -> None:
        """A second less."""
        super().tick()
        if self.is_mounted:
            self.refresh_words()

    @on(Action.Pressed, "#on")
    def _on(self) -> None:
        self.dismiss(None)


class HomePage(SessionIdle, StagePage):
    """Esc does nothing here; the session ends by Uitloggen, by idleness or by its longest time."""

    stage: ClassVar[Stage] = Stage.SIGNED_IN
    # Nothing: the Enter that follows too fast after DOORGAAN must not sign out.
    AUTO_FOCUS = ""
    title_id = "home.title"

    _read = False
    """What was changed has been read in this session."""

    _digit: Timer | None = None
    """A digit that waits whether others follow."""

    _announced = False
    """That the session ends soon was told."""

    _told = False
    """Something to read stands there."""

    def compose_card(self) -> ComposeResult:
        """Person, changes, applications, what concerns oneself."""
        yield Plain(id="person")
        yield Plain(id="role", classes="quiet")
        yield Plain(id="last", classes="quiet")
        yield self.message
        with Vertical(id="changes", classes="gap"):
            yield Line("home.changes.label", classes="heading")
            yield Plain(id="change-lines")
            yield Plain(id="change-contact")
            yield Action("home.seen.button", id="seen", key="x")
        yield Waiting()
        yield Line("home.applications.label", classes="heading gap")
        entries = self._applications
        with Vertical(id="applications"):
            for number, entry in enumerate(entries, start=1):
                yield Start(entry, key=str(number) if number <= DIGITS else None)
        if not entries:
            yield Line("home.applications.none", id="no-applications")
        if any(entry.same_account for entry in entries):
            yield Line("home.applications.same_account", classes="quiet")
        with Horizontal(id="parts", classes="gap"):
            with Vertical(classes="part"):
                yield Line("home.yourself.label", classes="heading")
                yield Action("account.title", id="account", key="m")
                yield Action("home.lock.button", id="lock", key="k")
                yield Action("home.sign_out.button", id="sign-out", key="u")
            with Vertical(id="administration", classes="part"):
                yield Line("home.administration.label", classes="heading")
                yield Action("people.title", id="people", key="p")
                yield Action("import.title", id="import", key="i")
                yield Action("reports.title", id="reports", key="r")
                yield Action("audit.title", id="log", key="l")
            with Vertical(id="technique", classes="part"):
                yield Line("home.technique.label", classes="heading")
                yield Action("bench.modems.title", id="sms-modems", key="s")
                yield Action("key_bench.title", id="test-key", key="y")
                yield Action("time.title", id="time", key="t")

    def on_mount(self) -> None:
        """The pages as this person wants them; whoever must arrange a method begins there."""
        home = self.view.home
        if home is None:
            return
        self.kiosk.prefer(home.language, home.contrast)
        if home.nudge is Nudge.ARRANGE:
            self._account()
        elif len(self._applications) == 1 and self._applications[0].directly and not self._told:
            self._start(self._applications[0])

    def on_screen_resume(self) -> None:
        """Here, or back from the pages behind, where something may have been done about it."""
        self.count_reports()
        if self.view.home is not None and self.view.home.role == ADMINISTRATOR:
            self.query_one(Waiting).look()

    def count_reports(self) -> None:
        """How many reports want something done, beside their name."""
        home = self.view.home
        if home is None or home.role not in READERS:
            return

        async def count() -> None:
            try:
                wanting = await self.kiosk.ask(lambda desk: desk.reports().attention())
            except Exception as error:  # noqa: BLE001  the page shows what it knew
                self.kiosk.log_unexpected(error)
                return
            if self.is_attached:
                counted = Sentence("home.reports.count", {"count": wanting})
                self.query_one("#reports", Action).relabel(counted if wanting else "reports.title")

        self.app.run_worker(count(), group="home")

    @property
    def _applications(self) -> tuple[ApplicationEntry, ...]:
        home = self.view.home
        return () if home is None else self.kiosk.facts.applications_of(home.role)

    def show_view(self) -> None:
        """Who it is."""
        self.step = None
        self.refresh_words()

    def refresh_words(self) -> None:
        """Times and names of methods, in the language of the app."""
        home = self.view.home
        if home is None:
            return
        words = self.kiosk.words
        self.query_one("#person", Plain).show(printable(home.display_name))
        self.query_one("#role", Plain).show(self.kiosk.text(f"home.role.{home.role}"))
        self.query_one("#last", Plain).show(last_sign_in(words, home, self.now_ms))
        nudge = [words.text(f"home.nudge.{home.nudge.value}")] if home.nudge is not None else []
        lines = [*changes(words, home, self.now_ms), *nudge]
        self._told = bool(lines) and not self._read
        self.query_one("#changes").display = self._told
        self.set_class(self._told, "-crowded")
        self.make_room()
        self.query_one("#administration").display = home.role in READERS
        for name in ("#people", "#import"):
            self.query_one(name).display = home.role == ADMINISTRATOR
        self.query_one("#technique").display = home.role in TECHNICIANS
        self.query_one("#change-contact").display = bool(home.changes)
        self.query_one("#change-contact", Plain).show(self.kiosk.words.contact())
        self.query_one("#change-lines", Plain).show("\n".join(lines))

    @property
    def much_to_read(self) -> bool:
        """Also while something was changed or had better be arranged."""
        return super().much_to_read or self._told

    def tick(self) -> None:
        """Announce the end of the longest session, once, over whatever is shown."""
        super().tick()
        home = self.view.home
        if self._announced or home is None or home.ends_at is None or self.kiosk.locking.locked:
            return
        if ends_soon(home, self.now_ms) is not None:
            self._announced = True
            self.app.push_screen(LongestSession(home.ends_at))

    @property
    def closing_name(self) -> str:
        """Nothing is lost with it."""
        return ""

    # Applications

    def on_key(self, event: events.Key) -> None:
        """A digit starts an application, once it is clear that it came alone: a bar-code scanner types many."""
        if self._digit is not None:
            self._digit.stop()
            self._digit = None
        elif event.character is not None and event.character.isdigit():
            event.stop()
            self._digit = self.set_timer(LETTER_SILENCE_SECONDS, partial(self._digit_alone, event.character))

    def _digit_alone(self, digit: str) -> None:
        self._digit = None
        if self.is_current and not self.kiosk.keys.in_burst:
            self.letter(digit)

    @on(Action.Pressed, "Start")
    def _start_pressed(self, event: Action.Pressed) -> None:
        assert isinstance(event.action, Start), "the selector says so"
        self._start(event.action.entry)

    def _start(self, entry: ApplicationEntry) -> None:
        from screens.home.application import ApplicationPage  # noqa: PLC0415  each page when it is wanted

        if self.kiosk.launching is not None:
            self.message.clear()
            self.app.push_screen(ApplicationPage(entry, self.kiosk.launching()), self._application_over)

    def _application_over(self, news: Refused | None) -> None:
        """An application ended, or did not begin: say what there is to say."""
        if news is not None:
            self.refuse(news)

    # What a person does

    @on(Action.Pressed, "#seen")
    def _seen(self) -> None:
        """X: what was changed has been read, and what had better be arranged is known."""
        self._read = True
        self.refresh_words()
        read = {change.id for change in self.view.home.changes} if self.view.home is not None else set()

        async def mark() -> None:
            try:
                await self.kiosk.ask(lambda desk: desk.account().mark_seen(read))
            except Exception as error:  # noqa: BLE001  it is shown again at the next sign-in
                self.kiosk.log_unexpected(error)

        self.app.run_worker(mark(), group="home")

    @on(Action.Pressed, "#account")
    def _account(self) -> None:
        from screens.account.overview import AccountPage  # noqa: PLC0415  each page when it is wanted

        self.app.push_screen(AccountPage())

    @on(Action.Pressed, "#people")
    def _people(self) -> None:
        from screens.administrator.people import PeoplePage  # noqa: PLC0415  each page when it is wanted

        self.app.push_screen(PeoplePage())

    @on(Action.Pressed, "#import")
    def _import(self) -> None:
        from screens.administrator.importing import ImportPage  # noqa: PLC0415  each page when it is wanted

        self.app.push_screen(ImportPage())

    @on(Action.Pressed, "#glass")
    def _broken_glass(self) -> None:
        from screens.administrator.broken_glass import BrokenGlassPage  # noqa: PLC0415  each page when it is wanted

        self.app.push_screen(BrokenGlassPage())

    @on(Action.Pressed, "#waiting")
    def _requests(self) -> None:
        from screens.administrator.requests import RequestsPage  # noqa: PLC0415  each page when it is wanted

        self.app.push_screen(RequestsPage())

    @on(Action.Pressed, "#reports")
    def _reports(self) -> None:
        from screens.administrator.reports import ReportsPage  # noqa: PLC0415  each page when it is wanted

        self.app.push_screen(ReportsPage())

    @on(Action.Pressed, "#log")
    def _log(self) -> None:
        from screens.audit.log import LogPage  # noqa: PLC0415  each page when it is wanted

        self.app.push_screen(LogPage())

    @on(Action.Pressed, "#sms-modems")
    def _modems(self) -> None:
        # Most people never come here: the technician's pages are imported when one does.
        from screens.technician.modems import ModemsPage  # noqa: PLC0415  see above

        self.app.push_screen(ModemsPage())

    @on(Action.Pressed, "#test-key")
    def _test_key(self) -> None:
        from screens.technician.key_bench import KeyBenchPage  # noqa: PLC0415  as above

        self.app.push_screen(KeyBenchPage())

    @on(Action.Pressed, "#time")
    def _time(self) -> None:
        from screens.technician.time import TimePage  # noqa: PLC0415  as above

        home = self.view.home
        self.app.push_screen(TimePage(reads_log=home is not None and home.role in READERS))

    @on(Action.Pressed, "#lock")
    def _lock(self) -> None:
        self.app.run_worker(self.kiosk.locking.lock(idle=False))

    @on(Action.Pressed, "#sign-out")
    def _sign_out(self) -> None:
        status = self.kiosk.status
        forgotten = status is not None and bool(status.yubikey_present)
        text_id = "signed_out.self" if forgotten else "signed_out.self_no_key"
        self.app.run_worker(self.kiosk.show_login(Sentence(text_id), reason="sign_out"))

    def action_back(self) -> None:
        """Esc does nothing on Home."""
