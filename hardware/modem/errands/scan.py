"""Which networks are in reach, and which of them this SIM may use (AT+COPS=?): minutes, so for technicians only."""

from dataclasses import dataclass

from hardware.modem.answers_network import Operator, operators
from hardware.modem.errands.waiting import Progress, Refusal, Teller, refusal, slow_command, untold
from hardware.modem.session import ModemSession


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """The networks in reach; `refused` when the modem would not search. One network may stand there once per technology."""

    operators: tuple[Operator, ...]
    seconds: float
    refused: Refusal | None


def scan(session: ModemSession, progress: Progress = untold) -> Scan:
    """Search for networks (27.007 7.3), at most `Pace.operator_scan` seconds; `progress` gets the seconds so far.

    Cancelled or overdue, the search is aborted in the modem by a character; some go on all the same and are deaf until then.
    """
    clock = Teller(untold)
    answer = slow_command(
        session.channel,
        "AT+COPS=?",
        prefixes=("+COPS",),
        free=True,
        timeout=session.channel.pace.operator_scan,
        progress=progress,
    )
    return Scan(
        operators=tuple(operators("\n".join(answer.lines))),
        seconds=clock.seconds,
        refused=refusal(answer),
    )
