"""Credentials that need no storage: the id is a nonce with a seal, and the private key follows from it and the key's secret."""

import hashlib
import hmac
import secrets
from dataclasses import dataclass, field

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec

# Order of NIST P-256 (SEC 2 §2.4.2).
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551

_NONCE_SIZE = 32


@dataclass(frozen=True, slots=True)
class Credential:
    """One credential; its id is good for one relying party at one key only."""

    id: bytes
    private_key: ec.EllipticCurvePrivateKey = field(repr=False)

    def sign(self, message: bytes) -> bytes:
        """ECDSA with SHA-256, in DER."""
        return self.private_key.sign(message, ec.ECDSA(hashes.SHA256()))


def new_credential(secret: bytes, rp_id_hash: bytes) -> Credential:
    """Make a credential for a relying party."""
    nonce = secrets.token_bytes(_NONCE_SIZE)
    return _derive(secret, rp_id_hash, nonce)


def open_credential(secret: bytes, rp_id_hash: bytes, credential_id: bytes) -> Credential | None:
    """The credential behind an id; None when it is of another key or another relying party."""
    nonce = credential_id[:_NONCE_SIZE]
    if not hmac.compare_digest(nonce + _seal(secret, rp_id_hash, nonce), credential_id):
        return None
    return _derive(secret, rp_id_hash, nonce)


def _derive(secret: bytes, rp_id_hash: bytes, nonce: bytes) -> Credential:
    digest = hmac.digest(secret, b"private key" + rp_id_hash + nonce, hashlib.sha512)
    private_value = int.from_bytes(digest, "big") % (_ORDER - 1) + 1
    private_key = ec.derive_private_key(private_value, ec.SECP256R1())
    return Credential(nonce + _seal(secret, rp_id_hash, nonce), private_key)


def _seal(secret: bytes, rp_id_hash: bytes, nonce: bytes) -> bytes:
    return hmac.digest(secret, b"credential id" + rp_id_hash + nonce, hashlib.sha256)
