"""CTAPHID: packets of 64 bytes, channels, and one command at a time (CTAP 2.1 §11.2)."""

import secrets
import struct
from collections.abc import Callable
from dataclasses import dataclass

from fido2.ctap import STATUS, CtapError
from fido2.hid import CAPABILITY, CTAPHID

from hardware.simulator.yubikey.chip import Chip
from hardware.simulator.yubikey.ctap1 import Ctap1Application
from hardware.simulator.yubikey.ctap2 import Ctap2Application
from hardware.simulator.yubikey.device_info import device_info
from hardware.simulator.yubikey.operation import Operation, Touch

PACKET_SIZE = 64
INIT_DATA_SIZE = PACKET_SIZE - 7
CONTINUATION_DATA_SIZE = PACKET_SIZE - 5
MAXIMUM_MESSAGE = INIT_DATA_SIZE + 128 * CONTINUATION_DATA_SIZE

BROADCAST = 0xFFFFFFFF
PROTOCOL_VERSION = 2
NONCE_SIZE = 8

# Between two packets of one message (§11.2.9.2), and between two signs of life.
PACKET_SECONDS = 0.5
KEEPALIVE_SECONDS = 0.1

# Yubico's "read config" (yubikit.management).
READ_CONFIG = CTAPHID.VENDOR_FIRST + 2

Error = CtapError.ERR


@dataclass(slots=True)
class Message:
    """A message whose packets are coming in."""

    channel: int
    command: int
    size: int
    data: bytes
    deadline: float
    sequence: int = 0


@dataclass(slots=True)
class Running:
    """A command that was understood and has not been answered."""

    channel: int
    command: int
    operation: Operation
    told: STATUS | None = None
    next_keepalive: float = 0.0


class CtapHidInterface:
    """The FIDO side of a key's USB, from power-on to power-off; `send` gets each packet for the host."""

    def __init__(
        self, chip: Chip, ctap1: Ctap1Application, ctap2: Ctap2Application, send: Callable[[bytes], None]
    ) -> None:
        self._chip = chip
        self._ctap1 = ctap1
        self._ctap2 = ctap2
        self._send_packet = send
        self._channels: set[int] = set()
        self._message: Message | None = None
        self._running: Running | None = None
        self.winks = 0

    @property
    def waits_for_touch(self) -> bool:
        """Whether the lamp blinks for a command."""
        return self._running is not None and self._running.operation.waits_for_touch

    @property
    def next_event(self) -> float | None:
        """When there is something to say without being asked; None = not by itself."""
        if self._chip.wedged:
            return None
        if self._running is not None:
            return min(self._running.next_keepalive, self._running.operation.deadline)
        return None if self._message is None else self._message.deadline

    def touch(self, touch: Touch) -> bool:
        """Give a touch to the command that waits for one; False when none does."""
        if self._running is None or not self.waits_for_touch:
            return False
        self._running.operation.touch(touch)
        self.settle()
        return True

    def settle(self) -> None:
        """Say what has become due."""
        if self._chip.wedged:
            return
        now = self._chip.clock.now()
        if self._message is not None and now >= self._message.deadline:
            self._fail(self._message.channel, Error.TIMEOUT)
            self._message = None
        if self._running is not None:
            self._running.operation.settle()
            self._report(self._running, now)

    def receive(self, packet: bytes) -> None:
        """Take a packet from the host; a short one counts as filled up with zeros, as the USB stack does."""
        if self._chip.wedged:
            return
        packet = packet[:PACKET_SIZE].ljust(PACKET_SIZE, b"\0")
        channel, kind = struct.unpack_from(">IB", packet)
        if kind & 0x80:
            size = int.from_bytes(packet[5:7], "big")
            self._begin(channel, kind & 0x7F, size, packet[7:])
        else:
            self._continue(channel, kind, packet[5:])
        self.settle()

    # From the host

    def _begin(self, channel: int, command: int, size: int, data: bytes) -> None:
        if command == CTAPHID.INIT:
            self._initialise(channel, size, data)
        elif channel not in self._channels:
            self._fail(channel, Error.INVALID_CHANNEL)
        elif command == CTAPHID.CANCEL:
            self._cancel(channel)
        elif self._running is not None or (self._message is not None and self._message.channel != channel):
            self._fail(channel, Error.CHANNEL_BUSY)
        elif self._message is not None:
            self._message = None
            self._fail(channel, Error.INVALID_SEQ)
        elif size > MAXIMUM_MESSAGE:
            self._fail(channel, Error.INVALID_LENGTH)
        else:
            deadline = self._chip.clock.now() + PACKET_SECONDS
            self._message = Message(channel, command, size, data[:size], deadline)
            self._complete(self._message)

    def _continue(self, channel: int, sequence: int, data: bytes) -> None:
        """A stray packet is ignored (§11.2.4)."""
        message = self._message
        if message is None or message.channel != channel:
            return
        if sequence != message.sequence:
            self._message = None
            self._fail(channel, Error.INVALID_SEQ)
            return
        message.sequence += 1
        message.data += data[: message.size - len(message.data)]
        message.deadline = self._chip.clock.now() + PACKET_SECONDS
        self._complete(message)

    def _initialise(self, channel: int, size: int, data: bytes) -> None:
        """Give out a channel, or bring a known one back into step (§11.2.9.1.3)."""
        if channel != BROADCAST and channel not in self._channels:
            self._fail(channel, Error.INVALID_CHANNEL)
            return
        if size != NONCE_SIZE:
            self._fail(channel, Error.INVALID_LENGTH)
            return
        allocated = channel
        if channel == BROADCAST:
            allocated = self._new_channel()
        else:
            self._abort(channel)
        capabilities = CAPABILITY.WINK
        if self._chip.model.has_fido2:
            capabilities |= CAPABILITY.CBOR
        if not self._chip.model.has_u2f:
            capabilities |= CAPABILITY.NMSG
        answer = struct.pack(">IB3sB", allocated, PROTOCOL_VERSION, bytes(self._chip.model.firmware), capabilities)
        self._send(channel, CTAPHID.INIT, data[:NONCE_SIZE] + answer)

    def _new_channel(self) -> int:
        while True:
            channel = secrets.randbits(32)
            if channel not in {0, BROADCAST} and channel not in self._channels:
                self._channels.add(channel)
                return channel

    def _abort(self, channel: int) -> None:
        if self._message is not None and self._message.channel == channel:
            self._message = None
        if self._running is not None and self._running.channel == channel:
            self._running = None

    def _cancel(self, channel: int) -> None:
        """Only CTAP2 commands can be taken back; the command itself tells that it was (§11.2.9.1.5)."""
        running = self._running
        if running is not None and running.channel == channel and running.command == CTAPHID.CBOR:
            running.operation.cancel()

    def _complete(self, message: Message) -> None:
        if len(message.data) < message.size:
            return
        self._message = None
        match message.command:
            case CTAPHID.PING:
                self._send(message.channel, message.command, message.data)
            case CTAPHID.WINK if not message.data:
                self.winks += 1
                self._send(message.channel, message.command, b"")
            case CTAPHID.MSG:
                self._run(message, Operation(self._ctap1.run(message.data), self._chip.clock))
            case CTAPHID.CBOR if self._chip.model.has_fido2:
                self._run(message, Operation(self._ctap2.run(message.data), self._chip.clock))
            case command if command == READ_CONFIG and self._chip.model.is_yubico:
                self._send(message.channel, command, device_info(self._chip.model, self._chip.memory.serial))
            case _:
                self._fail(message.channel, Error.INVALID_COMMAND)

    def _run(self, message: Message, operation: Operation) -> None:
        self._running = Running(message.channel, message.command, operation)

    # To the host

    def _report(self, running: Running, now: float) -> None:
        """The answer, else a sign of life: at once when it tells something new."""
        response = running.operation.response
        if response is not None:
            self._running = None
            self._send(running.channel, running.command, response)
            return
        status = STATUS.UPNEEDED if running.operation.waits_for_touch else STATUS.PROCESSING
        if status != running.told or now >= running.next_keepalive:
            running.told = status
            running.next_keepalive = now + KEEPALIVE_SECONDS
            self._send(running.channel, CTAPHID.KEEPALIVE, bytes([status]))

    def _fail(self, channel: int, error: CtapError.ERR) -> None:
        self._send(channel, CTAPHID.ERROR, bytes([error]))

    def _send(self, channel: int, command: int, data: bytes) -> None:
        head = struct.pack(">IBH", channel, 0x80 | command, len(data))
        self._send_packet((head + data[:INIT_DATA_SIZE]).ljust(PACKET_SIZE, b"\0"))
        rest = data[INIT_DATA_SIZE:]
        for sequence, start in enumerate(range(0, len(rest), CONTINUATION_DATA_SIZE)):
            packet = struct.pack(">IB", channel, sequence) + rest[start : start + CONTINUATION_DATA_SIZE]
            self._send_packet(packet.ljust(PACKET_SIZE, b"\0"))
