"""Pictures of the technician's pages: a few, each looked at before it was kept."""

from collections.abc import Callable
from typing import Any, cast

import pytest
from textual.pilot import Pilot

from kiosk.delivery.borrowing import Purpose
from kiosk.language import Language
from kiosk.technician.diagnosis import Finding
from kiosk.technician.events import Event, Opened, TestDone
from kiosk.technician.overview import Health, ModemOverview, Overview, Result
from kiosk.technician.steps import Mark, Step, StepResult, TestRun
from screens.app import KioskApp
from screens.technician.modems import ModemsPage
from screens.technician.testing import TestPage
from tests.screens.sign_in.driver import Driver
from tests.screens.sign_in.scripted import HandClock, Script, ScriptedDesk, home_page, make_app

LOW, HIGH = (80, 24), (100, 30)
NOON = 1_795_000_000_000
SECOND = 1_000


def modem(name: str, **given: Any) -> ModemOverview:
    values: dict[str, Any] = {
        "name": name,
        "health": Health.GOOD,
        "model": "Quectel EC25",
        "revision": "EC25EFAR06A06M4G",
        "port": "/dev/ttyUSB2",
        "imei_tail": "7649",
        "iccid_tail": "1172",
        "network": "KPN",
        "network_code": "20408",
        "technology": "4G",
        "dbm": -71,
        "bars": 4,
        "pin_tries": 3,
        "storage": (2, 20),
        "clock_offset": 0,
        "simulated": False,
        "on_time": 14,
        "failed": 0,
        "unknown": 1,
        "last_sent_at": NOON - 90 * SECOND,
        "last_unknown_at": NOON - 1800 * SECOND,
        "results": (Result.GOOD, Result.GOOD, Result.UNKNOWN, Result.GOOD),
        "history": tuple(-113 + (each * 7) % 50 for each in range(48)),
        "recovery": (),
    }
    return ModemOverview(**(values | given))


SOUTH = modem(
    "zuid",
    health=Health.FAULT,
    network="",
    network_code="",
    technology="",
    dbm=None,
    bars=0,
    on_time=0,
    unknown=0,
    findings=(Finding(cause="pin_required", values={"tries": 3}),),
)
OVERVIEW = Overview(at=NOON, modems=(modem("noord"), SOUTH))
GOOD = {
    Step.PORT: {"port": "/dev/ttyUSB2"},
    Step.ATTENTION: {"seconds": "0.1"},
    Step.IDENTITY: {"model": "Quectel EC25", "imei": "7649"},
    Step.SIM: {"network": "KPN", "iccid": "1172"},
}
FAULT = StepResult(
    step=Step.PIN,
    mark=Mark.FAULT,
    seconds=0.2,
    findings=(Finding(cause="pin_required", values={"tries": 3}),),
    lines=("-> AT+CPIN?", "<- +CPIN: SIM PIN", "<- OK"),
)


class Session:
    """Tells one fault, whatever is asked."""

    def __init__(self, told: Callable[[Event], None]) -> None:
        self._told = told

    def test(self, **_given: object) -> None:
        good = [StepResult(step=step, mark=Mark.GOOD, seconds=0.1, shown=shown) for step, shown in GOOD.items()]
        rest = [StepResult(step=step, mark=Mark.NOT_DONE) for step in list(Step)[len(good) + 1 :]]
        self._told(TestDone(TestRun(modem="noord", at=NOON, steps=(*good, FAULT, *rest))))

    def close(self) -> None:
        pass


class Bench:
    """Has what the pages use of `kiosk.technician.bench.Bench`."""

    def overview(self) -> Overview:
        return OVERVIEW

    def open(self, _modem: str, _purpose: Purpose, _words: Language, told: Callable[[Event], None]) -> Session:
        told(Opened())
        return Session(told)


async def overview(person: Driver) -> None:
    person.app.push_screen(ModemsPage())
    await person.until(lambda: getattr(person.app.screen, "overview", None) is not None)


async def trouble(person: Driver) -> None:
    await overview(person)
    await person.press("down")


async def after_a_fault(person: Driver) -> None:
    page = TestPage("noord")
    person.app.push_screen(page)
    await person.until(lambda: page.is_mounted and not page.asks)


PICTURES = {
    "modems-low": (overview, LOW),
    "modems-high": (trouble, HIGH),
    "test-low": (after_a_fault, LOW),
    "test-high": (after_a_fault, HIGH),
}


def furnish(monkeypatch: pytest.MonkeyPatch) -> None:
    """What the pages ask for."""
    monkeypatch.setattr(ScriptedDesk, "bench", lambda _: Bench(), raising=False)


@pytest.mark.parametrize("name", PICTURES)
def test_pages(snap_compare: Callable[..., bool], monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    story, size = PICTURES[name]
    furnish(monkeypatch)
    script, hand = Script(), HandClock()
    app, thread = make_app(script, hand)

    async def before(pilot: Pilot[Any]) -> None:
        person = Driver(cast("KioskApp", pilot.app), pilot, script, hand)
        await person.until(lambda: person.app.status is not None)
        await person.settle()
        await person.sign_in(home_page())
        await story(person)
        person.app.tick()
        await person.settle()

    try:
        assert snap_compare(app, terminal_size=size, run_before=before)
    finally:
        assert thread.stop()
