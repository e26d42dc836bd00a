"""The keyboard side of a key's USB: commands in frames of 70 bytes, cut into feature reports of 8 (Yubico's ykdef.h)."""

import struct
from collections.abc import Callable
from functools import partial

from yubikit.core.otp import (
    DUMMY_REPORT_WRITE,
    FEATURE_RPT_DATA_SIZE,
    FEATURE_RPT_SIZE,
    FRAME_SIZE,
    RESP_PENDING_FLAG,
    RESP_TIMEOUT_WAIT_FLAG,
    SEQUENCE_MASK,
    SLOT_DATA_SIZE,
    SLOT_WRITE_FLAG,
    calculate_crc,
)
from yubikit.yubiotp import ACC_CODE_SIZE, CFGSTATE, CONFIG_SIZE, CONFIG_SLOT, EXTFLAG

from hardware.simulator.errors import SimulatorError
from hardware.simulator.yubikey.chip import Chip
from hardware.simulator.yubikey.device_info import device_info
from hardware.simulator.yubikey.operation import (
    AwaitTouch,
    Busy,
    Operation,
    OperationCancelled,
    Script,
    Touch,
    TouchTimedOut,
)
from hardware.simulator.yubikey.otp_slot import Slot, with_crc

_LAST_REPORT = FRAME_SIZE // FEATURE_RPT_DATA_SIZE - 1

_CONFIG = {CONFIG_SLOT.CONFIG_1: 0, CONFIG_SLOT.CONFIG_2: 1}
_UPDATE = {CONFIG_SLOT.UPDATE_1: 0, CONFIG_SLOT.UPDATE_2: 1}
_CHALLENGE = {CONFIG_SLOT.CHAL_HMAC_1: 0, CONFIG_SLOT.CHAL_HMAC_2: 1}


class Rejected(SimulatorError):
    """A command without effect and without answer: the programming sequence stays as it is."""


class OtpInterface:
    """The OTP application behind its feature reports, from power-on to power-off."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._frame = bytearray(FRAME_SIZE)
        self._operation: Operation | None = None
        self._reports: list[bytes] = []
        self._sequence = 1 if any(chip.memory.slots) else 0

    @property
    def waits_for_touch(self) -> bool:
        """Whether the lamp blinks for a challenge."""
        return self._operation is not None and self._operation.waits_for_touch

    def touch(self, touch: Touch) -> bool:
        """Give a touch to the challenge that waits for one; False when none does."""
        if self._operation is None or not self.waits_for_touch:
            return False
        self._operation.touch(touch)
        self.settle()
        return True

    def settle(self) -> None:
        """Take over what a command has come to."""
        if self._operation is None:
            return
        self._operation.settle()
        if self._operation.response is not None:
            self._reports = _cut(self._operation.response)
            self._operation = None

    def read(self) -> bytes:
        """The next feature report: a piece of an answer, else the status."""
        self.settle()
        if self._reports:
            return self._reports.pop(0)
        return self._status()

    def write(self, report: bytes) -> None:
        """Take a feature report: a piece of a frame, or the order to forget what is under way."""
        report = report[:FEATURE_RPT_SIZE].ljust(FEATURE_RPT_SIZE, b"\0")
        data, flags = report[:FEATURE_RPT_DATA_SIZE], report[FEATURE_RPT_DATA_SIZE]
        if not flags & SLOT_WRITE_FLAG:
            return
        number = flags & SEQUENCE_MASK
        if number > _LAST_REPORT or flags == DUMMY_REPORT_WRITE:
            self._forget()
            return
        if self._operation is not None and not self.waits_for_touch:
            return
        if number == 0 or self._operation is not None:
            self._forget()
        start = number * FEATURE_RPT_DATA_SIZE
        self._frame[start : start + FEATURE_RPT_DATA_SIZE] = data
        if number == _LAST_REPORT:
            self._run(bytes(self._frame))

    def _forget(self) -> None:
        if self._operation is not None:
            self._operation.cancel()
        self._operation = None
        self._reports = []
        self._frame = bytearray(FRAME_SIZE)

    def _status(self) -> bytes:
        version = bytes(self._chip.model.firmware)
        flags = 0
        if self._operation is not None:
            # While it blinks the low bits count down the seconds.
            seconds = min(int(self._operation.seconds_left), SEQUENCE_MASK)
            flags = RESP_TIMEOUT_WAIT_FLAG | seconds if self.waits_for_touch else SLOT_WRITE_FLAG
        return struct.pack("<B3sBHB", 0, version, self._sequence, self._touch_level(), flags)

    def _touch_level(self) -> int:
        level = CFGSTATE(0)
        valid = (CFGSTATE.SLOT1_VALID, CFGSTATE.SLOT2_VALID)
        by_touch = (CFGSTATE.SLOT1_TOUCH, CFGSTATE.SLOT2_TOUCH)
        for number, slot in enumerate(self._chip.memory.slots):
            if slot is not None:
                level |= valid[number]
                level |= CFGSTATE(0) if slot.answers_challenges else by_touch[number]
        return level

    # Commands

    def _run(self, frame: bytes) -> None:
        payload, command, crc = struct.unpack_from(f"<{SLOT_DATA_SIZE}sBH", frame)
        self._frame = bytearray(FRAME_SIZE)
        if crc != calculate_crc(payload):
            return
        self._operation = Operation(self._script(command, payload), self._chip.clock)
        self.settle()

    def _script(self, command: int, payload: bytes) -> Script:
        """One command; the script returns the answer with its check sum, or nothing when only the status tells."""
        try:
            if self._chip.slow_seconds:
                yield Busy(self._chip.slow_seconds)
            if command in _CHALLENGE:
                slot = self._chip.memory.slots[_CHALLENGE[CONFIG_SLOT(command)]]
                if slot is None or not slot.answers_challenges:
                    return b""
                if slot.needs_touch:
                    yield AwaitTouch(self._chip.otp_touch_seconds)
                return with_crc(slot.answer(payload))
            return self._at_once(command)(payload)
        except (Rejected, OperationCancelled, TouchTimedOut):
            return b""

    def _at_once(self, command: int) -> Callable[[bytes], bytes]:
        if command in _CONFIG:
            return partial(self._configure, _CONFIG[CONFIG_SLOT(command)])
        if command in _UPDATE:
            return partial(self._update, _UPDATE[CONFIG_SLOT(command)])
        match command:
            case CONFIG_SLOT.SWAP:
                return self._swap
            case CONFIG_SLOT.DEVICE_SERIAL:
                return self._tell_serial
            case CONFIG_SLOT.YK4_CAPABILITIES:
                return self._tell_device_info
            case _:
                raise Rejected

    def _configure(self, index: int, payload: bytes) -> bytes:
        """Write or, with nothing but zeros, delete a slot."""
        self._check_access(index, payload)
        config = payload[:CONFIG_SIZE]
        slot = Slot.parse(config) if any(config) else None
        if slot is None and any(config):
            raise Rejected
        self._chip.memory.slots[index] = slot
        return self._programmed()

    def _update(self, index: int, payload: bytes) -> bytes:
        self._check_access(index, payload)
        present, change = self._chip.memory.slots[index], Slot.parse(payload[:CONFIG_SIZE])
        if present is None or change is None or EXTFLAG.ALLOW_UPDATE not in present.ext:
            raise Rejected
        self._chip.memory.slots[index] = present.updated(change)
        return self._programmed()

    def _swap(self, payload: bytes) -> bytes:
        for index in range(2):
            self._check_access(index, payload)
        self._chip.memory.slots.reverse()
        return self._programmed()

    def _check_access(self, index: int, payload: bytes) -> None:
        slot = self._chip.memory.slots[index]
        if slot is not None and not slot.opens_with(payload[CONFIG_SIZE : CONFIG_SIZE + ACC_CODE_SIZE]):
            raise Rejected

    def _programmed(self) -> bytes:
        """Count the change: that is how the host sees that it was made."""
        self._sequence = self._sequence % 0xFF + 1 if any(self._chip.memory.slots) else 0
        return b""

    def _tell_serial(self, _: bytes) -> bytes:
        slots = [slot for slot in self._chip.memory.slots if slot is not None]
        if slots and not any(EXTFLAG.SERIAL_API_VISIBLE in slot.ext for slot in slots):
            raise Rejected
        return with_crc(self._chip.memory.serial.to_bytes(4, "big"))

    def _tell_device_info(self, _: bytes) -> bytes:
        return with_crc(device_info(self._chip.model, self._chip.memory.serial))


def _cut(answer: bytes) -> list[bytes]:
    """An answer as reports, and one more that ends it."""
    if not answer:
        return []
    pieces = [answer[start : start + FEATURE_RPT_DATA_SIZE] for start in range(0, len(answer), FEATURE_RPT_DATA_SIZE)]
    reports = [
        piece.ljust(FEATURE_RPT_DATA_SIZE, b"\0") + bytes([RESP_PENDING_FLAG | number])
        for number, piece in enumerate(pieces)
    ]
    return [*reports, bytes(FEATURE_RPT_DATA_SIZE) + bytes([RESP_PENDING_FLAG])]
