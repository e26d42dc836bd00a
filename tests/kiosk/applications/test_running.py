"""Applications as real processes on real pseudo-terminals: how they begin, and that nothing of them is left."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import termios
from pathlib import Path

import pytest

from kiosk.applications.launching import Ended, NotRunning, Why
from kiosk.applications.relay import Left
from tests.kiosk.applications.desk_terminal import SECONDS, Sitting, alive, gone, python, site, started, terminal

# Tells what it finds where it runs, and ends.
LOOK = """
import json, os, sys
input("ready")
print(json.dumps({
    "environment": dict(os.environ),
    "open": sorted(int(name) for name in os.listdir("/proc/self/fd") if os.path.exists(f"/proc/self/fd/{name}")),
    "leader": os.getsid(0) == os.getpid(),
    "foreground": os.tcgetpgrp(0) == os.getpgrp(),
    "size": list(os.get_terminal_size(0)),
    "privileges": [line.split()[1] for line in open("/proc/self/status") if line.startswith("NoNewPrivs")][0],
}), flush=True)
"""


async def test_an_application_gets_what_it_should_and_nothing_else(tmp_path: Path) -> None:
    os.environ["KIOSK_SECRET_OF_THE_PARENT"] = "1"
    kept = os.dup(0)
    try:
        with terminal() as desk:
            sitting = Sitting(desk, await started(site(tmp_path, *python(LOOK)), size=(100, 30)))
            desk.resize(100, 30)
            assert await sitting.shown_after_enter() is Left.ENDED
            found = json.loads((await desk.sees(rb"\{.*\}"))[0])
            assert await sitting.over() == Ended(code=0)
    finally:
        os.close(kept)
        del os.environ["KIOSK_SECRET_OF_THE_PARENT"]
    environment = found.pop("environment")
    assert {key: environment[key] for key in ("KIOSK_USER", "KIOSK_METHOD", "KIOSK_SESSION", "TERM", "LESSSECURE")} == {
        "KIOSK_USER": "j.devries",
        "KIOSK_METHOD": "totp",
        "KIOSK_SESSION": "5f3a",
        "TERM": "xterm-256color",
        "LESSSECURE": "1",
    }
    assert environment["LANG"] == "nl_NL.UTF-8"
    assert "KIOSK_SECRET_OF_THE_PARENT" not in environment
    assert found == {"open": [0, 1, 2], "leader": True, "foreground": True, "size": [100, 30], "privileges": "1"}


@pytest.mark.parametrize(
    ("program", "why"),
    [("/nowhere/at-all", Why.MISSING), ("/etc/hostname", Why.NOT_EXECUTABLE), ("/etc", Why.NOT_EXECUTABLE)],
)
async def test_a_program_that_cannot_be_started_is_told(tmp_path: Path, program: str, why: Why) -> None:
    with pytest.raises(NotRunning) as caught:
        await started(site(tmp_path, program))
    assert caught.value.why is why


async def test_a_program_that_exits_or_is_killed_says_how(tmp_path: Path) -> None:
    program = await started(site(tmp_path, *python("raise SystemExit(7)")))
    assert await asyncio.wait_for(asyncio.shield(program.ended), SECONDS) == Ended(code=7)
    program.close()
    program = await started(site(tmp_path, *python("import os; os.kill(os.getpid(), 6)")))
    assert await asyncio.wait_for(asyncio.shield(program.ended), SECONDS) == Ended(signal=6)
    program.close()


CRASH_IN_RAW_MODE = r"""
import os, sys, tty
input("ready")
tty.setraw(0)
sys.stdout.write("\x1b[?1049h\x1b[?1003h\x1b[?1006h\x1b[?2004h\x1b[?25l\x1b[?1h\x1b=\x1b[5;10r\x1b]2;somebody\x07\x1b[31;44mRAW")
sys.stdout.write("\x1b[6n\x1b[c")
sys.stdout.flush()
os.kill(os.getpid(), 11)
"""


async def test_whatever_a_program_did_the_terminal_is_as_it_was(tmp_path: Path) -> None:
    with terminal() as desk:
        before = termios.tcgetattr(desk.far)
        sitting = Sitting(desk, await started(site(tmp_path, *python(CRASH_IN_RAW_MODE))))
        assert await sitting.shown_after_enter() is Left.ENDED
        assert await sitting.over() == Ended(signal=signal.SIGSEGV)
        assert termios.tcgetattr(desk.far) == before
        afterwards = desk.drawn[desk.drawn.rindex(b"RAW") :]
        for undone in (
            b"?1049l",
            b"?1003l",
            b"?1006l",
            b"?2004l",
            b"?25h",
            b"?1l",
            b"\x1b>",
            b"\x1b[r",
            b"\x1b]2;\x1b\\",
        ):
            assert undone in afterwards
        # Screen and what scrolled out of it come last: what was drawn under other settings goes too.
        assert afterwards.index(b"\x1b[3J") > afterwards.index(b"?1049l")


async def test_what_the_terminal_answers_to_an_application_never_reaches_the_kiosk(tmp_path: Path) -> None:
    with terminal() as desk:
        desk.answers = False
        sitting = Sitting(desk, await started(site(tmp_path, *python(CRASH_IN_RAW_MODE))))
        shown = asyncio.create_task(sitting.shown_after_enter())
        await desk.sees(rb"(?s)RAW.*\?1049l.*\x1b\[6n$")
        # Late, as over a slow line: first to what the application asked, then to what the kiosk did.
        desk.type(b"\x1b[3;4R\x1b[?62;22c\x1b[1;1R")
        assert await shown is Left.ENDED
        await sitting.over()
        os.set_blocking(desk.far, False)
        with pytest.raises(BlockingIOError):
            os.read(desk.far, 100)


async def test_a_program_that_ignores_sigterm_is_killed(tmp_path: Path) -> None:
    code = (
        "import os, signal, time\n"
        "for number in (15, 1, 2, 3): signal.signal(number, signal.SIG_IGN)\n"
        "print('pid', os.getpid(), flush=True)\n"
        "while True: time.sleep(1)"
    )
    with terminal() as desk:
        sitting = Sitting(desk, await started(site(tmp_path, *python(code))))
        shown = asyncio.create_task(sitting.shown())
        pid = int((await desk.sees(rb"pid (\d+)"))[1])
        assert await sitting.program.end() == Ended(signal=signal.SIGKILL)
        assert await shown is Left.ENDED
        await sitting.over()
    assert not alive(pid)


BACKGROUND = """
import os, signal, sys, time
input("ready")
child = os.fork()
if child == 0:
    os.setsid()
    if os.fork():
        os._exit(0)
    signal.signal(signal.SIGHUP, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    print("background", os.getpid(), flush=True)
    while True: time.sleep(1)
os.waitpid(child, 0)
time.sleep(0.2)
"""


async def test_what_a_program_left_in_the_background_ends_with_it(tmp_path: Path) -> None:
    with terminal() as desk:
        sitting = Sitting(desk, await started(site(tmp_path, *python(BACKGROUND))))
        assert await sitting.shown_after_enter() is Left.ENDED
        pid = int((await desk.sees(rb"background (\d+)"))[1])
        assert await sitting.over() == Ended(code=0)
    assert not alive(pid)


async def test_a_flood_of_output_holds_up_neither_the_loop_nor_the_keys(tmp_path: Path) -> None:
    with terminal() as desk:
        sitting = Sitting(desk, await started(site(tmp_path, *python("while True: print('y' * 200)"))))
        shown = asyncio.create_task(sitting.shown())
        await desk.sees(rb"y{200}")
        loop = asyncio.get_running_loop()
        worst = 0.0
        for _ in range(50):
            before = loop.time()
            await asyncio.sleep(0.01)
            worst = max(worst, loop.time() - before - 0.01)
            desk.forget()
        # Idleness is looked at once a second; the margin is for a machine that others use too.
        assert worst < 0.5
        desk.type(b"x")
        await asyncio.wait_for(sitting.lived.wait(), SECONDS)
        await sitting.program.end()
        assert await shown is Left.ENDED
        await sitting.over()


async def test_an_application_ends_when_the_kiosk_is_killed(tmp_path: Path) -> None:
    launching = site(tmp_path, *python("import os, time\nwhile True: time.sleep(1)"))
    code = f"""
import asyncio, os, pathlib
from kiosk.applications.launching import Launching, Request
async def main():
    program = await Launching(config=pathlib.Path({str(launching.config)!r})).start(
        Request(application="it", user="x", method="totp", session="s", term="xterm", language="nl"),
        same_account=True, size=(80, 24))
    print("runs", flush=True)
    await asyncio.sleep(60)
asyncio.run(main())
"""
    kiosk = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE)  # noqa: ASYNC220  it takes a moment
    try:
        assert kiosk.stdout is not None
        assert kiosk.stdout.readline() == b"runs\n"
        # The launcher is the kiosk's child, the application the launcher's.
        [launcher] = children(kiosk.pid)
        [application] = children(launcher)
    finally:
        kiosk.kill()
        kiosk.communicate()
    await gone(application)
    await gone(launcher)


def children(pid: int) -> list[int]:
    found = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=True)
    return [int(word) for word in found.stdout.split()]
