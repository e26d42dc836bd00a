"""CTAP2 commands: getInfo, makeCredential, getAssertion, clientPIN, reset and selection (CTAP 2.1 §6)."""

import hashlib
from collections.abc import Generator
from typing import Any

from fido2 import cbor
from fido2.cose import ES256, CoseKey
from fido2.ctap import CtapError
from fido2.ctap2.base import Ctap2
from fido2.ctap2.pin import ClientPin
from fido2.webauthn import Aaguid, AttestedCredentialData, AuthenticatorData

from hardware.simulator.yubikey.chip import FINGER_TRIES, Chip
from hardware.simulator.yubikey.client_pin import Answer, PinApplication
from hardware.simulator.yubikey.credentials import Credential, new_credential, open_credential
from hardware.simulator.yubikey.operation import (
    AwaitTouch,
    Busy,
    OperationCancelled,
    Script,
    Step,
    Touch,
    TouchTimedOut,
)
from hardware.simulator.yubikey.parameters import (
    PUBLIC_KEY,
    Parameters,
    as_parameters,
    client_data_hash,
    credential_ids,
    parse_parameters,
)

Error = CtapError.ERR
Flag = AuthenticatorData.FLAG
Permission = ClientPin.PERMISSION

MAXIMUM_LIST = 8
MAXIMUM_CREDENTIAL_ID = 128

# USER_VERIFY_FINGERPRINT_INTERNAL (FIDO Registry of Predefined Values §3.1).
UV_MODALITY_FINGERPRINT = 0x02

# A reset is for somebody who has just put the key in (§6.6).
RESET_SECONDS = 10.0


class Ctap2Application:
    """The FIDO2 application of one key."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self.pin = PinApplication(chip)

    def run(self, request: bytes) -> Script:
        """Run one command; the script returns a status byte and CBOR."""
        try:
            if self._chip.slow_seconds:
                yield Busy(self._chip.slow_seconds)
            answer = yield from self._command(request)
        except CtapError as failure:
            return bytes([failure.code])
        except OperationCancelled:
            return bytes([Error.KEEPALIVE_CANCEL])
        except TouchTimedOut:
            return bytes([Error.USER_ACTION_TIMEOUT])
        return bytes([Error.SUCCESS]) + (cbor.encode(answer) if answer else b"")

    def _command(self, request: bytes) -> Answer:
        if not request:
            raise CtapError(Error.INVALID_LENGTH)
        if len(request) > self._chip.model.maximum_message:
            raise CtapError(Error.REQUEST_TOO_LARGE)
        command, data = request[0], request[1:]
        match command:
            case Ctap2.CMD.GET_INFO:
                return self._information()
            case Ctap2.CMD.MAKE_CREDENTIAL:
                return (yield from self._make_credential(parse_parameters(data)))
            case Ctap2.CMD.GET_ASSERTION:
                return (yield from self._get_assertion(parse_parameters(data)))
            case Ctap2.CMD.GET_NEXT_ASSERTION:
                raise CtapError(Error.NOT_ALLOWED)
            case Ctap2.CMD.CLIENT_PIN:
                return (yield from self.pin.run(parse_parameters(data)))
            case Ctap2.CMD.RESET:
                return (yield from self._reset())
            case Ctap2.CMD.SELECTION if "FIDO_2_1" in self._chip.model.versions:
                yield AwaitTouch(self._chip.fido_touch_seconds)
                return {}
            case _:
                raise CtapError(Error.INVALID_COMMAND)

    def _information(self) -> dict[int, Any]:
        model = self._chip.model
        options = {"rk": False, "up": True, "plat": False, "clientPin": self._chip.memory.pin_hash is not None}
        if model.has_pin_token:
            options |= {"pinUvAuthToken": True, "alwaysUv": model.always_verifies}
        if model.creates_without_pin:
            options["makeCredUvNotRqd"] = True
        if model.has_sensor:
            options |= {"uv": self._chip.knows_finger, "bioEnroll": self._chip.knows_finger}
        assert model.aaguid is not None
        information: dict[int, Any] = {
            0x01: list(model.versions),
            0x03: model.aaguid.bytes,
            0x04: options,
            0x05: model.maximum_message,
            0x06: list(model.pin_protocols),
        }
        if model.lists_limits:
            information |= {0x07: MAXIMUM_LIST, 0x08: MAXIMUM_CREDENTIAL_ID}
            information |= {0x09: ["nfc", "usb"] if model.has_nfc else ["usb"]}
            information |= {0x0A: [{"alg": ES256.ALGORITHM, "type": PUBLIC_KEY}]}
        if model.has_sensor:
            information |= {0x11: FINGER_TRIES, 0x12: UV_MODALITY_FINGERPRINT}
        if model.has_pin_token:
            information |= {0x0D: model.minimum_pin, 0x0E: int.from_bytes(bytes(model.firmware), "big")}
        return information

    def _make_credential(self, parameters: Parameters) -> Answer:
        """§6.1.2, in its order as far as it can be observed."""
        data_hash = client_data_hash(parameters, 1)
        rp_id = as_parameters(parameters.need(2, dict)).need("id", str)
        as_parameters(parameters.need(3, dict)).need("id", bytes)
        parameters.need(4, list)
        kinds = [(kind.need("type", str), kind.need("alg", int)) for kind in parameters.find_maps(4)]
        excluded = credential_ids(parameters.find_maps(5), self._maximum_list)
        yield from self._touch_for_empty_proof(parameters, 8)
        if (PUBLIC_KEY, ES256.ALGORITHM) not in kinds:
            raise CtapError(Error.UNSUPPORTED_ALGORITHM)
        options = as_parameters(parameters.find(7, dict) or {})
        if options.find("rk", bool):
            raise CtapError(Error.UNSUPPORTED_OPTION)
        if options.find("up", bool) is False:
            raise CtapError(Error.INVALID_OPTION)
        if parameters.find(10, int) is not None:
            raise CtapError(Error.INVALID_PARAMETER)
        protected = self._chip.memory.pin_hash is not None and not self._chip.model.creates_without_pin
        shown = yield from self._verify(
            parameters,
            (8, 9),
            data_hash,
            options,
            permission=Permission.MAKE_CREDENTIAL,
            rp_id=rp_id,
            required=protected or self._chip.model.always_verifies,
        )
        known = [self._open(rp_id, one) for one in excluded]
        yield from self._touch_unless(shown)
        if any(known):
            raise CtapError(Error.CREDENTIAL_EXCLUDED)
        return self._attested(rp_id, data_hash, shown | Flag.UP)

    def _get_assertion(self, parameters: Parameters) -> Answer:
        """§6.2.2; as Yubico's keys do, a touch is asked for before telling that no credential fits."""
        rp_id = parameters.need(1, str)
        data_hash = client_data_hash(parameters, 2)
        allowed = credential_ids(parameters.find_maps(3), self._maximum_list)
        yield from self._touch_for_empty_proof(parameters, 6)
        options = as_parameters(parameters.find(5, dict) or {})
        if options.find("rk", bool) is not None:
            raise CtapError(Error.UNSUPPORTED_OPTION)
        silent = options.find("up", bool) is False
        shown = yield from self._verify(
            parameters,
            (6, 7),
            data_hash,
            options,
            permission=Permission.GET_ASSERTION,
            rp_id=rp_id,
            required=self._chip.model.always_verifies and not silent,
        )
        fitting = next((found for one in allowed if (found := self._open(rp_id, one)) is not None), None)
        if silent:
            shown &= ~Flag.UP
        else:
            yield from self._touch_unless(shown)
            shown |= Flag.UP
        if fitting is None:
            raise CtapError(Error.NO_CREDENTIALS)
        authenticator_data = AuthenticatorData.create(_hash(rp_id), shown, self._chip.count())
        return {
            1: {"id": fitting.id, "type": PUBLIC_KEY},
            2: bytes(authenticator_data),
            3: fitting.sign(authenticator_data + data_hash),
        }

    def _reset(self) -> Answer:
        if self._chip.clock.now() - self._chip.plugged_at > RESET_SECONDS:
            raise CtapError(Error.NOT_ALLOWED)
        yield AwaitTouch(self._chip.fido_touch_seconds)
        self._chip.memory.erase_fido()
        self.pin.power_up()
        return {}

    # Within

    @property
    def _maximum_list(self) -> int | None:
        return MAXIMUM_LIST if self._chip.model.lists_limits else None

    def _open(self, rp_id: str, credential_id: bytes) -> Credential | None:
        return open_credential(self._chip.memory.credential_secret, _hash(rp_id), credential_id)

    def _touch_for_empty_proof(self, parameters: Parameters, key: int) -> Generator[Step, Touch | None, None]:
        """Clients without selection choose a key so: a touch, and an error that tells whether a PIN is set."""
        if parameters.find(key, bytes) == b"":
            yield AwaitTouch(self._chip.fido_touch_seconds)
            raise CtapError(Error.PIN_NOT_SET if self._chip.memory.pin_hash is None else Error.PIN_INVALID)

    def _verify(
        self,
        parameters: Parameters,
        keys: tuple[int, int],
        data_hash: bytes,
        options: Parameters,
        *,
        permission: ClientPin.PERMISSION,
        rp_id: str,
        required: bool,
    ) -> Generator[Step, Touch | None, AuthenticatorData.FLAG]:
        """What the person has shown so far: UV by a token or a finger, UP when the finger was there just now."""
        if parameters.find(keys[0], bytes) is not None:
            token = self.pin.check(parameters, keys, data_hash, permission, rp_id)
            return (Flag.UV if token.verified else Flag(0)) | (Flag.UP if token.present else Flag(0))
        if options.find("uv", bool):
            if not self._chip.knows_finger:
                raise CtapError(Error.INVALID_OPTION)
            yield from self.pin.verify_finger()
            return Flag.UV | Flag.UP
        if required:
            raise CtapError(Error.PUAT_REQUIRED)
        return Flag(0)

    def _touch_unless(self, shown: AuthenticatorData.FLAG) -> Generator[Step, Touch | None, None]:
        if Flag.UP not in shown:
            yield AwaitTouch(self._chip.fido_touch_seconds)
        self.pin.spend()

    def _attested(self, rp_id: str, data_hash: bytes, shown: AuthenticatorData.FLAG) -> dict[int, Any]:
        """A new credential in "packed" attestation (WebAuthn §8.2): by the authority's certificate, else by itself."""
        assert self._chip.model.aaguid is not None
        credential = new_credential(self._chip.memory.credential_secret, _hash(rp_id))
        public_key = CoseKey.for_alg(ES256.ALGORITHM).from_cryptography_key(credential.private_key.public_key())
        authenticator_data = AuthenticatorData.create(
            _hash(rp_id),
            shown | Flag.AT,
            self._chip.count(),
            AttestedCredentialData.create(Aaguid(self._chip.model.aaguid.bytes), credential.id, public_key),
        )
        message = authenticator_data + data_hash
        statement: dict[str, Any] = {"alg": ES256.ALGORITHM}
        if self._chip.authority is None:
            statement["sig"] = credential.sign(message)
        else:
            statement |= {"sig": self._chip.certificate.sign(message), "x5c": [self._chip.certificate.certificate]}
        return {1: "packed", 2: bytes(authenticator_data), 3: statement}


def _hash(rp_id: str) -> bytes:
    return hashlib.sha256(rp_id.encode()).digest()
