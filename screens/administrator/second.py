"""Tweede beheerder: four eyes at this desk, or later at another one. The form stays below, and goes on once it is approved."""

from collections.abc import Callable
from typing import TYPE_CHECKING, cast

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.account.views import AccountView
from kiosk.administration.break_glass import is_there
from kiosk.administration.four_eyes import Wanted
from kiosk.sign_in.outcomes import Moved, Refused, Sentence, Stage
from screens.account.asking import AccountForm
from screens.account.proof import ProofPage
from screens.administrator.asked import asked_in_words, content_in_words
from screens.page import on_screen
from screens.sign_in.login import NAME_LENGTH
from screens.widgets.action import Action
from screens.widgets.base import Plain
from screens.widgets.field import Field

if TYPE_CHECKING:
    from kiosk.account.account import Account
    from kiosk.account.approval import Approval
    from kiosk.desk import Desk


# So many lines of what is asked fit beside the gaps of the form.
ROOM_FOR = 2


class SecondPage(AccountForm):
    """Name and password of the second administrator; then their second factor."""

    title_id = "approval.title"
    AUTO_FOCUS = "#second-name Entry"

    def __init__(self, wanted: Wanted, who: str, then: Callable[[], None], wait: Callable[[], None]) -> None:
        super().__init__()
        self._wanted = wanted
        self._who = who
        self._then = then
        self._wait = wait

    def compose_card(self) -> ComposeResult:
        """What is to be approved, name, password; or leaving it for whoever comes."""
        yield Plain(id="approve-what")
        yield Field("sign_in.login.name.label", id="second-name", maximum_length=NAME_LENGTH, classes="compact gap")
        yield Field("sign_in.login.password.label", id="second-password", secret=True, toggle=False, classes="compact")
        yield self.message
        yield Action("approval.next.button", id="next", kind="primary", classes="gap")
        with Center(id="back-place", classes="gap"):
            yield Action("approval.wait.button", id="wait", kind="link")
            yield Action("approval.glass.button", id="glass", kind="link")
            yield Action("approval.back.button", id="back", kind="link")

    def on_mount(self) -> None:
        """Say it; whether there is a code in the envelope is found out meanwhile."""
        self.query_one("#glass").display = False
        self.refresh_words()
        self.app.run_worker(self._look_for_code(), group="account-look")

    async def _look_for_code(self) -> None:
        try:
            there = await self.kiosk.ask(lambda desk: is_there(desk.office()))
        except Exception as error:  # noqa: BLE001  the other ways stand there
            self.kiosk.log_unexpected(error)
            return
        if on_screen(self):
            self.query_one("#glass").display = there

    def refresh_words(self) -> None:
        """What is to be approved."""
        told = self.kiosk.text("approval.explained", what=asked_in_words(self.kiosk, self._wanted.act, self._who))
        exactly = content_in_words(self.kiosk, self._wanted.content.shown)
        self.query_one("#approve-what", Plain).show("\n".join([told, *exactly]))
        # All of it is read before a name is typed.
        self.set_class(len(exactly) > ROOM_FOR, "-told")

    def asked_of(self, desk: "Desk") -> "Account":
        """A fresh question to a second administrator, which answers the part of an account that a proof asks."""
        return cast("Account", desk.ask_second(self._wanted))

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

    @on(Action.Pressed, "#wait")
    def _later(self) -> None:
        self.close()
        self._wait()

    @on(Action.Pressed, "#glass")
    def _break_glass(self) -> None:
        from screens.administrator.broken_glass import BreakGlassPage  # noqa: PLC0415  once in years

        def used() -> None:
            self.close()
            self._then()

        self.app.push_screen(BreakGlassPage(self._wanted, self._who, used))

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
