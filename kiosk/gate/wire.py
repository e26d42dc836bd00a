"""What the account that calls and the gate of the kiosk say to each other, by `kiosk.local_socket`.

caller → gate   Request, with the caller's terminal as its only file descriptor (SCM_RIGHTS)
caller → gate   RESIZED, whenever the window of that terminal changes
caller → gate   END, or the end of the connection: let nobody in and leave the terminal
gate → caller   Passed, or NotPassed; the terminal is the caller's again
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from enum import StrEnum, unique
from typing import Final, Self

from kiosk.gate.passing import Passed
from kiosk.language import LANGUAGES
from kiosk.local_socket import BadPacket, is_person, is_term, strings_of

RESIZED: Final = b"resized"
# The longest that a sign-in with all that may come of it lasts: a first one, with an app to set up.
SIGN_IN_SECONDS: Final = 1800.0
# What the gate may need to leave the terminal, once it was told to.
END_SECONDS: Final = 15.0


@unique
class Face(StrEnum):
    """How the sign-in is shown."""

    PAGES = "pages"
    LINES = "lines"


@unique
class Why(StrEnum):
    """Why nobody passed; the values are the last part of `command.gate.*`."""

    NOT_SIGNED_IN = "not_signed_in"
    REFUSED = "refused"
    """Somebody signed in, and the account is not theirs."""
    OUT_OF_SERVICE = "out_of_service"
    """Nobody could sign in; why has been said on the terminal."""
    BROKEN_OFF = "broken_off"
    """The gate said nothing more."""
    NO_TERMINAL = "no_terminal"
    FOREIGN_TERMINAL = "foreign_terminal"
    """The terminal is another account's."""
    NO_GATE = "no_gate"
    """Nobody answers at the gate's socket."""
    NOT_ADMITTED = "not_admitted"
    """This account may not use that socket."""
    UNKNOWN_ACCOUNT = "unknown_account"
    """Nobody's: the machine knows no account of that number."""
    BUSY = "busy"
    """This account has as many sign-ins open as one may have."""
    BAD_REQUEST = "bad_request"


@dataclass(frozen=True, slots=True)
class NotPassed:
    """COMMAND is not run."""

    why: Why


Answer = Passed | NotPassed


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A sign-in on the terminal that comes along; nothing here says for whom."""

    face: Face
    term: str
    colours: str
    """COLORTERM, as far as it means something."""
    language: str

    @classmethod
    def of(cls, environ: Mapping[str, str], *, face: Face, language: str) -> Self:
        """What the environment of the caller says of its terminal, and nothing else of it."""
        term, colours = environ.get("TERM", ""), environ.get("COLORTERM", "")
        return cls(
            face=face,
            # The entry of terminfo(5) for a terminal that is only known to print.
            term=term if is_term(term) else "dumb",
            colours=colours if colours in _COLOURS else "",
            language=language,
        )

    def to_bytes(self) -> bytes:
        """As a packet."""
        return json.dumps(asdict(self)).encode()

    @classmethod
    def from_bytes(cls, packet: bytes) -> Self:
        """Read a packet; raises BadPacket for anything that must not become an environment."""
        values = strings_of(packet, cls.__slots__)
        try:
            face = Face(values.pop("face"))
        except ValueError:
            raise BadPacket from None
        request = cls(face=face, **values)
        if not is_term(request.term) or request.colours not in _COLOURS or request.language not in LANGUAGES:
            raise BadPacket
        return request


_COLOURS: Final = frozenset({"", "truecolor", "24bit"})


def answer_bytes(answer: Answer) -> bytes:
    """An answer as a packet."""
    return json.dumps({"why": answer.why.value} if isinstance(answer, NotPassed) else asdict(answer)).encode()


def answer_from(packet: bytes) -> Answer:
    """Read an answer; raises BadPacket."""
    try:
        return NotPassed(Why(strings_of(packet, ("why",))["why"]))
    except BadPacket:
        passed = Passed(**strings_of(packet, Passed.__slots__))
    except ValueError:
        raise BadPacket from None
    if not is_person(user=passed.user, method=passed.method, session=passed.session):
        raise BadPacket
    return passed
