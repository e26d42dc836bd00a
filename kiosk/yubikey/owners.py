"""Whose key it is: a key is one person's, and whoever borrows it must not become a second owner."""

from collections.abc import Iterator

from data.errors import SealBroken
from data.factors import Factor, FactorKind
from data.users import User
from kiosk.site import Site
from kiosk.yubikey import relying_party as rp
from kiosk.yubikey.kept import KeptKey, kept_key


def note_marks(site: Site, factor_id: str, kept: KeptKey, kind: FactorKind) -> None:
    """Let the key be known again. The caller holds the write transaction."""
    site.database.factors.mark_key(factor_id, _marks(kept, kind))


def note_older_keys(site: Site) -> None:
    """The same for keys that were added before marks were noted; nothing to do but the first time. Raises DataError."""
    factors = site.database.factors
    if not factors.keys_without_mark():
        return
    with site.database.transaction(write=True):
        for factor in factors.keys_without_mark():
            if (kept := _kept(site, factor)) is not None:
                note_marks(site, factor.id, kept, factor.kind)


def other_owner(site: Site, kept: KeptKey, kind: FactorKind, user_id: str) -> User | None:
    """Whoever else has this key as a method that is not revoked; raises DataError.

    A key without a serial number that can be read makes other credentials for each person, and is not known again.
    """
    for mark in _marks(kept, kind):
        for factor in site.database.factors.by_key_mark(mark):
            if factor.user_id != user_id:
                return site.database.users.get(factor.user_id)
    return None


def owner_has(site: Site, kept: KeptKey, kind: FactorKind, user_id: str) -> bool:
    """Whether this person has this key as a method of this kind that is not revoked; raises DataError."""
    factors = site.database.factors
    return any(
        factor.user_id == user_id and factor.kind is kind
        for mark in _marks(kept, kind)
        for factor in factors.by_key_mark(mark)
    )


def _marks(kept: KeptKey, kind: FactorKind) -> Iterator[str]:
    if kept.papers.serial:
        yield f"serial {kept.papers.serial}"
    # So that a key without a serial number is not looked at again each time. Before slot 2 is written there is none.
    credential = rp.credential_id(kept.credential) if kind is FactorKind.YUBIKEY_FIDO2 else kept.credential
    if credential:
        yield f"credential {credential.hex()}"


def _kept(site: Site, factor: Factor) -> KeptKey | None:
    try:
        return kept_key(site.database.factors.secret(factor))
    except (SealBroken, ValueError, KeyError):
        # It signs nobody in either.
        return None
