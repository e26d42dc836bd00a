"""Who may use a key: nobody but root, until one rule of udev is there."""

import os
import stat
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner
from fido2.ctap2.base import Ctap2
from ykman.hid import list_ctap_devices, list_otp_devices
from yubikit.yubiotp import YubiOtpSession

from hardware.simulator.yubikey import FOREIGN_KEY, SimulatedYubiKey
from hardware.yubikey.bus import plugged_keys
from hardware.yubikey.hidraw import HidrawBus
from kiosk.commands.yubikey import yubikey
from kiosk.technician.key_words import UDEV_RULE
from tests.guest.inside.machine import KIOSK, as_kiosk, nodes, open_fido, open_slots, until
from tests.guest.kernel_usb import KernelUsb

# What systemd's own 60-fido-id.rules has found out: security keys of every maker.
ANY_MAKER = 'KERNEL=="hidraw*", SUBSYSTEM=="hidraw", ENV{ID_FIDO_TOKEN}=="1", GROUP="kiosk", MODE="0660"'
CONTROL = Path("/run/udev/control")
RULES = Path("/etc/udev/rules.d/70-kiosk-yubikey.rules")


def listed() -> list[str]:
    return [
        *(device.path for device in list_otp_devices()),
        *(device.descriptor.path for device in list_ctap_devices()),
    ]


def udevadm(*words: str) -> None:
    done = subprocess.run(["udevadm", *words], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


@contextmanager
def udev(*rules: str) -> Iterator[None]:
    """udevd with Debian's rules and these."""
    RULES.parent.mkdir(parents=True, exist_ok=True)
    RULES.write_text("".join(f"{rule}\n" for rule in rules), encoding="utf-8")
    daemon = subprocess.Popen(["/lib/systemd/systemd-udevd"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        until(CONTROL.exists, "udevd")
        udevadm("control", "--ping")
        yield
    finally:
        daemon.terminate()
        daemon.wait()
        CONTROL.unlink()
        RULES.unlink()


def test_without_the_rule_the_keys_are_there_but_the_kiosk_cannot_open_them(usb: KernelUsb) -> None:
    with udev():
        usb.plug(SimulatedYubiKey())
        until(lambda: len(nodes()) == 2, "two nodes")
        udevadm("settle")
        with as_kiosk():
            # The libraries say nothing: whoever lists must look at the rights too.
            assert listed() == []
            for node in nodes():
                with pytest.raises(PermissionError):
                    os.open(node, os.O_RDWR)


def test_without_the_rule_the_kiosk_says_so_and_tells_the_cure(usb: KernelUsb) -> None:
    with udev():
        usb.plug(SimulatedYubiKey())
        until(lambda: len(nodes()) == 2, "two nodes")
        udevadm("settle")
        with as_kiosk():
            [key] = plugged_keys(HidrawBus().nodes())
            answer = CliRunner().invoke(yubikey, ["list"])
    assert (key.forbidden, answer.exit_code) == (True, 1)
    assert UDEV_RULE in answer.stderr


def test_the_cure_works_for_a_key_that_is_in(usb: KernelUsb) -> None:
    with udev():
        usb.plug(SimulatedYubiKey(serial=12_345_678))
        until(lambda: len(nodes()) == 2, "two nodes")
        udevadm("settle")
        RULES.write_text(f"{UDEV_RULE}\n", encoding="utf-8")
        udevadm("control", "--reload")
        udevadm("trigger", "--settle")
        with as_kiosk():
            answer = CliRunner().invoke(yubikey, ["list"])
    assert (answer.exit_code, answer.stderr) == (0, "")
    assert "12345678" in answer.stdout


def test_with_the_rule_the_account_of_the_kiosk_uses_both_nodes(usb: KernelUsb) -> None:
    with udev(UDEV_RULE):
        usb.plug(SimulatedYubiKey(serial=12_345_678))
        until(lambda: len(nodes()) == 2, "two nodes")
        udevadm("settle")
        assert {(node.stat().st_gid, stat.S_IMODE(node.stat().st_mode)) for node in nodes()} == {(KIOSK, 0o660)}
        with as_kiosk():
            with open_slots() as slots:
                assert YubiOtpSession(slots).get_serial() == 12_345_678
            with open_fido() as fido:
                assert "FIDO_2_1" in Ctap2(fido).info.versions


def test_the_rule_for_yubico_gives_no_right_to_other_devices(usb: KernelUsb) -> None:
    with udev(UDEV_RULE):
        usb.plug(SimulatedYubiKey(FOREIGN_KEY))
        until(nodes, "the node")
        udevadm("settle")
        with as_kiosk():
            assert not os.access(nodes()[0], os.R_OK)


def test_a_second_rule_opens_the_keys_of_every_maker(usb: KernelUsb) -> None:
    with udev(UDEV_RULE, ANY_MAKER):
        usb.plug(SimulatedYubiKey(FOREIGN_KEY))
        until(nodes, "the node")
        udevadm("settle")
        with as_kiosk():
            assert os.access(nodes()[0], os.R_OK | os.W_OK)
