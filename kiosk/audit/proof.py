"""The form of an export that can be checked without database and secret key: one line of JSON per row, signed at its end.

First line: what it is. Then every row from the first to the last wanted one: whole, or only number and digest when it was
not asked for, or without contents when those were pruned. Digests make the roll (`data.audit_chain`), which checkpoints
among the rows sign day by day. Last line: the seal, which signs the roll and the SHA-256 of everything before it.
"""

from collections.abc import Mapping
from typing import Any, Final

from data.audit import reference
from data.audit_chain import CHECKPOINT, RESTORED
from data.canonical import JSON, canonical
from data.connection import Row

FORM: Final = 1
# Rows that a check needs whole.
ALWAYS_WHOLE: Final = frozenset({CHECKPOINT, RESTORED})
_SEAL_PREFIX: Final = b"kiosk audit export 1\n"


def line(content: Mapping[str, JSON]) -> bytes:
    """One line of the file."""
    return canonical(content).encode("ascii") + b"\n"


def seal_message(seal: Mapping[str, JSON]) -> bytes:
    """What the signature of the last line signs."""
    return _SEAL_PREFIX + canonical(seal).encode("ascii")


def withheld(row: Row) -> dict[str, JSON]:
    """A row that was not asked for."""
    return {"seq": row["seq"], "digest": row["digest"].hex()}


def without_contents(row: Row) -> dict[str, JSON]:
    """A row whose contents were pruned."""
    return {
        "seq": row["seq"],
        "reference": reference(row["seq"]),
        "at": row["at"],
        "at_wall": row["at_wall"],
        "pruned": True,
        "digest": row["digest"].hex(),
        "mac": row["mac"].hex(),
    }


def whole(row: Row, event: JSON, names: Mapping[str, JSON]) -> dict[str, JSON]:
    """A row with all it says, and the names of the time of the export."""
    return {
        "seq": row["seq"],
        "reference": reference(row["seq"]),
        "at": row["at"],
        "at_wall": row["at_wall"],
        "event": event,
        "names": names,
        "salt": row["salt"].hex(),
        "digest": row["digest"].hex(),
        "mac": row["mac"].hex(),
    }


def altered(row: Row) -> dict[str, JSON]:
    """A row that can no longer be read, as it stands."""
    return {
        "seq": row["seq"],
        "at": row["at"],
        "at_wall": row["at_wall"],
        "altered": True,
        "body": row["body"].hex() if isinstance(row["body"], bytes) else None,
        "digest": row["digest"].hex(),
    }


def action_of(content: Mapping[str, Any]) -> str | None:
    """The action of a line that is a whole row."""
    event = content.get("event")
    return event.get("action") if isinstance(event, dict) else None
