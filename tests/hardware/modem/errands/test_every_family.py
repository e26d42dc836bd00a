"""Every errand on every family of modem that the simulator knows: answered, nothing sent, and SMS go on."""

from pathlib import Path

import pytest

from hardware.modem.errands import clock, console, dry_run, facts, inbox, operator, scan, sms_service, ussd
from hardware.modem.errands.dry_run import DryRunOutcome
from hardware.modem.jobs import Sent
from hardware.simulator import PROFILES, SimulatedModem, SimulatedNetwork
from tests.hardware.modem.harness import Harness

SECONDS = 10


@pytest.mark.parametrize("family", sorted(PROFILES))
def test_a_whole_test_passes_without_sending_anything(family: str, air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(family, air=air) as modem, Harness(modem.port, state) as harness:
        harness.ready()
        assert harness.ask(facts.attention).result(SECONDS).seconds < 5
        identity = harness.ask(facts.identity).result(SECONDS)
        assert (identity.imei, bool(identity.manufacturer), bool(identity.model)) == (modem.imei, True, True)
        sim = harness.ask(facts.sim_card).result(SECONDS)
        assert (sim.state, sim.iccid, sim.imsi_network) == ("READY", modem.sim.iccid, "20408")
        assert harness.ask(facts.registrations).result(SECONDS).registered
        serving = harness.ask(facts.serving).result(SECONDS)
        assert (serving.network, serving.name, serving.mode) == ("20408", "KPN", 0)
        assert harness.ask(facts.signal).result(SECONDS).bars == 4
        assert harness.ask(facts.sms_centre).result(SECONDS).number
        assert harness.ask(facts.memories).result(SECONDS).memories
        assert harness.ask(dry_run.dry_run).result(SECONDS).outcome is DryRunOutcome.PROMPT
        assert harness.ask(inbox.inbox).result(SECONDS).refused is None
        harness.ask(clock.modem_clock).result(SECONDS)
        harness.ask(sms_service.sms_service).result(SECONDS)
        assert not harness.ask(operator.choose_automatic).result(SECONDS).written
        assert not air.accepted
        assert isinstance(harness.send(), Sent)


@pytest.mark.parametrize("family", sorted(PROFILES))
def test_a_search_finds_the_networks_and_those_that_refuse_the_sim(
    family: str, air: SimulatedNetwork, state: Path
) -> None:
    with SimulatedModem(family, air=air) as modem, Harness(modem.port, state) as harness:
        harness.ready()
        found = harness.ask(scan.scan).result(SECONDS)
        stats = {one.numeric: one.stat for one in found.operators}
        # 2 is the one that serves, 3 forbidden.
        assert (stats["20408"], stats["20404"], stats["20416"]) == (2, 3, 3)
        assert isinstance(harness.send(), Sent)


@pytest.mark.parametrize("family", sorted(PROFILES))
def test_a_question_by_ussd_gets_its_answer(family: str, air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(family, air=air) as modem, Harness(modem.port, state) as harness:
        harness.ready()
        found = harness.ask(lambda session: ussd.ask_ussd(session, "*100#")).result(SECONDS)
        assert found.texts == ("Uw tegoed is 12,50 euro.",)


@pytest.mark.parametrize("family", sorted(PROFILES))
def test_the_console_shows_what_the_modem_says_of_itself(family: str, air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(family, air=air) as modem, Harness(modem.port, state) as harness:
        harness.ready()
        found = harness.ask(lambda session: console.ask(session, "ATI")).result(SECONDS)
        assert found.end is console.ConsoleEnd.ANSWERED
        assert found.lines[0].text == "ATI"
        assert found.lines[-1].text == "OK"


def test_with_pdu_mode_lost_in_the_console_no_sms_goes_out_in_text_mode(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air) as modem, Harness(modem.port, state) as harness:
        harness.ready()
        harness.ask(lambda session: console.ask(session, "AT+CMGF=1")).result(SECONDS)
        assert isinstance(harness.send(), Sent)
    assert [sms.submit.text for sms in air.accepted] == ["Uw code is 482913"]
