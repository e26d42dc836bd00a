"""Idleness: how long nobody touched anything, and the dialog that asks whether somebody is still there."""

import math
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult

from kiosk.sign_in.outcomes import Sentence
from screens.page import Dialog, Page
from screens.widgets.action import Action
from screens.widgets.base import Plain

if TYPE_CHECKING:
    from screens.app import KioskApp


class Idleness:
    """Watches over one app: warns with a countdown, then ends what the page wants ended."""

    def __init__(self, app: "KioskApp") -> None:
        self._app = app
        self._extensions = 0
        self._last = app.clock.monotonic()

    def touched(self) -> None:
        """A key, a button of the mouse or a paste: somebody is there."""
        self._last = self._app.clock.monotonic()
        self._extensions = 0

    def extended(self) -> None:
        """`Meer tijd` was chosen."""
        self._last = self._app.clock.monotonic()
        self._extensions += 1

    @property
    def since_seconds(self) -> float:
        """How long ago the last sign of life was."""
        return self._app.clock.monotonic() - self._last

    def look(self) -> None:
        """Warn, count down, or end; called once a second."""
        screen = self._app.screen
        if not isinstance(screen, Page):
            return
        page = screen.page_below if isinstance(screen, Dialog) else screen
        dialog = screen if isinstance(screen, IdleDialog) else None
        seconds = page.idle_seconds
        warning = self._app.facts.idle_warning_seconds
        left = math.inf if seconds is None else seconds - self.since_seconds
        if left > warning:
            if dialog is not None:
                dialog.dismiss(False)
        elif page.idle_silent or dialog is not None:
            self._count_down(page, dialog, left)
        else:
            self._warn(page, warning, seconds or warning)

    def _warn(self, page: Page[object], warning: int, seconds: int) -> None:
        # A page that begins to be watched late still gives the whole warning.
        self._last = self._app.clock.monotonic() - (seconds - warning)
        extendable = self._extensions < self._app.facts.idle_extensions
        self._app.push_screen(IdleDialog(page.idle_text_id, warning, extendable=extendable), self._answered)

    def _answered(self, more: bool | None) -> None:
        if more:
            self.extended()

    def _count_down(self, page: Page[object], dialog: "IdleDialog | None", left: float) -> None:
        if left > 0:
            if dialog is not None:
                dialog.count(math.ceil(left))
            return
        self._last = self._app.clock.monotonic()
        if self._app.gate is not None:
            # Whoever called has gone, and nobody else comes to this terminal.
            self._app.action_leave_gate()
            return
        self._app.run_worker(page.idle_ended(), group="idle", exclusive=True)


class IdleDialog(Dialog[bool]):
    """Are you still there? True when somebody is."""

    title_id = "idle.title"

    def __init__(self, text_id: str, seconds: int, *, extendable: bool) -> None:
        super().__init__()
        self._text_id = text_id if extendable else "page.idle.last"
        self._seconds = seconds
        self._extendable = extendable

    def compose_card(self) -> ComposeResult:
        """What will happen when, and the way out of it."""
        yield Plain(id="idle-text")
        if self._extendable:
            yield Action("idle.more.button", id="more-time", kind="primary")

    def on_mount(self) -> None:
        """Say it for the first time."""
        self.refresh_words()

    def count(self, seconds: int) -> None:
        """So many seconds are left."""
        self._seconds = seconds
        self.refresh_words()

    def refresh_words(self) -> None:
        """The rest, in the language of the app."""
        self.query_one("#idle-text", Plain).show(self.kiosk.say(Sentence(self._text_id, {"seconds": self._seconds})))

    def action_back(self) -> None:
        """Esc is a sign of life too."""
        self.more()

    def letter(self, letter: str) -> bool:
        """So is a letter."""
        if letter != "?":
            self.more()
            return True
        return super().letter(letter)

    @on(Action.Pressed, "#more-time")
    def more(self) -> None:
        """More time."""
        if self._extendable:
            self.dismiss(True)
