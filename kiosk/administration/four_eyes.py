"""What a second administrator approves: an act, on whom, and what exactly; the words of it are the screens'.

The content is part of what is approved: a role is approved for this role, a number for this number. It waits sealed, with a
random part that makes its digest tell nothing, for a phone number has too few digits to hide behind one.
"""

import hmac
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from hashlib import sha256
from typing import TYPE_CHECKING, Final

from data.approvals import AskedApproval
from data.canonical import JSON, canonical
from data.database import Database
from kiosk.administration.free_text import Why

if TYPE_CHECKING:
    from kiosk.administration.authority import Act

_NONCE_BYTES: Final = 16
NUMBER: Final = "number"
"""The key of a whole phone number in a content, which nobody is shown."""
BROKE_GLASS: Final = "break_glass"
"""In the place of whoever approved, when the code of the sealed envelope was used."""


@dataclass(frozen=True, slots=True)
class Content:
    """What exactly is asked, beside act and person; equal contents are the same request."""

    facts: Mapping[str, JSON] = field(default_factory=dict, repr=False)

    @property
    def shown(self) -> Mapping[str, JSON]:
        """What may stand on a page."""
        return {key: value for key, value in self.facts.items() if key != NUMBER}


NOTHING_MORE: Final = Content()


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """What must be approved, and why it is done; `why` is None as long as no form has asked for it."""

    act: "Act"
    person_id: str | None
    content: Content = NOTHING_MORE
    why: Why | None = None

    def because(self, why: Why) -> "Wanted":
        """The same, with its reason."""
        return replace(self, why=why)

    def is_same(self, other: "Wanted") -> bool:
        """Whether it is the same thing that is done; the reason is no part of that."""
        return (self.act, self.person_id, canonical(self.content.facts)) == (
            other.act,
            other.person_id,
            canonical(other.content.facts),
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class SecondAdministrator:
    """Who approved `wanted` at this desk, and when that person showed a second factor for it; kiosk time in milliseconds."""

    administrator_id: str
    authenticated_at: int
    wanted: Wanted


@dataclass(frozen=True, slots=True, kw_only=True)
class Approved:
    """By whom a change was approved; `request_id` of what waited for it, None when that was at the same desk."""

    by: str
    request_id: str | None = None

    def facts(self) -> dict[str, JSON]:
        """As the log has it."""
        facts: dict[str, JSON] = {"approved_by": self.by}
        if self.request_id is not None:
            facts["request"] = self.request_id
        return facts


def sealed_form(content: Content) -> bytes:
    """What is kept of a content, with a random part of its own."""
    nonce = secrets.token_hex(_NONCE_BYTES)
    return canonical({"nonce": nonce, "facts": content.facts}).encode()


def content_in(kept: bytes) -> Content:
    """The content that was kept."""
    return Content(json.loads(kept)["facts"])


def digest_of(wanted: Wanted, asked_by: str, kept: bytes) -> bytes:
    """SHA-256 of what is wanted, with the random part of what was kept."""
    everything: dict[str, JSON] = {
        "nonce": json.loads(kept)["nonce"],
        "act": wanted.act.value,
        "person": wanted.person_id,
        "asked_by": asked_by,
        "facts": wanted.content.facts,
    }
    return sha256(canonical(everything).encode()).digest()


def is_of(request: AskedApproval, wanted: Wanted, database: Database) -> bool:
    """Whether a request that may be used is of exactly this; raises SealBroken."""
    kept = database.approvals.content(request)
    return kept is not None and hmac.compare_digest(digest_of(wanted, request.asked_by, kept), request.digest)
