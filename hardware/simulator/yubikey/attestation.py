"""Who says that a key is genuine: a test authority that signs attestation certificates, as a vendor's root does."""

import datetime as dt
from dataclasses import dataclass, field
from functools import cached_property
from uuid import UUID

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

# id-fido-gen-ce-aaguid (WebAuthn §8.2.1).
_AAGUID_EXTENSION = x509.ObjectIdentifier("1.3.6.1.4.1.45724.1.1.4")

# No clock decides whether the certificates of a simulated key are good.
_FROM = dt.datetime(2020, 1, 1, tzinfo=dt.UTC)
_UNTIL = dt.datetime(2060, 1, 1, tzinfo=dt.UTC)


@dataclass(frozen=True, slots=True)
class AttestationCertificate:
    """What a batch of keys signs its attestations with."""

    certificate: bytes
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256, in DER."""
        return self.private_key.sign(message, ec.ECDSA(hashes.SHA256()))


class AttestationAuthority:
    """A certificate authority for simulated keys; `root` (DER) is what a verifier trusts."""

    def __init__(self, name: str = "Simulated FIDO Root CA") -> None:
        self._subject = _subject(name, "Certificate Authority")
        self._private_key = ec.generate_private_key(ec.SECP256R1())

    @cached_property
    def root(self) -> bytes:
        """The root certificate, DER."""
        builder = _builder(self._subject, self._subject, self._private_key.public_key()).add_extension(
            x509.BasicConstraints(ca=True, path_length=0), critical=True
        )
        return _der(builder.sign(self._private_key, hashes.SHA256()))

    def certify(self, title: str, aaguid: UUID | None) -> AttestationCertificate:
        """Make the attestation certificate of a batch of keys (WebAuthn §8.2.1)."""
        return _certify(title, aaguid, self._subject, self._private_key)


def self_certified(title: str) -> AttestationCertificate:
    """A certificate that nobody vouches for: U2F registrations have to carry one."""
    private_key = ec.generate_private_key(ec.SECP256R1())
    return _certify(title, None, _subject(title, "Authenticator Attestation"), private_key)


def _certify(
    title: str, aaguid: UUID | None, issuer: x509.Name, issuer_key: ec.EllipticCurvePrivateKey
) -> AttestationCertificate:
    private_key = ec.generate_private_key(ec.SECP256R1())
    subject = _subject(title, "Authenticator Attestation")
    builder = _builder(subject, issuer, private_key.public_key()).add_extension(
        x509.BasicConstraints(ca=False, path_length=None), critical=True
    )
    if aaguid is not None:
        # An OCTET STRING inside the extension's OCTET STRING.
        value = x509.UnrecognizedExtension(_AAGUID_EXTENSION, b"\x04\x10" + aaguid.bytes)
        builder = builder.add_extension(value, critical=False)
    return AttestationCertificate(_der(builder.sign(issuer_key, hashes.SHA256())), private_key)


def _builder(subject: x509.Name, issuer: x509.Name, public_key: ec.EllipticCurvePublicKey) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public_key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(_FROM)
        .not_valid_after(_UNTIL)
    )


def _subject(name: str, unit: str) -> x509.Name:
    return x509.Name(
        [
            x509.NameAttribute(NameOID.COUNTRY_NAME, "NL"),
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, "Simulated keys"),
            x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit),
            x509.NameAttribute(NameOID.COMMON_NAME, name),
        ]
    )


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(serialization.Encoding.DER)
