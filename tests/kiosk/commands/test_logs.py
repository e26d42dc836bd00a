"""The log of a terminal goes to the journal or a file and never to stderr, where the pages are drawn."""

import json
import socket
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]

# Everything that a process writes to stderr by itself.
STORY = """
import logging, sys, threading, warnings
from pathlib import Path
from kiosk.commands import logs
logs.SYSTEM_LOG = Path({system_log!r})
logs.log_to(Path({directory!r}))
logging.getLogger("kiosk.desk").info("an ordinary line")
logging.getLogger("somebody.else").warning("a line of a library")
logging.getLogger("kiosk.desk").error("%d values missing %s", 1)
warnings.warn("a warning", UserWarning)
try:
    1 / 0
except ZeroDivisionError:
    logging.getLogger("kiosk").exception("caught")
def fail():
    secret = "vier losse woorden"
    raise ValueError("of a thread")
thread = threading.Thread(target=fail, name="somebody")
thread.start()
thread.join()
class Unwilling:
    def __del__(self):
        raise ValueError("of a finaliser")
Unwilling()
logging.getLogger("kiosk").warning("%s", chr(0xD800))
"""


def tell(directory: Path, *, system_log: str = "/nowhere") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", STORY.format(directory=str(directory), system_log=system_log)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def test_nothing_reaches_stderr_and_everything_the_file(tmp_path: Path) -> None:
    done = tell(tmp_path / "state")

    written = (tmp_path / "state" / "kiosk.log").read_text(encoding="utf-8")
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    for expected in ("an ordinary line", "of a library", "a warning", "caught", "of a thread", "of a finaliser"):
        assert expected in written
    assert "the thread somebody ended" in written


def test_a_traceback_in_the_log_holds_no_values(tmp_path: Path) -> None:
    tell(tmp_path)

    written = (tmp_path / "kiosk.log").read_text(encoding="utf-8")
    assert "vier losse woorden" not in written


def test_a_directory_where_nothing_can_be_written_keeps_nobody_out(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the directory should be", encoding="utf-8")

    done = tell(tmp_path / "state")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_journal_that_does_not_listen_makes_way_for_the_file(tmp_path: Path) -> None:
    (tmp_path / "log").touch()

    done = tell(tmp_path, system_log=str(tmp_path / "log"))

    assert (done.returncode, done.stderr) == (0, "")
    assert "an ordinary line" in (tmp_path / "kiosk.log").read_text(encoding="utf-8")


def test_a_journal_that_listens_gets_every_line(tmp_path: Path) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(tmp_path / "log"))
        journal.settimeout(10)

        done = tell(tmp_path, system_log=str(tmp_path / "log"))

        first = journal.recv(4096)
    assert (done.returncode, done.stderr) == (0, "")
    assert first.startswith(b"<86>kiosk[")
    assert b"kiosk.desk: an ordinary line" in first
    assert not (tmp_path / "kiosk.log").exists()


def test_every_file_of_the_log_is_private_and_their_size_is_limited(tmp_path: Path) -> None:
    story = """
import json, logging, os
from pathlib import Path
from kiosk.commands import logs
os.umask(0)
logs.SYSTEM_LOG, logs.FILE_BYTES = Path("/nowhere"), 1000
logs.log_to(Path({directory!r}))
for number in range(200):
    logging.getLogger("kiosk").info("line %d", number)
print(json.dumps([[path.name, path.stat().st_mode, path.stat().st_size] for path in Path({directory!r}).iterdir()]))
"""
    done = subprocess.run(
        [sys.executable, "-c", story.format(directory=str(tmp_path))],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
        timeout=60,
    )
    files = json.loads(done.stdout)

    assert len(files) == 4
    assert {stat.S_IMODE(mode) for _, mode, _ in files} == {0o600}
    assert all(size <= 1000 for _, _, size in files)


@pytest.mark.parametrize("level", ["DEBUG", "INFO"])
def test_libraries_that_talk_much_are_not_written_down(tmp_path: Path, level: str) -> None:
    story = f"""
import logging
from pathlib import Path
from kiosk.commands import logs
logs.SYSTEM_LOG = Path("/nowhere")
logs.log_to(Path({str(tmp_path)!r}))
logging.getLogger("asyncio").log(logging.{level}, "chatter")
"""
    subprocess.run([sys.executable, "-c", story], cwd=ROOT, check=True, timeout=60)

    assert (tmp_path / "kiosk.log").read_text(encoding="utf-8") == ""


def test_why_a_terminal_cannot_start_is_in_the_journal_too(tmp_path: Path) -> None:
    story = """
import sys
from pathlib import Path
from kiosk.commands import logs
from kiosk.commands.cli import main
logs.SYSTEM_LOG = Path(sys.argv[1])
main(["run", "--config", sys.argv[2]])
"""
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as journal:
        journal.bind(str(tmp_path / "log"))
        journal.settimeout(10)
        command = [sys.executable, "-c", story, str(tmp_path / "log"), str(tmp_path / "missing.toml")]
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60)
        said = journal.recv(4096).decode()
    assert (done.returncode, "missing.toml" in done.stderr) == (2, True)
    assert "kiosk.process" in said
    assert "missing.toml" in said
