"""Attempt: one sign-in as the pages see it, from the login page to its end.

It asks the domain, keeps the newest view and tells the pages of a change on their own message queue, so that nothing of
the domain thread ever touches a widget.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from textual.message import Message
from textual.message_pump import MessagePump

from kiosk.domain_thread import DomainEnded
from kiosk.watch import Subscription

if TYPE_CHECKING:
    from kiosk.desk import Desk
    from kiosk.sign_in.machine import SignIn
    from kiosk.sign_in.views import SignInView
    from screens.app import KioskApp

T = TypeVar("T")


@dataclass
class ViewChanged(Message):
    """The domain knows something new about the sign-in."""

    view: "SignInView"

    def can_replace(self, message: Message) -> bool:
        """Only the newest view is worth painting."""
        return isinstance(message, ViewChanged)


class Attempt:
    """Made anew with every login page; the domain's `SignIn` begins with the first question."""

    def __init__(self, app: "KioskApp") -> None:
        self.view: SignInView | None = None
        """The newest view; None before the first question."""
        self.busy = False
        """The domain is at work on what the person asked for; nothing else is taken meanwhile."""
        self._app = app
        self._closed = False
        self._pages: list[MessagePump] = []
        self._sign_in: SignIn | None = None
        self._subscription: Subscription | None = None

    def __repr__(self) -> str:
        return f"Attempt({self.view.stage if self.view is not None else 'new'})"

    def do(self, request: "Callable[[SignIn], T]", then: Callable[[T], Awaitable[None]]) -> bool:
        """Ask the domain for something and hand the answer to `then`; False while it is at work or when all is over."""
        if self.busy or self._closed:
            return False
        self.busy = True
        # The worker is the app's: `then` shows the next page, so it must outlive the present one.
        self._app.run_worker(self._do(request, then), group="sign-in")
        return True

    def look(
        self, question: "Callable[[SignIn], T]", then: Callable[[T], None], otherwise: Callable[[], None] | None = None
    ) -> None:
        """Ask the domain for something to show; nothing moves. When it cannot be told now, `otherwise` is called."""
        if not self._closed:
            self._app.run_worker(self._look(question, then, otherwise), group="sign-in")

    def join(self, page: MessagePump, seen: "SignInView") -> None:
        """Post `ViewChanged` to `page` per change after the view that it has `seen`."""
        self._pages.append(page)
        if self.view is not None and self.view is not seen:
            page.post_message(ViewChanged(self.view))

    def leave(self, page: MessagePump) -> None:
        """Tell `page` nothing more."""
        if page in self._pages:
            self._pages.remove(page)

    def close(self, reason: str) -> None:
        """End it, whatever the domain is doing: "person", "idle", "sign_out" or "stop"; a session ends with it."""
        if not self._closed:
            self._closed = True
            self._app.run_worker(self._ask_to_close(reason), group="sign-in")

    def tell_language(self) -> None:
        """The domain speaks the language of the page from now on, such as in the next SMS."""
        if not self._closed:
            self._app.run_worker(self._ask_to_speak(self._app.language.code), group="sign-in")

    async def _do(self, request: "Callable[[SignIn], T]", then: Callable[[T], Awaitable[None]]) -> None:
        try:
            answer = await self._app.ask(lambda desk: request(self._open(desk)))
        except Exception as error:  # noqa: BLE001  whatever it is, the next person needs a login page
            if self._closed:
                self._app.log_unexpected(error)
            else:
                await self._app.show_unexpected(error)
            return
        finally:
            self.busy = False
        if not self._closed:
            await then(answer)
        self._app.keys.domain_is_done()

    async def _look(
        self, question: "Callable[[SignIn], T]", then: Callable[[T], None], otherwise: Callable[[], None] | None
    ) -> None:
        try:
            answer = await self._app.ask(lambda desk: question(self._open(desk)))
        except Exception as error:  # noqa: BLE001  the page shows what it knew; a database that is busy comes back
            self._app.log_unexpected(error)
            if otherwise is not None and not self._closed:
                otherwise()
            return
        if not self._closed:
            then(answer)

    async def _ask_to_close(self, reason: str) -> None:
        try:
            await self._app.ask(lambda _desk: self._end(reason))
        except DomainEnded:
            # The sign-in ended with its desk.
            return
        except Exception as error:  # noqa: BLE001  the login page is shown already
            self._app.log_unexpected(error)

    async def _ask_to_speak(self, code: str) -> None:
        try:
            await self._app.ask(lambda _desk: self._speak(code))
        except Exception as error:  # noqa: BLE001  the page speaks it already; only an SMS would not
            self._app.log_unexpected(error)

    # In the thread of the domain, one after another

    def _open(self, desk: "Desk") -> "SignIn":
        if self._sign_in is None:
            self._sign_in = desk.sign_in(self._app.language.code)
            self._subscription = self._sign_in.watch(self._changed)
        return self._sign_in

    def _speak(self, code: str) -> None:
        if self._sign_in is not None:
            self._sign_in.set_language(code)

    def _end(self, reason: str) -> None:
        if self._subscription is not None:
            self._subscription.cancel()
        if self._sign_in is not None:
            self._sign_in.cancel(reason)

    def _changed(self, view: "SignInView") -> None:
        self.view = view
        for page in tuple(self._pages):
            page.post_message(ViewChanged(view))
