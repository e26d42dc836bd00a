"""How far a long look at the log is, and Ctrl-C as a way to end it in good order."""

import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from typing import Final, TypeAlias

import click

from kiosk.language import Language

Stop: TypeAlias = threading.Event
# A terminal is told so many times in all.
_TIMES: Final = 50


@contextlib.contextmanager
def stoppable() -> Iterator[Stop]:
    """An event that Ctrl-C and SIGTERM set; a second one ends the command at once."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def called(number: int, _frame: object) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    for number in before:
        signal.signal(number, called)
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def teller(language: Language, text_id: str) -> Callable[[int, int], None]:
    """Says how far it is on a terminal, in one line that is painted over; nothing where nobody looks."""
    if not sys.stderr.isatty():
        return lambda _done, _total: None
    told = -1

    def tell(done: int, total: int) -> None:
        nonlocal told
        step = _TIMES * done // max(1, total)
        if step != told:
            told = step
            end = "\n" if done >= total else "\r"
            click.echo(f"{language.text(text_id, done=done, total=total)}{end}", err=True, nl=False)

    return tell
