"""What people live through at a terminal of lines, from the first prompt to a terminal on which nothing is left."""

from pathlib import Path

from data.users import PasswordState
from tests.stories.plain_story import plain_story


def test_the_code_of_the_sms_signs_in_and_nothing_can_be_read_after_signing_out(tmp_path: Path) -> None:
    with plain_story(tmp_path) as story:
        story.sign_in("jan")
        story.until("SMS code, stap 2 van 2", "A: Alternatieve tweefactor authenticatie")
        code = story.sms("jan")[-6:]
        story.until("op uw telefoon aangekomen")
        story.type(f"{code}\r")
        story.until("Jan de Vries", "Toepassingen", "Vergrendelen (K)", "Uitloggen (U)", "Keuze: ")
        story.type("u\r")
        story.until("U bent uitgelogd", "Gebruikersnaam: ")

        assert story.person("jan").password not in story.output
        assert "jan" not in story.readable
        assert "Vries" not in story.readable
        assert code not in story.readable


def test_an_sms_that_does_not_come_is_sent_again_by_a_number_and_then_the_back_up_code_helps(tmp_path: Path) -> None:
    with plain_story(tmp_path) as story:
        story.world.lose_next_sms()
        story.sign_in("jan")
        story.until("verstuurd via KPN")
        story.type("a\r")
        story.until("1 SMS OPNIEUW VERSTUREN. Opnieuw versturen kan over", "UITLEG (U)", "Keuze: ")
        story.type("u\r")
        story.until("1. Zet uw telefoon uit en aan", "S: sluiten: ")
        story.type("\r")
        story.until("2. Kies een andere manier")
        story.type("s\r")
        story.premises.clock._base_kiosk += 31_000
        story.until("1 SMS OPNIEUW VERSTUREN", "Keuze: ")
        story.type("r\r")
        assert "(2)" in story.sms("jan")
        story.until("De SMS gaat nu via Vodafone")
        story.type("a\r")
        story.until("GEBRUIK BACK-UP CODE (B)", "Keuze: ")
        story.type("b\r")
        story.until("Typ de 8 cijfers", "Back-upcode: ")
        code = story.person("jan").backup_code
        assert code is not None
        story.type(f"{code[:4]} {code[4:]}\r")
        said = story.until("U bent succesvol ingelogd", "dit is uw nieuwe", "Keuze: ")
        # "Back-upcode 1753 2256", and the same digit by digit for a voice.
        renewed = "".join(said.split("Back-upcode ")[-1].split(" ")[:2])
        assert renewed.isdigit()
        assert len(renewed) == 8
        story.type("d\r")
        story.until("Hebt u de code genoteerd?", "Keuze: ")
        story.type("j\r")
        story.until("Jan de Vries")
        assert renewed[:4] not in story.readable

        lost, arrived = story.world.air.accepted
        assert (lost.network, arrived.network) == ("20408", "20404")


def test_a_first_sign_in_needs_no_page(tmp_path: Path) -> None:
    with plain_story(tmp_path) as story:
        story.sign_in("nieuw")
        story.until("U logt in met een eenmalig wachtwoord", "Minimaal", "Nieuw wachtwoord: ")
        story.type("kort\r")
        story.until("Nieuw wachtwoord nog een keer: ")
        story.type("kort\r")
        story.until("te kort", "Nieuw wachtwoord: ")
        for question in ("Nieuw wachtwoord nog een keer: ", "Uw nieuwe wachtwoord is opgeslagen"):
            story.type("paars kanaal vijf manden\r")
            story.until(question)
        story.until("nummer dat eindigt op 90", "1 JA (J)", "Keuze: ")
        story.type("1\r")
        story.until("Typ de code uit de SMS. Daarna weten wij zeker")
        story.type(f"{story.sms('nieuw')[-6:]}\r")
        story.until("stap 4 van 4", "Dit is uw back-upcode", "Keuze: ")
        story.type("2\r")
        story.until("SMS met de back-upcode is verstuurd", "nummer dat eindigt op 90")
        assert "paars" not in story.output
        story.type("d\r")
        story.until("Keuze: ")
        story.type("1\r")
        story.until("Noor Jansen")
        with story.premises.open_database() as database:
            user = database.users.by_name("nieuw")
            assert user is not None
            assert user.password_state is PasswordState.OWN


def test_a_key_is_followed_in_lines_and_one_that_types_into_a_question_is_taken_back(tmp_path: Path) -> None:
    with plain_story(tmp_path) as story:
        story.type("ccccccvbtgnrlkkjcuvjdlkrflgtkdibtnhgecgtkbrd\r")
        story.until("Een YubiKey heeft letters in dit veld getypt", "Gebruikersnaam: ")
        story.type("sam\r")
        story.until("Wachtwoord: ")
        story.type(f"{story.person('sam').password}\r")
        story.until("Steek uw YubiKey in de USB-poort")
        story.world.toggle_key("sam")
        story.until("Raak uw YubiKey aan")
        story.world.touch_key()
        story.until("Sam Visser", "Keuze: ")


def test_idleness_is_announced_a_key_gives_more_time_and_then_it_ends(tmp_path: Path) -> None:
    with plain_story(tmp_path) as story:
        story.sign_in("marijke")
        story.until("Code uit de app: ")
        story.wait(161)
        story.until("Over 20 seconden gaat dit terug naar de inlogpagina. Druk op een toets")
        # As from a clipboard: none of it may become half an answer.
        story.type("7123456\r")
        assert "niet compleet" not in story.until("U hebt meer tijd", "Code uit de app: ")
        story.wait(161)
        story.until("Over 20 seconden gaat dit terug")
        story.wait(11)
        story.until("seconden gaat dit terug")
        story.wait(10)
        story.until("Er gebeurde een tijd niets", "Gebruikersnaam: ")
        assert "marijke" not in story.readable


def test_help_repeat_and_language_work_at_every_question_and_esc_goes_back(tmp_path: Path) -> None:
    with plain_story(tmp_path) as story:
        story.type("?\r")
        story.until(
            "Bel Servicedesk: 030 555 01 23", "Locatie: Receptie Noord", "Inloggen kan nu met", "Gebruikersnaam: "
        )
        story.type("jan\r")
        story.until("Wachtwoord: ")
        story.type("#\r")
        story.until("User name: ")
        story.type("jan\r")
        story.until("Password: ")
        for key in ("\x1b", "\x04"):
            story.type(key)
            story.until("User name: ")
            story.type("jan\r")
            story.until("Password: ")
        story.type("\x03")
        story.until("User name: ")
        story.type("jan\r")
        story.until("Password: ")
        story.type("verkeerd wachtwoord\r")
        story.until("The user name or password is not correct", "User name: ")
        story.type("!\r")
        story.until("The user name or password is not correct", "User name: ")
        story.type("marijke\r")
        story.until("Password: ")
        story.type(f"{story.person('marijke').password}\r")
        story.until("Code from the app: ")
        story.type("\x03")
        story.until("Signing in has stopped", "User name: ")
        assert "marijke" not in story.readable
