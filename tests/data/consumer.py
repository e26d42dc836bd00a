"""A process that uses up codes and says so, for the tests that kill it.

`python -m tests.data.consumer DIRECTORY [PRAGMA…]` consumes every challenge named in DIRECTORY/wanted, each together
with the commit of its message and an audit row, and prints its id once that is on the disk.
"""

import sys
from pathlib import Path

from data.database import Database
from data.ids import new_id
from kiosk.keys import AuditHeadFile, MasterKey
from kiosk.vault import FileVault
from tests.data.things import NOW, Things

KEY = MasterKey(bytes(range(32)))


def open_database(directory: Path) -> Database:
    return Database.open(directory / "kiosk.db", FileVault(KEY), AuditHeadFile(directory / "audit-head"), now=NOW)


def prepare(directory: Path, codes: int) -> list[str]:
    """A database with that many codes; the ids of the challenges."""
    with open_database(directory) as db:
        things = Things(db)
        sign_in, modem = things.sign_in(), things.modem()
        with db.transaction(write=True):
            challenges = [things.challenge(sign_in) for _ in range(codes)]
            messages = [things.message(sign_in, challenge_id=challenge.id) for challenge in challenges]
    wanted = [f"{c.id} {m.id} {modem.id}\n" for c, m in zip(challenges, messages, strict=True)]
    (directory / "wanted").write_text("".join(wanted))
    return [challenge.id for challenge in challenges]


def consume(db: Database, challenge_id: str, message_id: str, modem_id: str) -> bool:
    """All of it or nothing; False when the code was used before."""
    with db.transaction(write=True):
        if db.challenges.claim(challenge_id, now=NOW) is None or not db.challenges.consume(challenge_id, now=NOW):
            return False
        db.messages.commit(
            message_id, transmission_id=new_id(), modem_id=modem_id, network=None, network_name=None, now=NOW
        )
        db.audit.append(
            action="consumed", object=challenge_id, result="ok", origin="test", actor=None, at=NOW, at_wall=NOW
        )
    return True


def main(directory: Path, pragmas: list[str]) -> None:
    db = open_database(directory)
    for pragma in pragmas:
        db._connection.rows(f"PRAGMA {pragma}")
    for line in (directory / "wanted").read_text().splitlines():
        challenge_id, message_id, modem_id = line.split()
        if consume(db, challenge_id, message_id, modem_id):
            print(challenge_id, flush=True)  # noqa: T201  this is what the test reads


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
