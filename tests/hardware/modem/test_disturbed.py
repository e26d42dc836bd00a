"""Another program talks to a modem that the kiosk drives: ModemManager may, since nothing locks out root."""

import contextlib
import dataclasses
import os
import threading
import time
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

from hardware.modem.jobs import Cancelled, NotSent, Refused, SendResult, Sent, Unknown
from hardware.simulator import SimulatedModem, SimulatedNetwork
from tests.hardware.modem.harness import QUICK, Harness
from tests.hardware.modem.scripted import OK, Reply, ScriptedModem

# What ModemManager asks of every port that it takes for a modem.
PROBES = (b"AT\r", b"ATE0\r", b"AT+CGMI\r", b"AT+CMEE=1\r", b"AT+CSQ\r", b"AT+CPIN?\r", b"AT+COPS?\r")


class Intruder:
    """Opens the port as another program, asks its questions and takes answers away, until the end of the with block."""

    def __init__(self, port: str) -> None:
        self._descriptor = os.open(port, os.O_RDWR | os.O_NOCTTY | os.O_NONBLOCK)
        self._end = threading.Event()
        self.asked = 0
        self._thread = threading.Thread(target=self._run, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._end.set()
        self._thread.join(5)
        os.close(self._descriptor)

    def _run(self) -> None:
        while not self._end.wait(0.013) and self.asked < 2000:
            with contextlib.suppress(BlockingIOError):
                os.write(self._descriptor, PROBES[self.asked % len(PROBES)])
                os.read(self._descriptor, 7)
            self.asked += 1


def test_modem_manager_that_talks_in_between_makes_no_sms_twice_and_none_sent_that_was_not(
    air: SimulatedNetwork, state: Path
) -> None:
    results: list[SendResult] = []
    pace = dataclasses.replace(QUICK, basic=0.2, prompt=0.2, final=0.3, late=0.3)
    with SimulatedModem(air=air) as modem, Harness(modem.port, state, pace=pace) as harness:
        harness.ready()
        with Intruder(modem.port) as intruder:
            end = time.monotonic() + 5
            while intruder.asked < 60 and time.monotonic() < end:
                results.append(harness.send(text=f"Uw code is {len(results):06}"))
        assert intruder.asked
        # It comes back by itself once it is left alone.
        harness.ready()
        assert isinstance(harness.send(text="Uw code is 999999"), Sent)
    texts = [sms.submit.text for sms in air.accepted]
    assert len(texts) == len(set(texts))
    for place, result in enumerate(results):
        went_out = f"Uw code is {place:06}" in texts
        match result:
            case Sent():
                assert went_out
            case NotSent() | Refused() | Cancelled():
                assert not went_out
            case Unknown():
                pass


class Changed(dict[str, Reply]):
    """Every result is a digit (ATV0) or none at all (ATQ1), until somebody asks for words again."""

    def __init__(self, modem: ScriptedModem, result: bytes) -> None:
        super().__init__()
        self._before, self._result = modem.answers, result

    def __contains__(self, key: object) -> bool:
        return key != "AT+CMGS"

    def __getitem__(self, key: str) -> Reply:
        return self.get(key)

    def get(self, key: str, default: Reply | None = None) -> Reply:  # type: ignore[override]
        return self._in_words if key == "ATQ0V1E0" else self._result

    def _in_words(self, modem: ScriptedModem) -> bytes:
        modem.answers = self._before
        return OK


@pytest.mark.parametrize("result", [b"0\r", b""], ids=["ATV0", "ATQ1"])
def test_a_dialogue_that_another_program_changed_meanwhile_is_put_back(
    scripted: ScriptedModem, state: Path, result: bytes
) -> None:
    pace = dataclasses.replace(QUICK, basic=0.05, attention=0.02, quiet=0.01)
    with Harness(scripted.port, state, pace=pace, health_seconds=0.02) as harness:
        harness.ready()
        changed = Changed(scripted, result)
        scripted.answers = changed
        scripted.wait_for(lambda: scripted.answers is not changed)
        harness.ready()
        assert isinstance(harness.send(), Sent)
