"""Adoption while the kiosk runs: what was confirmed serves at once, and another modem or SIM stops at once."""

import dataclasses

from data.modems import ModemState
from tests.kiosk.delivery.stage import Stage

OTHER_ICCID = "8931080006367051172"


def adopt(stage: Stage, name: str, *, imei: str, iccid: str) -> None:
    with stage.house.db.transaction(write=True):
        stage.house.db.adoptions.adopt(
            modem=name,
            imei=imei,
            iccid=iccid,
            usb_path="",
            interface=None,
            reason="x",
            actor="user:t",
            now=stage.house.clock.now(),
        )
    stage.house.doorbell.ring()


def must_be_adopted(stage: Stage) -> None:
    stage.settings[:] = [dataclasses.replace(one, must_be_adopted=True) for one in stage.settings]


def test_a_modem_serves_as_soon_as_it_is_adopted(stage: Stage) -> None:
    stage.modem()
    must_be_adopted(stage)
    stage.dispatcher()
    row = stage.until_modem("noord", ModemState.SIM_PROBLEM)
    assert row.reason == "not_adopted"
    assert row.imei is not None
    assert row.iccid is not None
    message = stage.house.queue()
    adopt(stage, "noord", imei=row.imei, iccid=row.iccid)
    stage.until_sent(message)


def test_another_sim_is_told_and_gets_no_sms_until_it_is_adopted(stage: Stage) -> None:
    modem = stage.modem()
    stage.ready()
    row = stage.until_modem("noord", ModemState.READY)
    assert row.imei is not None
    adopt(stage, "noord", imei=row.imei, iccid=OTHER_ICCID)
    assert stage.until_modem("noord", ModemState.SIM_PROBLEM).reason == "other_sim"
    message = stage.house.queue()
    assert row.iccid is not None
    adopt(stage, "noord", imei=row.imei, iccid=row.iccid)
    stage.until_sent(message)
    assert modem.plugged


def test_only_the_last_adoption_holds(stage: Stage) -> None:
    for iccid in ("1", "2"):
        adopt(stage, "noord", imei="354237065082227", iccid=iccid)
    assert {name: one.iccid for name, one in stage.house.db.adoptions.live().items()} == {"noord": "2"}
