"""Yubico's own tests for real devices, unchanged, from their source packages, against our simulated key."""

import os
import subprocess
import sys
import xml.etree.ElementTree as ET
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Final

from yubikit.management import CAPABILITY

from hardware.simulator.yubikey import YUBIKEY_5_NFC
from tests.guest.prepare import PYTHON_PATH, YUBICO

SERIAL: Final = 12_345_678
# As its owner leaves it who switches the smart card off: without that interface, which the simulator lacks.
KEY: Final = replace(
    YUBIKEY_5_NFC,
    product_id=0x0403,
    product_name="Yubico YubiKey OTP+FIDO",
    capabilities=CAPABILITY.OTP | CAPABILITY.U2F | CAPABILITY.FIDO2,
)
NOT_PASSED: Final = ("failure", "error", "skipped")


def passed(package: str, *words: str) -> int:
    """Number of tests that passed; fails when one did not, or could not be set up."""
    [place] = (YUBICO / package).iterdir()
    report = Path("/results") / f"{package}.xml"
    environment = {**os.environ, "PYTHONPATH": str(PYTHON_PATH), "PYTHONDONTWRITEBYTECODE": "1"}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", f"--junit-xml={report}", *words]
    done = subprocess.run(command, cwd=place, env=environment, capture_output=True, text=True, timeout=600, check=False)
    assert report.exists(), (done.stdout, done.stderr)
    cases = list(ET.parse(report).iter("testcase"))
    outcomes = Counter(next((kind for kind in NOT_PASSED if case.find(kind) is not None), "passed") for case in cases)
    assert not outcomes["failure"] + outcomes["error"], done.stdout
    return outcomes["passed"]
