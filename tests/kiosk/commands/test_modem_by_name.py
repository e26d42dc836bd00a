"""Commands that name a modem of the configuration: `send --name`, `loop`, and `status` of all of them."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from data.audit import AuditEvent
from data.modems import ModemState
from hardware.serial_line import SerialLine
from hardware.simulator import SimulatedModem, SimulatedNetwork
from hardware.simulator.faults import Fault
from kiosk.commands.backstage import modem_settings
from kiosk.commands.driving import make_dispatcher
from kiosk.commands.modem_place import modem_at
from kiosk.commands.site import open_site
from kiosk.config import Config
from kiosk.delivery.doorbell import Doorbell, Waker
from tests.kiosk.commands.command_line import CONFIGURATION, Kiosk, type_command

PHONE = "+31612345678"


def _is_set_up(modem: SimulatedModem) -> bool:
    return modem.wait_for(lambda: b"AT+CMGF=0" in modem.received)


class Site:
    """A kiosk with two simulated modems that nobody drives yet."""

    def __init__(self, directory: Path) -> None:
        self.kiosk = Kiosk(directory)
        self.kiosk.make()
        self.air = SimulatedNetwork()
        self.phone = self.air.phone(PHONE)
        self.modems = {
            name: SimulatedModem(air=self.air, network=network, name=name)
            for name, network in (("noord", "20408"), ("zuid", "20404"))
        }
        tables = [
            f'[modem.{name}]\nport = "{modem.start()}"\nnumber = "{modem.sim.number}"\n'
            for name, modem in self.modems.items()
        ]
        self.kiosk.config.write_text(CONFIGURATION + "".join(tables), encoding="utf-8")

    def events(self) -> list[AuditEvent]:
        with open_site(self.kiosk.premises()) as site:
            return [row.event for row in site.database.audit.rows() if row.event is not None]

    @contextmanager
    def driven(self) -> Iterator[None]:
        """A kiosk drives the modems, and has their ports by the time that the block begins."""
        premises = self.kiosk.premises()
        waker = Waker(Doorbell(premises.doorbell_directory))
        waker.start()
        dispatcher = make_dispatcher(premises, modem_settings(Config.load(self.kiosk.config)), waker)
        dispatcher.start()
        try:
            for modem in self.modems.values():
                assert _is_set_up(modem)
            yield
        finally:
            dispatcher.stop()
            waker.stop()

    def close(self) -> None:
        for modem in self.modems.values():
            modem.stop()
        self.air.close()


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    made = Site(tmp_path)
    yield made
    made.close()


def test_an_sms_goes_out_once_over_the_modem_that_was_named(site: Site) -> None:
    told = site.kiosk.type("modem", "send", "--name", "zuid", "--to", PHONE, "--text", "Komt dit aan?", "--json")
    assert told.exit_code == 0
    assert json.loads(told.stdout)["state"] == "sent"
    assert [(sms.network, site.phone.texts) for sms in site.air.accepted] == [("20404", ("Komt dit aan?",))]


def test_with_a_report_it_is_delivered(site: Site) -> None:
    told = site.kiosk.type("modem", "send", "--name", "noord", "--to", PHONE, "--text", "x", "--report", "--json")
    assert json.loads(told.stdout)["state"] == "delivered"


def test_a_refusal_has_its_code_and_its_exit(site: Site) -> None:
    site.modems["noord"].inject(Fault.CMS_ERROR, 1)
    told = site.kiosk.type("modem", "send", "--name", "noord", "--to", PHONE, "--text", "x", "--json")
    account = json.loads(told.stdout)
    assert (told.exit_code, account["state"], account["error"]["code"]) == (3, "failed", 1)


def test_a_line_that_loses_characters_is_told_also_by_name(site: Site) -> None:
    site.modems["noord"].inject(Fault.DROPPED_CHARACTERS, 20)
    told = site.kiosk.type("modem", "send", "--name", "noord", "--to", PHONE, "--text", "x" * 40, "--json")
    account = json.loads(told.stdout)
    assert (told.exit_code, account["state"], account["reason"]) == (1, "failed", "bad_line")
    assert "kabel" in account["what_to_do"]


def test_a_lost_answer_is_unknown_also_by_name(site: Site) -> None:
    site.modems["noord"].inject(Fault.CMS_ERROR, 500)
    told = site.kiosk.type("modem", "send", "--name", "noord", "--to", PHONE, "--text", "x", "--json")
    assert (told.exit_code, json.loads(told.stdout)["state"]) == (4, "unknown")


def test_a_port_and_a_name_at_once_are_wrong_use(site: Site) -> None:
    told = site.kiosk.type("modem", "send", "--name", "noord", "--port", "x", "--to", PHONE, "--text", "x")
    assert told.exit_code == 2


def test_one_modem_sends_to_the_other_and_that_one_reads_it(site: Site) -> None:
    told = site.kiosk.type("modem", "loop", "--from", "noord", "--to", "zuid", "--json")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["result"] == "arrived"


def test_an_sms_that_is_refused_fails_the_loop(site: Site) -> None:
    site.modems["noord"].inject(Fault.CMS_ERROR, 1)
    told = site.kiosk.type("modem", "loop", "--from", "noord", "--to", "zuid", "--json")
    assert (told.exit_code, json.loads(told.stdout)["result"]) == (3, "not_sent")


def test_a_modem_does_not_send_to_itself(site: Site) -> None:
    assert site.kiosk.type("modem", "loop", "--from", "noord", "--to", "noord").exit_code == 2


def test_nobody_has_driven_them_yet(site: Site) -> None:
    told = site.kiosk.type("modem", "status")
    assert told.exit_code == 1
    assert "kiosk gateway" in told.output


def test_all_modems_are_shown_without_a_whole_number_while_the_kiosk_drives_them(site: Site) -> None:
    with site.driven():
        site.modems["noord"].inject(Fault.CLOCK_WRONG, 3600)
        site.kiosk.type("modem", "send", "--name", "noord", "--to", PHONE, "--text", "x", "--report")
        told = site.kiosk.type("modem", "status", "--json")
        shown = site.kiosk.type("modem", "status", "--language", "en")
    found = {one["name"]: one for one in json.loads(told.stdout)}
    assert set(found) == {"noord", "zuid"}
    assert found["noord"]["last_hour"]["sent"] == 1
    assert abs(found["noord"]["machine_clock_off"] - 3600) < 10
    assert "So says the SMS service centre, over noord" in shown.stdout
    assert not any(modem.sim.iccid in told.stdout or modem.sim.number in told.stdout for modem in site.modems.values())


def test_a_port_that_the_kiosk_has_names_its_owner_and_offers_to_borrow(site: Site) -> None:
    with site.driven():
        told = site.kiosk.type("modem", "test", "--port", site.modems["zuid"].port, "--language", "en")
        sent = type_command(
            "modem", "send", "--port", site.modems["zuid"].port, "--to", PHONE, "--text", "x", "--language", "en"
        )
    for result in (told, sent):
        assert result.exit_code == 1
        assert f"({os.getpid()})" in result.output
        assert "--borrow" in result.output


def test_with_borrow_an_sms_goes_over_the_modem_on_that_port_while_the_kiosk_has_it(site: Site, tmp_path: Path) -> None:
    link = tmp_path / "another-name-of-it"
    link.symlink_to(site.modems["zuid"].port)
    with site.driven():
        told = site.kiosk.type(
            "modem", "send", "--port", str(link), "--borrow", "--to", PHONE, "--text", "Komt dit aan?", "--json"
        )
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["modem"] == "zuid"
    assert [sms.network for sms in site.air.accepted] == ["20404"]
    assert [event.object for event in site.events() if event.action == "modem.borrowed"] == ["zuid"]


def test_with_borrow_the_bench_and_the_status_work_on_a_port_that_the_kiosk_has(site: Site) -> None:
    with site.driven():
        answered = site.kiosk.type("modem", "ussd", "*101#", "--port", site.modems["noord"].port, "--borrow")
        told = site.kiosk.type("modem", "status", "--port", site.modems["noord"].port, "--borrow", "--json")
    assert answered.exit_code == 0, answered.output
    assert json.loads(told.stdout)["imei"] == site.modems["noord"].imei
    assert told.exit_code == 0


def test_borrow_for_a_port_that_no_modem_of_the_configuration_has_is_wrong_use(site: Site) -> None:
    told = site.kiosk.type("modem", "scan", "--port", "/dev/none", "--borrow", "--language", "en")
    assert told.exit_code == 2
    assert "/dev/none" in told.output


def test_a_foreign_program_on_the_port_of_a_named_modem_is_named(site: Site) -> None:
    with SerialLine(site.modems["noord"].port):
        told = site.kiosk.type("modem", "scan", "--name", "noord", "--language", "en")
    assert told.exit_code == 1
    assert f"({os.getpid()})" in told.output


def test_the_modem_of_a_port_is_the_one_that_is_there_now_not_the_one_that_should_be(site: Site) -> None:
    """After renumbering: zuid was found at the port that the configuration gives to noord."""
    config = Config.load(site.kiosk.config)
    ports = {name: modem.port for name, modem in site.modems.items()}
    with site.driven(), open_site(site.kiosk.premises()) as one:
        rows = {row.name: row for row in one.database.modems.all()}
    moved = replace(rows["zuid"], facts=json.dumps({"port": ports["noord"]}))
    gone = replace(rows["noord"], state=ModemState.GONE)
    assert modem_at(ports["noord"], config, [gone, moved]) == "zuid"
    assert modem_at(ports["noord"], config, [gone]) == "noord"
    assert modem_at(ports["zuid"], config, [gone, moved]) is None
