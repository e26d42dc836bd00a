"""What drives the modems of a site, made alike for a terminal, the gateway, and whoever borrows one."""

from collections.abc import Sequence

from hardware.modem.refused_pins import RefusedPinsFile
from hardware.modem.settings import ModemSettings
from hardware.serial_line import PortOpener, SerialLine
from kiosk.commands.site import Premises, alarm_means
from kiosk.config import ModemConfig
from kiosk.delivery.dispatcher import Dispatcher
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.delivery.jobs import ModemLabel
from kiosk.delivery.loans import loan_locks
from kiosk.delivery.tenure import Means


def make_means(
    premises: Premises, settings: Sequence[ModemSettings], doorbell: Doorbell, *, opener: PortOpener = SerialLine
) -> Means:
    """What whoever drives modems of this site works with; `settings` has one entry for each configured modem."""
    return Means(
        open_database=premises.open_database,
        settings=tuple(settings),
        labels={modem.name: _label_of(modem) for modem in premises.config.modems},
        opener=opener,
        refused_pins=RefusedPinsFile(premises.config.state.path),
        clock=premises.clock,
        policy=premises.config.policy.sms,
        doorbell=doorbell,
        locks=loan_locks(premises.config.database.path),
        alarms=alarm_means(premises.config, premises.languages),
    )


def make_dispatcher(
    premises: Premises, settings: Sequence[ModemSettings], waker: Waker, *, opener: PortOpener = SerialLine
) -> Dispatcher:
    """The dispatcher of this process, not started."""
    means = make_means(premises, settings, waker.doorbell, opener=opener)
    return Dispatcher(means, waker, premises.dispatcher_lock)


def _label_of(modem: ModemConfig) -> ModemLabel:
    """What the configuration says of a modem and the modem does not know."""
    tail = None if modem.number is None else modem.number[-2:]
    return ModemLabel(network_label=modem.network_label, number_tail=tail, may_roam=modem.roaming)
