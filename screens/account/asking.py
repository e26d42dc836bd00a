"""What the pages of Mijn account share: they ask the account of whoever is signed in, one thing at a time.

Page
└── AccountPart      asks, and shows what comes of it
    └── AccountForm  a card over Home with fields or a code
"""

from collections.abc import Callable
from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from kiosk.account.account import Account
from kiosk.account.views import AccountView
from kiosk.sign_in.outcomes import AskFirst, Moved, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.troubles import sentence_of
from screens.account.asked import Request, asked, seen
from screens.page import Page, on_screen
from screens.session_idle import SessionIdle
from screens.sign_in.contact import say_failure, say_refused
from screens.sign_in.question import Question
from screens.widgets.action import Action

if TYPE_CHECKING:
    from kiosk.desk import Desk

Then = Callable[[Moved, AccountView], None]


class AccountPart(SessionIdle, Page[None]):
    """`account` is what was last told of it; None before the first answer."""

    account: AccountView | None = None
    _asking = False

    def do(self, request: Request, then: Then | None = None, *, confirmed: Request | None = None) -> None:
        """Ask for a change and show what came of it; ignored while another one is made.

        `then` is called instead of saying what was done; `confirmed` is asked when the account wants to know first.
        """
        if self._asking:
            return
        self._asking = True
        busy = self._show_busy()

        async def ask() -> None:
            try:
                outcome, view = await self.kiosk.ask(lambda desk: asked(desk, self.asked_of, request))
            except Exception as error:  # noqa: BLE001  the person is told, and the page stands as it stood
                self.kiosk.log_unexpected(error)
                outcome, view = Refused(sentence_of(error), Stage.SIGNED_IN), None
            finally:
                self._asking = False
                for action, label in busy:
                    if action.is_attached:
                        action.relabel(label)
            if on_screen(self):
                self._answered(outcome, view, then, confirmed)

        self.app.run_worker(ask(), group="account")

    def tell_domain(self, request: Request) -> None:
        """Ask for something whose outcome nobody sees any more, such as that a page was left."""

        async def ask() -> None:
            try:
                await self.kiosk.ask(lambda desk: asked(desk, self.asked_of, request))
            except Exception as error:  # noqa: BLE001  nobody waits for it; the session's end does the same
                self.kiosk.log_unexpected(error)

        self.app.run_worker(ask(), group="account")

    def look(self) -> None:
        """Read the account again; what fails is logged and the page shows what it knew."""

        async def ask() -> None:
            try:
                view = await self.kiosk.ask(lambda desk: seen(desk, self.asked_of))
            except Exception as error:  # noqa: BLE001  a database that is busy comes back
                self.kiosk.log_unexpected(error)
                return
            if view is not None and on_screen(self):
                self.take(view)

        self.app.run_worker(ask(), group="account-look")

    # What a subclass gives

    def asked_of(self, desk: "Desk") -> Account:
        """Whose account is asked: that of whoever is signed in."""
        return desk.account()

    def take(self, view: AccountView) -> None:
        """Show what is known now."""
        self.account = view

    def tell(self, news: Moved) -> None:
        """What was done."""
        if news.notice is None:
            self.message.clear()
        elif news.warning:
            say_failure(self.message, news.notice)
        else:
            self.message.success(news.notice)

    def refuse(self, refused: Refused) -> None:
        """Why it was not done."""
        say_refused(self.message, refused)

    # Inside

    def _answered(
        self, outcome: Outcome, view: AccountView | None, then: Then | None, confirmed: Request | None
    ) -> None:
        match outcome:
            case AskFirst(question):
                self._ask(question, confirmed)
            case Refused():
                # After the end of the session Home goes back to the login page by itself, and says why.
                if outcome.stage is not Stage.ENDED:
                    self.refuse(outcome)
            case Moved() if view is not None:
                self.take(view)
                if then is None:
                    self.tell(outcome)
                else:
                    then(outcome, view)

    def _ask(self, question: Sentence, confirmed: Request | None) -> None:
        def said(yes: bool | None) -> None:
            if yes and confirmed is not None:
                self.do(confirmed)

        self.app.push_screen(Question(question), said)

    def _show_busy(self) -> list[tuple[Action, Sentence]]:
        """The next step says that it is being taken; no row moves for it."""
        found = [one for one in self.query(Action) if one.kind == "primary" and one.available]
        labels = [(action, action.label) for action in found]
        for action in found:
            action.relabel("common.busy.line")
        return labels


class AccountForm(AccountPart):
    """A card with what is to be typed; Esc goes back to Mijn account and leaves nothing under way."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path(__file__).parents[1] / "sign_in" / "sign_in.tcss",
        Path(__file__).with_name("account.tcss"),
    ]

    def refuse(self, refused: Refused) -> None:
        """The message takes rows from the rest."""
        super().refuse(refused)
        self.add_class("-told")

    def tell(self, news: Moved) -> None:
        """As `refuse`."""
        super().tell(news)
        self.set_class(news.notice is not None, "-told")

    def leave_request(self) -> Request | None:
        """What the account is told when the page is left."""
        return None

    def action_back(self) -> None:
        """Esc."""
        if (request := self.leave_request()) is not None:
            self.tell_domain(request)
        self.app.pop_screen()

    def close(self) -> None:
        """Take this page away, with whatever was opened over it while the answer came."""
        while self.app.screen is not self:
            self.app.pop_screen()
        self.app.pop_screen()

    def done(self, news: Moved) -> None:
        """Back to the page below, which says what was done."""
        self.close()
        below = self.app.screen
        if isinstance(below, AccountPart):
            below.tell(news)
            below.look()
