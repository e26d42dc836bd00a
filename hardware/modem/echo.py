"""Writing so that nothing gets lost: a few characters at a time, each compared to its echo."""

import time
from enum import Enum

from hardware.modem.at import AtChannel

# Less than the smallest buffer in front of a modem, a UART of sixteen octets.
_PIECE = 16
# So many characters in a row that came back are an echo and no chance.
_ECHOED = 6


class Echo(Enum):
    """What came back of a text."""

    WHOLE = "whole"
    GARBLED = "garbled"  # the modem gives an echo, and not of all: characters get lost on the line
    NONE = "none"  # the modem gives no echo


def write_with_echo(channel: AtChannel, text: str) -> Echo:
    """Write `text` at a prompt of a modem whose echo is on (V.250 6.2.4), until it does not come back as it went out.

    Each piece may take `Pace.echo` seconds. Afterwards the modem is still in its prompt.
    """
    heard = bytearray()

    def tap(direction: str, data: bytes) -> None:
        if direction == "<":
            heard.extend(data)

    channel.echo_of(text)
    written = b""
    with channel.tapped(tap):
        for start in range(0, len(text), _PIECE):
            piece = text[start : start + _PIECE].encode("ascii")
            # A part of a PDU may be the number; the whole of it is recognised and hidden.
            channel.write(piece, shown=f"({len(piece)} characters of the PDU)")
            written += piece
            deadline = time.monotonic() + channel.pace.echo
            while written not in heard:
                if time.monotonic() >= deadline:
                    return _what_came(written, bytes(heard))
                event = channel.event_soon(deadline)
                if event is not None:
                    channel.aside(event)
    return Echo.WHOLE


def _what_came(written: bytes, heard: bytes) -> Echo:
    pieces = (written[start : start + _ECHOED] for start in range(len(written) - _ECHOED + 1))
    return Echo.GARBLED if any(piece in heard for piece in pieces) else Echo.NONE
