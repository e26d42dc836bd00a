"""A desk with the real FIDO2 client and server, and people who touch keys."""

import threading
from collections.abc import Callable, Sequence
from typing import Generic, TypeVar

from fido2.client import DefaultClientDataCollector, Fido2Client, UserInteraction
from fido2.ctap2.pin import ClientPin
from fido2.server import Fido2Server, VerifyAttestation
from fido2.webauthn import (
    AttestedCredentialData,
    AuthenticatorData,
    PublicKeyCredentialRpEntity,
    PublicKeyCredentialUserEntity,
    RegistrationResponse,
    UserVerificationRequirement,
)

from hardware.simulator.yubikey import FidoNode, OtpNode, SimulatedUsb, SimulatedYubiKey

RP_ID = "kiosk.site.internal"
ORIGIN = f"kiosk://{RP_ID}"

DISCOURAGED = UserVerificationRequirement.DISCOURAGED
REQUIRED = UserVerificationRequirement.REQUIRED

# Nothing here takes long; a thread that hangs must not hang the tests.
PATIENCE_SECONDS = 20.0

Result = TypeVar("Result")


class Person(UserInteraction):
    """Does what is asked: touches the key, tells the PIN."""

    def __init__(
        self,
        key: SimulatedYubiKey,
        *,
        pin: str | None = None,
        touch: Callable[[], object] | None = None,
        finger: bool = True,
    ) -> None:
        self._touch = touch or key.touch
        self._pin = pin
        self._finger = finger
        self.asked: list[str] = []

    def prompt_up(self) -> None:
        self.asked.append("touch")
        self._touch()

    def request_pin(self, permissions: ClientPin.PERMISSION, rp_id: str | None) -> str | None:
        self.asked.append("pin")
        return self._pin

    def request_uv(self, permissions: ClientPin.PERMISSION, rp_id: str | None) -> bool:
        self.asked.append("finger")
        return self._finger


class Desk:
    """Registers keys and signs people in."""

    def __init__(self, usb: SimulatedUsb, *, verify_attestation: VerifyAttestation | None = None) -> None:
        self.usb = usb
        self.server = Fido2Server(
            PublicKeyCredentialRpEntity(id=RP_ID, name="Kiosk"),
            attestation="direct",  # type: ignore[arg-type]
            verify_origin=lambda origin: origin == ORIGIN,
            verify_attestation=verify_attestation,
        )

    def client(self, key: SimulatedYubiKey, person: Person) -> Fido2Client:
        collector = DefaultClientDataCollector(ORIGIN, lambda rp_id, origin: (rp_id, origin) == (RP_ID, ORIGIN))
        return Fido2Client(fido_node(self.usb, key).open(), collector, person)

    def register(
        self,
        key: SimulatedYubiKey,
        person: Person | None = None,
        *,
        exclude: Sequence[AttestedCredentialData] = (),
        verification: UserVerificationRequirement = DISCOURAGED,
        event: threading.Event | None = None,
    ) -> AuthenticatorData:
        response, state = self.respond(key, person, exclude=exclude, verification=verification, event=event)
        return self.server.register_complete(state, response)

    def respond(
        self,
        key: SimulatedYubiKey,
        person: Person | None = None,
        *,
        exclude: Sequence[AttestedCredentialData] = (),
        verification: UserVerificationRequirement = DISCOURAGED,
        event: threading.Event | None = None,
    ) -> tuple[RegistrationResponse, dict[str, object]]:
        user = PublicKeyCredentialUserEntity(id=b"0123456789abcdef", name="A. Jansen")
        options, state = self.server.register_begin(user, exclude, user_verification=verification)
        client = self.client(key, person or Person(key))
        return client.make_credential(options.public_key, event), dict(state)

    def sign_in(
        self,
        key: SimulatedYubiKey,
        credentials: Sequence[AttestedCredentialData],
        person: Person | None = None,
        *,
        verification: UserVerificationRequirement = DISCOURAGED,
        event: threading.Event | None = None,
    ) -> AuthenticatorData:
        options, state = self.server.authenticate_begin(credentials, user_verification=verification)
        selection = self.client(key, person or Person(key)).get_assertion(options.public_key, event)
        response = selection.get_response(0)
        self.server.authenticate_complete(state, credentials, response)
        return response.response.authenticator_data


class Background(Generic[Result]):
    """A call in a thread of its own."""

    def __init__(self, call: Callable[[], Result]) -> None:
        self._call = call
        self._result: Result | None = None
        self._error: BaseException | None = None
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def _run(self) -> None:
        try:
            self._result = self._call()
        except BaseException as error:  # noqa: BLE001 - raised again in the test's thread
            self._error = error

    @property
    def running(self) -> bool:
        return self._thread.is_alive()

    def result(self) -> Result:
        self._thread.join(PATIENCE_SECONDS)
        assert not self._thread.is_alive(), "the call hangs"
        if self._error is not None:
            raise self._error
        return self._result  # type: ignore[return-value]


def told(event: threading.Event) -> Callable[[bool], None]:
    """For `on_blink`: sets the event when the lamp begins to blink."""

    def tell(lit: bool) -> None:
        if lit:
            event.set()

    return tell


def touching(key: SimulatedYubiKey) -> Callable[[int], None]:
    """Touches the key as soon as the client hears of it."""

    def hear(_status: int) -> None:
        key.touch()

    return hear


def credential(registered: AuthenticatorData) -> AttestedCredentialData:
    assert registered.credential_data is not None
    return registered.credential_data


def fido_node(usb: SimulatedUsb, key: SimulatedYubiKey) -> FidoNode:
    return next(node for node in usb.fido_nodes() if node.plugging.key is key)


def otp_node(usb: SimulatedUsb, key: SimulatedYubiKey) -> OtpNode:
    return next(node for node in usb.otp_nodes() if node.plugging.key is key)
