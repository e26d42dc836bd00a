"""Which serving networks are one and the same, and what people call them.

A resend must go over another network than the first SMS, so what counts is whose masts and whose SMS centre carry it,
not the digits: KPN answers to four codes. Codes are MCC and MNC in digits as `+COPS?` gives them (3GPP TS 27.007 §7.3,
ITU-T E.212).
"""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from kiosk.language.clean import printable

# What fits the sentences of the pages and the SMS.
NAME_LENGTH: Final = 14

# The group of a network that the modem did not tell: it may be any, so nothing is certainly another network.
UNKNOWN_GROUP: Final = ""

# MCC 204, the Netherlands. Codes and their holders: package mobile-broadband-provider-info 20230416; Odido is what
# T-Mobile has been called since September 2023, and the codes of Orange (2007) and Tele2 (2019) came to it by take-over.
# Providers without masts of their own (Lycamobile 20409, Lebara, Simyo, Ben …) never appear as a serving network.
_GROUPS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "Vodafone": ("20404",),
        "KPN": ("20408", "20410", "20412", "20469"),
        "Odido": ("20416", "20420", "20402"),
    }
)

_GROUP_OF: Final = MappingProxyType({code: group for group, codes in _GROUPS.items() for code in codes})


def group_of(network: str | None) -> str:
    """Return the group that the serving network belongs to; an unknown code is a group of its own.

    No network is UNKNOWN_GROUP. Groups are compared and kept with every transmission, never shown: see `name_of`.
    """
    return _GROUP_OF.get(network, network) if network else UNKNOWN_GROUP


def name_of(network: str | None, reported: str | None = None) -> str:
    """Return what people call the network, at most 14 characters; empty when nothing is known of it.

    Args:
        network: MCC-MNC in digits.
        reported: what the modem calls it (`+COPS` format 0), used for networks that we do not know.
    """
    known = _GROUP_OF.get(network) if network else None
    return printable(known or (reported or "").strip() or network or "", maximum=NAME_LENGTH)
