"""Whatever comes from the terminal is read to its end: octets that are no text, sequences that Textual cannot read, a paste without end.

A bar-code scanner types them as fast as a terminal answers, so anybody who stands at the desk can send all of them.
"""

import codecs
import functools
import logging
import time
from collections.abc import Callable, Iterable
from typing import Final

from textual import events
from textual._parser import ParseError
from textual._xterm_parser import BRACKETED_PASTE_END, BRACKETED_PASTE_START, XTermParser
from textual.drivers import linux_driver
from textual.message import Message

log = logging.getLogger("kiosk.screens")

# What is pasted comes at once. A paste that only begins would swallow what the next person types, and keep it.
PASTE_SECONDS: Final = 1.0
_MARK: Final = len(BRACKETED_PASTE_START)


class HardenedParser(XTermParser):
    """Textual's own, which begins anew after what it cannot read and takes nobody's word for the size of the terminal."""

    def __init__(self, debug: bool = False, *, now: Callable[[], float] = time.monotonic) -> None:
        self._now = now
        self._tail = ""
        self._paste_until: float | None = None
        super().__init__(debug)

    def feed(self, data: str) -> Iterable[Message]:
        """As Textual's; raises ParseError at the end alone."""
        self._watch_paste(data)
        try:
            for event in super().feed(data):
                # The kernel tells the size; no terminal was asked to.
                if not isinstance(event, events.Resize):
                    yield event
        except ParseError:
            raise
        except Exception as error:  # noqa: BLE001  such as a number that is no character; the pages must not end by it
            log.warning("the terminal sent what nobody can read: %s", type(error).__name__)
            self._begin_anew()
        self.mouse_pixels = False

    def tick(self) -> Iterable[Message]:
        """As Textual's; called after each read and ten times a second."""
        if self._paste_until is not None and self._now() >= self._paste_until:
            log.warning("a paste that did not end was thrown away")
            self._begin_anew()
        yield from super().tick()

    def _watch_paste(self, data: str) -> None:
        text = self._tail + data
        begun, ended = text.rfind(BRACKETED_PASTE_START), text.rfind(BRACKETED_PASTE_END)
        if ended > begun:
            self._paste_until = None
        elif begun > ended and self._paste_until is None:
            self._paste_until = self._now() + PASTE_SECONDS
        self._tail = text[-(_MARK - 1) :]

    def _begin_anew(self) -> None:
        self._tail, self._paste_until = "", None
        super().__init__()


def bear() -> None:
    """Let Textual's driver read with the hardened parser, and pass over octets that are no UTF-8; before an app runs."""

    def decoder(encoding: str) -> Callable[[], codecs.IncrementalDecoder]:
        return functools.partial(codecs.getincrementaldecoder(encoding), errors="ignore")

    linux_driver.getincrementaldecoder = decoder  # type: ignore[attr-defined, assignment]
    linux_driver.XTermParser = HardenedParser  # type: ignore[attr-defined]
