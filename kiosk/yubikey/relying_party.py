"""The relying party: whom keys sign for, and whether what they signed is right (WebAuthn Level 3 §7.1 and §7.2).

Its id is one constant per site, made once and kept in the database: with another one no key would know us any more. It is
never the name of this machine, or a key would work at one desk only.
"""

import re
import secrets
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from data.database import Database
from kiosk.yubikey.kept import Attested

if TYPE_CHECKING:
    from fido2.server import Fido2Server

META_KEY: Final = "yubikey.relying_party"
CHALLENGE_BYTES: Final = 32
# What a domain name leaves of the site's name in one label (RFC 1035 §2.3.4), with room for what makes it unique.
_LONGEST_LABEL: Final = 40


@dataclass(frozen=True, slots=True)
class RelyingParty:
    """`id` looks like a domain name, as the norm has it; nobody ever resolves it."""

    id: str
    name: str

    @property
    def origin(self) -> str:
        """Who asks; compared whole on both sides."""
        return f"kiosk://{self.id}"


class BadResponse(Exception):
    """What the key gave is not an answer to what was asked; `why` is for the log and holds nothing of it."""

    def __init__(self, why: str) -> None:
        super().__init__(why)
        self.why = why


@dataclass(frozen=True, slots=True, kw_only=True)
class Asserted:
    """A right assertion; whether its counter may be believed is the caller's question."""

    credential_id: bytes
    counter: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Registered:
    """A new credential; `credential` is what later assertions are checked with."""

    credential: bytes = field(repr=False)
    counter: int
    aaguid: str
    attested: Attested


def relying_party(database: Database, site_name: str) -> RelyingParty:
    """The relying party of this site, made at its first use; the caller holds the write transaction then."""
    if (kept := database.meta.get(META_KEY)) is None:
        kept = new_id(site_name)
        database.meta.set(META_KEY, kept)
    return RelyingParty(kept, site_name)


def new_id(site_name: str) -> str:
    """An id for a site that has none; two sites of one name get two."""
    plain = unicodedata.normalize("NFKD", site_name).encode("ascii", "ignore").decode().lower()
    label = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")[:_LONGEST_LABEL].strip("-") or "site"
    return f"kiosk.{label}-{secrets.token_hex(4)}.internal"


def user_handle(user_id: str) -> bytes:
    """What lies in the key instead of a name (WebAuthn §5.4.3): tells two accounts apart and nothing else."""
    return sha256(b"kiosk user handle\0" + user_id.encode()).digest()


def credential_id(credential: bytes) -> bytes:
    """Id of a kept credential; raises BadResponse when it is none."""
    from fido2.webauthn import AttestedCredentialData  # noqa: PLC0415  66 ms that a start does not pay

    try:
        return bytes(AttestedCredentialData(credential).credential_id)
    except Exception as error:  # noqa: BLE001  as in `check_assertion`
        raise BadResponse(type(error).__name__) from None


def check_assertion(
    party: RelyingParty,
    challenge: bytes,
    credentials: Sequence[bytes],
    response: Mapping[str, Any],
    *,
    verify_user: bool,
) -> Asserted:
    """Check everything but the counter; `credentials` are those of the person. Raises BadResponse."""
    from fido2.webauthn import AttestedCredentialData, AuthenticationResponse  # noqa: PLC0415  as above

    try:
        parsed = AuthenticationResponse.from_dict(response)
        assert parsed is not None
        known = [AttestedCredentialData(one) for one in credentials]
        state = _state(challenge, verify_user=verify_user)
        found = _server(party).authenticate_complete(state, known, parsed)
        counter = parsed.response.authenticator_data.counter
    except Exception as error:  # noqa: BLE001  the response is data from outside, and fido2 has no one error for nonsense
        raise BadResponse(type(error).__name__) from None
    return Asserted(credential_id=bytes(found.credential_id), counter=counter)


def check_registration(
    party: RelyingParty, challenge: bytes, response: Mapping[str, Any], *, verify_user: bool
) -> Registered:
    """Check a new credential and what its maker says of the key; raises BadResponse."""
    from fido2.webauthn import RegistrationResponse  # noqa: PLC0415  as above

    from kiosk.yubikey.attestation import attested  # noqa: PLC0415  as above

    try:
        parsed = RegistrationResponse.from_dict(response)
        assert parsed is not None
        data = _server(party).register_complete(_state(challenge, verify_user=verify_user), parsed)
        assert data.credential_data is not None
        made_by = attested(parsed)
    except Exception as error:  # noqa: BLE001  as in `check_assertion`
        raise BadResponse(type(error).__name__) from None
    return Registered(
        credential=bytes(data.credential_data),
        counter=data.counter,
        aaguid=str(data.credential_data.aaguid),
        attested=made_by,
    )


def _server(party: RelyingParty) -> "Fido2Server":
    from fido2.server import Fido2Server  # noqa: PLC0415  as above
    from fido2.webauthn import PublicKeyCredentialRpEntity  # noqa: PLC0415  as above

    return Fido2Server(
        PublicKeyCredentialRpEntity(id=party.id, name=party.name), verify_origin=lambda origin: origin == party.origin
    )


def _state(challenge: bytes, *, verify_user: bool) -> dict[str, Any]:
    from fido2.utils import websafe_encode  # noqa: PLC0415  as above
    from fido2.webauthn import UserVerificationRequirement  # noqa: PLC0415  as above

    asked = UserVerificationRequirement.REQUIRED if verify_user else UserVerificationRequirement.DISCOURAGED
    return {"challenge": websafe_encode(challenge), "user_verification": asked}
