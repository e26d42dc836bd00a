"""CTAP1/U2F: registration and authentication in APDUs (FIDO U2F Raw Message Formats)."""

import struct
from enum import IntEnum

from cryptography.hazmat.primitives import serialization
from fido2.ctap1 import Ctap1

from hardware.simulator.errors import SimulatorError
from hardware.simulator.yubikey.chip import Chip
from hardware.simulator.yubikey.credentials import new_credential, open_credential
from hardware.simulator.yubikey.operation import Busy, Script

_PARAMETER_SIZE = 32


class StatusWord(IntEnum):
    """How an APDU ended (ISO/IEC 7816-4)."""

    OK = 0x9000
    WRONG_LENGTH = 0x6700
    CONDITIONS_NOT_SATISFIED = 0x6985
    COMMAND_NOT_ALLOWED = 0x6986
    WRONG_DATA = 0x6A80
    INSTRUCTION_NOT_SUPPORTED = 0x6D00
    CLASS_NOT_SUPPORTED = 0x6E00


class Control(IntEnum):
    """P1 of an authentication."""

    CHECK_ONLY = 0x07
    ENFORCE_PRESENCE = 0x03
    DO_NOT_ENFORCE_PRESENCE = 0x08


class Refused(SimulatorError):
    """An APDU that ends with an error.

    Attributes:
        status: the status word.
    """

    def __init__(self, status: StatusWord) -> None:
        self.status = status
        super().__init__(status)


class Ctap1Application:
    """The U2F application of one key."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip

    def run(self, apdu: bytes) -> Script:
        """Answer one APDU; a missing touch is an answer too, the host asks again."""
        if self._chip.slow_seconds:
            yield Busy(self._chip.slow_seconds)
        try:
            return self._answer(apdu) + _word(StatusWord.OK)
        except Refused as refusal:
            return _word(refusal.status)

    def _answer(self, apdu: bytes) -> bytes:
        if not self._chip.model.has_u2f:
            raise Refused(StatusWord.COMMAND_NOT_ALLOWED)
        if len(apdu) < 4:
            raise Refused(StatusWord.WRONG_LENGTH)
        if apdu[0] != 0:
            raise Refused(StatusWord.CLASS_NOT_SUPPORTED)
        data = _body(apdu)
        match apdu[1]:
            case Ctap1.INS.VERSION:
                if data:
                    raise Refused(StatusWord.WRONG_LENGTH)
                return b"U2F_V2"
            case Ctap1.INS.REGISTER:
                return self._register(data)
            case Ctap1.INS.AUTHENTICATE:
                return self._authenticate(apdu[2], data)
            case _:
                raise Refused(StatusWord.INSTRUCTION_NOT_SUPPORTED)

    def _register(self, data: bytes) -> bytes:
        if len(data) != 2 * _PARAMETER_SIZE:
            raise Refused(StatusWord.WRONG_LENGTH)
        if not self._chip.presence.take():
            raise Refused(StatusWord.CONDITIONS_NOT_SATISFIED)
        challenge, application = data[:_PARAMETER_SIZE], data[_PARAMETER_SIZE:]
        credential = new_credential(self._chip.memory.credential_secret, application)
        point = credential.private_key.public_key().public_bytes(
            serialization.Encoding.X962, serialization.PublicFormat.UncompressedPoint
        )
        certificate = self._chip.certificate
        signature = certificate.sign(b"\0" + application + challenge + credential.id + point)
        return b"\5" + point + bytes([len(credential.id)]) + credential.id + certificate.certificate + signature

    def _authenticate(self, control: int, data: bytes) -> bytes:
        prefix = 2 * _PARAMETER_SIZE + 1
        if len(data) < prefix or len(data) != prefix + data[prefix - 1]:
            raise Refused(StatusWord.WRONG_LENGTH)
        challenge, application = data[:_PARAMETER_SIZE], data[_PARAMETER_SIZE : prefix - 1]
        credential = open_credential(self._chip.memory.credential_secret, application, data[prefix:])
        if credential is None or control not in set(Control):
            raise Refused(StatusWord.WRONG_DATA)
        # "Check only" answers so when the handle is the key's own.
        if control == Control.CHECK_ONLY:
            raise Refused(StatusWord.CONDITIONS_NOT_SATISFIED)
        present = control == Control.ENFORCE_PRESENCE
        if present and not self._chip.presence.take():
            raise Refused(StatusWord.CONDITIONS_NOT_SATISFIED)
        shown = struct.pack(">BI", present, self._chip.count())
        return shown + credential.sign(application + shown + challenge)


def _body(apdu: bytes) -> bytes:
    """The data of an APDU with short or extended length; what the host expects back does not matter."""
    rest = apdu[4:]
    if len(rest) >= 3 and rest[0] == 0:
        size, rest = int.from_bytes(rest[1:3], "big"), rest[3:]
        # Without data the extended field tells the length expected back.
        return b"" if not rest else _exactly(size, rest, trailer=2)
    if len(rest) <= 1:
        return b""
    return _exactly(rest[0], rest[1:], trailer=1)


def _exactly(size: int, rest: bytes, *, trailer: int) -> bytes:
    if len(rest) not in {size, size + trailer}:
        raise Refused(StatusWord.WRONG_LENGTH)
    return rest[:size]


def _word(status: StatusWord) -> bytes:
    return status.to_bytes(2, "big")
