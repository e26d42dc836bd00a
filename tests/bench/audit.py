"""How fast the audit log is verified, and how fast it is written."""

import hashlib
import hmac
import statistics
import time
from collections.abc import Iterator
from typing import Final

from data.database import Database
from kiosk.keys import AuditHeadFile, MasterKey
from kiosk.vault import FileVault
from tests.bench.measurement import Baseline, Measurement, Target
from tests.bench.place import temporary_directory

ROWS: Final = 200_000
ROUNDS: Final = 3
_NOW: Final = 1_800_000_000_000


def measure() -> Iterator[Measurement]:
    """Verify a log of many rows several times."""
    with temporary_directory() as directory:
        vault = FileVault(MasterKey.create(directory / "keys" / "master.key"))
        head = AuditHeadFile(directory / "keys" / "audit.head")
        with Database.open(directory / "kiosk.db", vault, head, now=_NOW) as database:
            written = _write(database)
            taken = [_verify(database) for _ in range(ROUNDS)]
    yield Measurement(
        what="audit verification",
        value=ROWS / statistics.median(taken),
        unit="rows/s",
        target=Target(100_000, at_least=True),
        baseline=Baseline(ROWS / _bare(), "SHA-256 and HMAC alone"),
        note=f"{ROWS} rows",
    )
    yield Measurement(what="audit rows written, in one transaction", value=ROWS / written, unit="rows/s")


def _write(database: Database) -> float:
    before = time.monotonic()
    with database.transaction(write=True):
        for number in range(ROWS):
            database.audit.append(
                action="sign_in.password",
                object="k3x7o2m5q4t6w8y1a2b3c4d5e6",
                result="ok",
                origin="desk:k3x7o2m5q4t6w8y1a2b3c4d5e6",
                actor="a2b3c4d5e6k3x7o2m5q4t6w8y1",
                at=_NOW + number,
                at_wall=_NOW + number,
                parameters={"tries": 1},
            )
    return time.monotonic() - before


def _verify(database: Database) -> float:
    before = time.monotonic()
    found = database.audit.verify()
    taken = time.monotonic() - before
    assert found.ok, found
    assert found.rows == ROWS, found
    return taken


def _bare() -> float:
    """What the two hashes of each row cost when nothing is read or compared."""
    body, key, mac = bytes(260), bytes(32), bytes(32)
    before = time.monotonic()
    for number in range(ROWS):
        digest = hashlib.sha256(body).digest()
        mac = hmac.digest(key, mac + number.to_bytes(8, "big") + digest, "sha256")
    return time.monotonic() - before
