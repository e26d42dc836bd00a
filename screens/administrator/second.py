"""Tweede beheerder: four eyes at this desk. The form stays below, and goes on as soon as the second one has approved."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.account.views import AccountView
from kiosk.administration.authority import Act
from kiosk.language import printable
from kiosk.sign_in.outcomes import Moved, Refused, Sentence, Stage
from screens.account.asking import AccountForm
from screens.account.proof import ProofPage
from screens.sign_in.login import NAME_LENGTH
from screens.widgets.action import Action
from screens.widgets.base import Plain
from screens.widgets.field import Field

if TYPE_CHECKING:
    from kiosk.account.account import Account
    from kiosk.account.approval import Approval
    from kiosk.desk import Desk


class SecondPage(AccountForm):
    """Name and password of the second administrator; then their second factor."""

    title_id = "approval.title"
    AUTO_FOCUS = "#second-name Entry"

    def __init__(self, act: Act, person_id: str | None, who: str, then: Callable[[], None]) -> None:
        super().__init__()
        self._act = act
        self._person_id = person_id
        self._who = who
        self._then = then

    def compose_card(self) -> ComposeResult:
        """What is to be approved, name, password."""
        yield Plain(id="approve-what")
        yield Field("sign_in.login.name.label", id="second-name", maximum_length=NAME_LENGTH, classes="gap")
        yield Field("sign_in.login.password.label", id="second-password", secret=True, toggle=False)
        yield self.message
        yield Action("approval.next.button", id="next", kind="primary", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("approval.back.button", id="back", kind="link")

    def on_mount(self) -> None:
        """Say it."""
        self.refresh_words()

    def refresh_words(self) -> None:
        """What is to be approved."""
        what = self.kiosk.text(f"people.act.{self._act.value}")
        values = {"what": f"{what}, {printable(self._who)}" if self._who else what}
        self.query_one("#approve-what", Plain).show(self.kiosk.text("approval.explained", **values))

    def asked_of(self, desk: "Desk") -> "Account":
        """A fresh question to a second administrator, which answers the part of an account that a proof asks."""
        return cast("Account", desk.ask_second(self._act, self._person_id))

    @on(Field.Submitted, "#second-name")
    def _name_submitted(self) -> None:
        self.query_one("#second-password", Field).focus()

    @on(Field.Submitted, "#second-password")
    @on(Action.Pressed, "#next")
    def _next(self) -> None:
        name, field = self.query_one("#second-name", Field).value, self.query_one("#second-password", Field)
        password = field.value
        field.clear()
        if not name.strip() or not password:
            self.refuse(Refused(Sentence("approval.missing"), Stage.SIGNED_IN))
            return
        self.do(lambda approval: cast("Approval", approval).begin(name, password), self._known)

    def _known(self, _news: Moved, view: AccountView) -> None:
        self.app.switch_screen(SecondProofPage(view.proofs, self._then))

    def refuse(self, refused: Refused) -> None:
        """The password is typed again."""
        super().refuse(refused)
        self.query_one("#second-password", Field).clear()
        self.query_one(
            "#second-password" if self.query_one("#second-name", Field).value else "#second-name", Field
        ).focus()

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.action_back()


class SecondProofPage(ProofPage):
    """The second factor of the second administrator."""

    title_id = "approval.title"
    why_id = "approval.why"

    def asked_of(self, desk: "Desk") -> "Account":
        """As for the page before, but the question that was begun there."""
        return cast("Account", desk.approval())
