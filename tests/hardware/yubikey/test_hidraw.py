"""What sysfs says of the nodes, read without opening any."""

import fcntl
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.yubikey.alone import _lock
from hardware.yubikey.bus import KeyNode, NodeKind, PluggedKey, plugged_keys
from hardware.yubikey.errors import KeyBusy
from hardware.yubikey.hidraw import HidrawBus, first_usage

# CTAP 2.1 §11.2.8.2, as a YubiKey tells it.
FIDO = bytes.fromhex("06d0f10901a1010920150026ff007508954081020921150026ff00750895409102c0")
# HID 1.11 appendix B.1, the boot keyboard.
KEYBOARD = bytes.fromhex("05010906a101050719e029e71500250175019508810295017508810105081901")
MOUSE = bytes.fromhex("05010902a1010901a100")


class Machine:
    """The part of /dev and /sys that a bus looks at."""

    def __init__(self, directory: Path) -> None:
        self.dev, self.described = directory / "dev", directory / "class"
        self.devices = directory / "devices"
        for path in (self.dev, self.described, self.devices):
            path.mkdir()
        self.bus = HidrawBus(self.dev, self.described)

    def node(
        self,
        number: int,
        descriptor: bytes,
        *,
        usb: str = "1-2",
        interface: int = 0,
        vendor: int = 0x1050,
        product: int = 0x0407,
        devnum: str = "5",
        mode: int = 0o660,
    ) -> Path:
        hid = self.devices / usb / f"{usb}:1.{interface}" / f"0003:{vendor:04X}:{product:04X}.{number:04X}"
        hid.mkdir(parents=True)
        (self.devices / usb / "devnum").write_text(f"{devnum}\n")
        (hid / "uevent").write_text(
            f"DRIVER=hid-generic\nHID_ID=0003:{vendor:08X}:{product:08X}\nHID_NAME=Yubico YubiKey OTP+FIDO+CCID\n"
            f"HID_PHYS=usb-0000:00:14.0-2/input{interface}\n"
        )
        (hid / "report_descriptor").write_bytes(descriptor)
        place = self.described / f"hidraw{number}"
        place.mkdir()
        (place / "device").symlink_to(hid)
        path = self.dev / f"hidraw{number}"
        path.touch()
        path.chmod(mode)
        return path


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    return Machine(tmp_path)


def test_a_machine_without_keys_has_none(machine: Machine) -> None:
    assert (machine.bus.nodes(), machine.bus.signature()) == ([], ())


def test_both_interfaces_of_a_key_are_one_key_in_whatever_order_they_came(machine: Machine) -> None:
    machine.node(0, FIDO, interface=1)
    machine.node(1, KEYBOARD, interface=0)
    (key,) = plugged_keys(machine.bus.nodes())

    assert key.fido is not None
    assert key.otp is not None
    assert (Path(key.fido.path).name, Path(key.otp.path).name) == ("hidraw0", "hidraw1")
    assert (key.yubico, key.product_name) == (True, "Yubico YubiKey OTP+FIDO+CCID")


def test_two_keys_of_one_model_are_two(machine: Machine) -> None:
    machine.node(0, FIDO, usb="1-2", interface=1)
    machine.node(1, FIDO, usb="1-3", interface=1)

    assert len(plugged_keys(machine.bus.nodes())) == 2


def test_a_key_that_was_pulled_out_and_put_in_again_is_another_one(machine: Machine) -> None:
    machine.node(0, FIDO)
    before = plugged_keys(machine.bus.nodes())[0].key
    (machine.devices / "1-2" / "devnum").write_text("6\n")

    assert plugged_keys(machine.bus.nodes())[0].key != before


def test_an_ordinary_keyboard_and_a_mouse_are_no_keys(machine: Machine) -> None:
    machine.node(0, KEYBOARD, vendor=0x046D)
    machine.node(1, MOUSE)

    assert machine.bus.nodes() == []


def test_a_fido_key_of_another_maker_is_one(machine: Machine) -> None:
    machine.node(0, FIDO, vendor=0x096E)
    (key,) = plugged_keys(machine.bus.nodes())

    assert not key.yubico


@pytest.mark.skipif(os.geteuid() == 0, reason="root may open everything")
def test_a_node_that_this_account_may_not_open_is_seen_all_the_same(machine: Machine) -> None:
    machine.node(0, FIDO, mode=0o000)

    assert plugged_keys(machine.bus.nodes())[0].forbidden


def test_a_node_without_a_description_is_left_out(machine: Machine) -> None:
    machine.node(0, FIDO)
    (machine.dev / "hidraw7").touch()

    assert [Path(node.path).name for node in machine.bus.nodes()] == ["hidraw0"]


def test_insertion_removal_and_rights_change_the_signature(machine: Machine) -> None:
    seen = {machine.bus.signature()}
    path = machine.node(0, FIDO)
    seen.add(machine.bus.signature())
    path.chmod(0o666)
    seen.add(machine.bus.signature())
    path.unlink()

    assert len(seen) == 3
    assert machine.bus.signature() == ()


@given(st.binary(max_size=200))
def test_no_descriptor_makes_it_fail(descriptor: bytes) -> None:
    first_usage(descriptor)


def test_a_long_item_before_the_usage_is_skipped() -> None:
    assert first_usage(bytes.fromhex("fe0201aabb") + FIDO) == (0xF1D0, 1)


def test_a_key_is_forbidden_only_when_nothing_of_it_may_be_opened() -> None:
    def node(kind: NodeKind, *, may_open: bool) -> KeyNode:
        return KeyNode(path="", kind=kind, key="1", vendor_id=0, product_id=0, product_name="", may_open=may_open)

    def key(*, fido: bool, otp: bool) -> PluggedKey:
        return plugged_keys([node(NodeKind.FIDO, may_open=fido), node(NodeKind.OTP, may_open=otp)])[0]

    assert [key(fido=a, otp=b).forbidden for a in (False, True) for b in (False, True)] == [True, False, False, False]


def test_a_node_that_another_program_talks_to_is_told_as_busy_and_free_again_after_it(machine: Machine) -> None:
    path = machine.node(0, FIDO)
    holder = os.open(path, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    with pytest.raises(KeyBusy):
        _lock(str(path))
    os.close(holder)

    os.close(_lock(str(path)))


def test_a_lock_that_was_refused_leaves_no_handle_open(machine: Machine) -> None:
    path = machine.node(0, FIDO)
    holder = os.open(path, os.O_RDONLY)
    fcntl.flock(holder, fcntl.LOCK_EX)
    before = len(list(Path("/proc/self/fd").iterdir()))
    for _ in range(5):
        with pytest.raises(KeyBusy):
            _lock(str(path))

    assert len(list(Path("/proc/self/fd").iterdir())) == before
    os.close(holder)
