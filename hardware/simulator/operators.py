"""Operators that the simulated air knows: names as their networks broadcast them."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Operator:
    """A public land mobile network.

    Attributes:
        mccmnc: mobile country code and network code, digits ("20408").
        long_name: as in +COPS format 0, at most 16 characters.
        short_name: as in +COPS format 1, at most 8 characters.
        country_calling_code: E.164 digits ("31"); makes national numbers international.
        service_centre: E.164 number of its SMS service centre.
    """

    mccmnc: str
    long_name: str
    short_name: str
    country_calling_code: str
    service_centre: str


OPERATORS = (
    Operator("20404", "vodafone NL", "voda NL", "31", "+316540881000"),
    Operator("20408", "KPN", "KPN", "31", "+31653131313"),
    Operator("20410", "KPN", "KPN", "31", "+31653131313"),
    Operator("20416", "Odido", "Odido", "31", "+31624000000"),
    Operator("20420", "Odido", "Odido", "31", "+31624000000"),
    Operator("20601", "Proximus", "PROXIMUS", "32", "+32475161616"),
    Operator("26201", "Telekom.de", "TDG", "49", "+491710760000"),
)
