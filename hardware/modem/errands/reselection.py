"""Moving a SIM that may roam to another network, for one SMS; `operator.choose_automatic` must follow."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from hardware.modem.answers_network import Operator, network_code
from hardware.modem.errands.operator import choose_network
from hardware.modem.errands.scan import scan
from hardware.modem.session import ModemSession

# <stat> of +COPS=? (27.007 7.3): current is where it is, forbidden is what this SIM may not use.
_UNKNOWN, _AVAILABLE = 0, 1
# Networks that are tried; each may take a minute, and whoever waits for the SMS does not wait longer.
_MOST_TRIES = 2
# A modem may say OK before it is registered: so often it is asked again within `Pace.operator_arrive`.
_LOOKS = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class Reselection:
    """Where the modem is now; `network` in MCC-MNC digits is one that was acceptable, else empty.

    `seen` are the acceptable networks in reach, `tried` those it was sent to, in order.
    """

    network: str
    seen: tuple[str, ...]
    tried: tuple[str, ...]


def reselect(session: ModemSession, acceptable: Callable[[str], bool]) -> Reselection:
    """Search (`Pace.operator_scan` at most) and move to the first network that will have it (`Pace.operator_set` each).

    A modem that no network wants falls back to automatic selection by itself (mode 4). Cancelled, it may be left anywhere.
    """
    seen = tuple(dict.fromkeys(_in_reach(scan(session).operators, acceptable)))
    tried: list[str] = []
    for network in seen[:_MOST_TRIES]:
        tried.append(network)
        choose_network(session, network)
        if _arrived(session) and acceptable(session.status.network):
            return Reselection(network=session.status.network, seen=seen, tried=tuple(tried))
    return Reselection(network="", seen=seen, tried=tuple(tried))


def _in_reach(operators: Sequence[Operator], acceptable: Callable[[str], bool]) -> Iterator[str]:
    """Those that the SIM may use before those of which nothing is said."""
    for stat in (_AVAILABLE, _UNKNOWN):
        for operator in operators:
            network = network_code(operator.numeric)
            if operator.stat == stat and network and acceptable(network):
                yield network


def _arrived(session: ModemSession) -> bool:
    for _ in range(_LOOKS):
        if session.network.registered:
            session.network.read_operator(with_name=True)
            session.network.announce()
            return True
        session.channel.drain(session.channel.pace.operator_arrive / _LOOKS)
        session.network.read_registration()
    return False
