"""What kiosk and launcher say to each other: one packet per message over a SOCK_SEQPACKET socket.

kiosk → launcher   Request, with the terminal of the application as its only file descriptor (SCM_RIGHTS)
launcher → kiosk   Started, later Ended; or NotStarted
kiosk → launcher   END, or the end of the connection: end it now
"""

import json
import re
from dataclasses import asdict, dataclass
from enum import StrEnum, unique
from typing import Final, Self

from kiosk.language import LANGUAGES
from kiosk.local_socket import BadPacket, is_person, is_term, strings_of

_APPLICATION: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,39}")


@unique
class Why(StrEnum):
    """Why an application was not started; the values are the last part of `home.application.failed.*`."""

    MISSING = "missing"
    """The program is not there."""
    NOT_EXECUTABLE = "not_executable"
    ACCOUNT = "account"
    """The account does not exist, or is one under which no application may run."""
    UNKNOWN = "unknown"
    """The launcher's configuration has no application of this name."""
    REFUSED = "refused"
    """The launcher does not serve whoever asked, or not in this way."""
    CONFIGURATION = "configuration"
    """The launcher cannot or must not believe the configuration."""
    NO_LAUNCHER = "no_launcher"
    """Nobody answers at the launcher's socket."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """Start `application` for this person; nothing here says what is run or under which account."""

    application: str
    user: str
    method: str
    session: str
    term: str
    language: str

    def to_bytes(self) -> bytes:
        """As a packet."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, packet: bytes) -> Self:
        """Read a packet; raises BadPacket for anything that must not become an environment."""
        request = cls(**strings_of(packet, cls.__slots__))
        if not is_person(user=request.user, method=request.method, session=request.session):
            raise BadPacket
        if not is_term(request.term) or not _APPLICATION.fullmatch(request.application):
            raise BadPacket
        if request.language not in LANGUAGES:
            raise BadPacket
        return request


@dataclass(frozen=True, slots=True)
class Opening:
    """An application that a person may have: what the launcher is told, and by whose id the log knows them."""

    request: Request
    actor: str


@dataclass(frozen=True, slots=True)
class Started:
    """The program runs."""


@dataclass(frozen=True, slots=True)
class NotStarted:
    """It does not, and this is why."""

    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """How the program ended: its exit code, or the number of the signal that ended it."""

    code: int | None = None
    signal: int | None = None

    @property
    def result(self) -> str:
        """For the log: `0`, `1` or `signal_9`."""
        return f"signal_{self.signal}" if self.signal is not None else str(self.code)


Answer = Started | NotStarted | Ended


def answer_bytes(answer: Answer) -> bytes:
    """An answer as a packet."""
    match answer:
        case Started():
            return b'{"started": true}'
        case NotStarted(why=why):
            return json.dumps({"why": why.value}).encode()
        case Ended(code=code, signal=number):
            return json.dumps({"code": code, "signal": number}).encode()


def answer_from(packet: bytes) -> Answer:
    """Read an answer; raises BadPacket."""
    try:
        match json.loads(packet):
            case {"started": True}:
                return Started()
            case {"why": str(why)}:
                return NotStarted(Why(why))
            case {"code": int(code), "signal": None}:
                return Ended(code=code)
            case {"code": None, "signal": int(number)}:
                return Ended(signal=number)
    except ValueError:
        raise BadPacket from None
    raise BadPacket
