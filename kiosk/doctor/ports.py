"""Modems and security keys: ports, who holds them, groups, udev, ModemManager and pcscd."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

from hardware.modem.finding import MODEM_MANAGER
from hardware.port_user import PortUser
from kiosk.config import ModemConfig
from kiosk.doctor.facts import Facts
from kiosk.doctor.found import Found, Sign, attention, fault, good
from kiosk.doctor.machine import Machine
from kiosk.technician.overview import Health

_RULES: Final = (Path("/etc/udev/rules.d"), Path("/run/udev/rules.d"), Path("/usr/lib/udev/rules.d"))
# What keeps ModemManager from a device or a port (its ModemManager-tags.h).
_IGNORED: Final = ("ID_MM_DEVICE_IGNORE", "ID_MM_PORT_IGNORE", "ID_MM_CANDIDATE")
_SIGNS: Final = {
    Health.GOOD: Sign.GOOD,
    Health.ATTENTION: Sign.ATTENTION,
    Health.STARTING: Sign.ATTENTION,
    Health.USED_UP: Sign.ATTENTION,
    Health.LENT: Sign.ATTENTION,
    Health.OUT: Sign.ATTENTION,
    Health.FAULT: Sign.FAULT,
}


def ports(facts: Facts) -> Iterator[Found]:
    """Every configured port is there, may be opened, and belongs to us."""
    if facts.config is None:
        return
    driver = facts.machine.holder(facts.config.dispatcher_lock)
    for modem in facts.config.modems:
        if modem.port.startswith("/"):
            yield _port(facts.machine, modem, driver)


def _port(machine: Machine, modem: ModemConfig, driver: PortUser | None) -> Found:
    path = Path(modem.port)
    found = machine.file(path)
    values: dict[str, Any] = {"modem": modem.name, "port": modem.port}
    if found is None:
        return fault("port", "missing", **values)
    if not found.usable:
        return fault("port", "forbidden", **values, group=found.group, account=machine.account)
    holder = machine.holder(path)
    if holder is not None and (driver is None or holder.pid != driver.pid):
        return fault("port", "taken", **values, program=holder.name, pid=holder.pid)
    return good("port", **values)


def dispatcher(facts: Facts) -> Iterator[Found]:
    """Somebody drives the modems."""
    if facts.config is None or not facts.config.modems:
        return
    driver = facts.machine.holder(facts.config.dispatcher_lock)
    if driver is not None:
        yield good("dispatcher", program=driver.name, pid=driver.pid)
    else:
        yield fault("dispatcher", f"nobody_{facts.config.gateway.mode.value}")


def modems(facts: Facts) -> Iterator[Found]:
    """What whoever drives the modems wrote down of each; nothing is asked of a modem."""
    if facts.config is None or facts.known is None:
        return
    if not facts.config.modems:
        yield attention("modem", "none")
        return
    seen = {one.name: one for one in facts.known.overview.modems}
    for modem in facts.config.modems:
        one = seen.get(modem.name)
        if one is None:
            yield fault("modem", "never_seen", modem=modem.name)
            continue
        sign = _SIGNS[one.health]
        finding = one.findings[0] if one.findings else None
        variant = "trouble" if finding is not None else one.health.value
        yield Found(check="modem", variant=variant, sign=sign, values={"modem": modem.name}, finding=finding)


def modem_manager(facts: Facts) -> Iterator[Found]:
    """ModemManager asks every new modem things, in the middle of our conversation with it."""
    if facts.config is None or not facts.config.modems:
        return
    if MODEM_MANAGER not in facts.machine.programs():
        yield good("modem_manager", "absent")
    elif any(mark in rule for rule in _rules(facts.machine) for mark in _IGNORED):
        yield good("modem_manager", "kept_off")
    else:
        yield fault("modem_manager", "runs")


def udev(facts: Facts) -> Iterator[Found]:
    """Security keys: a rule lets this account at them, and those that are plugged in may be opened."""
    closed = facts.machine.closed_key_nodes()
    if closed:
        yield fault("yubikey", "closed", nodes=", ".join(closed), account=facts.machine.account)
    elif closed is not None:
        yield good("yubikey", "open")
    elif facts.machine.is_root or any("hidraw" in rule for rule in _rules(facts.machine)):
        yield good("yubikey", "rule")
    else:
        yield attention("yubikey", "no_rule")
    if "pcscd" in facts.machine.programs():
        yield good("pcscd", "runs")


def _rules(machine: Machine) -> Iterator[str]:
    """Rules that are about the kiosk."""
    for directory in _RULES:
        for name in machine.names(directory):
            if "kiosk" in name and name.endswith(".rules"):
                yield machine.text(directory / name)
