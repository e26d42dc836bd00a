"""Commands in processes that kill themselves with -9 just before the n-th change of the disk or commit."""

import multiprocessing
import os
import signal
from collections.abc import Callable, Iterator
from typing import Any, Final

from click.testing import CliRunner

from data.connection import Connection
from kiosk.commands.cli import main

# What makes, replaces, removes or fixes files; what SQLite does within a commit has its own tests.
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

    def counted(where: Any, name: str) -> Callable[..., Any]:
        original = getattr(where, name)

        def change(*args: Any, **kwargs: Any) -> Any:
            nonlocal left
            left -= 1
            if left == 0:
                os.kill(os.getpid(), signal.SIGKILL)
            return original(*args, **kwargs)

        return change

    for name in CHANGES:
        setattr(os, name, counted(os, name))
    rows = counted(Connection, "rows")
    all_rows = Connection.rows

    def only_commits(self: Connection, sql: str, *args: Any) -> Any:
        return (rows if sql == "COMMIT" else all_rows)(self, sql, *args)

    Connection.rows = only_commits  # type: ignore[method-assign, assignment]
    done = CliRunner().invoke(main, arguments)
    if done.exception is not None and not isinstance(done.exception, SystemExit):
        raise done.exception
    os._exit(done.exit_code)
