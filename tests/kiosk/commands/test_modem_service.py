"""`kiosk modem out` and `kiosk modem in`."""

from pathlib import Path

import pytest

from data.audit import AuditEvent
from kiosk.commands.site import open_site
from kiosk.delivery.doorbell import Doorbell
from tests.kiosk.commands.command_line import CONFIGURATION, Kiosk

OUT = ("modem", "out", "noord", "--reason", "andere SIM")
IN = ("modem", "in", "noord", "--reason", "SIM zit erin")


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.make()
    made.config.write_text(CONFIGURATION + '[modem.noord]\nport = "/dev/ttyUSB9"\n', encoding="utf-8")
    return made


def taken_out(kiosk: Kiosk) -> dict[str, str]:
    with open_site(kiosk.premises()) as site:
        return {name: row.reason for name, row in site.database.loans.taken_out().items()}


def events(kiosk: Kiosk) -> list[AuditEvent]:
    with open_site(kiosk.premises()) as site:
        return [row.event for row in site.database.audit.rows() if row.event is not None]


def test_a_modem_goes_out_of_service_and_comes_back(kiosk: Kiosk) -> None:
    assert kiosk.type(*OUT).exit_code == 0
    assert taken_out(kiosk) == {"noord": "andere SIM"}
    assert kiosk.type(*IN).exit_code == 0
    assert taken_out(kiosk) == {}


def test_who_took_it_out_and_put_it_back_and_why_is_written_down_once(
    kiosk: Kiosk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("kiosk.commands.site.real_account", lambda: "beheer")
    for command in (OUT, OUT, IN, IN):
        assert kiosk.type(*command).exit_code == 0
    assert [(one.action, one.object, one.actor, one.parameters) for one in events(kiosk)] == [
        ("modem.taken_out", "noord", "unix:beheer", {"reason": "andere SIM"}),
        ("modem.put_back", "noord", "unix:beheer", {"reason": "SIM zit erin"}),
    ]


def test_whoever_is_second_does_not_change_why_it_is_out(kiosk: Kiosk) -> None:
    kiosk.type(*OUT)
    told = kiosk.type("modem", "out", "noord", "--reason", "iets anders")
    assert "al buiten dienst" in told.output
    assert taken_out(kiosk) == {"noord": "andere SIM"}


def test_a_dispatcher_hears_of_it_at_once(kiosk: Kiosk) -> None:
    bell = Doorbell(kiosk.premises().doorbell_directory)
    try:
        kiosk.type(*OUT)
        assert bell.wait(0.0)
    finally:
        bell.close()


@pytest.mark.parametrize("command", ["out", "in"])
def test_a_name_that_is_not_configured_is_wrong_use_and_changes_nothing(kiosk: Kiosk, command: str) -> None:
    done = kiosk.type("modem", command, "west", "--reason", "x")
    assert done.exit_code == 2
    assert "west" in done.output
    assert taken_out(kiosk) == {}
