"""Mijn account at a terminal of lines, over the same account as the pages."""

import re
from pathlib import Path

import pytest

from kiosk.account import proof
from kiosk.methods.totp import code_at
from tests.stories.plain_story import PlainStory, plain_story

NEW = "paars kanaal vijf manden"


def to_account(story: PlainStory) -> str:
    """From the first question of Home to that of Mijn account."""
    story.until("Mijn account (M)", "Keuze: ")
    story.type("m\r")
    return story.until("Mijn account", "0 Home", "Keuze: ")


def let_the_proof_end(story: PlainStory, monkeypatch: pytest.MonkeyPatch) -> None:
    """The proof of the sign-in is too old; a leap of ten minutes would be a clock that jumped."""
    monkeypatch.setattr(proof, "FRESH_MS", 40_000)
    story.premises.clock._base_kiosk += 41_000


def with_app(story: PlainStory) -> None:
    story.sign_in("marijke")
    story.until("Code uit de app: ")
    story.type(f"{story.person('marijke').totp_code}\r")


def test_methods_a_new_app_the_latest_sign_ins_and_the_end_everywhere(tmp_path: Path) -> None:
    with plain_story(tmp_path) as story:
        with_app(story)
        said = to_account(story)
        assert "Authenticator app (eerst), in orde, sinds vandaag, laatst gebruikt vandaag" in said
        assert "Gebruikersnaam: marijke" in said
        story.type("n\r")
        story.until("1 AUTHENTICATOR APP", "2 ANDER NUMMER DAN EINDIGT OP 89", "0 SLUITEN", "Keuze: ")
        story.type("3\r")
        story.until("alleen op een inlogpunt met pagina's", "Keuze: ")
        story.type("n\r")
        story.until("Keuze: ")
        story.type("1\r")
        said = story.until("Authenticator app toevoegen", "Esc: Terug, er is niets gewijzigd", "Code uit de app: ")
        groups = re.search(r"((?:[A-Z2-7]{4} ){7}[A-Z2-7]{4})", said)
        assert groups is not None, said
        secret = groups[1].replace(" ", "")
        story.type("000000\r")
        story.until("Deze code klopt niet", "Code uit de app: ")
        story.type(f"{code_at(secret, story.premises.clock.wall())}\r")
        story.until("Uw authenticator app werkt", "Keuze: ")
        assert groups[1][:9] not in story.readable
        story.type("l\r")
        story.until("Laatste keren", "vandaag", "authenticator app, nu, hier", "typ ? voor het nummer", "Keuze: ")
        story.type("o\r")
        story.until("U wordt overal uitgelogd", "1 JA (J)", "Keuze: ")
        story.type("j\r")
        story.until("Gebruikersnaam: ")
        assert "marijke" not in story.readable


def test_a_change_after_a_while_wants_a_fresh_code_and_nothing_secret_is_shown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plain_story(tmp_path) as story:
        story.sign_in("jan")
        story.until("SMS code")
        story.type(f"{story.sms('jan')[-6:]}\r")
        to_account(story)
        let_the_proof_end(story, monkeypatch)
        story.type("w\r")
        story.until(
            "Bewijs dat u het bent", "SMS aan het nummer dat eindigt op 78", "R: SMS OPNIEUW VERSTUREN", "SMS code: "
        )
        story.type("\x1b")
        story.until("Keuze: ")
        story.type("w\r")
        story.until("SMS code: ")
        code = story.sms("jan", 3)[-6:]
        story.type(f"{code}\r")
        story.until("U hebt bewezen dat u het bent", "Minimaal", "Huidig wachtwoord: ")
        old = story.person("jan").password
        for word, question in (
            (old, "Nieuw wachtwoord: "),
            (NEW, "nog een keer: "),
            (NEW, "Uw wachtwoord is gewijzigd"),
        ):
            story.type(f"{word}\r")
            story.until(question)
        assert NEW not in story.output
        assert old not in story.output


def test_a_new_back_up_code_is_gone_from_the_terminal_once_it_was_written_down(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with plain_story(tmp_path) as story:
        with_app(story)
        to_account(story)
        let_the_proof_end(story, monkeypatch)
        story.type("b\r")
        story.until("Uw oude back-upcode werkt dan niet meer", "Keuze: ")
        story.type("j\r")
        story.until("Typ de 6 cijfers die uw authenticator app nu laat zien", "A: ANDERE MANIER", "Code uit de app: ")
        story.type("a\r")
        story.until("1 SMS CODE", "2 BACK-UP CODE", "Keuze: ")
        story.type("2\r")
        story.until("Typ uw back-upcode van 8 cijfers", "Back-upcode: ")
        story.type(f"{story.person('marijke').backup_code}\r")
        said = story.until("Nieuwe back-upcode", "1 DOORGAAN (D)", "Keuze: ")
        code = said.split("Back-upcode ")[-1][:9]
        assert code.replace(" ", "").isdigit()
        story.type("d\r")
        story.until("Hebt u de code genoteerd?", "Keuze: ")
        story.type("n\r")
        story.until(code, "Keuze: ")
        story.type("d\r")
        story.until("Keuze: ")
        story.type("j\r")
        story.until("Uw nieuwe back-upcode werkt", "Keuze: ")
        assert code not in story.readable
        story.type("t\r")
        story.until("Remembered", "Choice: ")
        story.type("0\r")
        story.until("1 My account (M)", "Choice: ")
