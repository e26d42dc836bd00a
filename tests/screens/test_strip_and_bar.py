"""Top and bottom of every page: what they say, and that it always fits."""

from dataclasses import replace
from itertools import product

import pytest

from kiosk.desk_status import DeskStatus, ModemHealth, SmsHealth
from screens.look import Look
from tests.screens.doubles import (
    DARK,
    MODEMS,
    SIXTEEN,
    STATUS,
    StillClock,
    ready,
    seen,
    seen_text,
    small_app,
)

LONG = replace(MODEMS[0], network="Lycamobile Ned")
NO_NETWORK = replace(MODEMS[1], health=ModemHealth.NO_NETWORK, network=None, bars=0)


async def strip(status: DeskStatus, *, look: Look = DARK, width: int = 80, english: bool = False) -> str:
    """The bottom row."""
    with small_app(status=status, look=look) as app:
        async with app.run_test(size=(width, 24)) as pilot:
            await ready(pilot)
            if english:
                await pilot.press("f2")
                await pilot.pause()
            return seen(app)[-1]


async def test_modems_with_network_and_signal_the_key_and_the_keys() -> None:
    assert await strip(STATUS) == " ● KPN ▂▄▆█  ● Vodafone ▂▄▆_  YubiKey: geen    F1 Hulp  F2 English  F3 Contrast "
    assert (
        await strip(STATUS, look=SIXTEEN)
        == " ■ KPN ■■■■  ■ Vodafone ■■■·  YubiKey: geen    F1 Hulp  F2 English  F3 Contrast "
    )


async def test_a_modem_that_does_not_send_has_a_sign_and_no_signal() -> None:
    row = await strip(replace(STATUS, modems=(MODEMS[0], NO_NETWORK)), look=SIXTEEN)
    assert "■ KPN ■■■■" in row
    assert "! zuid ····" in row


@pytest.mark.parametrize("sms", [SmsHealth.NONE, SmsHealth.DOWN, SmsHealth.NO_NETWORK])
async def test_without_any_modem_the_strip_says_so_in_words(sms: SmsHealth) -> None:
    words = {
        SmsHealth.NONE: "Geen SMS op dit inlogpunt",
        SmsHealth.DOWN: "SMS werkt niet",
        SmsHealth.NO_NETWORK: "SMS: geen netwerk",
    }
    assert words[sms] in await strip(replace(STATUS, sms=sms, modems=()))


async def test_sims_that_have_sent_what_they_may_are_told_in_words_and_not_as_broken_modems() -> None:
    used_up = tuple(replace(modem, health=ModemHealth.USED_UP) for modem in MODEMS)
    row = await strip(replace(STATUS, sms=SmsHealth.USED_UP, modems=used_up))
    assert row.startswith(" SMS: maximum bereikt  YubiKey: geen")
    assert "!" not in row


async def test_a_wrong_clock_is_told_even_where_there_is_little_room() -> None:
    row = await strip(replace(STATUS, clock_wrong=True, modems=(LONG, LONG)), english=True)
    assert "! Clock is wrong" in row


async def test_a_desk_that_does_not_look_for_keys_says_nothing_about_them() -> None:
    assert "YubiKey" not in await strip(replace(STATUS, yubikey_present=None))
    assert "YubiKey: aanwezig" in await strip(replace(STATUS, yubikey_present=True), width=100)


@pytest.mark.parametrize("english", [False, True])
@pytest.mark.parametrize("width", [80, 100])
async def test_whatever_there_is_the_keys_are_whole_and_nothing_is_cut(english: bool, width: int) -> None:
    keys = "F1 Help  F2 Nederlands  F3 Contrast" if english else "F1 Hulp  F2 English  F3 Contrast"
    lists = [(), (LONG,), (LONG, LONG), (LONG, LONG, LONG), (LONG,) * 6, (NO_NETWORK, LONG)]
    with small_app() as app:
        async with app.run_test(size=(width, 24)) as pilot:
            await ready(pilot)
            if english:
                await pilot.press("f2")
            for modems, clock_wrong in product(lists, [False, True]):
                app.status = replace(STATUS, modems=modems, clock_wrong=clock_wrong)
                await pilot.pause()
                row = seen(app)[-1]
                assert row.endswith(f" {keys} ")
                state = row[: -len(keys) - 2].rstrip()
                assert state.count("▂▄▆█") in {0, sum(modem.bars == 4 for modem in modems)}
                assert state[-1] in "█_negtdyksw"


async def test_the_strip_follows_the_desk() -> None:
    with small_app() as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            app.status = replace(STATUS, modems=(replace(MODEMS[0], network="Odido"),))
            await pilot.pause()
            assert "Odido" in seen(app)[-1]


async def test_the_note_of_the_contrast_key_gives_its_place_back() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            await pilot.press("f3")
            assert "Hoog contrast staat aan" in seen(app)[-1]
            clock.advance(5)
            app.tick()
            await pilot.pause()
            assert "KPN" in seen(app)[-1]


async def test_the_bar_names_brand_site_language_and_the_time_of_the_site() -> None:
    clock = StillClock()
    with small_app(clock=clock) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            assert seen(app)[0].startswith(" ▌ ZELFBEDIENING │ Receptie Noord  ")
            assert seen(app)[0].endswith("  NL  EN   09:41 ")
            assert len(seen(app)[0]) == 80
            clock.advance(60)
            app.tick()
            await pilot.pause()
            assert "09:42" in seen(app)[0]


@pytest.mark.parametrize(("simulated", "shown"), [(True, True), (False, False)])
async def test_simulated_parts_are_named_on_every_page(simulated: bool, shown: bool) -> None:
    with small_app(status=replace(STATUS, simulated=simulated)) as app:
        async with app.run_test() as pilot:
            await ready(pilot)
            assert ("SIMULATIE" in seen(app)[0]) == shown
            await pilot.press("f1", "f2")
            await pilot.pause()
            assert ("SIMULATION" in seen_text(app)) == shown
