"""Writing the audit trail: who did what, from where, with what result; never a code, a password or a whole number."""

from collections.abc import Mapping

from data.canonical import JSON
from data.database import Database
from kiosk.clock import Clock

NOBODY = "-"
# So much of a keyed hash tells names apart and makes a row no longer than it must be.
_HASH_DIGITS = 16


def unknown_name(name_hash: str) -> str:
    """The actor for a name that does not exist: only its keyed hash, because people type passwords into the wrong field."""
    return f"name:{name_hash[:_HASH_DIGITS]}"


class AuditTrail:
    """Writes rows from one place of origin; the caller holds the write transaction that the row belongs to."""

    def __init__(self, database: Database, clock: Clock, *, origin: str, simulated: bool = False) -> None:
        self._database = database
        self._clock = clock
        self._origin = origin
        self._simulated = simulated

    def record(
        self,
        action: str,
        result: str,
        *,
        actor: str = NOBODY,
        about: str | None = None,
        parameters: Mapping[str, JSON] | None = None,
    ) -> str:
        """Append one row and give its short reference, such as K482.

        Args:
            action: What was done, as a dotted code such as `sign_in.password`.
            result: How it ended, as a code such as `ok` or `wrong`.
            actor: Id of the person or `unix:LOGIN`; a name that does not exist only as a keyed hash.
            about: Id of what it was done to.
            parameters: More facts as numbers and codes.
        """
        entry = self._database.audit.append(
            action=action,
            object=about,
            result=result,
            origin=self._origin,
            actor=actor,
            at=self._clock.now(),
            at_wall=self._clock.wall(),
            parameters=parameters or {},
            simulated=self._simulated,
        )
        return entry.reference
