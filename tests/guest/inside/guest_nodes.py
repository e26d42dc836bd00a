"""Insert and remove, as the kernel tells them."""

import os
import threading

import pytest
from ykman.hid import list_ctap_devices, list_otp_devices
from yubikit.management import ManagementSession

from hardware.simulator.yubikey import FOREIGN_KEY, SECURITY_KEY_NFC, YUBIKEY_5_NFC, SimulatedYubiKey
from tests.guest.inside.machine import nodes, open_fido, open_slots, until
from tests.guest.kernel_usb import KernelUsb


def test_a_key_has_a_node_for_each_interface(usb: KernelUsb) -> None:
    usb.plug(SimulatedYubiKey(YUBIKEY_5_NFC))
    until(lambda: len(nodes()) == 2, "two nodes")
    [otp] = list_otp_devices()
    [fido] = list_ctap_devices()
    assert {fido.descriptor.path, otp.path} == {str(node) for node in nodes()}
    assert (fido.descriptor.product_name, otp.pid) == ("Yubico YubiKey OTP+FIDO+CCID", 0x0407)


def test_a_key_without_slots_has_one_node(usb: KernelUsb) -> None:
    usb.plug(SimulatedYubiKey(SECURITY_KEY_NFC))
    until(list_ctap_devices, "the key")
    assert (len(nodes()), list_otp_devices()) == (1, [])


def test_a_key_of_another_maker_is_none_of_yubicos(usb: KernelUsb) -> None:
    usb.plug(SimulatedYubiKey(FOREIGN_KEY))
    until(nodes, "the node")
    assert (list_ctap_devices(), list_otp_devices()) == ([], [])


def test_both_interfaces_tell_the_same_serial(usb: KernelUsb) -> None:
    usb.plug(SimulatedYubiKey(YUBIKEY_5_NFC, serial=12_345_678))
    serials = []
    for connection in (open_slots(), open_fido()):
        with connection:
            serials.append(ManagementSession(connection).read_device_info().serial)
    assert serials == [12_345_678, 12_345_678]


def test_a_key_that_is_pulled_out_leaves_nothing(usb: KernelUsb) -> None:
    key = SimulatedYubiKey()
    usb.plug(key)
    until(lambda: len(nodes()) == 2, "two nodes")
    usb.unplug(key)
    until(lambda: not nodes(), "no node")
    assert (list_ctap_devices(), list_otp_devices()) == ([], [])


def test_who_reads_from_a_key_that_is_pulled_out_is_told(usb: KernelUsb) -> None:
    key = SimulatedYubiKey(SECURITY_KEY_NFC)
    usb.plug(key)
    until(nodes, "the node")
    file = os.open(nodes()[0], os.O_RDWR)
    pull = threading.Timer(0.5, usb.unplug, [key])
    pull.start()
    try:
        with pytest.raises(OSError, match=r"\[Errno 5\]"):
            os.read(file, 64)
    finally:
        pull.join()
        os.close(file)


def test_a_slot_of_a_wedged_key_fails_when_the_kernel_has_waited_long_enough(usb: KernelUsb) -> None:
    key = SimulatedYubiKey()
    usb.plug(key)
    with open_slots() as connection:
        key.wedged = True
        with pytest.raises(OSError, match=r"\[Errno 5\]"):
            connection.receive()
