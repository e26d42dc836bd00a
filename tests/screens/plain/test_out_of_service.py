"""A terminal of lines whose database is lost under whoever stands there."""

import contextlib
import os
import pty
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from kiosk.desk_status import RETRY_SECONDS
from kiosk.domain_thread import DomainThread
from kiosk.keys import KeyFileError, KeyMissing
from kiosk.language import LANGUAGES, Language
from screens.plain.console import Bell, Console
from screens.plain.terminal import PlainTerminal
from tests.screens.doubles import FACTS, StillClock
from tests.screens.test_start import Unlucky
from tests.stories.kiosk_story import PATIENCE_SECONDS
from tests.stories.plain_story import Line

if TYPE_CHECKING:
    from kiosk.desk import Desk

MISSING = KeyMissing(Path("master.key"))


class Losing(Line):
    """A terminal over a domain that is lost and comes back as a test says."""

    def __init__(self, far: int, near: int, bell: Bell, *, from_the_start: Exception | None) -> None:
        super().__init__(far)
        self.unlucky = Unlucky()
        self.unlucky.trouble = from_the_start
        self.thread = DomainThread(self.unlucky.make)
        self.raised: Exception | None = None
        self.talking = threading.Thread(target=self._run)
        self._clock = StillClock()
        self._bell = bell
        self.terminal = PlainTerminal(
            cast("DomainThread[Desk]", self.thread),
            begin=self.thread.start,
            facts=FACTS,
            languages={code: Language.load(code) for code in LANGUAGES},
            clock=self._clock.clock(),
            console=Console(near, near, bell),
            bell=bell,
        )

    def _run(self) -> None:
        try:
            self.terminal.run(self.thread.start())
        except Exception as error:  # noqa: BLE001  for the test
            self.raised = error

    def lose(self, trouble: Exception) -> None:
        """Take the domain away; until `unlucky.trouble` is another, it does not come back."""
        self.unlucky.trouble = trouble
        self.thread.wake()

    def try_again(self) -> None:
        """Let the time pass after which it is tried again."""
        self._clock.advance(RETRY_SECONDS)
        self._bell.ring()


@contextlib.contextmanager
def losing(from_the_start: Exception | None = None) -> Iterator[Losing]:
    far, near = pty.openpty()
    bell = Bell()
    line = Losing(far, near, bell, from_the_start=from_the_start)
    line.talking.start()
    try:
        if from_the_start is None:
            line.until("Gebruikersnaam: ")
        yield line
    finally:
        line.terminal.end()
        line.talking.join(PATIENCE_SECONDS)
        line.thread.stop()
        bell.close()
        for end in (far, near):
            os.close(end)
        assert not line.talking.is_alive()


def test_a_database_that_is_lost_is_told_with_whom_to_call_until_it_is_back() -> None:
    with losing() as line:
        line.type("jan\r")
        line.until("Wachtwoord: ")
        line.lose(MISSING)
        line.until(
            "De sleutel van dit inlogpunt ontbreekt",
            "Hulp: Servicebalie, 030 555 01 23",
            "Kenmerk voor de helpdesk: Q",
            "Hier werkt nu alleen de hulp",
            "gaat vanzelf verder",
            "Buiten gebruik: ",
        )
        assert "jan" not in line.readable
        line.type("geheim\r")
        line.until("De sleutel van dit inlogpunt ontbreekt", "Buiten gebruik: ")
        assert "geheim" not in line.output
        line.type("?\r")
        line.until("SMS", "Buiten gebruik: ")

        line.unlucky.trouble = KeyFileError(Path("master.key"), "owner")
        line.try_again()
        line.until("kan zijn gegevens niet lezen", "030 555 01 23", "Buiten gebruik: ")
        line.type("#\r")
        line.until("Only the help works here now", "Out of service: ")
        line.unlucky.trouble = None
        line.try_again()
        line.until("User name: ")
        assert line.unlucky.tries == 3


def test_a_key_that_is_missing_at_the_start_is_told_and_waited_for() -> None:
    with losing(MISSING) as line:
        line.until(
            "De sleutel van dit inlogpunt ontbreekt",
            "Hulp: Servicebalie, 030 555 01 23",
            "Voor de technicus",
            "Buiten gebruik: ",
        )
        for key in ("\x03", "\x04", "\x1a", "\x1b"):
            line.type(key)
        line.type("x\r")
        line.until("De sleutel van dit inlogpunt ontbreekt", "Buiten gebruik: ")
        line.unlucky.trouble = None
        line.try_again()
        line.until("Receptie Noord", "Gebruikersnaam: ")


def test_what_only_we_can_mend_at_the_start_ends_the_terminal_with_its_reason() -> None:
    with losing(ZeroDivisionError()) as line:
        line.talking.join(PATIENCE_SECONDS)
    assert isinstance(line.raised, ZeroDivisionError)


def test_a_password_that_nobody_can_judge_any_more_ends_out_of_service(monkeypatch: pytest.MonkeyPatch) -> None:
    # As when it is lost in the moment between the look and the question.
    monkeypatch.setattr(PlainTerminal, "heed", lambda _: None)
    with losing() as line:
        line.type("jan\r")
        line.until("Wachtwoord: ")
        line.lose(MISSING)
        # Else the password may be there before the loss, and be judged.
        assert line.thread.lost.exception(PATIENCE_SECONDS) is not None
        line.type("geheim\r")
        line.until("De sleutel van dit inlogpunt ontbreekt", "Buiten gebruik: ")


def test_what_only_we_can_mend_ends_the_terminal_with_its_reason() -> None:
    class OurMistake(Exception):
        pass

    with losing() as line:
        line.lose(MISSING)
        line.until("Buiten gebruik: ")
        line.unlucky.trouble = OurMistake()
        line.try_again()
        line.talking.join(PATIENCE_SECONDS)
    assert isinstance(line.raised, OurMistake)
