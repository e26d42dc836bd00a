"""Moving a modem whose SIM may roam to another network for one resend, and letting it choose by itself again afterwards.

Which modem has been moved, and for which message, is kept in its row: whoever drives it after a crash gives the choice back.
"""

import logging
import threading
import time
from collections.abc import Callable, Collection
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import Final

from data.messages import Message
from data.modems import Modem
from hardware.errors import HardwareError
from hardware.modem.errand import Errand
from hardware.modem.errands.operator import OperatorChoice, Selection, choose_automatic
from hardware.modem.errands.reselection import Reselection, reselect
from hardware.modem.fleet import Fleet
from hardware.modem.status import ModemState
from kiosk.delivery.networks import group_of
from kiosk.delivery.records import Records

log = logging.getLogger("kiosk.delivery")

# A search needs at least so long, and leaves so much of the life of the code for sending over the network that is left, in ms.
LEAST_MS: Final = 90_000
KEPT_FOR_SENDING_MS: Final = 45_000
# Before a modem that did not take its choice back is told again, in seconds: doubled each time, at most the last value.
FIRST_AGAIN_SECONDS: Final = 4.0
LONGEST_AGAIN_SECONDS: Final = 256.0
# So long an errand may wait for its turn, in seconds.
_TURN_SECONDS: Final = 30.0
# `moved_for` of a modem that nobody's message waits for any more.
_NOBODY: Final = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """A search has ended; `network` is where the modem is now (MCC-MNC digits), empty when it found none that will do."""

    modem: str
    message_id: str
    network: str


@dataclass(frozen=True, slots=True)
class ChoosesAgain:
    """Whether a modem chooses its network by itself again, as far as it tells."""

    modem: str
    done: bool


@dataclass(slots=True, eq=False)
class _Search:
    modem: str
    until: float
    cancelled: threading.Event = field(default_factory=threading.Event)


class Moving:
    """Used in a driver's thread; what takes records writes and raises DataError. `told` may be called from any thread."""

    def __init__(self, fleet: Fleet, *, told: Callable[[Moved | ChoosesAgain], None]) -> None:
        self._fleet = fleet
        self._told = told
        self._searches: dict[str, _Search] = {}
        self._tried: set[str] = set()
        self._moved: dict[str, str] | None = None
        """Message by modem; None until the rows have been read."""
        self._asked: set[str] = set()
        self._again: dict[str, tuple[float, float]] = {}

    def modem_for(self, message_id: str) -> str | None:
        """Name of the modem that looks for another network for this message."""
        search = self._searches.get(message_id)
        return None if search is None else search.modem

    def may_begin(self, message: Message, now: int) -> bool:
        """One search at a time and one per message, and only while there is time for it."""
        return not self._searches and message.id not in self._tried and message.not_after - now >= LEAST_MS

    def begin(self, message: Message, modem: Modem, records: Records, now: int) -> None:
        """Look for a network outside `avoid_groups`; any SMS that is handed to this modem meanwhile ends the search."""
        used = frozenset(message.avoid_groups)
        seconds = (message.not_after - now - KEPT_FOR_SENDING_MS) / 1000
        search = _Search(modem=modem.name, until=time.monotonic() + seconds)
        # First, so that a crash at any later moment is mended.
        self._mark(modem.name, message.id, records)
        self._searches[message.id] = search
        self._tried.add(message.id)
        log.info("modem %s looks for another network for message %s", modem.name, message.id)
        future = self._fleet.run(
            modem.name,
            Errand(
                name="another network",
                run=lambda session: reselect(session, lambda network: group_of(network) not in used),
                deadline=search.until,
                cancelled=search.cancelled,
                gives_way=True,
            ),
        )
        future.add_done_callback(lambda done: self._told(Moved(modem.name, message.id, _network_of(done))))

    def give_up(self, message_id: str) -> None:
        """Nobody waits for this search any more."""
        search = self._searches.get(message_id)
        if search is not None and not search.cancelled.is_set():
            search.cancelled.set()
            self._fleet.wake()

    def give_up_all(self) -> None:
        """The driver ends; what has been moved is given back by the next one."""
        for message_id in tuple(self._searches):
            self.give_up(message_id)

    def look(self, waiting: Collection[str], records: Records) -> None:
        """End searches that nobody waits for or that last too long; give back what is not needed any more."""
        moved = self._known(records)
        self._tried &= {*waiting, *self._searches}
        for message_id, search in self._searches.items():
            if message_id not in waiting or time.monotonic() > search.until:
                self.give_up(message_id)
        searching = {search.modem for search in self._searches.values()}
        for name, message_id in moved.items():
            if name not in searching and name not in self._asked and message_id not in waiting:
                self._give_back(name)

    def settle(self, event: Moved | ChoosesAgain, records: Records) -> None:
        """Write down how a search or the way back ended; may be told again when it could not be written."""
        match event:
            case Moved(modem, message_id, network):
                if network:
                    records.modem_event("modem.moved", modem, network)
                else:
                    self._mark(modem, _NOBODY, records)
                log.info("modem %s is at %s", modem, network or "no other network")
                self._searches.pop(message_id, None)
            case ChoosesAgain(modem, done):
                if done:
                    if (self._moved or {}).get(modem):
                        records.modem_event("modem.moved_back", modem, "ok")
                    self._mark(modem, None, records)
                    self._again.pop(modem, None)
                self._asked.discard(modem)

    def forget(self, event: Moved | ChoosesAgain) -> None:
        """It cannot be written down, ever: the modem is told once more to choose by itself."""
        if isinstance(event, Moved):
            self._searches.pop(event.message_id, None)
        self._asked.discard(event.modem)

    def _give_back(self, name: str) -> None:
        status = self._fleet.statuses().get(name)
        settled = status is not None and status.state in {ModemState.READY, ModemState.NO_NETWORK}
        rest, again_at = self._again.get(name, (FIRST_AGAIN_SECONDS, 0.0))
        if not settled or time.monotonic() < again_at:
            return
        self._again[name] = (min(rest * 2, LONGEST_AGAIN_SECONDS), time.monotonic() + rest)
        self._asked.add(name)
        deadline = time.monotonic() + _TURN_SECONDS
        future = self._fleet.run(name, Errand(name="automatic choice", run=choose_automatic, deadline=deadline))
        future.add_done_callback(lambda done: self._told(ChoosesAgain(name, _is_automatic(done))))

    def _mark(self, name: str, message_id: str | None, records: Records) -> None:
        database = records.database
        with database.transaction(write=True):
            for row in database.modems.all():
                if row.name == name:
                    database.modems.moved(row.id, message_id)
        others = {key: value for key, value in self._known(records).items() if key != name}
        self._moved = others if message_id is None else others | {name: message_id}

    def _known(self, records: Records) -> dict[str, str]:
        if self._moved is None:
            rows = records.database.modems.all()
            self._moved = {row.name: row.moved_for for row in rows if row.moved_for is not None}
        return self._moved


def _network_of(done: "Future[Reselection]") -> str:
    error = done.exception()
    if error is None:
        return done.result().network
    log.info("no other network: %s", error if isinstance(error, HardwareError) else type(error).__name__)
    return ""


def _is_automatic(done: "Future[OperatorChoice]") -> bool:
    if done.exception() is not None:
        return False
    choice = done.result()
    # One that does not tell how it chooses has at least said OK.
    return choice.mode == Selection.AUTOMATIC or (choice.mode is None and choice.refused is None)
