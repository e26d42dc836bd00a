"""Runs `inside/` in a guest and tells for each file what came of it (`make test-guest`)."""

import sys
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Final

import pytest

from tests.guest import machine
from tests.guest.prepare import ROOT

pytestmark = pytest.mark.guest

INSIDE: Final = Path(__file__).parent / "inside"
DEADLINE: Final = 900.0


@pytest.fixture(scope="module")
def guest() -> machine.Ran:
    if line := machine.how_to_prepare():
        pytest.skip(line)
    pytest_inside = [sys.executable, "-m", "pytest", "--override-ini=python_files=guest_*.py", "-p", "no:cacheprovider"]
    return machine.run(
        [*pytest_inside, "-v", "--durations=0", "--junit-xml=/results/report.xml", str(INSIDE)],
        place=ROOT,
        deadline=DEADLINE,
    )


@pytest.mark.parametrize("name", sorted(path.stem for path in INSIDE.glob("guest_*.py")))
def test_it_holds_over_the_kernels_own_hid(guest: machine.Ran, name: str) -> None:
    assert "report.xml" in guest.files, guest.console
    cases = [
        case for case in ET.fromstring(guest.files["report.xml"]).iter("testcase") if name in case.get("classname", "")
    ]
    broken = [case.get("name") for case in cases if case.find("failure") is not None or case.find("error") is not None]
    skipped = [case.get("name") for case in cases if case.find("skipped") is not None]
    assert (broken, skipped) == ([], []), guest.console
    assert cases, guest.console
    assert guest.status is not None, guest.console
