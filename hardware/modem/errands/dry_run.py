"""The way of an SMS up to the point of no return: AT+CMGS, the prompt, ESC; nothing is sent and it costs nothing."""

import time
from dataclasses import dataclass
from enum import StrEnum

from hardware.modem.answers import final_result
from hardware.modem.at import AtChannel
from hardware.modem.errands.waiting import Refusal
from hardware.modem.lines import PROMPT
from hardware.modem.session import ModemSession

# Octets of a usual TPDU; any length will do.
_LENGTH = 29


class DryRunOutcome(StrEnum):
    """How far it came."""

    PROMPT = "prompt"  # the modem would have taken the SMS
    REFUSED = "refused"
    NO_PROMPT = "no_prompt"  # neither a prompt nor a refusal within `Pace.prompt`


@dataclass(frozen=True, slots=True, kw_only=True)
class DryRun:
    """What the modem said to AT+CMGS; `seconds` until then."""

    outcome: DryRunOutcome
    seconds: float
    refused: Refusal | None = None


def dry_run(session: ModemSession) -> DryRun:
    """Ask for the prompt and leave it by ESC (27.005 4.3), whatever happens; nothing is sent."""
    channel = session.channel
    begun = time.monotonic()
    deadline = channel.begin(f"AT+CMGS={_LENGTH}", channel.pace.prompt)
    channel.expect_prompt()
    try:
        outcome, refused = _outcome(channel, deadline)
    finally:
        # Also when no prompt was seen, or a refusal: the modem may wait for a PDU all the same.
        channel.escape()
    seconds = time.monotonic() - begun
    # That it follows again is part of the proof.
    channel.command("AT")
    return DryRun(outcome=outcome, seconds=seconds, refused=refused)


def _outcome(channel: AtChannel, deadline: float) -> tuple[DryRunOutcome, Refusal | None]:
    while (event := channel.next_event(deadline)) is not None:
        if event is PROMPT:
            return DryRunOutcome.PROMPT, None
        final = final_result(event)
        if final is None or final.ok or final.of_call:
            channel.aside(event)
            continue
        return DryRunOutcome.REFUSED, Refusal(family=final.family, code=final.code)
    return DryRunOutcome.NO_PROMPT, None
