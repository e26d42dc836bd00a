"""Eight processes that try the same thousand codes of each kind at the same time."""

from collections.abc import Iterator
from typing import Final

from tests.bench.measurement import Measurement, Target, milliseconds
from tests.data.racing import KINDS, race

PROCESSES: Final = 8
CODES: Final = 1_000


def measure() -> Iterator[Measurement]:
    """Each code of each kind is accepted exactly once, whoever was first."""
    results = {kind: race(kind, PROCESSES, CODES) for kind in KINDS}
    for kind, result in results.items():
        yield Measurement(
            what=f"race of {PROCESSES} processes for {CODES} codes, {kind}: accepted",
            value=result.accepted,
            unit="",
            target=Target(CODES, at_least=True),
            note=f"{result.seconds:.1f} s, slowest try {milliseconds(result.slowest):.0f} ms",
        )
    doubles = sum(result.doubles for result in results.values())
    errors = [f"{kind}: {error}" for kind, result in results.items() for error in result.errors]
    yield Measurement(what="races, all kinds: accepted a second time", value=doubles, unit="", target=Target(0))
    yield Measurement(
        what="races, all kinds: errors", value=len(errors), unit="", target=Target(0), note="; ".join(errors)
    )
