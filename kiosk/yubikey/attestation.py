"""Who made a key, by the certificate that it shows at enrolment (WebAuthn §6.5, §8.2 and §8.6); checked offline.

`yubico_roots.pem` holds what Yubico publishes for FIDO: three roots, and the certificates between them and newer keys, which
those keys do not show themselves.
"""

from functools import cache
from importlib.resources import files
from typing import TYPE_CHECKING, Final

from kiosk.yubikey.kept import Attested

if TYPE_CHECKING:
    from cryptography.x509 import Certificate
    from fido2.webauthn import RegistrationResponse

# Key, product, intermediate, root; more would be a chain that runs in a circle.
_LONGEST_CHAIN: Final = 6


def attested(response: "RegistrationResponse") -> Attested:
    """What the statement proves; raises what fido2 raises for one that is not right."""
    import fido2.attestation  # noqa: F401, PLC0415  it knows the formats; 46 ms that a start does not pay
    from fido2.attestation.base import Attestation, AttestationType  # noqa: PLC0415  as above

    data = response.response.attestation_object
    if data.fmt == "none":
        return Attested.NONE
    result = Attestation.for_type(data.fmt)().verify(data.att_stmt, data.auth_data, response.response.client_data.hash)
    if result.attestation_type is AttestationType.SELF or not result.trust_path:
        return Attested.NONE
    return Attested.YUBICO if leads_to_yubico(result.trust_path) else Attested.OTHER


def leads_to_yubico(path: list[bytes]) -> bool:
    """Whether certificates (DER, the key's own first) end at a root of Yubico's, every signature checked."""
    from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  as above
    from cryptography.x509 import load_der_x509_certificate  # noqa: PLC0415  as above

    chain = [load_der_x509_certificate(one) for one in path]
    known = yubico_certificates()
    while len(chain) < _LONGEST_CHAIN:
        last = chain[-1]
        issuers = [one for one in known if one.subject == last.issuer]
        if not issuers:
            return False
        try:
            for subject, issuer in zip(chain, [*chain[1:], issuers[0]], strict=True):
                subject.verify_directly_issued_by(issuer)
        except (InvalidSignature, ValueError, TypeError):
            return False
        if issuers[0].subject == issuers[0].issuer:
            return True
        chain.append(issuers[0])
    return False


@cache
def yubico_certificates() -> "tuple[Certificate, ...]":
    """Roots and what lies below them."""
    from cryptography.x509 import load_pem_x509_certificates  # noqa: PLC0415  as above

    return tuple(load_pem_x509_certificates(files(__package__).joinpath("yubico_roots.pem").read_bytes()))
