"""What is kept, sealed, of an enrolled key: public for FIDO2, a shared secret for challenge-response."""

import json
from base64 import b64decode, b64encode
from dataclasses import dataclass, field
from enum import StrEnum, unique

from data.canonical import canonical
from data.factors import Factor, FactorKind


@unique
class Attested(StrEnum):
    """What the certificate of its maker said at enrolment (WebAuthn §6.5)."""

    YUBICO = "yubico"
    """Signed by a root of Yubico's."""
    OTHER = "other"
    """Some certificate, of a maker that this program does not know."""
    NONE = "none"
    """None, or not asked for."""


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyPapers:
    """What the key said of itself at enrolment, for the person's card and for finding a flawed firmware later."""

    model: str
    serial: int | None
    firmware: str | None
    aaguid: str | None
    attested: Attested = Attested.NONE


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptKey:
    """`credential` is an AttestedCredentialData (WebAuthn §6.5.1) for FIDO2, 20 bytes of shared secret for HMAC-SHA1."""

    credential: bytes = field(repr=False)
    papers: KeyPapers

    def to_bytes(self) -> bytes:
        """What is sealed."""
        papers = self.papers
        return canonical(
            {
                "credential": b64encode(self.credential).decode(),
                "model": papers.model,
                "serial": papers.serial,
                "firmware": papers.firmware,
                "aaguid": papers.aaguid,
                "attested": papers.attested.value,
            }
        ).encode()


def kept_key(secret: bytes) -> KeptKey:
    """What was sealed; raises ValueError and KeyError for anything else."""
    found = json.loads(secret)
    return KeptKey(
        credential=b64decode(found["credential"], validate=True),
        papers=KeyPapers(
            model=found["model"],
            serial=found["serial"],
            firmware=found["firmware"],
            aaguid=found["aaguid"],
            attested=Attested(found["attested"]),
        ),
    )


def is_key(factor: Factor) -> bool:
    """It is a YubiKey or another security key."""
    return factor.kind in {FactorKind.YUBIKEY_FIDO2, FactorKind.YUBIKEY_HMAC}
