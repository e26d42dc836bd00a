"""A terminal of its own process, for tests of what only a real process and a real tty show.

Called with the name of a misfortune; `python -m tests.screens.one_terminal NAME LOGFILE`.
"""

import logging
import os
import sys
import threading
import warnings

from textual import on

from kiosk.service_manager import ServiceManager
from screens.widgets.action import Action
from tests.screens.doubles import LoginSample, small_app


class Misfortune(LoginSample):
    """A page to which something happens."""

    name_of_it = ""

    def on_mount(self) -> None:
        super().on_mount()
        if self.name_of_it == "noise":
            logging.getLogger("somebody").error("NOISE by the log")
            logging.getLogger("somebody").warning("NOISE by the log")
            warnings.warn("NOISE by a warning", stacklevel=1)
            print("NOISE by print")  # noqa: T201  a library might
            print("NOISE by print", file=sys.stderr)  # noqa: T201  a library might
        if self.name_of_it == "busy":
            self.run_worker(self.kiosk.ask(lambda _desk: threading.Event().wait(60)))

    @on(Action.Pressed, "#sign-in")
    def _crash(self) -> None:
        password = "zwaan" + "-492039"
        if self.name_of_it == "stuck":
            # In the loop that draws: nothing moves any more.
            threading.Event().wait()
        if self.name_of_it == "crash":
            raise RuntimeError("a crash") from ValueError(f"{len(password)} characters")


def main() -> None:
    """Run until told otherwise; the exit code is that of the app."""
    Misfortune.name_of_it, log_file = sys.argv[1:]
    if Misfortune.name_of_it == "noise":
        logging.basicConfig()
        logging.getLogger("somebody").addHandler(logging.StreamHandler())
    else:
        logging.basicConfig(filename=log_file)
    with small_app(stop=False, service=ServiceManager.of(os.environ)) as app:
        app.login_page = Misfortune  # type: ignore[method-assign]
        app.run()
    sys.exit(app.return_code)


main()
