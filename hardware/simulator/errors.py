"""Errors of the simulated hardware.

SimulatorError
├── UnknownFault        a fault that is not in the list
├── BadFaultValue       a fault with a value or a count that it does not take
├── UnknownProfile      a modem family that is not in the list
├── UnknownOperator     an MCC-MNC that the simulated air does not have
├── UnknownKeyModel     a model of security key that is not in the list
├── NotPlugged          the modem has no port now
├── KeyNotPlugged       the security key is not in this bus
├── KeyAlreadyPlugged   the security key is in a bus already
└── PduRejected         an SMS-SUBMIT that a service centre would not take
"""

import difflib
from collections.abc import Iterable


class SimulatorError(Exception):
    """Anything that the simulated hardware refuses."""


class UnknownName(SimulatorError):
    """A name that is not in a list.

    Attributes:
        name: what was asked.
        known: the names that exist.
        nearest: the known name most like it, or None.
    """

    def __init__(self, name: str, known: Iterable[str]) -> None:
        self.name = name
        self.known = tuple(known)
        close = difflib.get_close_matches(name, self.known, n=1)
        self.nearest = close[0] if close else None
        super().__init__(name)


class UnknownFault(UnknownName):
    """A fault that is not in the list."""


class UnknownProfile(UnknownName):
    """A modem family that is not in the list."""


class UnknownOperator(UnknownName):
    """An MCC-MNC that the simulated air does not have."""


class UnknownKeyModel(UnknownName):
    """A model of security key that is not in the list."""


class BadFaultValue(SimulatorError):
    """A fault with a value or a count that it does not take.

    Attributes:
        fault: name of the fault.
        given: what was asked.
        expected: what the value means, empty when the fault takes none.
    """

    def __init__(self, fault: str, given: str, expected: str) -> None:
        self.fault = fault
        self.given = given
        self.expected = expected
        super().__init__(fault, given, expected)


class NotPlugged(SimulatorError):
    """The modem has no port now: not started, stopped or unplugged."""


class KeyNotPlugged(SimulatorError):
    """The security key is not in this bus."""


class KeyAlreadyPlugged(SimulatorError):
    """The security key is in a bus already."""


class PduRejected(SimulatorError):
    """An SMS-SUBMIT that a service centre or a mobile equipment would not take.

    Attributes:
        field: the field of 3GPP TS 23.040 §9.2.2.2 that is wrong, such as "TP-DA".
        reason: what is wrong with it.
        cause: the `+CMS ERROR` number that says so (3GPP TS 27.005 §3.2.5).
    """

    def __init__(self, field: str, reason: str, cause: int) -> None:
        self.field = field
        self.reason = reason
        self.cause = cause
        super().__init__(field, reason, cause)
