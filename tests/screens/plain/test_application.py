"""Applications from lines: real programs on real pseudo-terminals, started and relayed as Home of the pages does."""

import termios
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.desk_status import ApplicationEntry
from kiosk.sign_in.outcomes import Sentence, Stage
from kiosk.sign_in.views import SignInView
from tests.kiosk.applications.desk_terminal import python, site
from tests.screens.plain.sitting import Sitting, sit
from tests.screens.sign_in.scripted import FACTS, NOON_MS, PASSWORD, home_page

IT = ApplicationEntry(name="it", labels={"nl": "Roosters", "en": "Rosters"}, roles=("staff",), same_account=True)
ECHO = python("print('ready', flush=True); print('heard', input(), flush=True); input()")
IDLE = FACTS.session_idle_seconds


def with_application(
    tmp_path: Path,
    what: Callable[[Sitting], None],
    argv: tuple[str, ...] = ECHO,
    entry: ApplicationEntry = IT,
    *,
    view: SignInView | None = None,
    term: str = "xterm-256color",
) -> Sitting:
    facts = replace(FACTS, applications=(entry,))
    return sit(what, facts=facts, launching=site(tmp_path, *argv), view=view, term=term)


def ended(person: Sitting) -> list[tuple[object, ...]]:
    return person.script.calls("end_application")


def test_a_number_starts_it_and_its_end_leads_back_to_home(tmp_path: Path) -> None:
    def what(person: Sitting) -> None:
        person.until("Toepassingen", "account van de kiosk", "1 Roosters", "Keuze: ")
        person.type("1\r")
        person.until("Roosters wordt geopend", "ready")
        person.type("k\r")
        person.until("heard k")
        person.type("\r")
        person.until("Roosters is gesloten.", "1 Roosters", "Keuze: ")
        assert "ready" not in person.readable

    sitting = with_application(tmp_path, what)
    assert sitting.script.calls("begin_application") == [("it",)]
    assert ended(sitting) == [("it", "0")]


def test_a_key_during_the_warning_brings_it_back_with_what_it_had_written(tmp_path: Path) -> None:
    def what(person: Sitting) -> None:
        person.until("Keuze: ")
        person.type("1\r")
        person.until("ready")
        person.wait(IDLE - 19)
        person.until("Over 20 seconden wordt dit scherm vergrendeld", "Enter: terug naar Roosters: ")
        assert "ready" not in person.readable
        person.type("x")
        person.until("U hebt meer tijd", "ready")
        # What answered the warning is not for the application.
        person.type("k\r")
        person.until("heard k")
        person.type("\r")
        person.until("Roosters is gesloten", "Keuze: ")

    assert ended(with_application(tmp_path, what)) == [("it", "0")]


def locked(person: Sitting) -> None:
    person.until("Keuze: ")
    person.type("1\r")
    person.until("ready")
    person.wait(IDLE - 19)
    person.until("Enter: terug naar Roosters: ")
    person.wait(21)
    person.until("Scherm vergrendeld", "Jan de Vries", "Esc: Iemand anders wil inloggen", "Wachtwoord: ")


def test_idleness_locks_it_and_only_the_password_leads_back_to_it(tmp_path: Path) -> None:
    def what(person: Sitting) -> None:
        locked(person)
        person.wait(24 * 3600)
        person.type("fout\r")
        person.until("Dit wachtwoord klopt niet", "Wachtwoord: ")
        assert "ready" not in person.readable
        person.type(f"{PASSWORD}\r")
        person.until("ready")
        person.type("k\r\r")
        person.until("heard k", "Roosters is gesloten")
        assert PASSWORD not in person.output

    assert ended(with_application(tmp_path, what)) == [("it", "0")]


def test_too_many_wrong_passwords_end_the_session_and_the_application(tmp_path: Path) -> None:
    def what(person: Sitting) -> None:
        locked(person)
        person.type("again\r")
        person.until("te vaak een verkeerd wachtwoord", "Gebruikersnaam: ")

    assert ended(with_application(tmp_path, what)) == [("it", "signal_15")]


def test_somebody_else_ends_the_session_after_a_countdown_that_a_key_stops(tmp_path: Path) -> None:
    def what(person: Sitting) -> None:
        locked(person)
        person.type("\x1b")
        person.until("ook wat niet is bewaard: Roosters", "Over 20 seconden wordt de eerste persoon uitgelogd")
        person.type("x")
        person.until("Scherm vergrendeld", "Wachtwoord: ")
        person.type("\x1b")
        person.until("Over 20 seconden")
        person.wait(11)
        person.until("Over 9 seconden")
        person.wait(10)
        person.until("Wie hier bezig was, is uitgelogd", "Gebruikersnaam: ")
        assert "Vries" not in person.readable

    sitting = with_application(tmp_path, what)
    assert ended(sitting) == [("it", "signal_15")]
    assert ("other_person",) in sitting.script.calls("cancel")


def test_the_end_of_the_longest_session_is_told_over_it_once(tmp_path: Path) -> None:
    def what(person: Sitting) -> None:
        person.until("Keuze: ")
        person.type("1\r")
        person.until("ready")
        person.wait(10)
        person.until("omdat u lang bent ingelogd", "Enter: terug naar Roosters: ")
        person.type("\r")
        person.until("ready")
        person.wait(10)
        person.type("k\r\r")
        person.until("heard k", "Roosters is gesloten")

    with_application(tmp_path, what, view=home_page(ends_at=NOON_MS + 305_000))


@pytest.mark.parametrize("behind_lock", [False, True])
def test_a_session_that_is_over_ends_it(tmp_path: Path, behind_lock: bool) -> None:
    def what(person: Sitting) -> None:
        if behind_lock:
            locked(person)
        else:
            person.until("Keuze: ")
            person.type("1\r")
            person.until("ready")
        over = SignInView(stage=Stage.ENDED, step=(2, 2), language="nl", ended=Sentence("signed_out.absolute"))
        person.become(over)
        person.until("U was lang ingelogd", "Gebruikersnaam: ")

    assert ended(with_application(tmp_path, what)) == [("it", "signal_15")]


def test_the_site_can_begin_it_by_itself_and_end_the_session_with_it(tmp_path: Path) -> None:
    def what(person: Sitting) -> None:
        person.until("U bent uitgelogd", "Gebruikersnaam: ")

    entry = replace(IT, directly=True, signs_out=True)
    sitting = with_application(tmp_path, what, ("/bin/true",), entry)
    assert ended(sitting) == [("it", "0")]
    assert ("sign_out",) in sitting.script.calls("cancel")


@pytest.mark.parametrize(
    ("argv", "told"),
    [
        (("/nowhere/at-all",), "Roosters staat niet op deze computer. Hulp: Servicedesk, 030 555 01 23"),
        (python("import os; os.kill(os.getpid(), 11)"), "Roosters is onverwacht gestopt."),
    ],
)
def test_one_that_fails_is_told_by_its_name(tmp_path: Path, argv: tuple[str, ...], told: str) -> None:
    def what(person: Sitting) -> None:
        person.until("Keuze: ")
        person.type("1\r")
        person.until(told, "Keuze: ")

    with_application(tmp_path, what, argv)


WILD = python(
    "import os, tty; tty.setraw(0); os.write(1, b'\\x1b[?1049h\\x1b[?1003h\\x1b[?25l\\x1b[5;10rRAW'); os.kill(os.getpid(), 9)"
)


def test_whatever_it_did_the_terminal_is_put_back(tmp_path: Path) -> None:
    attributes = []

    def what(person: Sitting) -> None:
        person.until("Keuze: ")
        attributes.append(termios.tcgetattr(person.near))
        person.type("1\r")
        person.until("Roosters is onverwacht gestopt", "Keuze: ")
        attributes.append(termios.tcgetattr(person.near))
        undone = person.output[person.output.rindex("RAW") :]
        assert all(one in undone for one in ("?1049l", "?1003l", "?25h", "\x1b[r"))

    with_application(tmp_path, what, WILD)
    assert attributes[0] == attributes[1]


def test_being_told_to_end_waits_for_no_application(tmp_path: Path) -> None:
    stubborn = python("import signal; signal.signal(15, signal.SIG_IGN); print('ready', flush=True); signal.pause()")

    def what(person: Sitting) -> None:
        person.until("Keuze: ")
        person.type("1\r")
        person.until("ready")
        # The terminal is told to end when this person is done.

    assert with_application(tmp_path, what, stubborn).code == 0


def test_a_terminal_that_only_prints_gets_no_sequence_and_the_application_hears_what_it_is(tmp_path: Path) -> None:
    def what(person: Sitting) -> None:
        person.until("Keuze: ")
        person.type("1\r")
        person.until("TERM is dumb")
        person.until("Roosters is gesloten", "Keuze: ")
        assert "\x1b" not in person.output
        # A screenful of empty lines is all that hides it.
        assert "\n" * 24 in person.output.partition("TERM is dumb")[2]

    with_application(tmp_path, what, python("import os; print('TERM is', os.environ['TERM'])"), term="dumb")


def test_nobody_gets_an_application_of_another_role(tmp_path: Path) -> None:
    def what(person: Sitting) -> None:
        person.until(
            "nog geen toepassingen ingesteld", "1 Mijn account (M)", "2 Vergrendelen (K)", "3 Uitloggen (U)", "Keuze: "
        )

    with_application(tmp_path, what, entry=replace(IT, roles=("technician",)))
