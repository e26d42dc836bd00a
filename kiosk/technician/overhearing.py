"""What kiosk and modem say to each other during a step of the test, for whoever wants to see it beside the words."""

from collections.abc import Callable
from typing import TypeVar

from hardware.modem.errands.console import ConsoleLine, Direction, Transcript
from hardware.modem.session import ModemSession
from hardware.modem.wire_log import redact

T = TypeVar("T")


class Overheard:
    """Collects lines without PINs and whole numbers; questions are asked one after another."""

    def __init__(self) -> None:
        self._lines: list[str] = []

    def during(self, question: Callable[[ModemSession], T]) -> Callable[[ModemSession], T]:
        """The same question, listened to."""

        def asked(session: ModemSession) -> T:
            transcript = Transcript(self._keep)
            with session.channel.tapped(transcript.take):
                try:
                    return question(session)
                finally:
                    transcript.close()

        return asked

    def take(self) -> tuple[str, ...]:
        """Everything since the last time."""
        lines, self._lines = self._lines, []
        return tuple(lines)

    def _keep(self, line: ConsoleLine) -> None:
        arrow = "->" if line.direction is Direction.TO_MODEM else "<-"
        self._lines.append(f"{arrow} {redact(line.text)}")
