"""Over which part of the network SMS go (+CGSMS): set wrongly, SMS fail on LTE although data works."""

from dataclasses import dataclass
from enum import IntEnum

from hardware.modem.answers import after_prefix, number
from hardware.modem.errands.waiting import Refusal, refusal
from hardware.modem.session import ModemSession


class SmsService(IntEnum):
    """<service> of +CGSMS (27.007 10.1.21)."""

    PACKET = 0  # packet domain only
    CIRCUIT = 1  # circuit switched only, on LTE over SGs
    PACKET_PREFERRED = 2
    CIRCUIT_PREFERRED = 3


# What works at every operator that was tried: circuit switched preferred, else circuit switched alone.
_WANTED = (SmsService.CIRCUIT_PREFERRED, SmsService.CIRCUIT)


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsServiceState:
    """The service in force, None when the modem does not tell; `refused` is the answer to the last setting that failed."""

    service: int | None
    written: bool
    refused: Refusal | None = None


def service_of(line: str) -> int | None:
    """<service> of a `+CGSMS:` line."""
    return number((after_prefix(line, "+CGSMS") or "").split(",", maxsplit=1)[0])


def sms_service(session: ModemSession) -> SmsServiceState:
    """The service in force, by asking alone."""
    answer = session.channel.command("AT+CGSMS?", prefixes=("+CGSMS",))
    return SmsServiceState(service=service_of(answer.first), written=False, refused=refusal(answer))


def prefer_circuit(session: ModemSession) -> SmsServiceState:
    """Let SMS go over the circuit switched side first: 3, and 1 where that is refused; nothing is written when it does."""
    state = sms_service(session)
    if state.service is None or state.service in _WANTED:
        return state
    for service in _WANTED:
        answer = session.channel.command(f"AT+CGSMS={service}")
        if answer.ok:
            return SmsServiceState(service=service, written=True)
        state = SmsServiceState(service=state.service, written=False, refused=refusal(answer))
    return state
