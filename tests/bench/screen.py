"""A program on a screen of its own, kept by tmux: what stands there now, not what was painted."""

import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Final, Self

from tests.bench.terminal import COLUMNS, ROWS

SOCKET: Final = "kiosk-bench"
SECONDS: Final = 30.0
_LOOK_SECONDS: Final = 0.02
_FRAME: Final = str.maketrans(dict.fromkeys("│║─┌┐└┘", " "))


class Screen:
    """A context manager; the program ends with it. Raises FileNotFoundError without tmux."""

    def __init__(self, name: str, command: Sequence[str]) -> None:
        tmux = shutil.which("tmux")
        if tmux is None:
            raise FileNotFoundError("tmux is missing; type: apt-get install tmux")
        # A socket for each, so that closing one closes nothing else.
        self._tmux = [tmux, "-f", "/dev/null", "-L", f"{SOCKET}-{name}"]
        size = ["-x", str(COLUMNS), "-y", str(ROWS)]
        self._do("kill-server", check=False)
        self._do("new-session", "-d", *size, *command)
        # Esc is a key here, never the beginning of another one.
        self._do("set-option", "-s", "escape-time", "0")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._do("kill-server", check=False)

    @property
    def pid(self) -> int:
        """Process id of the program."""
        return int(self._do("display-message", "-p", "#{pane_pid}"))

    def type(self, text: str) -> None:
        """Type characters."""
        self._do("send-keys", "-l", text)

    def press(self, key: str) -> None:
        """Press one key by its tmux name, such as Enter or Escape."""
        self._do("send-keys", key)

    def words(self) -> str:
        """What stands there, without the lines of frames, on one line."""
        return " ".join(self._do("capture-pane", "-p").translate(_FRAME).split())

    def wait_for(self, there: Callable[[str], bool], seconds: float = SECONDS) -> str:
        """Wait until the words are as wanted, and return them. Raises TimeoutError with the words."""
        deadline = time.monotonic() + seconds
        while not there(words := self.words()):
            if time.monotonic() > deadline:
                raise TimeoutError(words)
            time.sleep(_LOOK_SECONDS)
        return words

    def _do(self, *arguments: str, check: bool = True) -> str:
        done = subprocess.run([*self._tmux, *arguments], check=check, capture_output=True, text=True, timeout=SECONDS)
        return done.stdout
