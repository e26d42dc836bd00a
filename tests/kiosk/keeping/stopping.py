"""Commands in processes that kill themselves with -9 just before the n-th change of the disk."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any, Final

from click.testing import CliRunner

from kiosk.commands.cli import main

# What makes, replaces, removes or fixes files; SQLite's own calls have their own tests.
CHANGES: Final = ("fsync", "rename", "replace", "link", "unlink", "mkdir", "rmdir")
KILLED: Final = -signal.SIGKILL


def every_stop(*arguments: str, before: Callable[[], object] = lambda: None) -> Iterator[int]:
    """Run the command again and again, killed one change later each time, until it comes to its end; the change's number."""
    number = 1
    while True:
        before()
        code = run_until(number, *arguments)
        if code != KILLED:
            assert code == 0, f"change {number}: {code}"
            return
        yield number
        number += 1


def run_until(number: int, *arguments: str) -> int | None:
    """Exit code of the command, KILLED before its change `number`."""
    process = multiprocessing.get_context("fork").Process(target=_run, args=(number, arguments))
    process.start()
    process.join(60)
    return process.exitcode


def _run(number: int, arguments: tuple[str, ...]) -> None:
    left = number

    def counted(name: str) -> Callable[..., Any]:
        original = getattr(os, name)

        def change(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **kwargs)

        return change

    for name in CHANGES:
        setattr(os, name, counted(name))
    done = CliRunner().invoke(main, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    os._exit(done.exit_code)
