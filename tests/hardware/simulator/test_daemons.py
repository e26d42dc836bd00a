"""gammu-smsd and smstools, which we did not write, send through the simulated modem."""

from pathlib import Path

import pytest

from hardware.simulator import SimulatedModem, SimulatedNetwork
from tests.hardware.simulator.client import NUMBER
from tests.hardware.simulator.daemons import GAMMU_SMSD, INSTALL, SMSTOOLS, Daemon, GammuSmsd, Smstools

TEXTS = ("Uw code voor Hoofdkantoor: 482913", "and a second one")
SECONDS = 60.0


@pytest.mark.parametrize(
    "daemon",
    [
        pytest.param(GammuSmsd, marks=pytest.mark.skipif(GAMMU_SMSD is None, reason=INSTALL)),
        pytest.param(Smstools, marks=pytest.mark.skipif(SMSTOOLS is None, reason=INSTALL)),
    ],
)
def test_a_daemon_sends_each_sms_once(daemon: type[Daemon], tmp_path: Path) -> None:
    air = SimulatedNetwork()
    phone = air.phone(NUMBER)
    with SimulatedModem(air=air) as modem, daemon(tmp_path / "spool", modem.port) as running:
        for text in TEXTS:
            running.queue(NUMBER, text)
        came = modem.wait_for(lambda: len(phone.texts) >= len(TEXTS), SECONDS)
        assert came, (tmp_path / "spool" / "output").read_text(errors="replace")
    assert sorted(phone.texts) == sorted(TEXTS)
    air.close()
