"""What one serial port answers: whether it speaks AT, whether SMS goes over it, which modem and SIM are behind it.

Only questions are asked, beside switching the echo off and error numbers on: no PIN, no message, so never a prompt either; one
that another program left open is left by ESC.
"""

import dataclasses
import threading
import time
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from hardware.modem.answers import identity, imei
from hardware.modem.answers_sim import ICCID_COMMANDS, PIN, PUK, USABLE, iccid, sim_state
from hardware.modem.at import ESCAPE, NO_ANSWER, Answer, AtChannel
from hardware.modem.causes import SIM_BUSY
from hardware.modem.errors import AtTimeout, ModemRestarted, Stopped
from hardware.modem.settings import Pace
from hardware.serial_line import PortOpener

# Shorter than when a modem is driven: most of the ports that are asked here never answer. A modem may ignore the first
# commands after a pause.
PROBE_PACE: Final = Pace(basic=2.0, attention=0.5, attention_tries=5, sim_read=5.0)
# One port, or all ports of one device together, take no longer than this many seconds, whatever comes from them.
PROBE_SECONDS: Final = 15.0

# Answers switched off or in digits (ATQ1, ATV0) and echo, as other programs leave them (V.250 6.2.4 to 6.2.6).
_PLAIN_DIALOGUE: Final = "ATQ0V1E0"
_TRIES_BEFORE_DIALOGUE: Final = 3
# A modem that has just got its power says several banners.
_TRIES: Final = 3


class SimState(StrEnum):
    """Whether the SIM can be used, and what keeps it from that."""

    READY = "ready"
    NO_SIM = "no_sim"
    PIN_REQUIRED = "pin_required"
    PUK_REQUIRED = "puk_required"
    FAILURE = "sim_failure"
    BUSY = "sim_busy"
    UNKNOWN = "sim_unreadable"


_ASKS: Final = {
    PIN: SimState.PIN_REQUIRED,
    PUK: SimState.PUK_REQUIRED,
    "NOT INSERTED": SimState.NO_SIM,
    "NOT READY": SimState.BUSY,
}
# What +CPIN? is refused with (27.007 9.2 and 27.005 3.2.5).
_REFUSED: Final = {
    ("cme", 10): SimState.NO_SIM,
    ("cms", 310): SimState.NO_SIM,
    ("cme", 11): SimState.PIN_REQUIRED,
    ("cms", 311): SimState.PIN_REQUIRED,
    ("cme", 12): SimState.PUK_REQUIRED,
    ("cms", 316): SimState.PUK_REQUIRED,
    ("cme", 13): SimState.FAILURE,
    ("cms", 313): SimState.FAILURE,
    ("cme", 15): SimState.FAILURE,
    ("cms", 315): SimState.FAILURE,
    **dict.fromkeys(SIM_BUSY, SimState.BUSY),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Probed:
    """What a port answered; empty text means "not known".

    `speaks_sms` is None when that cannot be told: many modems refuse all SMS commands while the SIM is not open. `whole` says
    whether every question could be asked in time.
    """

    speaks_at: bool = False
    speaks_sms: bool | None = None
    sim: SimState = SimState.UNKNOWN
    manufacturer: str = ""
    model: str = ""
    imei: str = ""
    iccid: str = ""
    whole: bool = True


def probe(
    port: str,
    *,
    opener: PortOpener,
    pace: Pace = PROBE_PACE,
    seconds: float = PROBE_SECONDS,
    cancelled: threading.Event | None = None,
) -> Probed:
    """Ask the modem at `port`, in at most `seconds`; raises PortError when the port cannot be had or vanishes.

    Args:
        port: path or pyserial URL.
        opener: opens it, exclusively.
        pace: time limits of the single questions, in seconds.
        seconds: limit for all of it.
        cancelled: when set, what is known by then is returned, within `Pace.job_read`.
    """
    deadline = time.monotonic() + seconds
    ends = cancelled or threading.Event()
    with opener(port) as line:
        channel = AtChannel(
            line,
            name=port,
            pace=pace,
            on_unsolicited=lambda _: None,
            stopping=lambda: ends.is_set() or time.monotonic() >= deadline,
        )
        return _ask_all(channel)


def _ask_all(channel: AtChannel) -> Probed:
    known = Probed()
    for _ in range(_TRIES):
        try:
            if _attention(channel):
                known = Probed(speaks_at=True)
                for question in (_sms_and_sim, _identity, _iccid):
                    known = question(channel, known)
        except ModemRestarted:
            # It was plugged in just now, and what was set is lost.
            continue
        except (AtTimeout, Stopped):
            break
        return known
    return dataclasses.replace(known, whole=False)


def _attention(channel: AtChannel) -> bool:
    """Leave a prompt, wake the modem, make it answer in words without echo; whether anything answers AT."""
    channel.write(ESCAPE + b"\r", shown="ESC")
    channel.drain(channel.pace.drain)
    if not channel.attention(channel.pace.attention_tries, _PLAIN_DIALOGUE, plain_after=_TRIES_BEFORE_DIALOGUE):
        return False
    channel.command(_PLAIN_DIALOGUE, numeric=True)
    _ask(channel, "AT+CMEE=1")
    return True


def _sms_and_sim(channel: AtChannel, known: Probed) -> Probed:
    """What AT alone does not prove: some ports refuse every SMS command (27.005 3.2.3 and 3.3.1)."""
    answers = [_ask(channel, f"AT{name}?", name) for name in ("+CMGF", "+CSCA")]
    sim = _sim_state(_ask(channel, "AT+CPIN?", "+CPIN", timeout=channel.pace.sim_read, final_optional=True))
    refused = False if sim is SimState.READY else None
    return dataclasses.replace(known, sim=sim, speaks_sms=any(answer.lines for answer in answers) or refused)


def _sim_state(answer: Answer) -> SimState:
    state = sim_state(answer.first)
    if state in USABLE:
        return SimState.READY
    if state in _ASKS:
        return _ASKS[state]
    return _REFUSED.get((answer.final.family or "", answer.final.code or 0), SimState.UNKNOWN)


def _identity(channel: AtChannel, known: Probed) -> Probed:
    maker, model, number = (_ask(channel, f"AT{name}", name, free=True).lines for name in ("+CGMI", "+CGMM", "+CGSN"))
    return dataclasses.replace(
        known, manufacturer=identity(maker, "+CGMI"), model=identity(model, "+CGMM"), imei=imei(number)
    )


def _iccid(channel: AtChannel, known: Probed) -> Probed:
    """The number of the SIM, readable without its PIN; the maker's own command first, so that no try is wasted."""
    maker = f"{known.manufacturer} {known.model}".lower()
    fitting = [entry for entry in ICCID_COMMANDS if entry[2] in maker]
    for command, prefix, _ in sorted(fitting, key=lambda entry: not entry[2]):
        number = iccid(_ask(channel, command, prefix, free=True).lines, prefix)
        if number:
            return dataclasses.replace(known, iccid=number)
    return known


def _ask(
    channel: AtChannel,
    command: str,
    prefix: str = "",
    *,
    free: bool = False,
    timeout: float | None = None,
    final_optional: bool = False,
) -> Answer:
    """One question whose refusal is an answer too; a time-out is one when the modem can be brought back in step."""
    prefixes = (prefix,) if prefix else ()
    try:
        return channel.command(command, prefixes=prefixes, free=free, timeout=timeout, final_optional=final_optional)
    except AtTimeout:
        if not channel.resync():
            raise
        return NO_ANSWER
