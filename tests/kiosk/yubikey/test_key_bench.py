"""The technician's test of a key, and the commands on the same session."""

import json
import queue
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from click.testing import CliRunner

from hardware.simulator.yubikey import SimulatedUsb, SimulatedYubiKey
from hardware.simulator.yubikey.key_bus import SimulatedKeyBus
from kiosk.commands.yubikey import yubikey
from kiosk.technician.key_session import KeyEvent, KeySession, KeyTested
from kiosk.technician.key_test import KeyRun, KeyStep
from kiosk.technician.steps import Mark

PATIENCE_SECONDS = 20.0


@contextmanager
def session(usb: SimulatedUsb) -> Iterator["queue.SimpleQueue[KeyEvent]"]:
    events: queue.SimpleQueue[KeyEvent] = queue.SimpleQueue()
    opened = KeySession(SimulatedKeyBus(usb), events.put, touch_seconds=30)
    opened.start()
    try:
        yield events
    finally:
        opened.close()
        assert opened.join(PATIENCE_SECONDS)


def run_of(usb: SimulatedUsb, key: SimulatedYubiKey) -> KeyRun:
    """Touch whenever it blinks, until the test is done."""
    end = time.monotonic() + PATIENCE_SECONDS
    with session(usb) as events:
        while time.monotonic() < end:
            if key.blinking:
                key.touch()
            try:
                event = events.get(timeout=0.02)
            except queue.Empty:
                continue
            if isinstance(event, KeyTested):
                return event.run
    raise AssertionError("the test never ended")


def marks(run: KeyRun) -> dict[KeyStep, Mark]:
    return {step.step: step.mark for step in run.steps}


def plugged(key: SimulatedYubiKey, **how: bool) -> SimulatedUsb:
    usb = SimulatedUsb()
    usb.plug(key, **how)
    return usb


def test_a_good_key_passes_every_step_and_says_what_it_is() -> None:
    key = SimulatedYubiKey(serial=12345678)
    run = run_of(plugged(key), key)

    assert set(marks(run).values()) <= {Mark.GOOD, Mark.ATTENTION}
    assert run.facts is not None
    assert (run.facts.serial, run.facts.firmware) == (12345678, (5, 7, 1))


def test_an_old_firmware_is_named_and_does_not_fail_the_key() -> None:
    key = SimulatedYubiKey("yubikey_5_nfc_5_4")

    assert marks(run_of(plugged(key), key))[KeyStep.FIRMWARE] is Mark.ATTENTION


def test_a_key_that_speaks_u2f_alone_passes() -> None:
    key = SimulatedYubiKey("yubikey_4")

    assert marks(run_of(plugged(key), key))[KeyStep.SIGN] is Mark.GOOD


def test_what_silent_questions_do_to_the_counter_is_measured() -> None:
    key = SimulatedYubiKey()
    run = run_of(plugged(key), key)
    sign = next(step for step in run.steps if step.step is KeyStep.SIGN)

    assert int(sign.shown["rise"]) >= 1


def test_a_key_that_may_not_be_opened_fails_with_the_rule_that_mends_it() -> None:
    usb = plugged(SimulatedYubiKey(), permitted=False)
    answer = CliRunner().invoke(yubikey, ["list", "--language", "en"], obj=SimulatedKeyBus(usb))

    assert answer.exit_code == 1
    assert "this account may not open it" in answer.stdout
    assert 'KERNELS=="0003:1050:*"' in answer.stderr


def test_list_names_model_serial_and_firmware() -> None:
    usb = plugged(SimulatedYubiKey(serial=12345678))
    answer = CliRunner().invoke(yubikey, ["list", "--language", "en"], obj=SimulatedKeyBus(usb))

    assert answer.exit_code == 0, answer.output
    assert "YubiKey 5 NFC" in answer.stdout
    assert "serial number 12345678, firmware 5.7.1" in answer.stdout


def test_list_as_json_can_be_read_by_a_program() -> None:
    usb = plugged(SimulatedYubiKey(serial=12345678))
    answer = CliRunner().invoke(yubikey, ["list", "--json"], obj=SimulatedKeyBus(usb))
    (found,) = json.loads(answer.stdout)["keys"]

    assert (found["serial"], found["flawed_firmware"], found["vendor_id"]) == (12345678, False, "1050")


def test_list_without_a_key_says_so() -> None:
    answer = CliRunner().invoke(yubikey, ["list", "--language", "nl"], obj=SimulatedKeyBus(SimulatedUsb()))

    assert answer.exit_code == 0
    assert "Er zit geen sleutel" in answer.stdout


def test_test_without_a_key_ends_after_its_wait() -> None:
    answer = CliRunner().invoke(yubikey, ["test", "--wait", "1"], obj=SimulatedKeyBus(SimulatedUsb()))

    assert answer.exit_code == 1


@pytest.mark.parametrize("arguments", [["--language", "nl"], ["--language", "en"], ["--json"]])
def test_test_tells_each_step_and_the_verdict(arguments: list[str]) -> None:
    key = SimulatedYubiKey()
    usb, done = plugged(key), threading.Event()

    def finger() -> None:
        while not done.wait(0.02):
            if key.blinking:
                key.touch()

    hand = threading.Thread(target=finger, daemon=True)
    hand.start()
    try:
        answer = CliRunner().invoke(yubikey, ["test", *arguments], obj=SimulatedKeyBus(usb))
    finally:
        done.set()
        hand.join()

    assert answer.exit_code == 0, answer.output
    if arguments == ["--json"]:
        data: dict[str, Any] = json.loads(answer.stdout)
        assert [step["step"] for step in data["steps"]] == [step.value for step in KeyStep]
    else:
        assert len(answer.stdout.splitlines()) >= len(KeyStep)
