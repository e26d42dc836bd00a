"""Kies een wachtwoord: a password of one's own in place of the one-time password."""

from typing import TYPE_CHECKING, ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.sign_in.outcomes import Moved, Refused, Stage
from kiosk.sign_in.views import OwnPasswordView
from screens.look import GLYPHS
from screens.sign_in.stage_page import StagePage
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain
from screens.widgets.field import Field

if TYPE_CHECKING:
    from screens.app import KioskApp

# Only the second field is wrong then.
DIFFERENT = "first.password.different"


class OwnPasswordPage(StagePage):
    """Two fields and the rules; the rule that can be judged while typing is marked."""

    stage: ClassVar[Stage] = Stage.OWN_PASSWORD
    AUTO_FOCUS = "#new Entry"
    title_id = "first.password.title"

    def compose_card(self) -> ComposeResult:
        """Why, two fields, the rules, the next step."""
        yield Line("first.one_time.reset" if self._rules.reset else "first.one_time.intro")
        yield Field("first.password.new.label", id="new", secret=True, classes="compact gap")
        yield Field("first.password.repeat.label", id="repeat", secret=True, toggle=False, classes="compact")
        yield Plain(id="rules", classes="quiet")
        yield Line("first.password.tip", id="tip", classes="quiet")
        yield self.message
        yield Action("first.password.save.button", id="save", kind="primary", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("common.back.button", id="back", kind="link")

    @property
    def _rules(self) -> OwnPasswordView:
        return self.view.own_password or OwnPasswordView(reset=False, minimum_length=0, maximum_length=0)

    @property
    def _new(self) -> Field:
        return self.query_one("#new", Field)

    @property
    def _repeat(self) -> Field:
        return self.query_one("#repeat", Field)

    def show_view(self) -> None:
        """The rules."""
        self.refresh_words()

    @on(Field.Changed, "#new")
    def refresh_words(self) -> None:
        """Say the rules; a sign and the order tell the same as nothing else does: long enough or not yet."""
        self.query_one("#rules", Plain).show(rules_of(self.kiosk, self._rules.minimum_length, self._new.value))

    @on(Field.Submitted, "#new")
    def _new_submitted(self) -> None:
        self._repeat.focus()

    @on(Field.Submitted, "#repeat")
    @on(Action.Pressed, "#save")
    def _save(self) -> None:
        new, repeated = self._new.value, self._repeat.value
        self.do(lambda sign_in: sign_in.choose_own_password(new, repeated))

    def refuse(self, refused: Refused) -> None:
        """Only what is wrong is typed again; the message takes the place of the tip."""
        super().refuse(refused)
        self.query_one("#tip").display = False
        if refused.clears_field:
            self._repeat.clear()
            if refused.why.text_id != DIFFERENT:
                self._new.clear()
        (self._repeat if self._new.value else self._new).focus()

    def tell(self, news: Moved) -> None:
        """Nothing to say brings the tip back."""
        super().tell(news)
        self.query_one("#tip").display = news.notice is None

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.leave()

    def action_back(self) -> None:
        """Esc: back to the login page."""
        self.leave()


def rules_of(app: "KioskApp", minimum_length: int, typed: str) -> str:
    """The rules for a new password; the sign before the first says whether what was typed is long enough."""
    glyphs = GLYPHS[app.look.glyphs]
    long_enough = len(typed) >= minimum_length
    lines = [
        f"{glyphs.good if long_enough else glyphs.note} "
        + app.text("first.password.rule.line.length", min=minimum_length),
        f"{glyphs.note} " + app.text("first.password.rule.line.name"),
        f"{glyphs.note} " + app.text("first.password.rule.line.known"),
    ]
    return "\n".join(lines)
