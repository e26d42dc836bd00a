"""How processes of this machine talk that do not trust each other: one packet per message over a SOCK_SEQPACKET socket.

BadPacket   what came is not what the protocol allows
"""

import array
import json
import os
import re
import socket
import struct
from typing import Final

from kiosk.language import printable

# Longer than any packet; a longer one is refused as a whole.
PACKET_BYTES: Final = 2048
END: Final = b"end"

# unix(7), SO_PEERCRED: struct ucred.
_UCRED: Final = struct.Struct("3i")
# terminfo(5): the name of an entry; it becomes part of a path below /usr/share/terminfo.
_TERM: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9+._-]{0,39}")
_PLAIN: Final = re.compile(r"[A-Za-z0-9_-]{1,64}")
_USER_CHARACTERS: Final = 64


class BadPacket(ValueError):
    """The other side said something that is not in the protocol."""


def caller_of(connection: socket.socket) -> int:
    """The Unix account that connected, as the kernel knows it."""
    _pid, uid, _gid = _UCRED.unpack(connection.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _UCRED.size))
    assert isinstance(uid, int)
    return uid


def receive_with_descriptor(connection: socket.socket, seconds: float) -> tuple[bytes, int]:
    """One packet and the one descriptor that came with it (SCM_RIGHTS), not inheritable; raises BadPacket and OSError."""
    connection.settimeout(seconds)
    found = array.array("i")
    packet, ancillary, flags, _address = connection.recvmsg(PACKET_BYTES, socket.CMSG_SPACE(4 * found.itemsize))
    for level, kind, data in ancillary:
        if level == socket.SOL_SOCKET and kind == socket.SCM_RIGHTS:
            found.frombytes(data[: len(data) - len(data) % found.itemsize])
    if len(found) != 1 or flags & (socket.MSG_TRUNC | socket.MSG_CTRUNC):
        for descriptor in found:
            os.close(descriptor)
        raise BadPacket
    os.set_inheritable(found[0], False)
    return packet, found[0]


def strings_of(packet: bytes, names: tuple[str, ...]) -> dict[str, str]:
    """The values of a packet that has exactly these names, all of them strings; raises BadPacket."""
    try:
        values = json.loads(packet)
    except (ValueError, RecursionError):
        raise BadPacket from None
    if not isinstance(values, dict) or set(values) != set(names):
        raise BadPacket
    if not all(isinstance(value, str) for value in values.values()):
        raise BadPacket
    return values


def is_term(name: str) -> bool:
    """Whether a program may find this as TERM."""
    return _TERM.fullmatch(name) is not None


def is_person(*, user: str, method: str, session: str) -> bool:
    """Whether a program may find this as who is signed in."""
    plain = all(_PLAIN.fullmatch(value) for value in (method, session))
    return plain and 0 < len(user) <= _USER_CHARACTERS and printable(user) == user
