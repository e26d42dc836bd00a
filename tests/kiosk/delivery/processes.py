"""Dispatchers in processes of their own."""

import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

from tests.kiosk.delivery.stage import DEADLINE, Stage

ROOT = Path(__file__).resolve().parents[3]


class Process:
    """A dispatcher in another process, on the modems of the stage."""

    def __init__(self, stage: Stage, *options: str, patience: float = 10) -> None:
        modems = [f"{settings.name}={settings.port}" for settings in stage.settings]
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-m",
                "tests.kiosk.delivery.dispatcher_process",
                str(stage.house.directory),
                str(patience),
                *modems,
                *options,
            ],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            text=True,
        )

    def until_started(self) -> None:
        assert self.process.stdout is not None
        assert self.process.stdout.readline() == "started\n"

    def kill(self) -> None:
        self.process.kill()
        self.process.wait(DEADLINE)

    def end(self) -> None:
        self.kill()
        assert self.process.stdout is not None
        self.process.stdout.close()


# start(*options, patience=10): a process that runs.
Start = Callable[..., Process]
