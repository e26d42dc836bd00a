"""What a key makes of packets that no sensible client sends."""

import struct

import pytest
from cryptography.hazmat.primitives.asymmetric import ec
from fido2 import cbor
from fido2.ctap import CtapError
from fido2.ctap2.base import Ctap2
from fido2.hid import CTAPHID
from hypothesis import given
from hypothesis import strategies as st
from yubikit.yubiotp import YubiOtpSession

from hardware.simulator.yubikey import MODELS, ManualClock, SimulatedUsb, SimulatedYubiKey
from hardware.simulator.yubikey.connections import SimulatedCtapHidConnection, SimulatedOtpConnection
from tests.hardware.simulator.yubikey.desk import fido_node, otp_node

BROADCAST = 0xFFFFFFFF
NONCE = b"nonce678"
FIDO = st.sampled_from([name for name, model in MODELS.items() if model.has_fido2])


class Wire:
    """A FIDO node without any client in between."""

    def __init__(self, model: str = "yubikey_5_nfc", *, channel: bool = True) -> None:
        self.clock = ManualClock()
        self.key = SimulatedYubiKey(model, pin="87654321", clock=self.clock)
        self.usb = SimulatedUsb()
        self.usb.plug(self.key)
        self.connection = SimulatedCtapHidConnection(fido_node(self.usb, self.key).plugging)
        self.channel = self.new_channel() if channel else 0

    def new_channel(self) -> int:
        self.write(BROADCAST, CTAPHID.INIT, NONCE)
        _, _, data = self.read()
        assert data[:8] == NONCE
        return int.from_bytes(data[8:12], "big")

    def write(self, channel: int, command: int, data: bytes, size: int | None = None) -> None:
        """The first packet of a message."""
        size = len(data) if size is None else size
        self.connection.write_packet(struct.pack(">IBH", channel, 0x80 | command, size) + data[:57])

    def write_more(self, channel: int, sequence: int, data: bytes) -> None:
        self.connection.write_packet(struct.pack(">IB", channel, sequence) + data[:59])

    def send(self, channel: int, command: int, data: bytes) -> None:
        """A whole message."""
        self.write(channel, command, data)
        for sequence, start in enumerate(range(57, len(data), 59)):
            self.write_more(channel, sequence, data[start:])

    def read(self) -> tuple[int, int, bytes]:
        """A message that fits one packet: channel, command and data."""
        packet = self.connection.read_packet()
        channel, command, size = struct.unpack_from(">IBH", packet)
        return channel, command & 0x7F, packet[7 : 7 + size]

    def read_error(self) -> CtapError.ERR:
        _, command, data = self.read()
        assert command == CTAPHID.ERROR
        return CtapError.ERR(data[0])

    def read_whole(self) -> bytes:
        """The data of a message of any size, after signs of life."""
        while True:
            packet = self.connection.read_packet()
            if packet[4] != 0x80 | CTAPHID.KEEPALIVE:
                break
        size = int.from_bytes(packet[5:7], "big")
        data = packet[7:]
        while len(data) < size:
            data += self.connection.read_packet()[5:]
        return data[:size]


@pytest.fixture
def wire() -> Wire:
    return Wire()


def test_a_new_channel_tells_version_and_abilities(wire: Wire) -> None:
    wire.write(BROADCAST, CTAPHID.INIT, NONCE)

    channel, command, data = wire.read()

    assert (channel, command, data[:8]) == (BROADCAST, CTAPHID.INIT, NONCE)
    assert data[12:] == bytes([2, 5, 7, 1, 0x05])


def test_the_longest_message_comes_back(wire: Wire) -> None:
    longest = bytes(range(256)) * 30
    longest = longest[:7609]
    wire.send(wire.channel, CTAPHID.PING, longest)

    assert wire.read_whole() == longest


@pytest.mark.parametrize("channel", [0, 1, BROADCAST])
def test_a_channel_that_was_never_given_out_is_refused(channel: int, wire: Wire) -> None:
    channel = channel if channel != wire.channel else 2
    wire.write(channel, CTAPHID.PING, b"x")

    assert wire.read_error() is CtapError.ERR.INVALID_CHANNEL


def test_a_packet_out_of_order_ends_the_message(wire: Wire) -> None:
    wire.write(wire.channel, CTAPHID.PING, b"a" * 200)
    wire.write_more(wire.channel, 1, b"b")

    assert wire.read_error() is CtapError.ERR.INVALID_SEQ
    wire.write(wire.channel, CTAPHID.PING, b"x")
    assert wire.read()[2] == b"x"


def test_a_new_message_in_the_middle_of_another_ends_both(wire: Wire) -> None:
    wire.write(wire.channel, CTAPHID.PING, b"a" * 200)
    wire.write(wire.channel, CTAPHID.PING, b"x")

    assert wire.read_error() is CtapError.ERR.INVALID_SEQ


def test_another_channel_hears_that_the_key_is_busy(wire: Wire) -> None:
    other = wire.new_channel()
    wire.write(wire.channel, CTAPHID.PING, b"a" * 100)

    wire.write(other, CTAPHID.PING, b"x")

    assert wire.read_error() is CtapError.ERR.CHANNEL_BUSY
    wire.write_more(wire.channel, 0, b"a" * 43)
    assert wire.read_whole() == b"a" * 100


def test_a_key_that_waits_for_a_touch_is_busy_too(wire: Wire) -> None:
    wire.send(wire.channel, CTAPHID.CBOR, bytes([Ctap2.CMD.SELECTION]))
    assert wire.read()[1] == CTAPHID.KEEPALIVE
    other = wire.new_channel()

    wire.write(other, CTAPHID.PING, b"x")

    assert wire.read_error() is CtapError.ERR.CHANNEL_BUSY
    wire.key.touch()
    assert wire.read() == (wire.channel, CTAPHID.CBOR, b"\0")


def test_the_channel_itself_starts_anew_with_init(wire: Wire) -> None:
    wire.send(wire.channel, CTAPHID.CBOR, bytes([Ctap2.CMD.SELECTION]))
    wire.read()

    wire.write(wire.channel, CTAPHID.INIT, NONCE)

    assert wire.read()[2][8:12] == wire.channel.to_bytes(4, "big")
    assert not wire.key.blinking


def test_another_channel_cannot_cancel(wire: Wire) -> None:
    other = wire.new_channel()
    wire.send(wire.channel, CTAPHID.CBOR, bytes([Ctap2.CMD.SELECTION]))

    wire.write(other, CTAPHID.CANCEL, b"")

    assert wire.key.blinking


def test_the_rest_of_a_message_is_not_awaited_for_ever(wire: Wire) -> None:
    wire.write(wire.channel, CTAPHID.PING, b"a" * 100)
    wire.clock.advance(0.5)

    assert wire.read_error() is CtapError.ERR.TIMEOUT


def test_a_message_that_is_announced_too_long_is_refused(wire: Wire) -> None:
    wire.write(wire.channel, CTAPHID.PING, b"a", size=7610)

    assert wire.read_error() is CtapError.ERR.INVALID_LENGTH


@pytest.mark.parametrize("command", [CTAPHID.LOCK, 0x3F, 0x40, 0x43, 0x7F, 0x02])
def test_a_command_that_the_key_does_not_have_is_refused(command: int, wire: Wire) -> None:
    wire.write(wire.channel, command, b"")

    assert wire.read_error() is CtapError.ERR.INVALID_COMMAND


def test_every_program_hears_every_packet(wire: Wire) -> None:
    second = SimulatedCtapHidConnection(fido_node(wire.usb, wire.key).plugging)
    wire.write(wire.channel, CTAPHID.PING, b"x")

    assert second.read_packet() == wire.connection.read_packet()


def test_a_wink_is_counted(wire: Wire) -> None:
    wire.write(wire.channel, CTAPHID.WINK, b"")

    assert (wire.read()[1], wire.key.winks) == (CTAPHID.WINK, 1)


# Properties

CHANNELS = st.sampled_from(["own", "other", "strange", "broadcast"])
COMMANDS = st.sampled_from([*CTAPHID, CTAPHID.VENDOR_FIRST + 2]) | st.integers(0, 0x7F)
PACKETS = st.one_of(
    st.binary(max_size=80),
    st.tuples(CHANNELS, COMMANDS.map(lambda command: 0x80 | command), st.integers(0, 0xFFFF), st.binary(max_size=57)),
    st.tuples(CHANNELS, COMMANDS.map(lambda command: 0x80 | command), st.integers(0, 64), st.binary(max_size=57)),
    st.tuples(CHANNELS, st.integers(0, 3), st.just(0), st.binary(max_size=57)),
    st.floats(0.0, 40.0),
    st.just("touch"),
)


@given(model=st.sampled_from(sorted(MODELS)), packets=st.lists(PACKETS, max_size=30))
def test_no_packets_bring_a_key_down(model: str, packets: list[object]) -> None:
    wire = Wire(model)
    channels = {"own": wire.channel, "other": wire.new_channel(), "strange": 77, "broadcast": BROADCAST}
    for packet in packets:
        match packet:
            case bytes():
                wire.connection.write_packet(packet)
            case float():
                wire.clock.advance(packet)
            case str():
                wire.key.touch()
            case (str(channel), int(kind), int(size), bytes(data)):
                wire.connection.write_packet(struct.pack(">IBH", channels[channel], kind, size) + data)
    # Whatever it was doing is over by then.
    wire.clock.advance(100)
    assert not wire.key.blinking

    assert fido_node(wire.usb, wire.key).open().ping(b"alive") == b"alive"


VALUES = st.recursive(
    st.booleans() | st.integers(-300, 300) | st.text(max_size=5) | st.binary(max_size=40) | st.just("public-key"),
    lambda children: (
        st.lists(children, max_size=3)
        | st.dictionaries(st.sampled_from(["id", "type", "alg", "up", "uv", "rk", -2, -3]), children, max_size=4)
    ),
    max_leaves=8,
)
REQUESTS = st.tuples(st.sampled_from(Ctap2.CMD), st.dictionaries(st.integers(1, 10), VALUES, max_size=8)).map(
    lambda pair: bytes([pair[0]]) + cbor.encode(pair[1])
)


def answer_to(wire: Wire, request: bytes) -> bytes:
    """The answer, with a touch as soon as one is asked for."""
    wire.send(wire.channel, CTAPHID.CBOR, request)
    if wire.key.blinking:
        wire.key.touch()
    return wire.read_whole()


@given(model=FIDO, request=REQUESTS | st.binary(max_size=200))
def test_every_ctap2_request_is_answered_with_a_known_status(model: str, request: bytes) -> None:
    answer = answer_to(Wire(model), request)

    assert answer[0] in set(CtapError.ERR)
    assert answer[0] == 0 or len(answer) == 1


DESCRIPTOR = {"id": b"i" * 64, "type": "public-key"}
CREATE: dict[int, object] = {
    1: bytes(32),
    2: {"id": "a.internal", "name": "A"},
    3: {"id": b"1", "name": "A"},
    4: [{"type": "public-key", "alg": -7}],
    5: [DESCRIPTOR],
    7: {"rk": False},
}
GET: dict[int, object] = {1: "a.internal", 2: bytes(32), 3: [DESCRIPTOR], 5: {"up": False}}
# A point of P-256, so that a secret can be agreed on.
POINT = ec.derive_private_key(1, ec.SECP256R1()).public_key().public_numbers()
AGREEMENT = {1: 2, 3: -25, -1: 1, -2: POINT.x.to_bytes(32, "big"), -3: POINT.y.to_bytes(32, "big")}
CHANGE_PIN: dict[int, object] = {1: 2, 2: 4, 3: AGREEMENT, 4: bytes(32), 5: bytes(80), 6: bytes(32)}
GET_TOKEN: dict[int, object] = {1: 2, 2: 9, 3: AGREEMENT, 6: bytes(32), 9: 2, 10: "a.internal"}
GOOD = [(1, CREATE), (2, GET), (6, CHANGE_PIN), (6, GET_TOKEN), (6, GET_TOKEN | {1: 1})]

COORDINATES = st.fixed_dictionaries({-2: st.binary(max_size=40), -3: st.binary(max_size=40)})


@given(model=FIDO, good=st.sampled_from(GOOD), key=st.integers(1, 10), value=VALUES | COORDINATES)
def test_one_wrong_member_of_a_good_request_gets_an_answer(
    model: str, good: tuple[int, dict[int, object]], key: int, value: object
) -> None:
    command, parameters = good

    answer = answer_to(Wire(model), bytes([command]) + cbor.encode(parameters | {key: value}))

    assert answer[0] in set(CtapError.ERR)


@pytest.mark.parametrize(
    ("parameters", "error"),
    [
        (GET_TOKEN | {3: AGREEMENT | {-3: bytes(32)}}, CtapError.ERR.INVALID_PARAMETER),
        (GET_TOKEN | {3: AGREEMENT | {-2: b"\xff" * 40}}, CtapError.ERR.INVALID_PARAMETER),
        (GET_TOKEN | {6: bytes(15)}, CtapError.ERR.PIN_AUTH_INVALID),
        (GET_TOKEN | {6: bytes(33)}, CtapError.ERR.PIN_AUTH_INVALID),
        (GET_TOKEN | {1: 1, 6: bytes(15)}, CtapError.ERR.PIN_AUTH_INVALID),
        (GET_TOKEN | {1: 3}, CtapError.ERR.INVALID_PARAMETER),
        (GET_TOKEN | {9: 0}, CtapError.ERR.INVALID_PARAMETER),
        (GET_TOKEN | {9: 0x04}, CtapError.ERR.UNAUTHORIZED_PERMISSION),
        (GET_TOKEN | {2: 0x77}, CtapError.ERR.INVALID_SUBCOMMAND),
        (CHANGE_PIN, CtapError.ERR.PIN_AUTH_INVALID),
    ],
)
def test_a_bad_pin_request_gets_its_error(parameters: dict[int, object], error: CtapError.ERR, wire: Wire) -> None:
    assert answer_to(wire, bytes([Ctap2.CMD.CLIENT_PIN]) + cbor.encode(parameters)) == bytes([error])


@pytest.mark.parametrize(
    ("command", "parameters", "key"),
    [
        *((1, CREATE, key) for key in (1, 2, 3, 4)),
        *((2, GET, key) for key in (1, 2)),
        *((6, CHANGE_PIN, key) for key in (1, 2, 3, 4, 5, 6)),
        *((6, GET_TOKEN, key) for key in (1, 2, 3, 6, 9, 10)),
    ],
)
def test_a_member_that_is_missing_is_missed(command: int, parameters: dict[int, object], key: int, wire: Wire) -> None:
    rest = {member: value for member, value in parameters.items() if member != key}

    assert answer_to(wire, bytes([command]) + cbor.encode(rest)) == bytes([CtapError.ERR.MISSING_PARAMETER])


@given(
    apdu=st.binary(max_size=200)
    | st.tuples(st.sampled_from([1, 2, 3]), st.binary(max_size=140)).map(
        lambda pair: bytes([0, pair[0], 3, 0, 0]) + len(pair[1]).to_bytes(2, "big") + pair[1] + b"\0\0"
    )
)
def test_every_apdu_is_answered_with_a_status_word(apdu: bytes) -> None:
    wire = Wire()
    wire.send(wire.channel, CTAPHID.MSG, apdu)

    assert len(wire.read_whole()) >= 2


def test_brackets_without_end_are_no_cbor(wire: Wire) -> None:
    answer = answer_to(wire, bytes([Ctap2.CMD.MAKE_CREDENTIAL]) + b"\x81" * 1200)

    assert answer == bytes([CtapError.ERR.INVALID_CBOR])


def test_a_request_that_is_too_large_is_refused(wire: Wire) -> None:
    answer = answer_to(wire, bytes([Ctap2.CMD.MAKE_CREDENTIAL]) + bytes(1280))

    assert answer == bytes([CtapError.ERR.REQUEST_TOO_LARGE])


@given(reports=st.lists(st.binary(max_size=10) | st.floats(0.0, 20.0) | st.just("touch"), max_size=40))
def test_no_feature_reports_bring_a_key_down(reports: list[object]) -> None:
    clock = ManualClock()
    key = SimulatedYubiKey(clock=clock)
    usb = SimulatedUsb()
    usb.plug(key)
    connection = SimulatedOtpConnection(otp_node(usb, key).plugging)
    for report in reports:
        match report:
            case bytes():
                connection.send(report)
                assert len(connection.receive()) == 8
            case float():
                clock.advance(report)
            case _:
                key.touch()

    connection.send(b"\0" * 7 + b"\xff")
    assert YubiOtpSession(otp_node(usb, key).open()).get_serial() == key.serial
