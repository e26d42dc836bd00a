"""All checks, in the order in which they are told: each a pure function of the facts."""

from collections.abc import Callable, Iterator
from typing import Final

from kiosk.doctor import files, house, ports, surroundings
from kiosk.doctor.facts import Facts
from kiosk.doctor.found import Found

CHECKS: Final[tuple[Callable[[Facts], Iterator[Found]], ...]] = (
    files.troubles,
    files.configuration,
    files.key,
    files.database,
    house.audit,
    files.disk,
    files.encryption,
    house.last_backup,
    house.rehearsal,
    house.clock,
    house.clock_right,
    ports.dispatcher,
    ports.modems,
    ports.ports,
    ports.modem_manager,
    ports.udev,
    surroundings.console,
    house.roles,
    house.people,
    surroundings.applications,
)


def examine(facts: Facts) -> list[Found]:
    """Everything that was found."""
    return [found for check in CHECKS for found in check(facts)]
