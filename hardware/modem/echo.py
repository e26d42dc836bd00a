"""Writing so that nothing gets lost: a few characters at a time, each compared to its echo."""

import time

from hardware.modem.at import AtChannel

# Less than the smallest buffer in front of a modem, a UART of sixteen octets.
_PIECE = 16


def write_with_echo(channel: AtChannel, text: str) -> bool:
    """Write `text` at a prompt of a modem whose echo is on (V.250 6.2.4); whether all of it came back as it went out.

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
                    return False
                event = channel.event_soon(deadline)
                if event is not None:
                    channel.aside(event)
    return True
