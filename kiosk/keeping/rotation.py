"""Another master key while people sign in; killed at any moment it goes on where it was.

1. The next key gets a file of its own.
2. In one transaction the database names it as its key, and keeps for it, sealed: the subkeys that last (see
   `kiosk.vault`) and the old key. From that commit on everybody seals with the new one.
3. The files change places; the old one stays for back-ups that were made with it.
4. Row by row what was sealed by the old key is sealed by the new one, in memory.
5. The old key leaves the database. A row that no key opens does not keep it there: it is named, and stays as it is.
"""

import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from data.canonical import JSON
from data.database import Database
from data.resealing import SEALED_TABLES, SealedTable
from kiosk.audit import AuditTrail
from kiosk.keeping.backup import keep_alone
from kiosk.key_ring import KeyRing
from kiosk.keys import MasterKey
from kiosk.vault import FileVault, key_id_of

# Between two transactions, in lengths of the last one: SQLite does not queue writers, so whoever begins again at once
# keeps the others out [tried: 740 ms for one row].
PAUSE: Final = 3.0
# So many rows that no key opens are named in the log; the command names all.
NAMED: Final = 100


def _silent(_done: int, _total: int) -> None:
    """Nobody watches."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rotated:
    """`resealed` rows now; `unreadable` ones (as `table ID`) open with no key and stayed.

    `old` is the file of the key before, when it moved now.
    """

    key_id: str
    resealed: int
    unreadable: tuple[str, ...]
    old: Path | None


class Rotation:
    """One change of key.

    Args:
        database: Open, for the calling thread, over `vault`.
        vault: The vault of this process.
        ring: Its key files.
        trail: Where it is written down.
    """

    def __init__(self, database: Database, vault: FileVault, ring: KeyRing, trail: AuditTrail) -> None:
        self._database = database
        self._vault = vault
        self._ring = ring
        self._trail = trail

    def run(self, *, actor: str, reason: str | None, progress: Callable[[int, int], None] = _silent) -> Rotated:
        """Change the key, or finish a change that was stopped; `progress(rows done, rows in all)`.

        Raises BackupBusy, KeyFileError, DataError.
        """
        with ExitStack() as stack:
            # A back-up of a moment in between would be sealed by the one key and name the other.
            keep_alone(stack, self._database.path)
            self._database.follow_key()
            self._ring.tidy()
            old = self._ring.settle(self._vault.key_id)
            if not self._vault.holds_old_key:
                self._begin(self._ring.next(), actor, reason)
                old = self._ring.settle(self._vault.key_id)
            resealed, unreadable = self._reseal(progress)
            self._finish(actor, unreadable)
        return Rotated(key_id=self._vault.key_id, resealed=resealed, unreadable=unreadable, old=old)

    def _begin(self, master: MasterKey, actor: str, reason: str | None) -> None:
        before, kept = self._vault.key_id, self._vault.handover(master)
        self._vault.enter(key_id_of(master), kept)
        try:
            with self._database.transaction(write=True):
                self._database.resealing.begin(kept)
                self._record("begun", actor, {"from": before, "to": self._vault.key_id, "reason": reason})
        except BaseException:
            # The database names the old one still.
            self._database.follow_key()
            raise

    def _reseal(self, progress: Callable[[int, int], None]) -> tuple[int, tuple[str, ...]]:
        total, done = self._database.resealing.remaining(), 0
        for table in SEALED_TABLES:
            after: str | None = ""
            while after is not None:
                after, moved = self._some(table, after)
                done += moved
                progress(done, total)
        return done, tuple(self._database.resealing.left())

    def _some(self, table: SealedTable, after: str) -> tuple[str | None, int]:
        began = time.monotonic()
        with self._database.transaction(write=True):
            found = self._database.resealing.reseal_some(table, after)
        time.sleep(PAUSE * (time.monotonic() - began))
        return found

    def _finish(self, actor: str, unreadable: tuple[str, ...]) -> None:
        kept = self._vault.finish()
        with self._database.transaction(write=True):
            self._database.resealing.begin(kept)
            self._record("done", actor, {"to": self._vault.key_id, "unreadable": list(unreadable[:NAMED])})
        self._vault.enter(self._vault.key_id, kept)

    def _record(self, result: str, actor: str, parameters: dict[str, JSON]) -> None:
        self._trail.record("key.rotation", result, actor=actor, parameters=parameters)
