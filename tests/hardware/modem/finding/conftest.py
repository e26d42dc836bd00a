"""A machine with simulated modems behind its ports, and programs that hold them."""

import contextlib
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from hardware.simulator import Fault, SimulatedModem, SimulatedNetwork
from tests.hardware.modem.finding.places import Plug
from tests.hardware.modem.plugging import (
    Machine,
)


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path / "machine")


@pytest.fixture
def modem(machine: Machine, air: SimulatedNetwork) -> Iterator[Plug]:
    """Makes simulated modems behind ports of the machine."""
    with contextlib.ExitStack() as stack:

        def make(name: str, *faults: Fault, profile: str = "quectel_ec25", **given: object) -> SimulatedModem:
            made = SimulatedModem(profile, air=air, name=name, directory=machine.dev, faults=faults, **given)  # type: ignore[arg-type]
            return stack.enter_context(made)

        yield make


@pytest.fixture
def held() -> Iterator[Callable[..., None]]:
    """Opens ports in another program, until the end of the test."""
    processes: list[subprocess.Popen[str]] = []

    def hold(port: str, program: str = sys.executable) -> None:
        opens = (
            "import os, sys; os.open(sys.argv[1], os.O_RDWR | os.O_NOCTTY); print('open', flush=True); sys.stdin.read()"
        )
        arguments = [program, "-c", opens, port] if program == sys.executable else [program, port]
        process = subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        processes.append(process)
        assert process.stdout is not None
        assert process.stdout.readline() == "open\n"

    yield hold
    for process in processes:
        process.communicate(timeout=20)
