"""Signatures that anybody can check (Ed25519, RFC 8032), and public keys as files.

The secret half is a subkey of the master key (`kiosk.keys`). What needs cryptography's asymmetric half is imported when
it is used: a terminal that starts signs nothing.
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Self

_PEM: Final = re.compile(rb"-----BEGIN PUBLIC KEY-----.+?-----END PUBLIC KEY-----", re.DOTALL)
_NAME_BYTES: Final = 16


class NoPublicKey(Exception):
    """A file holds no Ed25519 public key."""


@dataclass(frozen=True, slots=True)
class PublicKey:
    """32 bytes that are no secret."""

    raw: bytes

    @classmethod
    def of_seed(cls, seed: bytes) -> Self:
        """The public half of a secret."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415  see above

        return cls(Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw())

    @property
    def name(self) -> str:
        """Half of its SHA-256 in hexadecimal: what people compare, and what a signature says it belongs to."""
        return sha256(self.raw).digest()[:_NAME_BYTES].hex()

    def to_pem(self) -> str:
        """As a file that openssl reads too (RFC 8410)."""
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  see above
        from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat  # noqa: PLC0415  see above

        key = Ed25519PublicKey.from_public_bytes(self.raw)
        return key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode("ascii")

    def has_signed(self, message: bytes, signature: bytes) -> bool:
        """Whether the signature is of this key and this message."""
        from cryptography.exceptions import InvalidSignature  # noqa: PLC0415  see above
        from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  see above

        try:
            Ed25519PublicKey.from_public_bytes(self.raw).verify(signature, message)
        except InvalidSignature:
            return False
        return True


def read_public_keys(content: bytes) -> dict[str, PublicKey]:
    """Every key in a file, by name: after a change of key there are several. Raises NoPublicKey."""
    from cryptography.exceptions import UnsupportedAlgorithm  # noqa: PLC0415  see above
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey  # noqa: PLC0415  see above
    from cryptography.hazmat.primitives.serialization import load_pem_public_key  # noqa: PLC0415  see above

    keys = []
    for block in _PEM.findall(content):
        try:
            loaded = load_pem_public_key(block)
        except (ValueError, UnsupportedAlgorithm):
            raise NoPublicKey from None
        if not isinstance(loaded, Ed25519PublicKey):
            raise NoPublicKey
        keys.append(PublicKey(loaded.public_bytes_raw()))
    if not keys:
        raise NoPublicKey
    return by_name(keys)


def by_name(keys: Iterable[PublicKey]) -> dict[str, PublicKey]:
    """Keys as a check of an export takes them."""
    return {key.name: key for key in keys}


def sign(seed: bytes, message: bytes) -> bytes:
    """Sign with the secret."""
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey  # noqa: PLC0415  see above

    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)
