"""The modem's clock, which the network may set (NITZ), against ours."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime

from hardware.modem.answers import after_prefix, clock, number
from hardware.modem.errands.waiting import Refusal, refusal
from hardware.modem.network_time import modem_clock_offset_seconds, plausible
from hardware.modem.session import ModemSession


@dataclass(frozen=True, slots=True, kw_only=True)
class ModemClock:
    """What the modem takes for the time: `at` with its zone, None when it was never set or does not tell.

    `offset_seconds` is how far it is ahead of ours (behind: negative), None when its zone makes that doubtful. `from_network`: +CTZU says that the network sets it,
    None when the modem does not tell.
    """

    at: datetime | None
    offset_seconds: float | None
    from_network: bool | None
    refused: Refusal | None


def modem_clock(session: ModemSession) -> ModemClock:
    """Read +CCLK (27.007 8.15) and +CTZU (8.40); nothing is set. The answer is exact to a second or two."""
    updating = session.channel.command("AT+CTZU?", prefixes=("+CTZU",)).first
    asked = time.time()
    answer = session.channel.command("AT+CCLK?", prefixes=("+CCLK",))
    # It is read between the question and the answer.
    ours = datetime.fromtimestamp((asked + time.time()) / 2, UTC)
    at = plausible(clock(answer.first))
    setting = number(after_prefix(updating, "+CTZU") or "")
    return ModemClock(
        at=at,
        offset_seconds=modem_clock_offset_seconds(at, ours) if at else None,
        from_network=None if setting is None else setting != 0,
        refused=refusal(answer),
    )
