"""What happens to a key before any page sees it: bursts that no person typed, letters that wait for silence."""

from collections import deque
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual import events
from textual.dom import DOMNode
from textual.screen import Screen
from textual.timer import Timer

from screens.page import Page
from screens.typed_burst import LETTER_SILENCE_SECONDS, TypedBurst, Verdict
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.field import Entry

if TYPE_CHECKING:
    from screens.app import KioskApp


# Keys that take the focus from one text field to the next.
MOVING: Final = frozenset({"enter", "tab", "shift+tab", "down", "up"})

# How often a turn through the queues is waited for after such a key: the key bubbles up to the app, which presses the
# action; its message goes to the field, to the page, and the focus moves by way of the app.
TURNS: Final = 4

# A page that closed meanwhile answers no more, and a busy machine is slow to: how often is looked which of the two it
# is, and after how many looks the keys go on whatever it is.
LOOK_SECONDS: Final = 0.5
LONGEST_LOOKS: Final = 20

# The longest code and its Enter.
LONGEST_AHEAD: Final = 9


class KeyGate:
    """Stands between the terminal and the pages of one app.

    Keys that arrive together (a slow line, a paste by the terminal, a password manager) are given to the page one field
    after another: without this a password that follows Tab or Enter at once would stand readable in the name field.
    """

    def __init__(self, app: "KioskApp") -> None:
        self._app = app
        self._burst = TypedBurst()
        self._held: Timer | None = None
        self._moving: Timer | None = None
        self._turning: DOMNode | None = None
        self._looks = 0
        self._waiting: deque[events.Key] = deque()
        self._for_page = False
        self._ahead: list[events.Key] = []
        self._ahead_of: Screen[Any] | None = None

    def forget(self) -> None:
        """Nothing of what was typed stays here."""
        self._drop_held()
        self._burst.forget()
        self._waiting.clear()
        self._ahead.clear()
        self._ahead_of = None
        if self._moving is not None:
            self._moving.stop()
            self._moving = None

    def point_at(self, key: str) -> None:
        """Type a key that somebody pointed at, as if it were on the keyboard; nothing that points types in bursts."""
        self._burst.forget()
        self._app.post_message(events.Key(key, key if len(key) == 1 else None))

    @property
    def holding(self) -> bool:
        """Whether a letter waits for its silence."""
        return self._held is not None

    @property
    def in_burst(self) -> bool:
        """Whether keys come faster than a person types, outside a text field."""
        return self._burst.fast

    def holds_back(self, event: events.Key) -> bool:
        """Whether the key goes no further now; what is held back is handed on by itself."""
        if self._moving is not None or self._waits_for_page():
            self._waiting.append(event)
            return True
        return self._typed_ahead(event) or self._judged(event)

    def page_is_there(self) -> None:
        """A page has its focus: keys that came before it go to it."""
        if self._moving is not None and self._for_page:
            self._app.call_later(self._moved)

    def _waits_for_page(self) -> bool:
        """Whether the page is still being made: a key would go to nothing on it. Then the following ones are held."""
        page = self._app.screen
        if not isinstance(page, Page) or page.is_there:
            return False
        self._for_page = True
        self._wait(partial(self._look_at_page, page))
        return True

    def _wait(self, look: Callable[[], Awaitable[None]]) -> None:
        self._looks = 0
        self._moving = self._app.set_interval(LOOK_SECONDS, look)

    async def _look_at_page(self, page: Page[Any]) -> None:
        self._looks += 1
        if page not in self._app.screen_stack or self._looks >= LONGEST_LOOKS:
            page.is_there = True
            await self._moved()

    async def _look_at_move(self) -> None:
        self._looks += 1
        if self._turning is None or not self._turning.is_running or self._looks >= LONGEST_LOOKS:
            await self._moved()

    def domain_is_done(self) -> None:
        """What was asked is done: give the digits that were typed meanwhile to the page that takes them, or to nobody."""
        ahead, self._ahead = self._ahead, []
        before, self._ahead_of = self._ahead_of, None
        page = self._app.screen
        if page is not before and isinstance(page, Page) and page.takes_code_typed_ahead:
            for event in ahead:
                self._app.post_message(events.Key(event.key, event.character))

    def _typed_ahead(self, event: events.Key) -> bool:
        """Keep the digits of a code, and its Enter, while the domain is at work: the field that has the focus is done with.

        Whoever knows the code of an app types on after the password, and would type it behind the password. Everything
        else does what it does on a page that waits: nothing.
        """
        attempt = self._app.attempt
        if attempt is None or not attempt.busy or not isinstance(self._app.focused, Entry | CodeBoxes):
            return False
        if event.key == "backspace" and self._ahead:
            self._ahead.pop()
            return True
        digit = event.character is not None and event.character.isascii() and event.character.isdigit()
        if not digit and (event.key != "enter" or not self._ahead):
            return False
        if not self._ahead:
            self._ahead_of = self._app.screen
        if len(self._ahead) < LONGEST_AHEAD:
            self._ahead.append(event)
        return True

    def _judged(self, event: events.Key) -> bool:
        in_field = isinstance(self._app.focused, Entry)
        verdict = self._burst.judge(event.key, event.character, self._app.clock.monotonic(), in_field=in_field)
        self._drop_held()
        if verdict is Verdict.HOLD:
            self._held = self._app.set_timer(LETTER_SILENCE_SECONDS, partial(self._silence, event))
        elif verdict is Verdict.TYPED_BY_KEY:
            self._take_back()
        if verdict is Verdict.PASS and event.key in MOVING and isinstance(self._app.focused, Entry):
            self._begin_move(self._app.focused)
        return verdict is not Verdict.PASS

    def _begin_move(self, field: Entry) -> None:
        """Hold the following keys until this one has done its work: then the focus is where the person wanted it."""
        self._turning = field
        self._wait(self._look_at_move)
        assert self._moving is not None
        # Called later, because the key itself is handed to the field after this.
        self._app.call_later(self._turn, self._moving, list(field.ancestors_with_self) * TURNS)

    def _turn(self, move: Timer, path: list[DOMNode]) -> None:
        """Stand in the queue of each node on the way up, behind the key and what follows from it."""
        if move is not self._moving:
            return
        self._turning = path[0] if path else None
        if not path or not path[0].call_later(self._turn, move, path[1:]):
            self._app.call_later(self._moved)

    async def _moved(self) -> None:
        if self._moving is not None:
            self._moving.stop()
            self._moving = None
        self._for_page = False
        while self._waiting and self._moving is None:
            if self._waits_for_page():
                return
            event = self._waiting.popleft()
            if not self._typed_ahead(event) and not self._judged(event):
                await self._app.hand_on(event)

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
