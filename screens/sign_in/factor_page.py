"""FactorPage: what every page of a second factor does alike: another way, the way back, and knowing the ways beforehand."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.sign_in.outcomes import Sentence
from kiosk.sign_in.views import AlternativesView, SignInView
from screens.page import on_screen
from screens.sign_in.contact import say_failure
from screens.sign_in.no_sms import NoSmsDialog
from screens.sign_in.stage_page import StagePage
from screens.widgets.action import Action


class FactorPage(StagePage):
    """A page of the second factor, with the other ways in a dialog that stands there at the next key press."""

    _alternatives: AlternativesView | None = None
    _wants_other_ways = False

    def compose_ways_out(self) -> ComposeResult:
        """Another way, and the way back."""
        yield Action("sms.alternatives.button", id="alternatives", key="a", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("common.back.button", id="back", kind="link")

    def on_mount(self) -> None:
        """Know the other ways before anybody asks, so that the dialog stands there with the next key press."""
        self.look_for_alternatives()

    def take(self, view: SignInView) -> None:
        """Another view may mean other ways."""
        super().take(view)
        self.look_for_alternatives()

    def look_for_alternatives(self) -> None:
        """Ask for the other ways again; an open dialog shows them."""
        self.attempt.look(lambda sign_in: sign_in.alternatives(), self._take_alternatives, self._no_alternatives)

    def _take_alternatives(self, alternatives: AlternativesView) -> None:
        self._alternatives = alternatives
        if not on_screen(self):
            return
        for screen in self.app.screen_stack:
            if isinstance(screen, NoSmsDialog):
                screen.take(alternatives)
        if self._wants_other_ways:
            self._show_other_ways()

    def _no_alternatives(self) -> None:
        """Whoever waits for the dialog is told why it does not come; the next look may bring it."""
        if self._wants_other_ways and on_screen(self):
            self._wants_other_ways = False
            say_failure(self.message, Sentence("error.database"))

    @on(Action.Pressed, "#alternatives")
    def _other_ways(self) -> None:
        self._wants_other_ways = True
        if self._alternatives is None:
            self.look_for_alternatives()
        else:
            self._show_other_ways()

    def _show_other_ways(self) -> None:
        if self._alternatives is not None and self.app.screen is self:
            self._wants_other_ways = False
            self.app.push_screen(NoSmsDialog(self, self._alternatives))

    @on(Action.Pressed, "#back")
    def _back_pressed(self) -> None:
        self.leave()

    def action_back(self) -> None:
        """Esc goes back to the SMS page when a code is under way, else to the login page."""
        if self.view.sms is not None:
            self.do(lambda sign_in: sign_in.back_to_sms())
        else:
            self.leave()
