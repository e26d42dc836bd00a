"""What a failure means for the next step: the causes of +CMS ERROR and +CME ERROR, sorted into seven classes.

Codes and names: 27.005 3.2.5 (with 24.011 E-2 below 128 and 23.040 9.2.3.22 below 256) and 27.007 9.2. The classes are our own
judgement of who can mend it.
"""

import re
from enum import StrEnum
from typing import Literal

ErrorFamily = Literal["cms", "cme"]


class ErrorClass(StrEnum):
    """What to do after a message was not sent."""

    TEMPORARY = "temporary"  # the same modem may succeed in a moment
    OTHER_MODEM = "other_modem"  # this network or modem cannot now; another may
    PERMANENT_NUMBER = "permanent_number"  # this number will not work: ask to check it
    MODEM_DOWN = "modem_down"  # SIM, subscription or modem is out of order: a technician is needed
    BAD_LINE = "bad_line"  # cable, hub or port loses characters: a technician is needed
    OUR_BUG = "our_bug"  # we asked for something that is not allowed
    UNKNOWN = "unknown"  # it cannot be told; after Ctrl-Z the message may have been sent


_OTHER, _NUMBER, _DOWN, _BUG = (
    ErrorClass.OTHER_MODEM,
    ErrorClass.PERMANENT_NUMBER,
    ErrorClass.MODEM_DOWN,
    ErrorClass.OUR_BUG,
)

# "Duplicate rejected" (23.040 TP-FCS C5): the service centre has it already.
CMS_DUPLICATE = 197
CMS_NO_SERVICE_CENTRE = 330
CME_WRONG_PASSWORD = 16
CME_PUK_REQUIRED = 12
# SIM busy, and what several firmwares say while the SIM starts.
SIM_BUSY = {("cme", 14), ("cme", 515), ("cme", 516), ("cms", 314), ("cms", 515), ("cms", 516)}
# The operator does not let this SIM send: no credit, barred, not subscribed.
SUBSCRIPTION = {("cms", code) for code in (8, 10, 21, 29, 50, 69, 193)} | {("cme", code) for code in (103, 106, 111)}
# What a modem says to a PDU that is none: since ours are right, characters were lost on the line, and nothing was sent.
GARBLED: set[tuple[ErrorFamily | None, int | None]] = {("cms", code) for code in (304, 549, 553)}
# The network did not answer in time: the message may have arrived, whatever class the code has.
_AMBIGUOUS = {("cms", 332), ("cme", 31)}

_CMS: dict[int, tuple[str, ErrorClass]] = {
    1: ("unassigned number", _NUMBER),
    8: ("operator determined barring", _DOWN),
    10: ("call barred", _DOWN),
    17: ("network failure", _OTHER),
    21: ("short message transfer rejected", _DOWN),
    22: ("congestion", _OTHER),
    27: ("destination out of service", _OTHER),
    28: ("unidentified subscriber", _NUMBER),
    29: ("facility rejected", _DOWN),
    30: ("unknown subscriber", _NUMBER),
    38: ("network out of order", _OTHER),
    41: ("temporary failure", _OTHER),
    42: ("congestion", _OTHER),
    47: ("resources unavailable", _OTHER),
    50: ("requested facility not subscribed", _DOWN),
    69: ("requested facility not implemented", _DOWN),
    81: ("invalid short message transfer reference", _BUG),
    95: ("invalid message", _BUG),
    96: ("invalid mandatory information", _BUG),
    97: ("message type non-existent", _BUG),
    98: ("message not compatible with protocol state", _BUG),
    99: ("information element non-existent", _BUG),
    111: ("protocol error", _BUG),
    127: ("interworking", ErrorClass.UNKNOWN),
    **dict.fromkeys(range(128, 177), ("protocol or data coding not supported", _BUG)),
    192: ("service centre busy", _OTHER),
    193: ("no service centre subscription", _DOWN),
    194: ("service centre system failure", _OTHER),
    195: ("invalid destination address", _NUMBER),
    196: ("destination barred", _NUMBER),
    197: ("duplicate message", ErrorClass.UNKNOWN),
    198: ("validity period format not supported", _BUG),
    199: ("validity period not supported", _BUG),
    255: ("unspecified error", ErrorClass.UNKNOWN),
    300: ("phone failure", ErrorClass.UNKNOWN),
    301: ("SMS service reserved", _OTHER),
    302: ("operation not allowed", _OTHER),
    303: ("operation not supported", _OTHER),
    304: ("invalid PDU mode parameter", _BUG),
    305: ("invalid text mode parameter", _BUG),
    310: ("SIM not inserted", _DOWN),
    311: ("SIM PIN required", _DOWN),
    312: ("PH-SIM PIN required", _DOWN),
    313: ("SIM failure", _DOWN),
    314: ("SIM busy", _DOWN),
    315: ("SIM wrong", _DOWN),
    316: ("SIM PUK required", _DOWN),
    317: ("SIM PIN2 required", _DOWN),
    318: ("SIM PUK2 required", _DOWN),
    320: ("memory failure", _DOWN),
    321: ("invalid memory index", _DOWN),
    322: ("memory full", _DOWN),
    330: ("SMSC address unknown", _DOWN),
    331: ("no network service", _OTHER),
    332: ("network timeout", _OTHER),
    500: ("unknown error", ErrorClass.UNKNOWN),
    549: ("invalid length", _BUG),
    553: ("invalid character in PDU", _BUG),
}
_CME: dict[int, tuple[str, ErrorClass]] = {
    0: ("phone failure", ErrorClass.UNKNOWN),
    1: ("no connection to phone", ErrorClass.UNKNOWN),
    2: ("phone adapter link reserved", _OTHER),
    3: ("operation not allowed", _OTHER),
    4: ("operation not supported", _OTHER),
    5: ("PH-SIM PIN required", _DOWN),
    6: ("PH-FSIM PIN required", _DOWN),
    7: ("PH-FSIM PUK required", _DOWN),
    10: ("SIM not inserted", _DOWN),
    11: ("SIM PIN required", _DOWN),
    12: ("SIM PUK required", _DOWN),
    13: ("SIM failure", _DOWN),
    14: ("SIM busy", _DOWN),
    15: ("SIM wrong", _DOWN),
    16: ("incorrect password", _DOWN),
    17: ("SIM PIN2 required", _DOWN),
    18: ("SIM PUK2 required", _DOWN),
    20: ("memory full", _DOWN),
    21: ("invalid index", _BUG),
    22: ("not found", _BUG),
    23: ("memory failure", _DOWN),
    24: ("text string too long", _BUG),
    25: ("invalid characters in text string", _BUG),
    26: ("dial string too long", _BUG),
    27: ("invalid characters in dial string", _BUG),
    30: ("no network service", _OTHER),
    31: ("network timeout", _OTHER),
    32: ("network not allowed, emergency calls only", _DOWN),
    40: ("network personalisation PIN required", _DOWN),
    41: ("network personalisation PUK required", _DOWN),
    42: ("network subset personalisation PIN required", _DOWN),
    43: ("network subset personalisation PUK required", _DOWN),
    44: ("service provider personalisation PIN required", _DOWN),
    45: ("service provider personalisation PUK required", _DOWN),
    46: ("corporate personalisation PIN required", _DOWN),
    47: ("corporate personalisation PUK required", _DOWN),
    50: ("incorrect parameters", _BUG),
    100: ("unknown", ErrorClass.UNKNOWN),
    103: ("illegal MS", _DOWN),
    106: ("illegal ME", _DOWN),
    107: ("GPRS services not allowed", _OTHER),
    111: ("PLMN not allowed", _DOWN),
    112: ("location area not allowed", _OTHER),
    113: ("roaming not allowed in this location area", _OTHER),
    126: ("operation temporarily not allowed", ErrorClass.TEMPORARY),
    515: ("please wait, initialisation in progress", ErrorClass.TEMPORARY),
    516: ("please wait, initialisation in progress", ErrorClass.TEMPORARY),
}
_TABLES: dict[ErrorFamily, dict[int, tuple[str, ErrorClass]]] = {"cms": _CMS, "cme": _CME}
# Firmwares that answer in words use these, in any case and spacing; the first code of a name counts.
_MORE_WORDS: dict[ErrorFamily, dict[str, int]] = {
    "cms": {
        "mefailure": 300,
        "smsserviceofmereserved": 301,
        "simpinnecessary": 311,
        "phsimpinnecessary": 312,
        "smscaddressunknown": 330,
        "smscunknown": 330,
        "nonetwork": 331,
    },
    "cme": {
        "unknownerror": 100,
        "nonetworkservice": 30,
        "networknotallowedemergencycallsonly": 32,
        "emergencycallsonly": 32,
        "simnotready": 14,
    },
}


def _plain(words: str) -> str:
    return re.sub(r"[^a-z0-9]", "", words.lower())


_WORDS: dict[ErrorFamily, dict[str, int]] = {
    family: {_plain(name): code for code, (name, _) in reversed(table.items())} | _MORE_WORDS[family]
    for family, table in _TABLES.items()
}


def classify(family: ErrorFamily, code: int | None) -> ErrorClass:
    """The class of a code; UNKNOWN for codes that no standard has and for None."""
    if code is None:
        return ErrorClass.UNKNOWN
    return _TABLES[family].get(code, ("", ErrorClass.UNKNOWN))[1]


def certainly_not_sent(family: ErrorFamily, code: int | None) -> bool:
    """Whether this answer to Ctrl-Z proves that no message left: a clear refusal, and not a time-out on the way."""
    return classify(family, code) is not ErrorClass.UNKNOWN and (family, code) not in _AMBIGUOUS


def name(family: ErrorFamily, code: int) -> str:
    """The standard's English name of a code, for technicians; empty when there is none."""
    return _TABLES[family].get(code, ("", ErrorClass.UNKNOWN))[0]


def code_of(family: ErrorFamily, words: str) -> int | None:
    """The code of a verbose error (+CMEE=2), None when the words are unknown."""
    return _WORDS[family].get(_plain(words))
