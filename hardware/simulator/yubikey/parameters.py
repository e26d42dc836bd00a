"""Parameters of a CTAP2 command, with the error that a key gives for what is missing or of the wrong kind."""

import struct
from collections.abc import Mapping
from typing import Any, TypeVar

from fido2 import cbor
from fido2.ctap import CtapError

Kind = TypeVar("Kind")

PUBLIC_KEY = "public-key"


class Parameters:
    """A CBOR map whose members are asked for by key and type."""

    def __init__(self, values: Mapping[Any, Any]) -> None:
        self._values = values

    def find(self, key: int | str, kind: type[Kind]) -> Kind | None:
        """A member that may be missing.

        Raises:
            CtapError: CBOR_UNEXPECTED_TYPE.
        """
        value = self._values.get(key)
        if value is None:
            return None
        # In CBOR a boolean is no number.
        if not isinstance(value, kind) or (isinstance(value, bool) and kind is not bool):
            raise CtapError(CtapError.ERR.CBOR_UNEXPECTED_TYPE)
        return value

    def need(self, key: int | str, kind: type[Kind]) -> Kind:
        """A member that must be there.

        Raises:
            CtapError: MISSING_PARAMETER or CBOR_UNEXPECTED_TYPE.
        """
        value = self.find(key, kind)
        if value is None:
            raise CtapError(CtapError.ERR.MISSING_PARAMETER)
        return value

    def find_maps(self, key: int | str) -> "list[Parameters]":
        """A list of maps; empty when it is missing.

        Raises:
            CtapError: CBOR_UNEXPECTED_TYPE.
        """
        return [as_parameters(member) for member in self.find(key, list) or []]


def parse_parameters(data: bytes) -> Parameters:
    """Read what follows the command byte; nothing at all counts as an empty map.

    Raises:
        CtapError: INVALID_CBOR or CBOR_UNEXPECTED_TYPE.
    """
    try:
        value = cbor.decode(data) if data else {}
    except (ValueError, LookupError, TypeError, struct.error, RecursionError):
        raise CtapError(CtapError.ERR.INVALID_CBOR) from None
    return as_parameters(value)


def as_parameters(value: object) -> Parameters:
    """A decoded CBOR value as parameters.

    Raises:
        CtapError: CBOR_UNEXPECTED_TYPE when it is no map.
    """
    if not isinstance(value, Mapping):
        raise CtapError(CtapError.ERR.CBOR_UNEXPECTED_TYPE)
    return Parameters(value)


def client_data_hash(parameters: Parameters, key: int) -> bytes:
    """The SHA-256 of the client data.

    Raises:
        CtapError: it is missing, or not 32 bytes long.
    """
    value = parameters.need(key, bytes)
    if len(value) != 32:
        raise CtapError(CtapError.ERR.INVALID_LENGTH)
    return value


def credential_ids(descriptors: list[Parameters], limit: int | None) -> list[bytes]:
    """The ids in an allow list or an exclude list.

    Raises:
        CtapError: a member is malformed, or there are more than `limit`.
    """
    if limit is not None and len(descriptors) > limit:
        raise CtapError(CtapError.ERR.LIMIT_EXCEEDED)
    pairs = [(descriptor.need("type", str), descriptor.need("id", bytes)) for descriptor in descriptors]
    return [credential_id for kind, credential_id in pairs if kind == PUBLIC_KEY]
