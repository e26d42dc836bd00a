"""The choice of the network: read first, and written only when it must be otherwise, since writing costs a minute."""

import re
from dataclasses import dataclass
from enum import IntEnum

from hardware.modem.answers_network import ServingOperator, network_code, serving_operator
from hardware.modem.errands.waiting import Progress, Refusal, Teller, refusal, slow_command, untold
from hardware.modem.errors import ModemError
from hardware.modem.session import ModemSession


class Selection(IntEnum):
    """<mode> of +COPS (27.007 7.3)."""

    AUTOMATIC = 0
    MANUAL = 1
    DEREGISTERED = 2
    MANUAL_FIRST = 4  # manual, and automatic when that fails


class NoSuchNetwork(ModemError):
    """What was asked for is no MCC and MNC of five or six digits."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OperatorChoice:
    """How the network is chosen now; `written` tells whether it had to be changed, `refused` that it could not be.

    `mode` is a `Selection`, None when the modem does not tell; `network` MCC and MNC, empty when not registered.
    """

    mode: int | None
    network: str
    written: bool
    seconds: float
    refused: Refusal | None


def choice(session: ModemSession) -> OperatorChoice:
    """How the network is chosen, by asking alone."""
    clock = Teller(untold)
    found = _read(session)
    return _choice(found, clock, written=False)


def choose_automatic(session: ModemSession, progress: Progress = untold) -> OperatorChoice:
    """Let the modem choose again (AT+COPS=0), unless it does already; `Pace.operator_set` seconds at most."""
    clock = Teller(untold)
    found = _read(session)
    if found and found.mode == Selection.AUTOMATIC:
        return _choice(found, clock, written=False)
    return _write(session, "AT+COPS=0", clock, progress)


def choose_network(session: ModemSession, network: str, progress: Progress = untold) -> OperatorChoice:
    """Move to a network by MCC and MNC, falling back to automatic when it does not take us (mode 4); NoSuchNetwork.

    Nothing is written when it serves already. Afterwards `choose_automatic` must follow.
    """
    if not re.fullmatch(r"[1-9][0-9]{4,5}", network):
        raise NoSuchNetwork
    clock = Teller(untold)
    found = _read(session)
    if found and network_code(found.operator or "") == network:
        return _choice(found, clock, written=False)
    return _write(session, f'AT+COPS={Selection.MANUAL_FIRST},2,"{network}"', clock, progress)


def _read(session: ModemSession) -> ServingOperator | None:
    session.channel.command("AT+COPS=3,2")
    return serving_operator(session.channel.command("AT+COPS?", prefixes=("+COPS",)).first)


def _write(session: ModemSession, command: str, clock: Teller, progress: Progress) -> OperatorChoice:
    answer = slow_command(session.channel, command, timeout=session.channel.pace.operator_set, progress=progress)
    found = _read(session)
    session.network.read_registration()
    session.network.read_operator(with_name=True)
    if session.settled:
        session.network.announce()
    return _choice(found, clock, written=True, refused=refusal(answer))


def _choice(
    found: ServingOperator | None, clock: Teller, *, written: bool, refused: Refusal | None = None
) -> OperatorChoice:
    return OperatorChoice(
        mode=found.mode if found else None,
        network=network_code((found.operator or "") if found else ""),
        written=written,
        seconds=clock.seconds,
        refused=refused,
    )
