"""One message on its way through one modem, and the journal that makes it go out at most once."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from data.database import Database
from data.errors import DataError
from data.ids import new_id
from data.messages import Message
from data.modems import Modem
from hardware.modem.status import ModemStatus
from kiosk.clock import Clock
from kiosk.delivery.networks import UNKNOWN_GROUP, group_of, name_of

log = logging.getLogger("kiosk.delivery")


@dataclass(frozen=True, slots=True, kw_only=True)
class ModemLabel:
    """What the configuration says of a modem and the modem does not know."""

    network_label: str | None = None
    """What people call the network of its SIM."""
    number_tail: str | None = None
    """Last two digits of the number that its SMS come from."""
    may_roam: bool = False
    """Whether its SIM may be moved to another network for a resend; that may cost more."""


def network_name(status: ModemStatus, label: ModemLabel) -> str:
    """Return what people call the serving network; the site's own label holds for the SIM's home network only."""
    home = group_of(status.imsi_network)
    if label.network_label and home in {group_of(status.network), UNKNOWN_GROUP}:
        return label.network_label
    return name_of(status.network, status.network_name)


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Flight:
    """One try: this message over this modem."""

    message: Message
    modem: Modem
    label: ModemLabel
    transmission_id: str = field(default_factory=new_id)
    cancelled: threading.Event = field(default_factory=threading.Event)
    journaled: threading.Event = field(default_factory=threading.Event)
    """The journal has begun: from here on the flight is called back no more."""

    def may_use(self, status: ModemStatus) -> bool:
        """Whether the network that serves the modem at this very moment is still one that the message may take."""
        if self.message.same_network_allowed or not self.message.avoid_groups:
            return True
        group = group_of(status.network)
        return UNKNOWN_GROUP not in {group, *self.message.avoid_groups} and group not in self.message.avoid_groups


class Journals:
    """The journal callback of every owner thread, each with a database connection of its own.

    A connection belongs to the thread that opened it: `warm`, `commit` and `close` are called in the owner's thread.
    """

    def __init__(self, open_database: Callable[[], Database], clock: Clock, ring: Callable[[], None]) -> None:
        self._open_database = open_database
        self._clock = clock
        self._ring = ring
        self._here: Final = threading.local()

    def warm(self) -> None:
        """Open this thread's connection beforehand, so that no SMS waits for it."""
        try:
            self._database()
        except DataError as error:
            # The first SMS tries again.
            log.warning("no connection for the journal yet: %s", error)

    def commit(self, flight: Flight, status: ModemStatus) -> bool:
        """QUEUED → COMMITTED on the disk, for exactly one caller: only then may Ctrl-Z be written.

        Raises DataError when the database cannot take it now; then nothing may be sent either.
        """
        flight.journaled.set()
        if not flight.may_use(status):
            return False
        try:
            database = self._database()
            with database.transaction(write=True):
                return database.messages.commit(
                    flight.message.id,
                    transmission_id=flight.transmission_id,
                    modem_id=flight.modem.id,
                    network=status.network or None,
                    network_name=network_name(status, flight.label) or None,
                    network_group=group_of(status.network) or None,
                    iccid=status.iccid or None,
                    now=self._clock.now(),
                )
        except DataError:
            # Perhaps the file was replaced under it; the next message gets a new one.
            self.close()
            raise

    def close(self) -> None:
        """Close this thread's connection."""
        database: Database | None = getattr(self._here, "database", None)
        self._here.database = None
        try:
            if database is not None:
                database.close()
        except DataError as error:
            log.warning("the connection of a journal did not close: %s", error)

    def _database(self) -> Database:
        database: Database | None = getattr(self._here, "database", None)
        if database is None:
            database = self._here.database = self._open_database()
            database.on_commit(self._ring)
        return database
