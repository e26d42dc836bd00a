"""Programs of others that talk to the same key: Yubico's command line and libfido2's tools."""

import os
import re
import subprocess
import sys
from pathlib import Path

from hardware.simulator.yubikey import YUBIKEY_5_NFC, SimulatedYubiKey
from tests.guest.inside.machine import Finger, nodes, until
from tests.guest.kernel_usb import KernelUsb
from tests.guest.prepare import PYTHON_PATH


def says(*command: str, given: str | None = None) -> str:
    """What a program prints; with pyscard in reach, which only `ykman` wants."""
    environment = {**os.environ, "PYTHONPATH": str(PYTHON_PATH)}
    done = subprocess.run(
        command, input=given, env=environment, capture_output=True, text=True, timeout=120, check=False
    )
    assert done.returncode == 0, (done.stdout, done.stderr)
    return done.stdout


def ykman(*words: str) -> str:
    return says(str(Path(sys.executable).with_name("ykman")), *words)


def plug(usb: KernelUsb, key: SimulatedYubiKey) -> None:
    usb.plug(key)
    until(lambda: len(nodes()) == 2, "two nodes")


def test_ykman_lists_the_key(usb: KernelUsb) -> None:
    plug(usb, SimulatedYubiKey(YUBIKEY_5_NFC, serial=12_345_678))
    assert ykman("list") == "YubiKey 5 NFC (5.7.1) [OTP+FIDO+CCID] Serial: 12345678\n"


def test_ykman_tells_what_the_key_can_do(usb: KernelUsb) -> None:
    plug(usb, SimulatedYubiKey(YUBIKEY_5_NFC, serial=12_345_678))
    told = ykman("info")
    assert "Device type: YubiKey 5 NFC\nSerial number: 12345678\nFirmware version: 5.7.1\n" in told
    assert re.search(r"^FIDO2\s+Enabled\s+Enabled$", told, re.MULTILINE)


def test_libfido2_lists_the_key(usb: KernelUsb) -> None:
    plug(usb, SimulatedYubiKey(YUBIKEY_5_NFC))
    assert re.fullmatch(r"/dev/hidraw\d: vendor=0x1050, product=0x0407 .*\n", says("fido2-token", "-L"))


def test_libfido2_reads_what_the_key_says_of_itself(usb: KernelUsb) -> None:
    plug(usb, SimulatedYubiKey(YUBIKEY_5_NFC))
    path = says("fido2-token", "-L").split(":")[0]
    told = says("fido2-token", "-I", path)
    assert f"aaguid: {YUBIKEY_5_NFC.aaguid and YUBIKEY_5_NFC.aaguid.hex}" in told
    assert "FIDO_2_1" in told


def test_libfido2_registers_and_verifies_a_signature(usb: KernelUsb, finger: Finger) -> None:
    """fido2-cred(1), fido2-assert(1): lines of client data hash, relying party, user name, user id."""
    plug(usb, finger.rest_on(SimulatedYubiKey(YUBIKEY_5_NFC)))
    path = says("fido2-token", "-L").split(":")[0]
    digest = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
    made = says("fido2-cred", "-M", path, given=f"{digest}\nkiosk.example.internal\nj.jansen\nAAAA\n")
    identifier, *public_key = says("fido2-cred", "-V", given=made).splitlines()
    Path("/tmp/public_key").write_text("\n".join(public_key) + "\n", encoding="utf-8")
    signed = says("fido2-assert", "-G", path, given=f"{digest}\nkiosk.example.internal\n{identifier}\n")
    says("fido2-assert", "-V", "/tmp/public_key", "es256", given=signed)
    assert finger.touches == 2
