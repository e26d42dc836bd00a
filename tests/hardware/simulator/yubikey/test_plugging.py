import errno
import itertools
import threading

import pytest

from hardware.simulator.errors import KeyAlreadyPlugged, KeyNotPlugged, UnknownKeyModel
from hardware.simulator.yubikey import FidoNode, ManualClock, OtpNode, SimulatedUsb, SimulatedYubiKey
from tests.hardware.simulator.yubikey.conftest import PlugIn
from tests.hardware.simulator.yubikey.desk import Background, Desk, Person, credential, fido_node, otp_node, told


def test_each_plug_and_unplug_changes_the_signature(usb: SimulatedUsb) -> None:
    key = SimulatedYubiKey()
    signatures = [usb.signature()]
    for change in (usb.plug, usb.unplug, usb.plug):
        change(key)
        signatures.append(usb.signature())

    assert all(one != next_one for one, next_one in itertools.pairwise(signatures))
    assert signatures[1] != signatures[3]


def test_a_key_that_returns_gets_the_same_nodes(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    before = [node.path for node in usb.fido_nodes()]

    usb.unplug(key)
    usb.plug(key)

    assert [node.path for node in usb.fido_nodes()] == before


def test_several_keys_have_nodes_of_their_own(usb: SimulatedUsb, plug_in: PlugIn) -> None:
    plug_in("yubikey_5_nfc")
    plug_in("security_key_nfc")
    plug_in("foreign_key")

    described = [(node.path, node.vendor_id, node.product_id, node.product_name) for node in usb.fido_nodes()]

    assert described == [
        ("/dev/hidraw1", 0x1050, 0x0407, "Yubico YubiKey OTP+FIDO+CCID"),
        ("/dev/hidraw2", 0x1050, 0x0402, "Yubico YubiKey FIDO"),
        ("/dev/hidraw3", 0x096E, 0x0858, "FT FIDO-NFC"),
    ]
    assert [node.path for node in usb.otp_nodes()] == ["/dev/hidraw0"]


def test_the_nodes_of_a_key_have_no_fixed_order(usb: SimulatedUsb) -> None:
    usb.plug(SimulatedYubiKey(), fido_first=True)

    assert (usb.fido_nodes()[0].path, usb.otp_nodes()[0].path) == ("/dev/hidraw0", "/dev/hidraw1")


def test_without_permission_nothing_opens(usb: SimulatedUsb) -> None:
    usb.plug(SimulatedYubiKey(), permitted=False)

    nodes: list[FidoNode | OtpNode] = [*usb.fido_nodes(), *usb.otp_nodes()]
    for node in nodes:
        with pytest.raises(PermissionError):
            node.open()


def test_a_node_that_is_gone_does_not_open(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    nodes: list[FidoNode | OtpNode] = [*usb.fido_nodes(), *usb.otp_nodes()]
    usb.unplug(key)
    usb.plug(key)

    for node in nodes:
        with pytest.raises(FileNotFoundError):
            node.open()


def test_a_key_pulled_while_it_blinks_breaks_the_command(desk: Desk, usb: SimulatedUsb, plug_in: PlugIn) -> None:
    key = plug_in()
    registered = desk.register(key)

    with pytest.raises(OSError) as broken:
        desk.sign_in(key, [credential(registered)], Person(key, touch=lambda: usb.unplug(key)))

    assert broken.value.errno == errno.EIO


def test_a_reader_that_sleeps_finds_out_that_the_key_is_gone(usb: SimulatedUsb, desk: Desk, plug_in: PlugIn) -> None:
    lit = threading.Event()
    key = plug_in(clock=ManualClock(), on_blink=told(lit))
    registering = Background(lambda: desk.register(key, Person(key, touch=lambda: None)))
    assert lit.wait(10)

    usb.unplug(key)

    with pytest.raises(OSError) as broken:
        registering.result()
    assert broken.value.errno == errno.EIO


def test_later_calls_say_that_there_is_no_such_device(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    fido, otp = fido_node(usb, key).open(), otp_node(usb, key).open()
    usb.unplug(key)
    usb.plug(key)

    for call in (fido.wink, otp.receive):
        numbers = []
        for _ in range(3):
            with pytest.raises(OSError) as broken:
                call()
            numbers.append(broken.value.errno)
        assert numbers == [errno.EIO, errno.ENODEV, errno.ENODEV]


def test_a_closed_node_is_closed(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    fido, otp = fido_node(usb, key).open(), otp_node(usb, key).open()
    fido.close()
    otp.close()

    for call in (fido.wink, otp.receive):
        with pytest.raises(OSError) as closed:
            call()
        assert closed.value.errno == errno.EBADF


def test_a_credential_outlives_the_unplugging(desk: Desk, usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    registered = desk.register(key)
    usb.unplug(key)
    usb.plug(key)

    assert desk.sign_in(key, [credential(registered)]).counter > registered.counter


def test_a_key_is_in_one_bus_at_a_time(usb: SimulatedUsb, key: SimulatedYubiKey) -> None:
    with pytest.raises(KeyAlreadyPlugged):
        SimulatedUsb().plug(key)
    with pytest.raises(KeyNotPlugged):
        SimulatedUsb().unplug(key)


def test_an_unknown_model_names_the_nearest() -> None:
    with pytest.raises(UnknownKeyModel) as unknown:
        SimulatedYubiKey("yubikey_5_nfcc")

    assert unknown.value.nearest == "yubikey_5_nfc"
