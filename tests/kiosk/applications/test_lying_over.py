"""Another page lies over an application that runs on, and the person comes back to it."""

import asyncio
import os
import shutil
import signal
from pathlib import Path

import pytest

from kiosk.applications.launching import Ended
from kiosk.applications.relay import Left
from tests.kiosk.applications.desk_terminal import SECONDS, Sitting, python, site, started, terminal

# What the kiosk writes when it has its terminal back.
CLEARED = rb"\x1b\[3J"

COUNTING = """
import sys, termios, tty, time
tty.setraw(0)
print("asks \\x1b[6n\\x1b[c ready\\r", flush=True)
number = 0
while True:
    key = sys.stdin.buffer.raw.read(1)
    number += 1
    print("heard", number, key, "\\r", flush=True)
"""


async def test_an_application_runs_on_behind_a_page_and_is_drawn_again(tmp_path: Path) -> None:
    with terminal() as desk:
        sitting = Sitting(desk, await started(site(tmp_path, *python(COUNTING))))
        shown = asyncio.create_task(sitting.shown())
        await desk.sees(rb"ready")
        sitting.relay.call_away()
        assert await shown is Left.CALLED_AWAY
        desk.forget()
        # Behind the page: not the person's keys but the program's own work.
        os.write(sitting.program.master, b"k")
        shown = asyncio.create_task(sitting.shown())
        await desk.sees(rb"heard 1")
        # What it wrote before is there again, and what it asked then is not asked once more.
        [again] = [part for part in desk.drawn.split(b"\x1b[3J") if b"ready" in part]
        assert b"\x1b[6n" not in again
        assert b"\x1b[c" not in again
        await sitting.over()
        await shown


@pytest.mark.skipif(shutil.which("less") is None, reason="less is not installed here")
async def test_less_draws_its_page_anew_and_starts_no_shell(tmp_path: Path) -> None:
    book = tmp_path / "book"
    book.write_text("".join(f"line {number}\n" for number in range(500)), encoding="utf-8")
    with terminal() as desk:
        sitting = Sitting(desk, await started(site(tmp_path, shutil.which("less") or "", str(book))))
        shown = asyncio.create_task(sitting.shown())
        await desk.sees(rb"line 20\b")
        desk.type(b"!id\r")
        await desk.sees(rb"[Nn]ot available")
        desk.type(b"\r")
        desk.type(b"300g")
        await desk.sees(rb"line 300\b")
        sitting.relay.call_away()
        assert await shown is Left.CALLED_AWAY
        desk.forget()
        shown = asyncio.create_task(sitting.shown())
        await desk.sees(rb"line 300\b")
        desk.forget()
        await desk.types_until(b"q", CLEARED)
        assert await shown is Left.ENDED
        assert await sitting.over() == Ended(code=0)


@pytest.mark.skipif(shutil.which("vi") is None, reason="vi is not installed here")
async def test_vi_works_and_follows_the_size_of_the_window(tmp_path: Path) -> None:
    with terminal() as desk:
        sitting = Sitting(desk, await started(site(tmp_path, shutil.which("vi") or "", str(tmp_path / "letter"))))
        shown = asyncio.create_task(sitting.shown())
        await desk.types_until(b":set columns? lines?\r", rb"lines=24")
        desk.resize(100, 30)
        os.kill(os.getpid(), signal.SIGWINCH)
        await desk.types_until(b":set columns? lines?\r", rb"lines=30")
        await desk.types_until(b"\r:1,$d\rihello\x1b:w\r", rb"1L, 6[BC]")
        desk.forget()
        await desk.types_until(b"\x1b:q!\r", CLEARED)
        assert await shown is Left.ENDED
        assert await sitting.over() == Ended(code=0)
    assert (tmp_path / "letter").read_text(encoding="utf-8") == "hello\n"


async def test_a_terminal_that_hangs_up_is_told_and_what_the_kiosk_did_not_read_is_no_loss(tmp_path: Path) -> None:
    with terminal() as desk:
        sitting = Sitting(desk, await started(site(tmp_path, *python(COUNTING))))
        shown = asyncio.create_task(sitting.shown())
        await desk.sees(rb"ready")
        asyncio.get_running_loop().remove_reader(desk.near)
        os.close(desk.near)
        assert await shown is Left.HUNG_UP
        await sitting.over()
        desk.near = os.dup(desk.far)


async def test_only_a_person_is_a_sign_of_life(tmp_path: Path) -> None:
    with terminal() as desk:
        sitting = Sitting(desk, await started(site(tmp_path, *python(COUNTING))))
        shown = asyncio.create_task(sitting.shown())
        await desk.sees(rb"ready")
        desk.type(b"\x1b[2;3R\x1b[I")
        await desk.sees(rb"heard 6")
        assert sitting.lives == 0
        desk.type(b"a")
        await asyncio.wait_for(sitting.lived.wait(), SECONDS)
        await sitting.over()
        await shown
