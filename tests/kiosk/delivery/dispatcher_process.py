"""A dispatcher in a process of its own, to be killed.

`python -m tests.kiosk.delivery.dispatcher_process DIRECTORY PATIENCE NAME=PORT… [--hold-ctrl-z] [--roaming]` says "started",
and ends in good order on SIGTERM. With `--hold-ctrl-z` the port takes everything but Ctrl-Z, which waits for ever; with `--roaming`
every modem may look for another network.
"""

import signal
import sys
import threading
from pathlib import Path

from hardware.serial_line import SerialLine
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.policy import Policy
from tests.kiosk.delivery.house import TestClock
from tests.kiosk.delivery.stage import make_dispatcher, settings_of

HOLD = "--hold-ctrl-z"
ROAMING = "--roaming"
CTRL_Z = b"\x1a"


class LineThatHoldsCtrlZ(SerialLine):
    def write(self, data: bytes) -> None:
        if data == CTRL_Z:
            threading.Event().wait()
        super().write(data)


def main(arguments: list[str]) -> None:
    terminated = threading.Event()
    signal.signal(signal.SIGTERM, lambda *_: terminated.set())
    hold, roaming = HOLD in arguments, ROAMING in arguments
    directory, patience, *modems = (argument for argument in arguments if argument not in {HOLD, ROAMING})
    waker = Waker(Doorbell(Path(directory) / "doorbell"))
    waker.start()
    settings = [settings_of(name, port) for name, _, port in (modem.partition("=") for modem in modems)]
    dispatcher = make_dispatcher(
        Path(directory),
        settings,
        waker,
        clock=TestClock(),
        policy=Policy(),
        opener=LineThatHoldsCtrlZ if hold else SerialLine,
        roaming=[one.name for one in settings if roaming],
    )
    dispatcher.start()
    sys.stdout.write("started\n")
    sys.stdout.flush()
    terminated.wait()
    if not (dispatcher.stop(patience=float(patience)) and waker.stop()):
        sys.exit("a thread has not ended")


if __name__ == "__main__":
    main(sys.argv[1:])
