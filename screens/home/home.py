"""Home: who is here, since when, what was changed, and what this person can do."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Horizontal, Vertical

from kiosk.language import printable
from kiosk.sign_in.outcomes import Nudge, Sentence, Stage
from screens.home.lines import changes, last_sign_in
from screens.sign_in.stage_page import StagePage
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain

# Roles that see the part about modems and keys; the domain asks once more.
TECHNICIANS = frozenset({"technician", "administrator"})
# Who sees the part about people and who the log; the domain asks once more, too.
ADMINISTRATOR = "administrator"
READERS = frozenset({ADMINISTRATOR, "auditor"})


class HomePage(StagePage):
    """Esc does nothing here; the session ends by Uitloggen, by idleness or by its longest time."""

    stage: ClassVar[Stage] = Stage.SIGNED_IN
    # Nothing: the Enter that follows too fast after DOORGAAN must not sign out.
    AUTO_FOCUS = ""
    title_id = "home.title"
    idle_text_id = "home.idle"

    _read = False
    """What was changed has been read in this session."""

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
        yield Line("home.applications.label", classes="heading gap")
        labels = self.kiosk.facts.applications
        if labels:
            yield Plain("\n".join(printable(label) for label in labels), id="applications")
        else:
            yield Line("home.applications.none", id="no-applications")
        with Horizontal(id="parts", classes="gap"):
            with Vertical(classes="part"):
                yield Line("home.yourself.label", classes="heading")
                yield Action("account.title", id="account", key="m")
                yield Action("home.sign_out.button", id="sign-out", key="u", classes="gap")
            with Vertical(id="administration", classes="part"):
                yield Line("home.administration.label", classes="heading")
                yield Action("people.title", id="people", key="p")
                yield Action("import.title", id="import", key="i", classes="gap")
                yield Action("audit.title", id="log", key="l")
            with Vertical(id="technique", classes="part"):
                yield Line("home.technique.label", classes="heading")
                yield Action("bench.modems.title", id="sms-modems", key="s")
                yield Action("key_bench.title", id="test-key", key="y")

    def on_mount(self) -> None:
        """The pages as this person wants them; whoever must arrange a method begins there."""
        home = self.view.home
        if home is None:
            return
        self.kiosk.prefer(home.language, home.contrast)
        if home.nudge is Nudge.ARRANGE:
            self._account()

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
        self.query_one("#log").set_class(home.role == ADMINISTRATOR, "gap")
        self.query_one("#technique").display = home.role in TECHNICIANS
        self.query_one("#change-contact").display = bool(home.changes)
        self.query_one("#change-contact", Plain).show(self.kiosk.words.contact())
        self.query_one("#change-lines", Plain).show("\n".join(lines))

    @property
    def much_to_read(self) -> bool:
        """Also while something was changed or had better be arranged."""
        return super().much_to_read or self._told

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

    @on(Action.Pressed, "#sign-out")
    def _sign_out(self) -> None:
        status = self.kiosk.status
        forgotten = status is not None and bool(status.yubikey_present)
        text_id = "signed_out.self" if forgotten else "signed_out.self_no_key"
        self.app.run_worker(self.kiosk.show_login(Sentence(text_id), reason="sign_out"))

    def action_back(self) -> None:
        """Esc does nothing on Home."""

    @property
    def idle_seconds(self) -> int | None:
        """The session's own."""
        return self.kiosk.facts.session_idle_seconds

    async def idle_ended(self) -> None:
        """Nobody is at the desk: the session ends and says so."""
        await self.kiosk.show_login(Sentence("home.signed_out"), reason="idle")
