"""Gathers what `kiosk doctor`, `kiosk status` and the file for monitoring look at."""

from pathlib import Path
from typing import Final

from data.errors import DataError
from kiosk.commands.site import Premises, enter
from kiosk.config import Config, ConfigurationErrors
from kiosk.doctor import facts
from kiosk.doctor.facts import Facts
from kiosk.doctor.linux import LinuxMachine
from kiosk.doctor.machine import Machine
from kiosk.doctor.status import Status, count, judge
from kiosk.doctor.textfile import Reporter
from kiosk.keys import KeyFileError

_TOLD: Final = (DataError, KeyFileError, OSError)


def examined(machine: Machine, path: Path) -> Facts:
    """Everything that all checks look at; what cannot be read is among the troubles."""
    try:
        config = Config.load(path)
    except ConfigurationErrors as errors:
        return Facts(machine=machine, troubles=(("configuration", errors),))
    try:
        premises = enter(config, heed_head=False)
        with premises.open_database() as database:
            known = facts.read(database, premises.clock, config.policy.sms, key_id=premises.vault.key_id)
    except _TOLD as error:
        return _troubled(machine, config, error)
    return Facts(machine=machine, config=config, known=known)


def status_of(machine: Machine, path: Path) -> Status:
    """How the site of the configuration at `path` does."""
    try:
        config = Config.load(path)
    except ConfigurationErrors as errors:
        return judge(Facts(machine=machine, troubles=(("configuration", errors),)), None)
    try:
        premises = enter(config, heed_head=False)
    except _TOLD as error:
        return judge(_troubled(machine, config, error), None)
    return look(machine, premises)


def look(machine: Machine, premises: Premises) -> Status:
    """How this site does."""
    config = premises.config
    try:
        with premises.open_database() as database:
            known = facts.read(
                database, premises.clock, config.policy.sms, key_id=premises.vault.key_id, thoroughly=False
            )
            numbers = count(database, config.policy.sms, premises.clock)
    except _TOLD as error:
        return judge(_troubled(machine, config, error), None)
    return judge(Facts(machine=machine, config=config, known=known), numbers)


def make_reporter(premises: Premises) -> Reporter:
    """What writes the file for monitoring, not started."""
    machine = LinuxMachine()
    return Reporter(premises.config.monitoring.textfile, lambda: look(machine, premises))


def _troubled(machine: Machine, config: Config, error: Exception) -> Facts:
    check = "key" if isinstance(error, KeyFileError) else "database"
    return Facts(machine=machine, config=config, troubles=((check, error),))
