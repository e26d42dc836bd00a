"""The lock of the desk: while its page lies over all others, nothing but the same person, or the end, takes it away."""

import asyncio
from typing import TYPE_CHECKING

from textual.screen import Screen

from screens.idle import IdleDialog

if TYPE_CHECKING:
    from screens.app import KioskApp


class StillLocked(Exception):
    """Something wanted to take the page of the lock away: a fault of ours, and the terminal begins anew."""


class Locking:
    """Whether the desk is locked, and the page that says so."""

    def __init__(self, app: "KioskApp") -> None:
        self._app = app
        self._open = asyncio.Event()
        self._open.set()

    @property
    def locked(self) -> bool:
        """Whether the page of the lock lies over everything."""
        return not self._open.is_set()

    async def lock(self, *, idle: bool) -> None:
        """Nobody is at the desk (`idle`), or whoever is goes away: only the same person goes on."""
        from screens.home.locked import LockPage  # noqa: PLC0415  each page when it is wanted

        if self.locked:
            return
        self._open.clear()
        self._app.keys.forget()
        page = LockPage(idle=idle)
        if isinstance(self._app.screen, IdleDialog):
            # In its place, so that what lies below is not shown for a moment.
            await self._app.switch_screen(page)
        else:
            await self._app.push_screen(page)

    def unlock(self) -> None:
        """The same person is here again; what was over the page of the lock goes with it."""
        below = next(number for number, screen in enumerate(self._app.screen_stack) if screen.has_class("-lock"))
        self._open.set()
        while len(self._app.screen_stack) > below:
            self._app.pop_screen()
        self._app.idleness.touched()

    async def over(self) -> None:
        """Wait until the desk is not locked."""
        await self._open.wait()

    def forget(self) -> None:
        """The sign-in ends, and all pages go."""
        self._open.set()

    def check(self, closing: Screen[object]) -> None:
        """While the desk is locked, nothing closes the page of the lock; raises StillLocked."""
        if self.locked and closing.has_class("-lock"):
            raise StillLocked
