"""A simulated modem on a bench: tested as a technician would, with the engine's limits made short."""

import dataclasses
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

from hardware.modem.refused_pins import RefusedPinsFile
from hardware.modem.settings import ModemSettings
from hardware.simulator import SimulatedModem, SimulatedNetwork
from kiosk.technician.steps import Step, StepResult, TestRun
from kiosk.technician.testing import ModemTest
from kiosk.technician.workplace import DirectModem
from tests.kiosk.delivery.stage import QUICK

PHONE: Final = "+31612345678"
TEXT: Final = "Receptie Noord: test"
PACE: Final = dataclasses.replace(QUICK, sim_busy=0.6, attention_tries=4, prompt=1.0)


@contextmanager
def bench(
    directory: Path, *faults: str, profile: str = "quectel_ec25", **settings: Any
) -> Iterator[tuple[DirectModem, SimulatedModem]]:
    """A modem with these faults, and somebody who has it to themselves."""
    air = SimulatedNetwork()
    air.phone(PHONE)
    modem = SimulatedModem(profile, air=air, network="20408", name="noord", faults=faults)
    values: dict[str, Any] = {"name": "noord", "port": modem.start(), "pace": PACE}
    try:
        with DirectModem(ModemSettings(**(values | settings)), RefusedPinsFile(directory / "pins")) as direct:
            yield direct, modem
    finally:
        modem.stop()
        air.close()


def make_test(
    direct: DirectModem, *, number: str | None = PHONE, told: Callable[[StepResult], None] = lambda _: None
) -> ModemTest:
    return ModemTest(direct, direct, number=number, text=TEXT, modem="noord", at=0, told=told)


def tried(directory: Path, *faults: str, number: str | None = PHONE, **settings: Any) -> TestRun:
    """The whole test of a modem with these faults."""
    with bench(directory, *faults, **settings) as (direct, _):
        return make_test(direct, number=number).run()


def step(run: TestRun, wanted: Step) -> StepResult:
    return next(result for result in run.steps if result.step is wanted)
