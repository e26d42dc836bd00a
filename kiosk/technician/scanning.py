"""What a search for networks found, as a technician wants to know it: which of them this SIM may use."""

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Any, Final

from hardware.modem.answers_network import Operator, generation, network_code
from kiosk.delivery.networks import name_of


@unique
class NetworkState(StrEnum):
    """<stat> of +COPS=? (27.007 7.3); the values are the last part of `bench.network.*` and `bench.network_use.*`."""

    UNKNOWN = "unknown"
    AVAILABLE = "available"
    CURRENT = "current"
    FORBIDDEN = "forbidden"


_STATES: Final = (NetworkState.UNKNOWN, NetworkState.AVAILABLE, NetworkState.CURRENT, NetworkState.FORBIDDEN)
# In use first, then what may be used.
_ORDER: Final = (NetworkState.CURRENT, NetworkState.AVAILABLE, NetworkState.UNKNOWN, NetworkState.FORBIDDEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedNetwork:
    """One network, over however many technologies; `code` as 204-04."""

    name: str
    code: str
    technologies: str
    state: NetworkState

    def as_data(self) -> dict[str, Any]:
        """For programs."""
        return {
            "name": self.name,
            "network": self.code.replace("-", ""),
            "technologies": self.technologies.split(),
            "state": self.state.value,
        }


def networks_of(operators: Iterable[Operator]) -> list[ScannedNetwork]:
    """One row per network, in use first; a network that serves over one technology counts as in use."""
    rows: dict[str, list[Operator]] = {}
    for operator in operators:
        rows.setdefault(network_code(operator.numeric) or (operator.long or operator.short or "?"), []).append(operator)
    found = [_row(code, each) for code, each in rows.items()]
    return sorted(found, key=lambda one: (_ORDER.index(one.state), one.name))


def _row(code: str, operators: list[Operator]) -> ScannedNetwork:
    states = {_state(each.stat) for each in operators}
    state = next(state for state in _ORDER if state in states)
    technologies = sorted({generation(each.act) for each in operators} - {""}, reverse=True)
    digits = code if code.isdecimal() else ""
    return ScannedNetwork(
        name=name_of(digits, operators[0].long or operators[0].short),
        code=f"{digits[:3]}-{digits[3:]}" if digits else "",
        technologies=" ".join(technologies),
        state=state,
    )


def _state(stat: int | None) -> NetworkState:
    return _STATES[stat] if stat is not None and 0 <= stat < len(_STATES) else NetworkState.UNKNOWN
