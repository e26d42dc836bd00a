"""FIDO2 over HID through fido2's own client; a key that speaks only U2F works by the same calls.

Everything blocks until the key answers, so it belongs into a thread of its own; `Hooks.cancelled` breaks it off. All
imports of fido2 are late: they cost 114 ms that a start without a key does not pay.
"""

import contextlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import TYPE_CHECKING, Any, Final

from hardware.yubikey.bus import KeyBus, KeyNode
from hardware.yubikey.errors import (
    AlreadyThere,
    Cancelled,
    FingerWrong,
    KeyForbidden,
    KeyGone,
    KeyRefused,
    KeyTrouble,
    KeyUnfit,
    NotThisKey,
    PinBlocked,
    PinNeedsReinsertion,
    PinWrong,
    TouchMissed,
)
from hardware.yubikey.hooks import Hooks

if TYPE_CHECKING:
    from fido2.client import ClientError, Fido2Client
    from fido2.ctap2.base import Ctap2, Info
    from fido2.hid import CtapHidDevice

# CTAP2 wants a client data hash with every question; a silent one signs nothing, so its hash says nothing.
_NO_HASH: Final = bytes(32)
# U2F raw messages §5: present but not touched; anything else is "not mine".
_PRESENT: Final = 0x6985


@dataclass(frozen=True, slots=True, kw_only=True)
class AssertionRequest:
    """What a key is to sign (WebAuthn §7.2); `challenge` is fresh and 32 bytes long."""

    relying_party: str
    origin: str
    challenge: bytes = field(repr=False)
    credentials: Sequence[bytes]
    """Ids of the credentials that will do, none of which says whose they are."""
    verify_user: bool
    """A PIN or a finger is asked for; else only where the key insists."""


@dataclass(frozen=True, slots=True, kw_only=True)
class RegistrationRequest:
    """What a key is to make (WebAuthn §7.1)."""

    relying_party: str
    relying_party_name: str
    origin: str
    challenge: bytes = field(repr=False)
    user_handle: bytes
    """Random, and not the name: it lies in the key."""
    exclude: Sequence[bytes]
    verify_user: bool
    attestation: bool
    """Ask the key for the certificate of its maker."""


# A response in the JSON form of WebAuthn §5.10.5; carries no secret, and is worth nothing without its challenge.
Response = Mapping[str, Any]


@contextlib.contextmanager
def opened(bus: KeyBus, node: KeyNode) -> Iterator["CtapHidDevice"]:
    """The FIDO interface, closed at the end; raises KeyTrouble."""
    with _translated():
        device = bus.open_fido(node)
    try:
        yield device
    finally:
        # A node that is gone cannot be closed any better.
        with contextlib.suppress(OSError):
            device.close()


def holds_one_of(device: "CtapHidDevice", relying_party: str, credentials: Sequence[bytes]) -> Sequence[bytes]:
    """The credential among these that the key holds, asked without a touch; none when it holds none.

    A key that tells nothing without a PIN may hold any of them: the answer comes with the PIN. Raises KeyTrouble.
    """
    with _translated():
        if (ctap2 := _ctap2(device)) is None:
            return _u2f_holds(device, relying_party, credentials)
        return _ctap2_holds(ctap2, relying_party, credentials)


def assertion(device: "CtapHidDevice", request: AssertionRequest, hooks: Hooks) -> Response:
    """Ask for a touch, and for a PIN or finger where needed; raises KeyTrouble."""
    from fido2.webauthn import (  # noqa: PLC0415  see above
        PublicKeyCredentialDescriptor,
        PublicKeyCredentialRequestOptions,
        PublicKeyCredentialType,
    )

    options = PublicKeyCredentialRequestOptions(
        challenge=request.challenge,
        rp_id=request.relying_party,
        allow_credentials=[
            PublicKeyCredentialDescriptor(type=PublicKeyCredentialType.PUBLIC_KEY, id=credential)
            for credential in request.credentials
        ],
        user_verification=_verification(asked=request.verify_user),
    )

    def ask(client: "Fido2Client") -> Response:
        return dict(client.get_assertion(options, hooks.cancelled).get_response(0))

    return _with_pin(device, request.relying_party, request.origin, hooks, ask)


def registration(device: "CtapHidDevice", request: RegistrationRequest, hooks: Hooks) -> Response:
    """Make a credential that needs no place in the key; asks as `assertion` does. Raises KeyTrouble."""
    from fido2.cose import CoseKey  # noqa: PLC0415  see above
    from fido2.webauthn import (  # noqa: PLC0415  see above
        AttestationConveyancePreference,
        AuthenticatorSelectionCriteria,
        PublicKeyCredentialCreationOptions,
        PublicKeyCredentialDescriptor,
        PublicKeyCredentialParameters,
        PublicKeyCredentialRpEntity,
        PublicKeyCredentialType,
        PublicKeyCredentialUserEntity,
        ResidentKeyRequirement,
    )

    kind = PublicKeyCredentialType.PUBLIC_KEY
    preference = AttestationConveyancePreference.DIRECT if request.attestation else AttestationConveyancePreference.NONE
    options = PublicKeyCredentialCreationOptions(
        rp=PublicKeyCredentialRpEntity(id=request.relying_party, name=request.relying_party_name),
        # What a key with a display would show; a lost one must not name anybody.
        user=PublicKeyCredentialUserEntity(id=request.user_handle, name="-", display_name="-"),
        challenge=request.challenge,
        pub_key_cred_params=[
            PublicKeyCredentialParameters(type=kind, alg=algorithm) for algorithm in CoseKey.supported_algorithms()
        ],
        exclude_credentials=[PublicKeyCredentialDescriptor(type=kind, id=one) for one in request.exclude],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.DISCOURAGED,
            user_verification=_verification(asked=request.verify_user),
        ),
        attestation=preference,
    )

    def ask(client: "Fido2Client") -> Response:
        return dict(client.make_credential(options, hooks.cancelled))

    try:
        return _with_pin(device, request.relying_party, request.origin, hooks, ask)
    except NotThisKey:
        # For a registration the same answer means that an excluded credential was found.
        raise AlreadyThere from None


def _with_pin(device: "CtapHidDevice", rp_id: str, origin: str, hooks: Hooks, ask: Any) -> Response:
    """Ask until the PIN is right, the key blocks or the person stops; the key counts the tries."""
    from fido2.client import DefaultClientDataCollector, Fido2Client  # noqa: PLC0415  see above

    interaction = _interaction(device, hooks)
    # fido2 accepts https alone as an origin; ours is the kiosk's own, and both sides compare it whole.
    collector = DefaultClientDataCollector(origin, lambda asked, own: asked == rp_id and own == origin)
    while True:
        try:
            with _translated(hooks):
                response: Response = ask(Fido2Client(device, collector, interaction))
                return response
        except PinWrong:
            # `pin` is asked again and told that it was wrong.
            interaction.wrong = True


def _interaction(device: "CtapHidDevice", hooks: Hooks) -> Any:
    from fido2.client import UserInteraction  # noqa: PLC0415  see above

    class Interaction(UserInteraction):
        wrong = False
        verifying = False

        def prompt_up(self) -> None:
            # While a finger is awaited the key says with the same word that it waits.
            if self.verifying:
                self.verifying = False
            else:
                hooks.touch()

        def request_pin(self, permissions: object, rp_id: str | None) -> str | None:  # noqa: ARG002  fido2's signature
            return hooks.pin(pin_tries(device), wrong=self.wrong)

        def request_uv(self, permissions: object, rp_id: str | None) -> bool:  # noqa: ARG002  as above
            self.verifying = True
            hooks.finger()
            return True

    return Interaction()


def pin_tries(device: "CtapHidDevice") -> int | None:
    """PIN tries left; None when the key has no PIN or does not say. Raises KeyTrouble."""
    from fido2.ctap import CtapError  # noqa: PLC0415  see above
    from fido2.ctap2.pin import ClientPin  # noqa: PLC0415  see above

    with _translated():
        if (ctap2 := _ctap2(device)) is None or not ctap2.info.options.get("clientPin"):
            return None
        try:
            return int(ClientPin(ctap2).get_pin_retries()[0])
        except (CtapError, ValueError):
            return None


def information(device: "CtapHidDevice") -> "Info | None":
    """What the key says of itself (CTAP 2.1 §6.4); None for a key that speaks only U2F. Raises KeyTrouble."""
    with _translated():
        ctap2 = _ctap2(device)
        return None if ctap2 is None else ctap2.info


def _ctap2(device: "CtapHidDevice") -> "Ctap2 | None":
    from fido2.ctap import CtapError  # noqa: PLC0415  see above
    from fido2.ctap2.base import Ctap2  # noqa: PLC0415  see above

    try:
        return Ctap2(device)
    except (ValueError, CtapError):
        # It speaks U2F alone (CTAP 2.1 §11.2.9.1.3), as fido2's client takes it too.
        return None


def _ctap2_holds(ctap2: "Ctap2", relying_party: str, credentials: Sequence[bytes]) -> Sequence[bytes]:
    from fido2.ctap import CtapError  # noqa: PLC0415  see above

    unsure = {CtapError.ERR.PUAT_REQUIRED, CtapError.ERR.UNSUPPORTED_OPTION, CtapError.ERR.INVALID_OPTION}
    longest = ctap2.info.max_cred_id_length
    for credential in credentials:
        if longest and len(credential) > longest:
            continue
        try:
            ctap2.get_assertion(
                relying_party, _NO_HASH, [{"type": "public-key", "id": credential}], options={"up": False}
            )
        except CtapError as error:
            if error.code == CtapError.ERR.NO_CREDENTIALS:
                continue
            if error.code in unsure:
                return credentials
            raise
        return [credential]
    return []


def _u2f_holds(device: "CtapHidDevice", relying_party: str, credentials: Sequence[bytes]) -> Sequence[bytes]:
    from fido2.ctap1 import ApduError, Ctap1  # noqa: PLC0415  see above

    application, ctap1 = sha256(relying_party.encode()).digest(), Ctap1(device)
    for credential in credentials:
        # A key handle is at most 255 bytes long, as its length is one byte.
        if len(credential) > 255:
            continue
        try:
            ctap1.authenticate(_NO_HASH, application, credential, check_only=True)
        except ApduError as error:
            if error.code == _PRESENT:
                return [credential]
    return []


def _verification(*, asked: bool) -> Any:
    # Never None: on a key without a PIN "preferred" fails.
    from fido2.webauthn import UserVerificationRequirement  # noqa: PLC0415  see above

    return UserVerificationRequirement.REQUIRED if asked else UserVerificationRequirement.DISCOURAGED


@contextlib.contextmanager
def _translated(hooks: Hooks | None = None) -> Iterator[None]:
    """Whatever fido2 and the kernel raise, as ours."""
    from fido2.client import ClientError  # noqa: PLC0415  see above
    from fido2.ctap import CtapError  # noqa: PLC0415  see above
    from fido2.hid import ConnectionFailure  # noqa: PLC0415  see above

    try:
        yield
    except PermissionError:
        raise KeyForbidden from None
    except OSError:
        raise KeyGone from None
    except ClientError as error:
        raise _of_client(error, cancelled=hooks is not None and hooks.cancelled.is_set()) from None
    except CtapError as error:
        raise _of_ctap(error) or KeyRefused(_name(error)) from None
    except ConnectionFailure:
        raise KeyRefused("CONNECTION") from None
    except (ValueError, KeyError, TypeError, IndexError):
        # What a key sends is data from outside: fido2 parses it and says in these words that it makes no sense.
        raise KeyRefused("NONSENSE") from None


def _of_client(error: "ClientError", *, cancelled: bool) -> KeyTrouble:
    from fido2.client import ClientError, PinRequiredError  # noqa: PLC0415  see above
    from fido2.ctap import CtapError  # noqa: PLC0415  see above

    if isinstance(error, PinRequiredError) or cancelled:
        return Cancelled()
    if isinstance(error.cause, CtapError) and (known := _of_ctap(error.cause)) is not None:
        return known
    match error.code:
        case ClientError.ERR.TIMEOUT:
            return TouchMissed()
        case ClientError.ERR.DEVICE_INELIGIBLE:
            return NotThisKey()
        case ClientError.ERR.CONFIGURATION_UNSUPPORTED:
            return KeyUnfit()
    return KeyRefused(_name(error.cause) if isinstance(error.cause, CtapError) else error.code.name)


def _of_ctap(error: Any) -> KeyTrouble | None:
    from fido2.ctap import CtapError  # noqa: PLC0415  see above

    codes = CtapError.ERR
    match error.code:
        case codes.PIN_INVALID:
            return PinWrong(None)
        case codes.PIN_AUTH_BLOCKED:
            return PinNeedsReinsertion()
        case codes.PIN_BLOCKED | codes.UV_BLOCKED:
            return PinBlocked()
        case codes.UV_INVALID:
            return FingerWrong()
        case codes.USER_ACTION_TIMEOUT | codes.ACTION_TIMEOUT | codes.TIMEOUT:
            return TouchMissed()
        case codes.KEEPALIVE_CANCEL:
            return Cancelled()
        case codes.NO_CREDENTIALS | codes.CREDENTIAL_EXCLUDED:
            return NotThisKey()
        case codes.PIN_NOT_SET | codes.UNSUPPORTED_OPTION | codes.UNSUPPORTED_ALGORITHM | codes.PUAT_REQUIRED:
            return KeyUnfit()
    return None


def _name(error: Any) -> str:
    return error.code.name if hasattr(error.code, "name") else f"{int(error.code):#04x}"
