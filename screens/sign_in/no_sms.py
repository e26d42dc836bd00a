"""Geen SMS ontvangen: send it again, or sign in another way."""

import math
from typing import TYPE_CHECKING, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Center, Horizontal

from kiosk.sign_in.outcomes import Refused, Sentence
from kiosk.sign_in.views import AlternativesView
from screens.page import on_screen
from screens.sign_in.explanation import ExplanationDialog
from screens.sign_in.sign_in_dialog import SignInDialog
from screens.sign_in.stage_page import MS_PER_SECOND
from screens.sign_in.ways import WayAction, WayList
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain

if TYPE_CHECKING:
    from screens.sign_in.factor_page import FactorPage


# SMS OPNIEUW VERSTUREN, SLUITEN and UITLEG stand beside the ways; more choices than this do not get three rows each.
OTHER_CHOICES: Final = 3
MOST_CHOICES: Final = 5


class NoSmsDialog(SignInDialog):
    """Stands over a page that takes a code; the ways are those that the domain offers."""

    # Which one is the first depends on what can be sent.
    AUTO_FOCUS = ""
    title_id = "no_sms.title"

    def __init__(self, page: "FactorPage", alternatives: AlternativesView) -> None:
        super().__init__(page)
        self.alternatives = alternatives
        if self._nothing_sent:
            self.title_id = "sign_in.choose.title"

    def compose_card(self) -> ComposeResult:
        """What was sent, what to do, the ways, and apart from them what explains and closes."""
        yield Line(id="sent")
        yield Line(id="advice", classes="quiet")
        yield Plain(id="advice-contact")
        yield self.message
        again = "sign_in.page.choose.sms.button" if self._nothing_sent else "no_sms.resend.button"
        yield Action(again, id="resend", kind="primary", key="r", classes="gap")
        yield Line(id="resend-line", classes="quiet center")
        yield WayList(self.alternatives.ways, leading=not self.alternatives.resend, id="ways")
        with Horizontal(id="aside", classes="gap"):
            yield Action("common.close.button", id="close", key="s")
            yield Action("no_sms.explain.button", id="explain", key="u")
        with Center():
            yield Action("common.back.button", id="back", kind="link")

    @property
    def _nothing_sent(self) -> bool:
        """Whoever began with another way never waited for an SMS: "again" would be untrue."""
        return self.alternatives.sent is None

    def on_mount(self) -> None:
        """Show what is known, and ask for what is new."""
        self._show()
        first = "#resend" if self.alternatives.resend else "WayAction, #close"
        self.query(first).first().focus()
        self.watch(self.app, "status", self._status_changed, init=False)
        # What it was opened with may be older than the last change of the status.
        self.page.look_for_alternatives()

    def take(self, alternatives: AlternativesView) -> None:
        """Show newer alternatives."""
        self.alternatives = alternatives
        if self.is_mounted:
            self._show()

    def _status_changed(self) -> None:
        self.page.look_for_alternatives()

    def _show(self) -> None:
        self.query_one("#sent", Line).say(self.alternatives.sent)
        self.query_one("#ways", WayList).show(self.alternatives.ways, leading=not self.alternatives.resend)
        self._show_advice()
        self._show_resend()
        self.set_class(self.crowded, "-crowded")

    def _show_advice(self) -> None:
        """What to do, unless the answer to what the person just did says so."""
        answered = self.message.sentence is not None
        known = Sentence("sign_in.choose.intro") if self._nothing_sent else self.alternatives.advice
        advice = self.alternatives.advice if self.alternatives.names_contact else known
        self.query_one("#advice", Line).say(None if answered else advice)
        contact = self.query_one("#advice-contact", Plain)
        contact.display = self.alternatives.names_contact and not answered
        contact.show(self.kiosk.words.contact())

    def refresh_words(self) -> None:
        """The contact line, in the language of the app."""
        self._show_advice()

    # Sending again

    @property
    def cooldown_seconds(self) -> int:
        """So long sending again has to wait."""
        return max(0, math.ceil((self.alternatives.resend_from - self.page.now_ms) / MS_PER_SECOND))

    def _show_resend(self) -> None:
        self.query_one("#resend").display = self.alternatives.resend
        line = self.query_one("#resend-line", Line)
        if self.cooldown_seconds > 0:
            line.say(Sentence("resend.line.cooldown", {"seconds": self.cooldown_seconds}))
        elif self.alternatives.resend and self.alternatives.resend_searches:
            line.say(Sentence("resend.line.search"))
        elif self.alternatives.resend and self.alternatives.resend_over is not None:
            line.say(Sentence("resend.line.over", {"network": self.alternatives.resend_over}))
        else:
            line.say(None)

    def tick(self) -> None:
        """Count the cooldown down."""
        super().tick()
        if on_screen(self):
            self._show_resend()

    @on(Action.Pressed, "#resend")
    def _resend(self) -> None:
        # During the cooldown the line under the button says how long it takes; the domain would refuse too.
        if self.cooldown_seconds == 0:
            self.page.do(lambda sign_in: sign_in.resend(), confirmed=lambda sign_in: sign_in.resend(confirmed=True))

    # The other ways

    @on(Action.Pressed, ".way")
    def _take_way(self, event: Action.Pressed) -> None:
        if not isinstance(event.action, WayAction):
            return
        way = event.action.way
        if way.why_not is not None:
            self.refuse(Refused(way.why_not, self.page.stage))
        else:
            self.page.do(lambda sign_in: sign_in.take(way.kind))

    @property
    def crowded(self) -> bool:
        """From six choices on each has one row."""
        return len(self.alternatives.ways) + OTHER_CHOICES > MOST_CHOICES or self.message.sentence is not None

    def refuse(self, refused: Refused) -> None:
        """The answer takes the place of the advice; the focus stays where it is."""
        super().refuse(refused)
        self._show()

    @on(Action.Pressed, "#explain")
    def _explain(self) -> None:
        self.app.push_screen(ExplanationDialog(self.page))

    @on(Action.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.page.leave()
