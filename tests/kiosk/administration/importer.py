"""A process that imports people and says how far it is, for the tests that kill it.

`python -m tests.kiosk.administration.importer DIRECTORY LIST AT` imports LIST into the site in DIRECTORY. It prints
"staged" once all rows are staged, "swapped" within the transaction that puts them in place, "done" after it, and waits
for a line after the word AT.
"""

import sys
from pathlib import Path

from data.imports import Imports
from kiosk.administration.importing import prepare, put_in_place
from tests.kiosk.administration.office import BECAUSE, root
from tests.kiosk.world import START, World


def main(directory: Path, path: Path, at: str) -> None:
    def say(word: str) -> None:
        print(word, flush=True)  # noqa: T201
        if word == at:
            sys.stdin.readline()

    world = World.reopened(directory, at=START)
    office = root(world)
    prepared = prepare(office, path, stage=True)
    say("staged")
    show_changes = Imports.show_changes

    def last_statement(*given: object, **named: object) -> int:
        say("swapped")
        return show_changes(*given, **named)  # type: ignore[arg-type]

    Imports.show_changes = last_statement  # type: ignore[method-assign]
    put_in_place(office, prepared, BECAUSE)
    say("done")
    world.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3])
