"""A list of 100 000 people: how long its trial and its import take, what they need, and finding one of them afterwards."""

import random
import statistics
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from typing import Final

from kiosk.administration import importing
from kiosk.administration.finding import find
from tests.bench.measurement import Measurement, Of, Target, milliseconds
from tests.bench.place import temporary_directory
from tests.kiosk.administration.office import BECAUSE, root
from tests.kiosk.world import START, World

PEOPLE: Final = 100_000
SEED: Final = 20408
_SEARCHES: Final = ("p09", "persoon 5", "niemand", "né 77", "p099999")
_TIMES: Final = 9


def measure() -> Iterator[Measurement]:
    """Import in a process of its own, so that its memory is its own; then search."""
    with temporary_directory() as directory:
        path = directory / "people.csv"
        write_list(path, PEOPLE)
        site = directory / "site"
        command = [sys.executable, "-m", "tests.bench.people", str(site), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=1200)
        prepared, working, held, busy, before, peak = map(float, done.stdout.split())
        yield Measurement(
            what="100 000 people: checked and staged", value=prepared, unit="s", note=f"processor {working:.1f} s"
        )
        yield Measurement(
            what="100 000 people: put in place",
            value=held,
            unit="s",
            note=f"processor {busy:.1f} s; others wait for the write lock most of it",
        )
        yield Measurement(what="100 000 people: memory above that of the site", value=peak - before, unit="MB")
        with closing(World.reopened(site, at=START)) as world:
            taken = max(_median(world, text) for text in _SEARCHES)
        yield Measurement(
            what="found among 100 000 people, slowest of five",
            value=milliseconds(taken),
            unit="ms",
            target=Target(50, Of.VALUE),
        )


def write_list(path: Path, people: int) -> None:
    """A list as a personnel office makes it: Windows-1252, every fifth with an app."""
    chance = random.Random(SEED)
    with path.open("w", encoding="cp1252", newline="") as file:
        file.write("inlognaam;naam;rol;telefoon;taal;app\r\n")
        for number in range(people):
            phone = f"06{chance.randrange(1, 6)}{chance.randrange(1, 6)}{chance.randrange(10**6):06d}"
            app = "ja" if number % 5 == 0 else ""
            file.write(f"p{number:06d};Persoon Né {number};medewerker;{phone};nl;{app}\r\n")


def _median(world: World, text: str) -> float:
    taken = []
    for _ in range(_TIMES):
        # Nothing is waited for: what else this machine does meanwhile is left out.
        began = time.process_time()
        find(world.site, text, limit=30)
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def main(site: Path, path: Path) -> None:
    """Import, and print seconds (of the clock, of the processor) of both parts, and megabytes before and at most."""
    import resource

    site.mkdir()
    with closing(World.make(site)) as world:
        office = root(world)
        importing.prepare(office, _few(path), stage=False)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        moments = [(time.monotonic(), time.process_time())]
        prepared = importing.prepare(office, path, stage=True)
        moments.append((time.monotonic(), time.process_time()))
        importing.put_in_place(office, prepared, BECAUSE)
        moments.append((time.monotonic(), time.process_time()))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    taken = [end - begin for first, last in pairwise(moments) for begin, end in zip(first, last, strict=True)]
    print(*taken, before, peak)


def _few(path: Path) -> Path:
    """A list that has everything loaded that an import needs."""
    few = path.with_name("few.csv")
    write_list(few, 10)
    return few


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
