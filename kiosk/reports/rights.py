"""Special rights: who has them, who looked at the list last, and the quarterly sign-off (BIO2 8.02.01)."""

import hashlib
import json
from dataclasses import dataclass
from typing import Final

from data.canonical import JSON, canonical
from kiosk.administration.authority import Act, check
from kiosk.administration.changing import Office, record_refusal
from kiosk.administration.errors import ChangedMeanwhile, Forbidden
from kiosk.administration.free_text import Why, checked_why
from kiosk.audit.names import Names
from kiosk.reports.report import DAY_MS
from kiosk.site import Site

# In `meta`.
KEPT: Final = "rights_reviewed"
QUARTER_MS: Final = 92 * DAY_MS
# So many are named in the row of the log; a longer list is told by its digest.
_NAMED: Final = 200


@dataclass(frozen=True, slots=True)
class Review:
    """The last sign-off: kiosk time in milliseconds, who did it, and a digest of who had which role."""

    at: int
    by: str
    digest: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """How the review stands: digest of the rights of now and how many have them, the last review and who made it, whether one is due."""

    digest: str
    people: int
    review: Review | None
    by: str
    due: bool


@dataclass(frozen=True, slots=True)
class SignedOff:
    """What was signed off."""

    people: int
    reference: str


def last_review(site: Site) -> Review | None:
    """The last sign-off; None when there never was one."""
    kept = site.database.meta.get(KEPT)
    return None if kept is None else Review(**json.loads(kept))


def holders(site: Site) -> list[tuple[str, str]]:
    """Id and role of everybody with special rights, by name."""
    return [(row["person_id"], row["role"]) for row in site.database.reports.special()]


def digest_of(rights: list[tuple[str, str]]) -> str:
    """The same for the same people with the same roles, in whatever order."""
    return hashlib.sha256(canonical([list(one) for one in sorted(rights)]).encode()).hexdigest()[:16]


def review_due(site: Site, rights: list[tuple[str, str]], now: int) -> bool:
    """Whether the last sign-off is a quarter old, or people have other rights since."""
    review = last_review(site)
    return review is None or now - review.at >= QUARTER_MS or review.digest != digest_of(rights)


def standing(site: Site) -> Standing:
    """How the review stands now; raises DataError."""
    with site.database.transaction(write=False):
        rights, review = holders(site), last_review(site)
        return Standing(
            digest=digest_of(rights),
            people=len(rights),
            review=review,
            by="" if review is None else Names(site.database).person(review.by) or review.by,
            due=review_due(site, rights, site.clock.now()),
        )


def sign_off(office: Office, why: Why, *, seen: str | None = None) -> SignedOff:
    """The list was looked at and is right; a row of the log, and remembered.

    Args:
        office: Where and in whose name.
        why: In whose presence, or by which list it was checked.
        seen: Digest of the list that was looked at; None takes what there is now.

    Raises AdministrationError (ChangedMeanwhile when people have other rights than those that were seen), DataError.
    """
    why, site = checked_why(why), office.site
    try:
        with site.database.transaction(write=True):
            now = site.clock.now()
            check(site, office.authority, Act.REVIEW_RIGHTS, None, now)
            rights = holders(site)
            digest = digest_of(rights)
            if seen is not None and seen != digest:
                raise ChangedMeanwhile(None)
            facts: dict[str, JSON] = {"people": len(rights), "digest": digest, "reason": why.reason}
            if why.ticket:
                facts["ticket"] = why.ticket
            if len(rights) <= _NAMED:
                facts["rights"] = [list(one) for one in rights]
            reference = office.trail.record(
                f"users.{Act.REVIEW_RIGHTS.value}", "ok", actor=office.authority.actor, parameters=facts
            )
            kept = {"at": now, "by": office.authority.actor, "digest": digest}
            site.database.meta.set(KEPT, json.dumps(kept))
    except Forbidden as error:
        error.reference = record_refusal(office, Act.REVIEW_RIGHTS, None, error.rule)
        raise
    return SignedOff(len(rights), reference)
