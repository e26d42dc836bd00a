"""A borrower in a process of its own, to be killed.

`python -m tests.kiosk.delivery.borrower_process DIRECTORY MODEM NAME=PORT…` says "borrowed" once it has the modem, and gives it
back on SIGTERM.
"""

import signal
import sys
import threading
from pathlib import Path

from kiosk.delivery.borrowing import Borrowed, Purpose
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.policy import Policy
from tests.kiosk.delivery.house import TestClock
from tests.kiosk.delivery.stage import make_means, settings_of


def main(arguments: list[str]) -> None:
    terminated = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: terminated.set())
    directory, modem, *modems = arguments
    waker = Waker(Doorbell(Path(directory) / "doorbell"))
    waker.start()
    settings = [settings_of(name, port) for name, _, port in (each.partition("=") for each in modems)]
    means = make_means(Path(directory), settings, waker.doorbell, clock=TestClock(), policy=Policy())
    with Borrowed(
        means,
        waker,
        modem,
        purpose=Purpose.CONSOLE,
        borrower="another process",
        actor="unix:tester",
        dispatcher_lock=Path(directory) / "dispatcher.lock",
    ):
        sys.stdout.write("borrowed\n")
        sys.stdout.flush()
        terminated.wait()
    waker.stop()


if __name__ == "__main__":
    main(sys.argv[1:])
