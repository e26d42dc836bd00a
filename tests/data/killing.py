"""Runs the consumer and kills it after it has said so many words; and what must hold of a database after that."""

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from data.audit_check import HeadState
from data.database import Database

ROOT = Path(__file__).parents[2]


def consume_and_kill(
    directory: Path, after: int, *, pragmas: tuple[str, ...] = (), environment: Mapping[str, str] | None = None
) -> list[str]:
    """The codes that the consumer had told to be consumed when kill -9 hit it, at `after` of them or a few more."""
    command = [sys.executable, "-m", "tests.data.consumer", str(directory), *pragmas]
    surroundings = {**os.environ, **(environment or {})}
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, env=surroundings) as process:
        assert process.stdout is not None
        told = [line for _, line in zip(range(after), process.stdout, strict=False)]
        process.kill()
        # What was in the pipe when it died had been told too.
        told += process.stdout.readlines()
    return [line.strip() for line in told if line.endswith("\n")]


def consumed(db: Database, challenges: list[str]) -> set[str]:
    found = [db.challenges.get(challenge_id) for challenge_id in challenges]
    return {challenge.id for challenge in found if challenge is not None and challenge.used_at is not None}


def assert_whole(db: Database, challenges: list[str]) -> None:
    """Nothing half done: codes, journal and audit agree, the chain is whole, the head beside the key does not lead."""
    used = consumed(db, challenges)
    audited = [row.event.object for row in db.audit.rows() if row.event and row.event.action == "consumed"]
    journal = {message.challenge_id for message in db.messages.orphans()}
    assert sorted(used) == sorted(audit for audit in audited if audit)
    assert journal == used
    assert db._connection.rows("PRAGMA integrity_check")[0][0] == "ok"
    assert db.audit.verify().ok
    assert db.audit.head_state() in {HeadState.CURRENT, HeadState.LAGGING}
