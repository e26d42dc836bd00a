"""A bench that says what a test wants it to say."""

import threading
from collections.abc import Callable
from typing import Any

from kiosk.delivery.borrowing import Purpose
from kiosk.language import Language
from kiosk.technician.events import Event, Opened
from kiosk.technician.overview import Overview
from kiosk.technician.steps import Step


class ScriptedSession:
    """Has the methods of `kiosk.technician.session.BenchSession` that pages use; answers nothing by itself."""

    def __init__(self, told: Callable[[Event], None]) -> None:
        self.told = told
        self.asked: list[str] = []
        self.cleared = self.closed = False

    def test(self, **_given: Any) -> None:
        self.asked.append("test")

    def go_on(self, step: Step, number: str | None, **_given: Any) -> None:
        self.asked.append(f"{step.value} {number}")

    def scan(self) -> None:
        self.asked.append("scan")

    def inbox(self, *, clear: bool = False) -> None:
        self.asked.append("inbox")
        self.cleared = self.cleared or clear

    def line(self, _text: str) -> None:
        self.asked.append("line")

    def cancel(self) -> None:
        self.asked.append("cancel")

    def close(self) -> None:
        self.closed = True


class ScriptedBench:
    """Has what pages use of `kiosk.technician.bench.Bench`; the domain waits for `gate`."""

    def __init__(self, overview: Overview) -> None:
        self.seen = overview
        self.sessions: list[ScriptedSession] = []
        self.taken_out: list[str] = []
        self.others = True
        self.broken = False
        self.gate = threading.Event()
        self.gate.set()

    def overview(self) -> Overview:
        if self.broken:
            raise RuntimeError
        return self.seen

    def others_serve(self, _modem: str) -> bool:
        return self.others

    def open(self, _modem: str, _purpose: Purpose, _words: Language, told: Callable[[Event], None]) -> ScriptedSession:
        session = ScriptedSession(told)
        self.sessions.append(session)
        assert self.gate.wait(10)
        told(Opened())
        return session

    def take_out(self, modem: str, _reason: str) -> bool:
        self.taken_out.append(modem)
        return self.gate.wait(10)
