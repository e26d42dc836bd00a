"""What a back-up says of itself; sealed with it, before the database."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final, Self

from data.canonical import canonical
from data.copying import CopyFacts

FORMAT: Final = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Manifest:
    """`made_at` kiosk time and `made_at_wall` wall time in milliseconds UTC; `audit_mac` and `sha256` hexadecimal."""

    site: str
    made_at: int
    made_at_wall: int
    key_id: str
    schema: str
    rows: Mapping[str, int]
    audit_seq: int
    audit_mac: str
    size: int
    sha256: str

    @classmethod
    def parse(cls, raw: bytes) -> Self:
        """From the first frame; raises ValueError for what another version wrote."""
        values = json.loads(raw)
        if not isinstance(values, dict) or values.pop("format", None) != FORMAT:
            raise ValueError("not a manifest of this version")
        try:
            return cls(**values)
        except TypeError:
            raise ValueError("not a manifest of this version") from None

    def encode(self) -> bytes:
        """The first frame."""
        return canonical({"format": FORMAT, **asdict(self)}).encode()

    def fits(self, facts: CopyFacts) -> bool:
        """Whether a database holds what this says."""
        return (self.schema, dict(self.rows), self.audit_seq, self.audit_mac) == (
            facts.schema,
            dict(facts.rows),
            facts.audit_seq,
            facts.audit_mac.hex(),
        )
