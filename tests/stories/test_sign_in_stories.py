"""What people at the desk live through, from the first key to the empty login page."""

import asyncio
import functools
from pathlib import Path

import pytest

from kiosk.commands import demo
from kiosk.config.model import ModemConfig
from screens.look import Look
from tests.stories.kiosk_story import kiosk_story

SIZES = [(80, 24), (100, 30)]
LOOKS = [Look(theme="dark", glyphs="rich"), Look(theme="sixteen", glyphs="basic")]


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("look", LOOKS, ids=["rich", "console"])
async def test_the_code_of_the_sms_signs_in_and_nothing_stays_after_logging_out(
    tmp_path: Path, size: tuple[int, int], look: Look
) -> None:
    async with kiosk_story(tmp_path, size=size, look=look) as story:
        await story.sign_in("jan")
        await story.until("SMS code")
        text = await story.sms("jan")
        await story.until("op uw telefoon aangekomen")
        await story.type(text[-6:])
        await story.until_gone("Home")
        await story.press("enter")
        await story.until("Jan de Vries")
        await story.press("u")
        await story.until("U bent uitgelogd", "Gebruikersnaam")

        assert "jan" not in story.plain()
        assert "Vries" not in story.plain()
        assert text[-6:] not in story.plain()
        assert story.app.clipboard == ""


@pytest.mark.parametrize("size", SIZES)
async def test_an_sms_that_does_not_come_is_sent_again_over_the_other_network_and_then_the_back_up_code_helps(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    async with kiosk_story(tmp_path, size=size) as story:
        story.world.lose_next_sms()
        await story.sign_in("jan")
        await story.until("SMS code", "verstuurd via KPN")
        story.premises.clock._base_kiosk += 31_000
        await story.press("a")
        await story.until("Geen SMS ontvangen", "nummer dat eindigt op 78")
        await story.press("enter")
        resent = await story.sms("jan")
        await story.until("SMS code", "Om")
        await story.press("a")
        await story.until("GEBRUIK BACK-UP CODE")
        await story.press("b")
        await story.until("8 cijfers")
        code = story.person("jan").backup_code
        assert code is not None
        await story.type(f"{code[:4]} {code[4:]}")
        await story.press("enter")
        await story.until("U bent succesvol ingelogd", "dit is uw nieuwe")

        lost, arrived = story.world.air.accepted
        assert (lost.network, arrived.network) == ("20408", "20404")
        assert "(2)" in resent
        assert lost.submit.text is not None
        assert lost.submit.text[-6:] == resent[-6:]
        assert code not in story.plain()


@pytest.mark.parametrize("size", SIZES)
async def test_where_only_one_modem_is_left_its_sim_looks_for_another_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, size: tuple[int, int]
) -> None:
    monkeypatch.setattr(demo, "ModemConfig", functools.partial(ModemConfig, roaming=True))
    async with kiosk_story(tmp_path, size=size) as story:
        noord, zuid = story.world.modems["noord"], story.world.modems["zuid"]
        noord.sim.may_roam = True
        noord.inject("scan_takes", 4.0)
        story.world.lose_next_sms()
        await story.sign_in("jan")
        await story.until("SMS code", "verstuurd via KPN")
        zuid.unplug()
        story.premises.clock._base_kiosk += 31_000
        await story.press("a")
        await story.until("Geen SMS ontvangen", "Er wordt eerst een ander netwerk gezocht")
        await story.press("enter")
        await story.until("Dit inlogpunt kan er een zoeken", "opnieuw via KPN")
        await story.press("j")
        await story.until("SMS code", "Er wordt een ander netwerk gezocht")
        text = await story.sms("jan")
        await story.until("aangekomen")
        assert [sms.network for sms in story.world.air.accepted] == ["20408", "20404"]
        await story.type(text[-6:])
        await story.until_gone("Home")
        await asyncio.to_thread(story.world.air.wait_for, lambda: noord.serving_network == "20408", 20)
        assert noord.serving_network == "20408"


async def test_a_new_person_chooses_a_password_confirms_the_phone_and_gets_a_back_up_code(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        await story.sign_in("nieuw")
        await story.until("Nieuw wachtwoord")
        await story.type("kaas trein wolk bezem")
        await story.press("enter")
        await story.type("kaas trein wolk bezem")
        await story.press("enter")
        await story.until("Bevestig uw telefoon", "eindigt op 90")
        await story.press("enter")
        text = await story.sms("nieuw")
        await story.until("SMS code")
        await story.type(text[-6:])
        await story.press("enter")
        await story.until("U bent succesvol ingelogd", "Dit is uw back-upcode")

        assert "om uw telefoon te bevestigen" in text


async def test_with_every_modem_pulled_out_the_page_says_so_before_the_password_and_the_back_up_code_still_works(
    tmp_path: Path,
) -> None:
    async with kiosk_story(tmp_path) as story:
        story.world.toggle_modem("noord")
        story.world.toggle_modem("zuid")
        await story.until("Dit inlogpunt kan nu geen SMS versturen")
        await story.sign_in("jan")
        await story.until("kan nu geen SMS versturen", "Alternatieve")
        await story.press("a")
        await story.until("GEBRUIK BACK-UP CODE")
        await story.press("b")
        await story.until("8 cijfers")
        code = story.person("jan").backup_code
        assert code is not None
        await story.type(code)
        await story.press("enter")
        await story.until("U bent succesvol ingelogd")

        assert story.world.air.accepted == ()


async def test_going_back_to_the_login_page_leaves_it_empty_and_the_old_code_dead(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        await story.sign_in("jan")
        await story.until("SMS code")
        await story.sms("jan")
        await story.type("123")
        await story.press("escape")
        await story.until("Gebruikersnaam")

        assert "jan" not in story.plain()
        with story.premises.open_database() as database:
            user = database.users.by_name("jan")
            assert user is not None
            rows = database._connection.rows("SELECT wiped_at FROM challenges", {})
            assert all(row[0] is not None for row in rows)
