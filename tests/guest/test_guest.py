"""Runs `inside/` in two guests side by side and tells for each file what came of it (`make test-guest`)."""

import sys
import xml.etree.ElementTree as ET
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import pytest

from tests.guest import machine
from tests.guest.prepare import ROOT

pytestmark = pytest.mark.guest

INSIDE: Final = Path(__file__).parent / "inside"
FILES: Final = sorted(path.name for path in INSIDE.glob("guest_*.py"))
# As long as all the others together.
LONG: Final = "guest_yubico_slots.py"
DEADLINE: Final = 600.0


def run(name: str, files: list[str]) -> dict[str, machine.Ran]:
    """Run these files in one guest; what came back, by file."""
    words = ["-m", "pytest", "--override-ini=python_files=guest_*.py", "-p", "no:cacheprovider", "--color=no"]
    report = ["--durations=10", "--junit-xml=/results/report.xml"]
    command = [sys.executable, *words, *report, *(str(INSIDE / file) for file in files)]
    ran = machine.run(name, command, place=ROOT, deadline=DEADLINE)
    return dict.fromkeys(files, ran)


@pytest.fixture(scope="module")
def guests() -> dict[str, machine.Ran]:
    if line := machine.how_to_prepare():
        pytest.skip(line)
    with ThreadPoolExecutor() as pool:
        long = pool.submit(run, "long", [LONG])
        others = pool.submit(run, "others", [file for file in FILES if file != LONG])
        return long.result() | others.result()


@pytest.mark.parametrize("file", FILES)
def test_it_holds_over_the_kernels_own_hid(guests: dict[str, machine.Ran], file: str) -> None:
    ran = guests[file]
    assert "report.xml" in ran.files, ran.console
    report = ET.fromstring(ran.files["report.xml"])
    cases = [case for case in report.iter("testcase") if case.get("classname", "").endswith(f".{Path(file).stem}")]
    passed = [
        case for case in cases if not any(case.find(kind) is not None for kind in ("failure", "error", "skipped"))
    ]
    assert cases, ran.console
    assert passed == cases, ran.console
    assert ran.status is not None, ran.console
