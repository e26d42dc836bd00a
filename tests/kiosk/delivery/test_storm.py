"""Drivers killed, modems pulled out and borrowed while messages go out: none twice, none without a true end."""

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from data.messages import MessageState
from hardware.simulator.faults import Fault
from tests.kiosk.delivery.processes import ROOT, Start
from tests.kiosk.delivery.stage import DEADLINE, Stage

MESSAGES = 12
KILL_DURING = frozenset({3, 6, 9})
BORROW_BEFORE = frozenset({2, 7})
# With no reports asked for these are the ends there are; nothing expires within the test.
ENDS = frozenset({MessageState.SENT, MessageState.UNKNOWN})


@contextmanager
def borrowed_by_a_process(stage: Stage, modem: str) -> Iterator[None]:
    """Another process has the modem, and is killed at the end."""
    modems = [f"{one.name}={one.port}" for one in stage.settings]
    command = [sys.executable, "-m", "tests.kiosk.delivery.borrower_process", str(stage.house.directory), modem]
    with subprocess.Popen([*command, *modems], cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            assert process.stdout.readline() == "borrowed\n"
            yield
        finally:
            process.kill()
            process.wait(DEADLINE)


@pytest.mark.parametrize("seed", [1, 2])
def test_in_a_storm_no_sms_goes_out_twice_and_each_has_a_true_end(stage: Stage, start: Start, seed: int) -> None:
    chance = random.Random(seed)
    # Slow enough that a kill hits an SMS after its Ctrl-Z.
    stage.modem().inject(Fault.CMGS_TAKES, 0.3)
    stage.modem("zuid", "20404").inject(Fault.CMGS_TAKES, 0.3)
    # The first drives, the other waits for the lock.
    drivers = [start(), start()]
    stage.until_ready()
    sent = []
    pulls = 0
    for number in range(MESSAGES):
        pulled = stage.modems[chance.choice(["noord", "zuid"])] if chance.random() < 0.3 else None
        if pulled is not None:
            pulls += 1
            pulled.unplug()
        if number in BORROW_BEFORE:
            with borrowed_by_a_process(stage, chance.choice(["noord", "zuid"])):
                sent.append(stage.house.queue(text=f"message {number}.", report=False))
        else:
            sent.append(stage.house.queue(text=f"message {number}.", report=False))
        if pulled is not None:
            pulled.plug()
        if number in KILL_DURING:
            stage.until(lambda: stage.house.state(sent[-1]) is not MessageState.QUEUED)
            drivers.pop(0).kill()
            drivers.append(start())
    for message in sent:
        stage.until(lambda message=message: stage.house.state(message) in ENDS, f"{stage.house.message(message)}")  # type: ignore[misc]

    came = [stage.texts.count(f"message {number}.") for number in range(MESSAGES)]
    states = [stage.house.state(message) for message in sent]
    assert max(came) == 1
    # The storm did strike, and each strike left no more in doubt than one SMS on each modem that it hit.
    assert 0 < states.count(MessageState.UNKNOWN) <= 2 * len(KILL_DURING) + len(BORROW_BEFORE) + pulls, states
    assert MessageState.SENT in states
    assert all(count == 1 for count, state in zip(came, states, strict=True) if state is MessageState.SENT)
    assert not stage.house.db.messages.orphans()
    assert not stage.house.db.loans.open()
