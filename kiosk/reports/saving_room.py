"""Saving a report at a desk: a long one takes seconds to put together and a stick seconds to take it.

It lives in a thread of its own (`DomainThread`), over a connection of its own, so that the desk and whoever types at it wait for
nothing.
"""

from collections.abc import Callable
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.users import Role
from kiosk.administration.authority import session_holds
from kiosk.administration.errors import Forbidden, Rule
from kiosk.audit import AuditTrail
from kiosk.language import Language
from kiosk.reports.report import Report
from kiosk.reports.room import ReportRoom, Saved
from kiosk.site import Site

_POLL_SECONDS: Final = 3600.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SavingKey:
    """Lets a reader in; made by the desk, used in any thread. `folder` is the configured exchange folder."""

    reader_id: str
    session_id: str
    role: Role
    origin: str
    simulated: bool
    open_site: Callable[[], AbstractContextManager[Site]]
    folder: Path | None

    def enter(self) -> "SavingRoom":
        """The room, for the calling thread; raises DataError."""
        return SavingRoom(self)


class SavingRoom:
    """Saves reports in the name of one reader."""

    def __init__(self, key: SavingKey) -> None:
        self._key = key
        self._closing = ExitStack()
        self._site = self._closing.enter_context(key.open_site())
        self._trail = AuditTrail(self._site.database, self._site.clock, origin=key.origin, simulated=key.simulated)

    def save(
        self, report: Report, words: Language, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> Saved:
        """As `ReportRoom.save`; raises Forbidden when the session is over, and SavingStopped."""
        key, site = self._key, self._site
        if not session_holds(site, key.reader_id, key.session_id, {key.role}, site.clock.now()):
            raise Forbidden(Rule.NOT_ADMINISTRATOR)
        room = ReportRoom(site=site, trail=self._trail, actor=key.reader_id, role=key.role, folder=key.folder)
        return room.save(report, words, progress, cancelled)

    # In its thread

    def poll(self) -> float:
        """Nothing is watched."""
        return _POLL_SECONDS

    def close(self) -> None:
        """Let go of the connection."""
        self._closing.close()
