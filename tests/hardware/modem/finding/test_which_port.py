"""Which port of which device is a modem that can send."""

import re
import tarfile
from dataclasses import replace

import pytest

from hardware.modem.finding import Obstacle, find_modems
from hardware.modem.known_modems import AT_INTERFACE, HUAWEI
from hardware.modem.probe import SimState
from hardware.simulator import Fault, SimulatedSim
from tests.hardware.modem.finding.places import MODESWITCH_DATA, Plug, four_ports, only
from tests.hardware.modem.plugging import (
    DISC,
    E3372_HILINK,
    EC25,
    ETHERNET,
    HUAWEI_AT,
    UNKNOWN,
    VENDOR_SPECIFIC,
    Machine,
)

# Which port


def test_where_the_at_interface_is_known_no_other_port_is_touched(machine: Machine, modem: Plug) -> None:
    modems = [modem(f"ttyUSB{number}") for number in range(4)]
    four_ports(machine, [each.port for each in modems])

    found = only(find_modems(machine.search()))

    assert found.port is not None
    assert (found.port.port.device, found.usable, found.obstacle) == (modems[2].port, True, Obstacle.NONE)
    assert [bool(each.received) for each in modems] == [False, False, True, False]


def test_of_an_unknown_device_the_port_that_sends_sms_is_chosen(machine: Machine, modem: Plug) -> None:
    ports = [
        modem("ttyUSB0", Fault.DEAF).port,
        modem("ttyUSB1", Fault.NO_SMS_ON_PORT).port,
        modem("ttyUSB2").port,
        modem("ttyUSB3", Fault.DEAF).port,
    ]
    four_ports(machine, ports, UNKNOWN)

    found = only(find_modems(machine.search()))

    assert [each.obstacle for each in found.ports] == [
        Obstacle.SILENT,
        Obstacle.NO_SMS,
        Obstacle.NONE,
        Obstacle.SILENT,
    ]
    assert found.port is found.ports[2]


def test_when_the_known_interface_is_another_after_all_the_others_are_asked(machine: Machine, modem: Plug) -> None:
    ports = [modem("ttyUSB0").port, modem("ttyUSB1").port, modem("ttyUSB2", Fault.DEAF).port]
    four_ports(machine, ports)

    found = only(find_modems(machine.search()))

    assert found.port is not None
    assert found.port.port.device == ports[0]


def test_a_huawei_stick_is_asked_where_it_marks_at(machine: Machine, modem: Plug) -> None:
    modems = [modem("ttyUSB0", profile="huawei_e173"), modem("ttyUSB1", profile="huawei_e173")]
    interfaces = [(VENDOR_SPECIFIC, modems[0].port), (HUAWEI_AT, modems[1].port)]
    machine.plug("1-1", (HUAWEI, 0x9999), interfaces)

    found = only(find_modems(machine.search()))

    assert found.port is not None
    assert found.port.port.device == modems[1].port
    assert not modems[0].received


def test_what_the_modem_says_of_itself_is_told(machine: Machine, modem: Plug) -> None:
    there = modem("ttyUSB2", sim=SimulatedSim(iccid="8931440400000000008", network="20408"))
    four_ports(machine, [there.port], UNKNOWN)

    found = only(find_modems(machine.search()))

    assert found.port is not None
    probed = found.port.probed
    assert probed is not None
    assert (probed.manufacturer, probed.model, probed.imei) == ("Quectel", "EC25", there.imei)
    assert (probed.iccid, probed.sim, probed.speaks_sms, probed.whole) == (
        "8931440400000000008",
        SimState.READY,
        True,
        True,
    )


def test_two_sticks_of_the_same_kind_are_told_apart_by_socket_and_imei(machine: Machine, modem: Plug) -> None:
    modems = [modem("ttyUSB0"), modem("ttyUSB1")]
    for number, each in enumerate(modems, start=1):
        four_ports(machine, [each.port], UNKNOWN, path=f"1-1.{number}")

    found = find_modems(machine.search())

    assert [(one.usb.path, one.port.probed.imei) for one in found if one.usb and one.port and one.port.probed] == [
        ("1-1.1", modems[0].imei),
        ("1-1.2", modems[1].imei),
    ]


def test_a_port_without_usb_is_asked_too(machine: Machine, modem: Plug) -> None:
    machine.plug_serial(modem("ttyS0").port)

    found = only(find_modems(machine.search()))

    assert (found.usb, found.usable) == (None, True)


def test_a_port_that_is_named_need_not_be_listed(machine: Machine, modem: Plug) -> None:
    there = modem("somewhere")

    found = only(find_modems(machine.search(), [there.port]))

    assert found.port is not None
    assert (found.port.port.device, found.usable) == (there.port, True)


def test_a_port_that_is_named_twice_is_asked_once(machine: Machine, modem: Plug) -> None:
    there = modem("ttyUSB0")
    stable = machine.name_by_path("pci-usb-0:1.1-port0", there.port)

    assert only(find_modems(machine.search(), [there.port, stable])).usable


def test_a_listed_port_that_is_named_keeps_its_usb_identity(machine: Machine, modem: Plug) -> None:
    modems = [modem("ttyUSB0"), modem("ttyUSB1")]
    four_ports(machine, [each.port for each in modems], UNKNOWN)
    stable = machine.name_by_path("pci-usb-0:1.1-port0", modems[1].port)

    found = only(find_modems(machine.search(), [stable]))

    assert found.usb is not None
    assert [each.port.name for each in found.ports] == [stable]
    assert not modems[0].received


def test_the_name_by_path_is_the_one_for_the_configuration(machine: Machine, modem: Plug) -> None:
    port = modem("ttyUSB0").port
    four_ports(machine, [port], UNKNOWN)
    machine.name_by_path("pci-0000:00:14.0-usbv2-0:2:1.2-port0", port)
    stable = machine.name_by_path("pci-0000:00:14.0-usb-0:2:1.2-port0", port)

    found = only(find_modems(machine.search()))

    assert found.port is not None
    assert (found.port.port.name, found.port.port.device) == (stable, port)


def test_without_probing_no_port_is_opened(machine: Machine, modem: Plug) -> None:
    modems = [modem(f"ttyUSB{number}") for number in range(3)]
    four_ports(machine, [each.port for each in modems])

    found = only(find_modems(replace(machine.search(), probing=False)))

    assert found.port is not None
    assert (found.port.port.device, found.obstacle, found.usable) == (modems[2].port, Obstacle.NOT_PROBED, False)
    assert not any(each.transcript for each in modems)


# What is no modem


@pytest.mark.parametrize(
    ("identity", "interfaces", "obstacle"),
    [
        (E3372_HILINK, [ETHERNET, DISC], Obstacle.NETWORK_CARD),
        ((HUAWEI, 0x14DB), [ETHERNET], Obstacle.NETWORK_CARD),
        ((0x19D2, 0x1405), [ETHERNET, DISC], Obstacle.NETWORK_CARD),
        ((HUAWEI, 0x1F01), [DISC], Obstacle.DISC),
        ((HUAWEI, 0x1446), [DISC, DISC], Obstacle.DISC),
        ((0x19D2, 0x2000), [DISC], Obstacle.DISC),
        (EC25, [VENDOR_SPECIFIC] * 4, Obstacle.NO_DRIVER),
        ((HUAWEI, 0x9999), [HUAWEI_AT], Obstacle.NO_DRIVER),
    ],
)
def test_a_stick_without_ports_is_refused_with_the_reason(
    machine: Machine, identity: tuple[int, int], interfaces: list[tuple[int, int, int]], obstacle: Obstacle
) -> None:
    machine.plug("2-1", identity, [(triple, None) for triple in interfaces], name="Mobile\x1b[2J\nBroadband")

    found = only(find_modems(machine.search()))

    assert (found.obstacle, found.port, found.usable) == (obstacle, None, False)
    assert found.usb is not None
    assert found.usb.name == "Mobile [2J Broadband"


@pytest.mark.parametrize(
    ("identity", "interfaces", "manufacturer"),
    [
        ((0x046D, 0xC31C), [(0x03, 0x01, 0x01)], ""),
        ((0x0781, 0x5567), [DISC], ""),
        ((HUAWEI, 0x1038), [DISC], "Android"),
    ],
    ids=["keyboard", "memory stick", "telephone"],
)
def test_other_usb_devices_are_not_mentioned(
    machine: Machine, identity: tuple[int, int], interfaces: list[tuple[int, int, int]], manufacturer: str
) -> None:
    machine.plug("2-1", identity, [(triple, None) for triple in interfaces], manufacturer=manufacturer)

    assert find_modems(machine.search()) == ()


@pytest.mark.skipif(not MODESWITCH_DATA.exists(), reason="usb-modeswitch-data is not installed")
def test_the_known_sticks_are_those_of_usb_modeswitch() -> None:
    switched: dict[str, set[str]] = {}
    with tarfile.open(MODESWITCH_DATA) as pack:
        for member in pack.getmembers():
            content = pack.extractfile(member)
            text = content.read().decode("utf-8", "replace") if content else ""
            products = re.findall(r"^TargetProduct(?:List)?= *\"?(?:0x)?([0-9a-fA-F,]+)", text, re.MULTILINE)
            switched[member.name.removeprefix("./")] = set(",".join(products).lower().split(","))

    sticks = {f"{vendor:04x}:{product:04x}" for vendor, product in AT_INTERFACE if vendor in {HUAWEI, 0x19D2}}
    after = {f"{name[:5]}{product}" for name, products in switched.items() for product in products}
    assert sticks <= after
    assert switched["12d1:1f01"] == {"14db", "14dc"}
    assert {"19d2:2000", "1bbb:f000", "1e0e:f000"} <= switched.keys()
