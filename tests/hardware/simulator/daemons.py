"""gammu-smsd and smstools, the two senders that Linux distributions have, each with a spool directory of its own."""

import shutil
import subprocess
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Final, Self

GAMMU_SMSD: Final = shutil.which("gammu-smsd")
SMSTOOLS: Final = shutil.which("smsd", path="/usr/sbin:/usr/bin")
INSTALL: Final = "apt-get install gammu-smsd smstools"
_END_SECONDS: Final = 20.0


@dataclass(slots=True)
class Daemon:
    """A context manager: the program runs in the foreground on `port`, everything that it keeps lies in `directory`."""

    directory: Path
    port: str
    _process: "subprocess.Popen[bytes]" = field(init=False)
    _queued: int = 0

    def __enter__(self) -> Self:
        for name in ("inbox", "outbox", "sent", "failed", "checked"):
            (self.directory / name).mkdir(parents=True)
        with (self.directory / "output").open("wb") as output:
            self._process = subprocess.Popen(
                self._command(),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        try:
            self._process.wait(_END_SECONDS)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()

    def queue(self, number: str, text: str) -> None:
        """Lay an SMS into the spool; whole at once, because the program looks there meanwhile."""
        self._queued += 1
        name, content = self._spooled(self._queued, number, text)
        being_written = self.directory / name
        being_written.write_text(content, encoding="utf-8")
        being_written.rename(self.directory / "outbox" / name)

    def _command(self) -> list[str]:
        raise NotImplementedError

    def _spooled(self, count: int, number: str, text: str) -> tuple[str, str]:
        raise NotImplementedError


class GammuSmsd(Daemon):
    """`gammu-smsd` with its files backend."""

    __slots__ = ()

    def _command(self) -> list[str]:
        file = self.directory / "gammu-smsdrc"
        settings = {"inboxpath": "inbox", "outboxpath": "outbox", "sentsmspath": "sent", "errorsmspath": "failed"}
        paths = "".join(f"{key} = {self.directory / name}/\n" for key, name in settings.items())
        file.write_text(
            f"[gammu]\ndevice = {self.port}\nconnection = at115200\n"
            f"[smsd]\nservice = files\nlogfile = {self.directory / 'log'}\n{paths}"
            "commtimeout = 1\nsendtimeout = 30\nreceivefrequency = 0\ncheckbattery = 0\nchecksignal = 0\nloopsleep = 1\n"
        )
        assert GAMMU_SMSD is not None
        return [GAMMU_SMSD, "-c", str(file)]

    def _spooled(self, count: int, number: str, text: str) -> tuple[str, str]:
        return f"OUTA20260101_000000_{count:02d}_{number}_sms{count}.txt", text


class Smstools(Daemon):
    """`smsd` of smstools 3."""

    __slots__ = ()

    def _command(self) -> list[str]:
        file = self.directory / "smsd.conf"
        file.write_text(
            f"devices = GSM1\noutgoing = {self.directory / 'outbox'}\nchecked = {self.directory / 'checked'}\n"
            f"incoming = {self.directory / 'inbox'}\nfailed = {self.directory / 'failed'}\nsent = {self.directory / 'sent'}\n"
            f"logfile = {self.directory / 'log'}\ninfofile = {self.directory / 'info'}\npidfile = {self.directory / 'pid'}\n"
            "delaytime = 1\nloglevel = 6\n"
            f"[GSM1]\ndevice = {self.port}\nbaudrate = 115200\nincoming = no\n"
        )
        assert SMSTOOLS is not None
        return [SMSTOOLS, "-t", "-c", str(file)]

    def _spooled(self, count: int, number: str, text: str) -> tuple[str, str]:
        return f"sms{count}", f"To: {number.removeprefix('+')}\n\n{text}"
