"""One sign-in as the pages see it: begun when it is first needed, over when the login page is shown again."""

from collections.abc import Callable
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from kiosk.desk import Desk
    from kiosk.sign_in.machine import SignIn

T = TypeVar("T")


class AttemptOver(Exception):  # noqa: N818  a fact, not a mistake
    """The login page was shown again before this call had its turn."""


class Attempt:
    """Every method runs in the domain thread."""

    def __init__(self, language: str) -> None:
        self._language = language
        self._sign_in: SignIn | None = None
        self._over = False

    def run(self, desk: "Desk", function: "Callable[[SignIn], T]") -> T:
        """Run `function` on the sign-in; raises AttemptOver after `end`."""
        if self._over:
            raise AttemptOver
        if self._sign_in is None:
            self._sign_in = desk.sign_in(self._language)
        return function(self._sign_in)

    def speak(self, language: str) -> None:
        """The next SMS of this sign-in is in this language."""
        self._language = language
        if self._sign_in is not None and not self._over:
            self._sign_in.set_language(language)

    def end(self, reason: str) -> None:
        """Cancel the sign-in, once."""
        if self._over:
            return
        self._over = True
        if self._sign_in is not None:
            self._sign_in.cancel(reason)
