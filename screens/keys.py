"""What happens to a key before any page sees it: bursts that no person typed, letters that wait for silence."""

from functools import partial
from typing import TYPE_CHECKING

from textual import events
from textual.timer import Timer

from screens.page import Page
from screens.typed_burst import LETTER_SILENCE_SECONDS, TypedBurst, Verdict
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.field import Entry

if TYPE_CHECKING:
    from screens.app import KioskApp


class KeyGate:
    """Stands between the terminal and the pages of one app."""

    def __init__(self, app: "KioskApp") -> None:
        self._app = app
        self._burst = TypedBurst()
        self._held: Timer | None = None

    def forget(self) -> None:
        """Nothing of what was typed stays here."""
        self._drop_held()
        self._burst.forget()

    @property
    def holding(self) -> bool:
        """Whether a letter waits for its silence."""
        return self._held is not None

    def holds_back(self, event: events.Key) -> bool:
        """Whether the key goes no further now; a held letter is handed on by itself after the silence."""
        in_field = isinstance(self._app.focused, Entry)
        verdict = self._burst.judge(event.key, event.character, self._app.clock.monotonic(), in_field=in_field)
        self._drop_held()
        if verdict is Verdict.HOLD:
            self._held = self._app.set_timer(LETTER_SILENCE_SECONDS, partial(self._silence, event))
        elif verdict is Verdict.TYPED_BY_KEY:
            self._take_back()
        return verdict is not Verdict.PASS

    def _drop_held(self) -> None:
        if self._held is not None:
            self._held.stop()
            self._held = None

    async def _silence(self, event: events.Key) -> None:
        self._held = None
        # It came alone: digits that follow belong to a code, not to a burst that this letter began.
        self._burst.forget()
        page = self._app.screen
        if not (isinstance(page, Page) and event.character is not None and page.letter(event.character)):
            await self._app.hand_on(event)

    def _take_back(self) -> None:
        letters, focused, page = self._burst.letters, self._app.focused, self._app.screen
        self._burst.forget()
        if isinstance(focused, Entry):
            # Behind the letters, which may still be on their way to the field.
            focused.call_later(focused.take_back, letters)
        if isinstance(page, Page):
            page.typed_by_key(in_field=isinstance(focused, Entry | CodeBoxes))
