"""Signatures that anybody can check."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from kiosk.keys import MasterKey
from kiosk.signatures import NoPublicKey, PublicKey, read_public_keys, sign
from kiosk.vault import FileVault

# RFC 8032 7.1, test 2.
SEED = bytes.fromhex("4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb")
PUBLIC = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
SIGNATURE = bytes.fromhex(
    "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
)
MESSAGE = b"\x72"


def test_the_vector_of_the_standard_comes_out() -> None:
    assert PublicKey.of_seed(SEED).raw == PUBLIC
    assert sign(SEED, MESSAGE) == SIGNATURE
    assert PublicKey(PUBLIC).has_signed(MESSAGE, SIGNATURE)


@pytest.mark.parametrize(
    ("message", "signature"),
    [(b"\x73", SIGNATURE), (MESSAGE, SIGNATURE[:-1] + b"\x01"), (MESSAGE, b""), (MESSAGE, SIGNATURE + b"\0")],
)
def test_another_message_or_signature_is_refused(message: bytes, signature: bytes) -> None:
    assert not PublicKey(PUBLIC).has_signed(message, signature)


def test_a_file_may_hold_several_keys_and_words_around_them() -> None:
    keys = [PublicKey.of_seed(bytes([number]) * 32) for number in range(2)]
    content = "of 2026\n" + "and of 2027\n".join(key.to_pem() for key in keys)
    assert read_public_keys(content.encode()) == {key.name: key for key in keys}


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"-----BEGIN PUBLIC KEY-----\nnonsense\n-----END PUBLIC KEY-----\n",
        generate_private_key(SECP256R1()).public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo),
    ],
    ids=["empty", "nonsense", "another kind"],
)
def test_a_file_without_a_key_of_this_kind_is_refused(content: bytes) -> None:
    with pytest.raises(NoPublicKey):
        read_public_keys(content)


def test_each_master_key_signs_with_another_key_and_always_with_the_same() -> None:
    one, again, other = (FileVault(MasterKey(bytes([number]) * 32)) for number in (1, 1, 2))
    assert one.public_key == again.public_key != other.public_key
    assert one.signer == one.public_key.name
    assert one.public_key.has_signed(MESSAGE, one.sign(MESSAGE))
    assert not other.public_key.has_signed(MESSAGE, one.sign(MESSAGE))


def test_the_secret_half_is_no_other_subkey() -> None:
    vault = FileVault(MasterKey(bytes(32)))
    assert vault.mac(b"", purpose="audit") != vault.sign(b"")[:32]
    assert vault.public_key.raw not in {vault.mac(b"", purpose="sign audit"), vault._subkey("mac audit", None)}
