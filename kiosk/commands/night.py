"""The nightly rounds of a site: of the modems for whoever may drive them, and of the database for any process of it."""

import threading
from collections.abc import Sequence

from hardware.modem.settings import ModemSettings
from hardware.serial_line import PortOpener, SerialLine
from kiosk.audit import AuditTrail
from kiosk.commands.driving import make_means
from kiosk.commands.site import Premises, alarm_means, open_site
from kiosk.delivery.borrowing import Borrowed, Purpose
from kiosk.delivery.dispatcher import Dispatcher
from kiosk.delivery.doorbell import Waker
from kiosk.delivery.tenure import Means
from kiosk.keeping.nightly import ORIGIN, Keeper, NightlyMeans
from kiosk.reports.counting import count_per_day
from kiosk.technician.night import Night, NightMeans
from kiosk.technician.postman import OutboxPostman

# Who has a modem at night, as `kiosk modem status` and the log name it.
BORROWER = "night"


def make_night(
    premises: Premises,
    settings: Sequence[ModemSettings],
    waker: Waker,
    dispatcher: Dispatcher,
    *,
    opener: PortOpener = SerialLine,
) -> Night:
    """The night of this process, not started; it makes its round only while `dispatcher` drives."""
    means = make_means(premises, settings, waker.doorbell, opener=opener)
    return Night(night_means(premises, means, waker), lambda: dispatcher.drives)


def make_keeper(premises: Premises) -> Keeper:
    """The keeper of this process, not started."""
    config = premises.config
    return Keeper(
        NightlyMeans(
            open_database=premises.open_database,
            keys=premises.vault,
            directory=config.backup.directory,
            kept=config.backup.kept,
            overdue_hours=config.backup.overdue_hours,
            site=config.site.name,
            zone=config.time_zone,
            clock=premises.clock,
            alarms=alarm_means(config, premises.languages),
            tidy=lambda: tidy(premises),
        )
    )


def tidy(premises: Premises) -> None:
    """Throw away requests that ran out, and keep what the reports count today for next week; raises DataError."""
    from kiosk.administration.requests import prune  # noqa: PLC0415  no terminal needs it at its start

    with open_site(premises) as site:
        prune(site, AuditTrail(site.database, site.clock, origin=ORIGIN), actor=ORIGIN)
        count_per_day(site)


def night_means(premises: Premises, means: Means, waker: Waker) -> NightMeans:
    """What a round works with."""
    config = premises.config
    words = premises.languages[config.language]
    return NightMeans(
        open_database=means.open_database,
        lend=lambda modem, purpose: lend(premises, means, waker, modem, purpose),
        postman=lambda modem: OutboxPostman(
            means.open_database,
            modem=modem,
            language=words.code,
            policy=config.policy,
            clock=premises.clock,
            doorbell=waker.doorbell,
        ),
        modems=tuple(modem.name for modem in config.modems),
        numbers={modem.name: modem.number for modem in config.modems if modem.number is not None},
        prepaid={modem.name: modem.prepaid for modem in config.modems if modem.prepaid is not None},
        words=words,
        site=config.site.name,
        zone=config.time_zone,
        clock=premises.clock,
        alarms=means.alarms,
    )


def lend(premises: Premises, means: Means, waker: Waker, modem: str, purpose: Purpose) -> Borrowed:
    """A modem for the round."""
    return Borrowed(
        means,
        waker,
        modem,
        purpose=purpose,
        borrower=BORROWER,
        actor=BORROWER,
        dispatcher_lock=premises.dispatcher_lock,
        cancelled=threading.Event(),
    )
