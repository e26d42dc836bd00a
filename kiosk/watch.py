"""Subscriptions: who wants to know, and how to stop."""

import logging
from collections.abc import Callable
from typing import Generic, Protocol, TypeVar

T = TypeVar("T")
log = logging.getLogger("kiosk.watch")


class Subscription(Protocol):
    """Something that was watched until `cancel()`, which may be called at any time and more than once."""

    def cancel(self) -> None:
        """No callback starts after this returns."""


class Watchers(Generic[T]):
    """Calls everyone who watches: at once with the present state, then per change.

    Lives in one thread: `watch`, `tell` and `cancel` are called there.
    """

    def __init__(self, present: Callable[[], T]) -> None:
        self._present = present
        self._last: T | None = None
        self._callbacks: dict[int, Callable[[T], None]] = {}
        self._next = 0

    def __len__(self) -> int:
        return len(self._callbacks)

    def watch(self, callback: Callable[[T], None]) -> Subscription:
        """Call `callback` now and after each change; raises what looking raises, and then nobody new watches."""
        present = self._present()
        # Whoever watches already must not miss a change because somebody new saw it first.
        self._tell(present)
        key, self._next = self._next, self._next + 1
        self._callbacks[key] = callback
        self._call(callback, present)
        return _Cancel(self._callbacks, key)

    def refresh(self) -> bool:
        """Look again; tell everyone when it differs. True when it did; raises what looking raises."""
        return bool(self._callbacks) and self._tell(self._present())

    def _tell(self, present: T) -> bool:
        if present == self._last:
            return False
        self._last = present
        for key in tuple(self._callbacks):
            # A callback may cancel another one.
            if (callback := self._callbacks.get(key)) is not None:
                self._call(callback, present)
        return True

    @staticmethod
    def _call(callback: Callable[[T], None], state: T) -> None:
        try:
            callback(state)
        except Exception:
            # A page that is being torn down must not stop the others from being told.
            log.exception("a watcher failed")


class _Cancel:
    def __init__(self, callbacks: dict[int, Callable[[T], None]], key: int) -> None:
        self._callbacks = callbacks
        self._key = key

    def cancel(self) -> None:
        """Forget the callback."""
        self._callbacks.pop(self._key, None)
