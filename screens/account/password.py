"""Wachtwoord wijzigen: the present one, the new one twice."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.account.views import AccountView
from kiosk.sign_in.outcomes import Moved, Refused
from screens.account.asking import AccountForm
from screens.sign_in.own_password import DIFFERENT, rules_of
from screens.widgets.action import Action
from screens.widgets.base import Plain
from screens.widgets.field import Field

# Only the first field is wrong then.
PRESENT_WRONG = frozenset({"account.password.wrong", "account.password.missing", "sign_in.login.wait"})


class NewPasswordPage(AccountForm):
    """The rules of the first sign-in, with the rule that can be judged while typing marked."""

    title_id = "account.password.title"
    AUTO_FOCUS = "#present Entry"

    def __init__(self, minimum_length: int) -> None:
        super().__init__()
        self._minimum = minimum_length

    def compose_card(self) -> ComposeResult:
        """Three fields, the rules, the next step."""
        yield Field("account.password.present.label", id="present", secret=True, toggle=False, classes="compact")
        yield Field("first.password.new.label", id="new", secret=True, classes="compact gap")
        yield Field("first.password.repeat.label", id="repeat", secret=True, toggle=False, classes="compact")
        yield Plain(id="rules", classes="quiet")
        yield self.message
        yield Action("first.password.save.button", id="save", kind="primary", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("account.back.button", id="back", kind="link")

    def on_mount(self) -> None:
        """The rules."""
        self.refresh_words()

    def _field(self, name: str) -> Field:
        return self.query_one(f"#{name}", Field)

    @on(Field.Changed, "#new")
    def refresh_words(self) -> None:
        """Say the rules."""
        self.query_one("#rules", Plain).show(rules_of(self.kiosk, self._minimum, self._field("new").value))

    @on(Field.Submitted, "#present")
    def _present_submitted(self) -> None:
        self._field("new").focus()

    @on(Field.Submitted, "#new")
    def _new_submitted(self) -> None:
        self._field("repeat").focus()

    @on(Field.Submitted, "#repeat")
    @on(Action.Pressed, "#save")
    def _save(self) -> None:
        present, new, repeated = (self._field(name).value for name in ("present", "new", "repeat"))
        self.do(lambda account: account.change_password(present, new, repeated), self._changed)

    def _changed(self, news: Moved, _view: AccountView) -> None:
        self.done(news)

    def refuse(self, refused: Refused) -> None:
        """Only what is wrong is typed again."""
        super().refuse(refused)
        if refused.why.text_id in PRESENT_WRONG:
            self._field("present").clear()
            self._field("present").focus()
            return
        if refused.clears_field:
            self._field("repeat").clear()
            if refused.why.text_id != DIFFERENT:
                self._field("new").clear()
        self._field("repeat" if self._field("new").value else "new").focus()

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.action_back()
