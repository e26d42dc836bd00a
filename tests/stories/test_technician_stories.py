"""The technician at the kiosk: every page with its keys, on real modems of the simulation, and within the budgets."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from data.messages import MessageKind
from hardware.simulator.faults import Fault
from kiosk.technician.bench_means import NotAllowed
from screens.technician.antenna import EVERY_SECONDS
from screens.widgets.block_digits import BlockDigits
from tests.stories.kiosk_story import Story, kiosk_story

PHONE = "0612345678"
# Rows of its digits.
FROM_THREE_METRES = 10


@asynccontextmanager
async def technician(
    directory: Path, *, size: tuple[int, int] = (80, 24), name: str = "techniek"
) -> AsyncIterator[Story]:
    """A technician who is signed in and stands on Home."""
    async with kiosk_story(directory, size=size) as story:
        await story.sign_in(name)
        await story.until("Authenticator app")
        code = story.person(name).totp_code
        assert code is not None
        await story.pilot.press(*code, "enter")
        await story.until("SMS-modems")
        yield story


async def first_modem(story: Story) -> None:
    await story.press("s")
    await story.until("noord", "zuid", "IN ORDE", "Testen")


async def test_one_key_shows_how_all_modems_are(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        await story.press("s")
        await story.until("noord", "KPN 4G", "zuid", "Vodafone 3G", "IN ORDE", "Alles goed.")


async def test_a_modem_is_proved_with_four_keys_and_a_number(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        await first_modem(story)
        await story.press("down")
        await story.press("t")
        await story.pilot.press(*PHONE)
        await story.press("enter")
        await story.until("Alles goed: dit modem kan SMS versturen.")
        texts = story.world.air.phone("+31612345678").texts
        assert [text.partition(":")[0] for text in texts] == ["Receptie Noord"]
        assert {sms.network for sms in story.world.air.accepted} == {"20404"}


async def test_a_test_without_a_number_sends_nothing(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        await first_modem(story)
        await story.press("t")
        await story.until("10 Proef zonder versturen", "GOED")
        await story.press("enter")
        await story.until("overgeslagen", "Alles goed: dit modem kan SMS versturen.")
        assert not story.world.air.accepted


async def test_a_fault_is_named_with_what_to_do_and_can_be_tried_again(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        modem = story.world.modems["noord"]
        modem.inject(Fault.PROMPT_REFUSED)
        await first_modem(story)
        await story.press("t")
        await story.until("FOUT", "weigert al voor het versturen", "niet gedaan")
        modem.clear(Fault.PROMPT_REFUSED)
        await story.press("h")
        await story.until_gone("FOUT")
        await story.until("10 Proef zonder versturen")


async def test_a_code_is_sent_while_the_test_page_has_the_only_modem(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        story.world.modems["zuid"].unplug()
        await first_modem_alone(story)
        await story.press("t")
        await story.until("10 Proef zonder versturen")
        await story.pilot.pause(0.1)
        with story.premises.open_database() as database, database.transaction(write=True):
            now = story.premises.clock.now()
            database.messages.queue(
                kind=MessageKind.NOTICE,
                user_id=None,
                desk_id=None,
                sign_in_id=None,
                challenge_id=None,
                number="+31612345678",
                text="a code",
                priority=0,
                not_after=now + 60_000,
                language="nl",
                now=now,
            )
        phone = story.world.air.phone("+31612345678")
        assert phone.wait_for(1, timeout=20)
        assert phone.texts == ("a code",)


async def first_modem_alone(story: Story) -> None:
    await story.press("s")
    await story.until("noord", "FOUT")


async def test_the_antenna_shows_the_signal_again_and_again(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        await first_modem(story)
        await story.press("down")
        await story.press("a")
        await story.until("-77 goed", "Beste tot nu toe: -77 dBm")
        assert story.pilot.app.screen.query_one(BlockDigits).size.height == FROM_THREE_METRES
        story.world.modems["zuid"].set_signal(-101)
        await story.pilot.pause(EVERY_SECONDS)
        await story.until("-101 zwak", "Beste tot nu toe: -77 dBm")


async def test_another_sim_takes_five_keys(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        await first_modem(story)
        await story.press("down")
        await story.press("b")
        await story.until("zuid is buiten dienst", "In dienst")
        await story.press("b")
        await story.until("zuid is weer in dienst")
        await story.press("t")
        await story.until("10 Proef zonder versturen", "GOED")


async def test_the_only_modem_searches_only_after_a_question(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        story.world.modems["zuid"].unplug()
        await first_modem_alone(story)
        await story.press("o")
        await story.until("Dit is het enige modem")
        await story.press("n")
        await story.until_gone("Dit is het enige modem")
        assert b"AT+COPS=?" not in story.world.modems["noord"].received
        await story.press("h")
        await story.press("j")
        await story.until("gevonden netwerken", "204-08", "in gebruik")


async def test_a_search_can_be_stopped_and_the_last_result_stays(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        await first_modem(story)
        await story.press("o")
        await story.until("gevonden netwerken", "Odido")
        story.world.modems["noord"].inject(Fault.SCAN_HANGS)
        await story.press("h")
        await story.until("dit duurt 1 tot 3 minuten")
        await story.press("s")
        await story.until("Gestopt.", "Odido")
        await story.press("e")
        await story.until("Bewaard als networks-")


async def test_the_console_asks_before_what_does_harm_and_takes_only_the_word(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        await first_modem(story)
        await story.press("c")
        await story.until("codes gaan tussendoor", "Versturen")
        await story.type("AT+CSQ")
        await story.press("enter")
        await story.until("+CSQ: 18,99", "-77 dBm: goed vanaf -85")
        await story.until_gone("Wacht op antwoord")
        await story.type("AT+CFUN=0")
        await story.press("enter")
        await story.until("Dit zet de zender van het modem om")
        await story.type("nee")
        await story.press("enter")
        await story.until_gone("Dit zet de zender van het modem om")
        await story.press("tab", "e")
        await story.until("Bewaard als console-noord-")
        assert b"AT+CFUN=0" not in story.world.modems["noord"].received


async def test_a_pin_that_is_typed_into_the_console_is_never_shown(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        await first_modem(story)
        await story.press("c")
        await story.until("codes gaan tussendoor", "Versturen")
        await story.type('AT+CPIN="7391"')
        await story.press("enter")
        await story.until("Drie keer fout")
        await story.type("ja")
        await story.press("enter")
        await story.until("AT+CPIN=")
        await story.until_gone("Drie keer fout")
        assert "7391" not in story.screen()
        await story.press("up")
        assert "7391" not in story.screen()


async def test_the_credit_is_asked_and_the_inbox_is_read(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        await first_modem(story)
        await story.press("g")
        await story.until("USSD-code", "Vragen")
        await story.press("enter")
        await story.until("Uw tegoed is 12,50 euro")
        await story.press("escape")
        await story.until("bijgewerkt")
        await story.press("i")
        await story.until("Geen berichten.")


async def test_a_modem_goes_back_when_its_page_is_left(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        await first_modem(story)
        await story.press("t")
        await story.until("10 Proef zonder versturen", "GOED")
        await story.press("escape")
        await story.until("bijgewerkt", "IN ORDE")
        with story.premises.open_database() as database:
            await story.until_gone("GELEEND")
            assert database.loans.open() == []


async def test_nothing_of_the_technician_is_left_after_signing_out(tmp_path: Path) -> None:
    async with technician(tmp_path) as story:
        await first_modem(story)
        await story.press("t")
        await story.pilot.press(*PHONE)
        await story.press("escape")
        await story.until("bijgewerkt")
        await story.press("escape")
        await story.until("Uitloggen")
        await story.press("u")
        await story.until("Gebruikersnaam")
        assert story.app.technician_number == ""


async def test_staff_see_no_modems_and_the_domain_refuses_them(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        await story.sign_in("marijke")
        await story.until("Authenticator app")
        code = story.person("marijke").totp_code
        assert code is not None
        await story.pilot.press(*code, "enter")
        await story.until("Uitloggen")
        assert "SMS-modems" not in story.screen()
        with pytest.raises(NotAllowed):
            await story.app.ask(lambda desk: desk.bench())


@pytest.mark.parametrize("size", [(80, 24), (100, 30)])
async def test_every_key_of_the_modems_stands_under_the_question_mark(tmp_path: Path, size: tuple[int, int]) -> None:
    async with technician(tmp_path, size=size) as story:
        await first_modem(story)
        await story.press("?")
        await story.until("T: Testen", "G: Tegoed (USSD)", "I: SIM-berichten")
