"""A list of 100 000 people: how long its trial and its import take, what they need, and finding one of them afterwards."""

import random
import sqlite3
import statistics
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from itertools import pairwise
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from data.database import BUSY_MS
from kiosk.administration import importing
from kiosk.administration.people import people
from tests.bench.measurement import Measurement, Of, Target, milliseconds
from tests.bench.place import temporary_directory
from tests.kiosk.administration.office import BECAUSE, root
from tests.kiosk.world import START, World

PEOPLE: Final = 100_000
SEED: Final = 20408
# Of each length so many parts of somebody's names, and so many in which any letter follows any other.
_PARTS: Final = 30
_ANY: Final = 5
_LONGEST: Final = 6
_TIMES: Final = 5
_BETWEEN_SECONDS: Final = 0.002


def measure() -> Iterator[Measurement]:
    """Import in a process of its own, so that its memory is its own; then search."""
    with temporary_directory() as directory:
        path = directory / "people.csv"
        write_list(path, PEOPLE)
        site = directory / "site"
        command = [sys.executable, "-m", "tests.bench.people", str(site), str(path)]
        done = subprocess.run(command, capture_output=True, text=True, check=True, timeout=1200)
        prepared, working, held, busy, staging_wait, longest_wait, before, peak = map(float, done.stdout.split())
        yield Measurement(
            what="100 000 people: checked and staged", value=prepared, unit="s", note=f"processor {working:.1f} s"
        )
        yield Measurement(
            what="100 000 people: put in place",
            value=held,
            unit="s",
            note=f"processor {busy:.1f} s; with what is staged taken away",
        )
        yield Measurement(
            what="100 000 people: longest wait of another desk, staged",
            value=milliseconds(staging_wait),
            unit="ms",
            note="for the write lock, as a sign-in waits",
        )
        yield Measurement(
            what="100 000 people: longest wait of another desk, put in place",
            value=milliseconds(longest_wait),
            unit="ms",
            target=Target(1000, Of.VALUE),
        )
        yield Measurement(what="100 000 people: memory above that of the site", value=peak - before, unit="MB")
        with closing(World.reopened(site, at=START)) as world:
            taken = sorted(_median(world, text) for text in _searches())
        yield Measurement(
            what="list shown among 100 000 people, median key press",
            value=milliseconds(statistics.median(taken)),
            unit="ms",
            target=Target(10, Of.VALUE),
            note=f"processor; {len(taken)} times one to six letters",
        )
        yield Measurement(
            what="list shown among 100 000 people, slowest key press",
            value=milliseconds(taken[-1]),
            unit="ms",
            target=Target(25, Of.VALUE),
        )


def write_list(path: Path, count: int) -> None:
    """A list as a personnel office makes it: Windows-1252, every fifth with an app."""
    chance = random.Random(SEED)
    with path.open("w", encoding="cp1252", newline="") as file:
        file.write("inlognaam;naam;rol;telefoon;taal;app\r\n")
        for number in range(count):
            phone = f"06{chance.randrange(1, 6)}{chance.randrange(1, 6)}{chance.randrange(10**6):06d}"
            app = "ja" if number % 5 == 0 else ""
            file.write(f"p{number:06d};Persoon Né {number};medewerker;{phone};nl;{app}\r\n")


def _searches() -> Iterator[str]:
    """What may stand in the search field after one to six key presses."""
    chance = random.Random(SEED)
    yield from ("p09", "p9", "99", "niemand", "né 77", "")
    for length in range(1, _LONGEST + 1):
        for _ in range(_PARTS):
            number = chance.randrange(PEOPLE)
            names = chance.choice((f"p{number:06d}", f"persoon né {number}"))
            begin = chance.randrange(len(names) - length + 1)
            yield names[begin : begin + length]
        for _ in range(_ANY):
            yield "".join(chance.choices("aeinoprsz0123456789", k=length))


def _median(world: World, text: str) -> float:
    taken = []
    for _ in range(_TIMES):
        # Nothing is waited for: what else this machine does meanwhile is left out.
        began = time.process_time()
        people(world.site, text, limit=60)
        taken.append(time.process_time() - began)
    return statistics.median(taken)


def main(site: Path, path: Path) -> None:
    """Import, and print seconds (of the clock, of the processor) of both parts, the waits of another desk, and megabytes."""
    import resource

    site.mkdir()
    with closing(World.make(site)) as world:
        office = root(world)
        importing.prepare(office, _few(path), stage=False)
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        moments = [(time.monotonic(), time.process_time())]
        with _Neighbour(site / "kiosk.db") as staging:
            prepared = importing.prepare(office, path, stage=True)
        moments.append((time.monotonic(), time.process_time()))
        with _Neighbour(site / "kiosk.db") as putting:
            importing.put_in_place(office, prepared, BECAUSE)
        moments.append((time.monotonic(), time.process_time()))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    taken = [end - begin for first, last in pairwise(moments) for begin, end in zip(first, last, strict=True)]
    print(*taken, staging.longest, putting.longest, before, peak)


class _Neighbour:
    """Another desk, which wants to write all the time; `longest` is what it waited at most, in seconds."""

    def __init__(self, path: Path) -> None:
        self.longest = 0.0
        self._path = path
        self._over = threading.Event()
        self._thread = threading.Thread(target=self._want)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        self._thread.join()

    def _want(self) -> None:
        with closing(sqlite3.connect(self._path, timeout=BUSY_MS / 1000, isolation_level=None)) as raw:
            while not self._over.wait(_BETWEEN_SECONDS):
                began = time.monotonic()
                raw.execute("BEGIN IMMEDIATE")
                self.longest = max(self.longest, time.monotonic() - began)
                raw.execute("ROLLBACK")


def _few(path: Path) -> Path:
    """A list that has everything loaded that an import needs."""
    few = path.with_name("few.csv")
    write_list(few, 10)
    return few


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
