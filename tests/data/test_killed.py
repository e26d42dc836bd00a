import random
import subprocess
import sys
from pathlib import Path

from tests.data.consumer import open_database, prepare
from tests.data.killing import ROOT, assert_whole, consume_and_kill, consumed

CODES = 400
ROUNDS = 12

HOLD_THE_LOCK = """
import sys
from pathlib import Path
from tests.data.consumer import open_database
db = open_database(Path(sys.argv[1]))
with db.transaction(write=True):
    db.meta.set("half", "done")
    print("holding", flush=True)
    sys.stdin.read()
"""


def test_after_kill_9_no_consumed_code_comes_back_and_nothing_is_half_done(tmp_path: Path) -> None:
    challenges = prepare(tmp_path, CODES)
    moments = random.Random(2)
    told: set[str] = set()
    for _ in range(ROUNDS):
        newly = consume_and_kill(tmp_path, after=moments.randrange(1, 30))
        assert not told & set(newly)
        told |= set(newly)
        with open_database(tmp_path) as db:
            assert told <= consumed(db, challenges)
            assert_whole(db, challenges)
    assert len(told) > ROUNDS


def test_a_writer_killed_in_its_transaction_keeps_nobody_waiting_and_leaves_nothing(tmp_path: Path) -> None:
    with open_database(tmp_path) as db:
        command = [sys.executable, "-c", HOLD_THE_LOCK, str(tmp_path)]
        with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as holder:
            assert holder.stdout is not None
            assert holder.stdout.readline() == b"holding\n"
            holder.kill()
            holder.wait()
            with db.transaction(write=True):
                assert db.meta.get("half") is None
                db.meta.set("next", "writer")
