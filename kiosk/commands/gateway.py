"""`kiosk gateway`: the dispatcher alone, for machines where people come over SSH or where modems must work without a screen."""

import fcntl
import logging
import os
import signal
from pathlib import Path
from typing import Final

import click

from hardware.port_user import find_user
from kiosk.audit.daily import DailyAudit
from kiosk.commands.backstage import DAILY_SECONDS, NIGHT_SECONDS, modem_settings
from kiosk.commands.configured import config_option, config_path
from kiosk.commands.driving import make_dispatcher
from kiosk.commands.logs import log_to
from kiosk.commands.looking import make_reporter
from kiosk.commands.night import make_keeper, make_night
from kiosk.commands.site import Premises, daily_means, enter
from kiosk.commands.speak import FAILED, WRONG_USE, fail, load_language, told
from kiosk.config import Config
from kiosk.delivery.dispatcher import Dispatcher
from kiosk.delivery.doorbell import Doorbell, Waker
from kiosk.language import Language
from kiosk.service_manager import ServiceManager

log = logging.getLogger("kiosk.gateway")

# How often the driver is looked at for the watchdog, in seconds.
LOOK_SECONDS: Final = 2.0
# What ends it in good order; a second one while it ends does so at once.
ENDING: Final = frozenset({signal.SIGTERM, signal.SIGINT, signal.SIGHUP})


@click.command()
@config_option
def gateway(config: Path | None) -> None:
    """Drive the modems of this machine without a screen, until SIGTERM or Ctrl-C.

    Ends with 0 when told to, 1 when something is wrong on this machine, 2 when something is wrong in the configuration.
    """
    language = load_language()
    with told(language):
        configuration = Config.load(config_path(config))
        if not configuration.modems:
            fail(language.text("command.gateway.no_modems", path=str(configuration.source)), WRONG_USE)
        premises = enter(configuration, check=True)
        waits = _waits(premises.dispatcher_lock, language)
    log_to(configuration.state.path)
    # In this thread and all that it starts: they stay pending until `sigwait` takes one.
    signal.pthread_sigmask(signal.SIG_BLOCK, ENDING)
    service = ServiceManager.of(os.environ)
    if waits:
        click.echo(waits)
        service.status(waits)
    if not _drive(premises, language, service):
        fail(language.text("command.gateway.stuck"), FAILED)


def _drive(premises: Premises, language: Language, service: ServiceManager) -> bool:
    """Drive, or wait until nobody else does, until a signal comes; whether everything was let go in time."""
    waker = Waker(Doorbell(premises.doorbell_directory))
    waker.start()
    settings = modem_settings(premises.config)
    dispatcher = make_dispatcher(premises, settings, waker)
    night = make_night(premises, settings, waker, dispatcher)
    keeper = make_keeper(premises)
    reporter = make_reporter(premises)
    names = ", ".join(modem.name for modem in premises.config.modems)
    # The first thing that a dispatcher does is to write its modems down, and that rings.
    teller = _Teller(dispatcher, language.text("command.gateway.drives", modems=names), service)
    waker.add(teller.rung)
    dispatcher.start()
    night.start()
    daily = DailyAudit(daily_means(premises))
    daily.start()
    keeper.start()
    reporter.start()
    service.ready()
    number = _wait_for_end(dispatcher, service)
    service.stopping()
    signal.pthread_sigmask(signal.SIG_UNBLOCK, ENDING)
    log.info("the gateway ends: %s", signal.Signals(number).name)
    daily.stop(DAILY_SECONDS)
    night.stop(NIGHT_SECONDS)
    keeper.stop(NIGHT_SECONDS)
    reporter.stop(DAILY_SECONDS)
    ended = dispatcher.stop()
    return waker.stop() and ended


def _wait_for_end(dispatcher: Dispatcher, service: ServiceManager) -> int:
    """Wait for a signal; a driver that is stuck is left to the watchdog."""
    while True:
        if dispatcher.moves:
            service.alive()
        else:
            log.error("the driver of the modems is stuck")
        taken = signal.sigtimedwait(ENDING, LOOK_SECONDS)
        if taken is not None:
            return taken.si_signo


class _Teller:
    """Says once that this process drives; called in the waker's thread."""

    def __init__(self, dispatcher: Dispatcher, sentence: str, service: ServiceManager) -> None:
        self._dispatcher = dispatcher
        self._service = service
        self._sentence = sentence

    def rung(self) -> None:
        """Say it when it is so."""
        if self._sentence and self._dispatcher.drives:
            sentence, self._sentence = self._sentence, ""
            click.echo(sentence)
            self._service.status(sentence)


def _waits(lock: Path, language: Language) -> str:
    """Who drives the modems now, in a sentence; empty when nobody does."""
    descriptor = os.open(lock, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        # Shared, so that two gateways that look at the same time are not taken for one that drives.
        fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
    except BlockingIOError:
        driver = find_user(str(lock))
        if driver is None:
            return language.text("command.gateway.waits_for_unseen")
        return language.text("command.gateway.waits", program=driver.name, pid=driver.pid)
    else:
        return ""
    finally:
        os.close(descriptor)
