"""Error numbers of modems with their words, and how a command fails with one.

CommandFailure
├── CmsFailure      +CMS ERROR (3GPP TS 27.005 §3.2.5)
├── CmeFailure      +CME ERROR (3GPP TS 27.007 §9.2)
└── PlainFailure    ERROR, or the words that this family uses instead
"""

from enum import IntEnum

from hardware.simulator.errors import SimulatorError


class Cms(IntEnum):
    """Message service failures that the simulated modems give themselves."""

    OPERATION_NOT_ALLOWED = 302
    OPERATION_NOT_SUPPORTED = 303
    INVALID_PDU = 304
    INVALID_TEXT = 305
    SIM_NOT_INSERTED = 310
    SIM_PIN_REQUIRED = 311
    SIM_FAILURE = 313
    SIM_BUSY = 314
    SIM_PUK_REQUIRED = 316
    INVALID_MEMORY_INDEX = 321
    MEMORY_FULL = 322
    SERVICE_CENTRE_UNKNOWN = 330
    NO_NETWORK_SERVICE = 331
    NO_ACKNOWLEDGEMENT_EXPECTED = 340
    UNKNOWN = 500


class Cme(IntEnum):
    """Mobile equipment failures that the simulated modems give."""

    OPERATION_NOT_ALLOWED = 3
    OPERATION_NOT_SUPPORTED = 4
    SIM_NOT_INSERTED = 10
    SIM_PIN_REQUIRED = 11
    SIM_PUK_REQUIRED = 12
    SIM_FAILURE = 13
    SIM_BUSY = 14
    INCORRECT_PASSWORD = 16
    NO_NETWORK_SERVICE = 30
    NETWORK_NOT_ALLOWED = 32
    INVALID_CHARACTERS = 25
    INCORRECT_PARAMETERS = 50
    UNKNOWN = 100


# 24.011 Annex E-2 (RP causes), 23.040 §9.2.3.22 (TP-FCS) and 27.005 §3.2.5.
CMS_WORDS = {
    1: "Unassigned (unallocated) number",
    8: "Operator determined barring",
    10: "Call barred",
    21: "Short message transfer rejected",
    22: "Memory capacity exceeded",
    27: "Destination out of order",
    28: "Unidentified subscriber",
    29: "Facility rejected",
    30: "Unknown subscriber",
    38: "Network out of order",
    41: "Temporary failure",
    42: "Congestion",
    47: "Resources unavailable, unspecified",
    50: "Requested facility not subscribed",
    69: "Requested facility not implemented",
    95: "Invalid message, unspecified",
    96: "Invalid mandatory information",
    97: "Message type non-existent or not implemented",
    98: "Message not compatible with short message protocol state",
    99: "Information element non-existent or not implemented",
    111: "Protocol error, unspecified",
    127: "Interworking, unspecified",
    128: "Telematic interworking not supported",
    144: "Data coding scheme (alphabet) not supported",
    159: "Unspecified TP-DCS error",
    192: "SC busy",
    193: "No SC subscription",
    194: "SC system failure",
    195: "Invalid SME address",
    196: "Destination SME barred",
    197: "SM Rejected-Duplicate SM",
    198: "TP-VPF not supported",
    302: "operation not allowed",
    303: "operation not supported",
    304: "invalid PDU mode parameter",
    305: "invalid text mode parameter",
    310: "SIM not inserted",
    311: "SIM PIN required",
    313: "SIM failure",
    314: "SIM busy",
    316: "SIM PUK required",
    321: "invalid memory index",
    322: "memory full",
    330: "SMSC address unknown",
    331: "no network service",
    332: "network timeout",
    340: "no +CNMA acknowledgement expected",
    500: "unknown error",
}

CME_WORDS = {
    3: "operation not allowed",
    4: "operation not supported",
    10: "SIM not inserted",
    11: "SIM PIN required",
    12: "SIM PUK required",
    13: "SIM failure",
    14: "SIM busy",
    16: "incorrect password",
    25: "invalid characters in text string",
    30: "no network service",
    32: "network not allowed - emergency calls only",
    50: "incorrect parameters",
    100: "unknown",
}


class CommandFailure(SimulatorError):
    """A command ends with something other than OK."""

    def final(self, level: int) -> str:
        """The final result at this level of AT+CMEE: 0 none, 1 numbers, 2 words."""
        raise NotImplementedError


class CmsFailure(CommandFailure):
    """+CMS ERROR."""

    def __init__(self, number: int) -> None:
        self.number = int(number)
        super().__init__(self.number)

    def final(self, level: int) -> str:
        """Numbers at level 0 too, as modems do it (27.005 does not tie this result to +CMEE)."""
        words = CMS_WORDS.get(self.number, "unknown error")
        return f"+CMS ERROR: {words if level >= 2 else self.number}"


class CmeFailure(CommandFailure):
    """+CME ERROR."""

    def __init__(self, number: int) -> None:
        self.number = int(number)
        super().__init__(self.number)

    def final(self, level: int) -> str:
        """ERROR alone at level 0 (27.007 §9.1)."""
        if level == 0:
            return "ERROR"
        return f"+CME ERROR: {CME_WORDS.get(self.number, 'unknown') if level >= 2 else self.number}"


class PlainFailure(CommandFailure):
    """ERROR, whatever +CMEE says."""

    def __init__(self, words: str = "ERROR") -> None:
        self.words = words
        super().__init__(words)

    def final(self, level: int) -> str:  # noqa: ARG002  the same at every level
        """The words."""
        return self.words
