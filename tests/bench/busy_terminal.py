"""The terminal as `kiosk run` makes it, with work for it from SIGUSR1 on: argon2 without a pause and one SMS after another."""

import signal
import sys
import threading
from pathlib import Path
from types import FrameType
from typing import Final

from data.messages import MessageKind
from kiosk.commands.backstage import Backstage, modem_settings
from kiosk.commands.logs import log_to
from kiosk.commands.show import show
from kiosk.commands.site import Premises, enter
from kiosk.commands.speak import load_language
from kiosk.commands.terminal import Terminal, facts_of
from kiosk.config import Config
from kiosk.delivery.doorbell import Doorbell
from kiosk.delivery.outbox import Outbox
from tests.bench.place import PASSWORD, phone_of

# Between two SMS; a person who signs in causes one in half a minute.
SMS_PAUSE_SECONDS: Final = 0.3


def main() -> None:
    """Show the terminal until it is told to end."""
    config = Config.load(Path(sys.argv[1]))
    premises = enter(config)
    log_to(config.state.path)
    begin = threading.Event()

    def begin_work(_signal: int, _frame: FrameType | None) -> None:
        begin.set()

    signal.signal(signal.SIGUSR1, begin_work)
    for work in (_hash, _send):
        threading.Thread(target=work, args=(premises, begin), daemon=True).start()
    terminal = Terminal(facts_of(config, "balie 1"), lambda: Backstage(premises, modem_settings(config)))
    sys.exit(show(terminal, config, load_language()))


def _hash(premises: Premises, begin: threading.Event) -> None:
    with premises.hasher() as hasher:
        stored = hasher.hash(PASSWORD)
        begin.wait()
        while hasher.verify(PASSWORD, stored):
            pass


def _send(premises: Premises, begin: threading.Event) -> None:
    begin.wait()
    pause = threading.Event()
    with premises.open_database() as database:
        outbox = Outbox(database, premises.config.policy, Doorbell(premises.doorbell_directory))
        while not pause.wait(SMS_PAUSE_SECONDS):
            now = premises.clock.now()
            with database.transaction(write=True):
                outbox.queue(
                    kind=MessageKind.TEST,
                    user_id=None,
                    desk_id=None,
                    sign_in_id=None,
                    challenge_id=None,
                    number=phone_of(0),
                    text="Receptie Noord: test",
                    priority=0,
                    not_after=now + 300_000,
                    report=True,
                    language="nl",
                    now=now,
                )


if __name__ == "__main__":
    main()
