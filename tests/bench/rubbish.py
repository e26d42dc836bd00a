"""A million hostile octets from a modem: no crash, no wait beyond its limit, nothing called sent that was not."""

import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from tests.bench.measurement import Measurement, Target
from tests.hardware.modem.hostile import DEADLINE_SECONDS, run

OCTETS: Final = 1_000_000
SEED: Final = 20261127


def measure() -> Iterator[Measurement]:
    """One run with a fixed seed, so that a mistake can be looked at again."""
    begun = time.monotonic()
    with tempfile.TemporaryDirectory() as directory:
        outcome = run(SEED, OCTETS, Path(directory) / "state")
    ends = ", ".join(f"{count} {kind}" for kind, count in sorted(outcome.ends.items()))
    yield Measurement(
        what="hostile octets from a modem",
        value=outcome.octets,
        unit="",
        target=Target(OCTETS, at_least=True),
        note=f"{time.monotonic() - begun:.0f} s, seed {SEED}: {ends}",
    )
    yield Measurement(
        what="hostile octets: SMS with a wrong end, a hang or a mistake in the program",
        value=len(outcome.wrong),
        unit="",
        target=Target(0),
        note="; ".join(outcome.wrong),
    )
    yield Measurement(
        what="hostile octets: slowest SMS", value=outcome.slowest, unit="s", target=Target(DEADLINE_SECONDS)
    )
