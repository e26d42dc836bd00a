"""The questions of a test, one by one; none of them enters or changes anything."""

import time
from dataclasses import dataclass, field

from hardware.modem import answers
from hardware.modem.answers_network import (
    ExtendedSignal,
    Registration,
    extended_signal,
    generation,
    network_code,
    registration,
    serving_operator,
    signal_dbm,
)
from hardware.modem.answers_sim import service_centre, sim_state
from hardware.modem.answers_storage import Storage, storages
from hardware.modem.errands.waiting import Refusal, refusal
from hardware.modem.network_state import DOMAINS
from hardware.modem.session import ModemSession
from hardware.modem.sim_pin import ask_iccid, ask_pin_tries, maker_words
from hardware.modem.status import bars


@dataclass(frozen=True, slots=True, kw_only=True)
class Attention:
    """The answer to AT; `seconds` from writing it to its OK."""

    seconds: float


def attention(session: ModemSession) -> Attention:
    """Whether the modem answers, and how fast; AtTimeout when it does not."""
    begun = time.monotonic()
    session.channel.command("AT")
    return Attention(seconds=time.monotonic() - begun)


@dataclass(frozen=True, slots=True, kw_only=True)
class Identity:
    """What the modem says of itself (27.007 5.1 to 5.4); empty where it does not."""

    manufacturer: str
    model: str
    revision: str
    imei: str = field(repr=False)


def identity(session: ModemSession) -> Identity:
    """Maker, model, firmware and serial number, asked anew."""
    said = {
        name: session.channel.command(f"AT+{name}", prefixes=(f"+{name}",), free=True).lines
        for name in ("CGMI", "CGMM", "CGMR", "CGSN")
    }
    return Identity(
        manufacturer=answers.identity(said["CGMI"], "+CGMI"),
        model=answers.identity(said["CGMM"], "+CGMM"),
        revision=answers.identity(said["CGMR"], "+CGMR"),
        imei=answers.imei(said["CGSN"]),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class SimCard:
    """The SIM as it is; `state` is <code> of +CPIN? ("READY", "SIM PIN" …), empty with a `refused`.

    `imsi_network` holds MCC and MNC of the home network, `pin_tries` None when the modem does not tell.
    """

    state: str
    refused: Refusal | None
    iccid: str = field(repr=False)
    imsi_network: str
    pin_tries: int | None


def sim_card(session: ModemSession) -> SimCard:
    """State, number and PIN tries of the SIM; nothing is entered."""
    channel, maker = session.channel, maker_words(session.status)
    state = channel.command("AT+CPIN?", prefixes=("+CPIN",), timeout=channel.pace.sim_read, final_optional=True)
    imsi = answers.imsi(channel.command("AT+CIMI", prefixes=("+CIMI",), free=True).lines)
    return SimCard(
        state=sim_state(state.first),
        refused=refusal(state),
        iccid=ask_iccid(channel, maker),
        imsi_network=imsi[:5],
        pin_tries=ask_pin_tries(channel, maker),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Domain:
    """One domain of registration: "CREG" calls, "CGREG" GPRS, "CEREG" LTE; `state` None when the modem does not know it."""

    name: str
    state: Registration | None
    refused: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Registrations:
    """Registration in every domain; an SMS can go out when one of them is registered."""

    domains: tuple[Domain, ...]

    @property
    def registered(self) -> bool:
        """Whether an SMS can go out."""
        return any(domain.state is not None and domain.state.registered for domain in self.domains)


def registrations(session: ModemSession) -> Registrations:
    """Registration in every domain, asked anew; the status follows."""
    domains = []
    for name in DOMAINS:
        answer = session.channel.command(f"AT+{name}?", prefixes=(f"+{name}",))
        session.network.heard(answer.first)
        domains.append(Domain(name=name, state=registration(answer.first), refused=refusal(answer)))
    return Registrations(domains=tuple(domains))


@dataclass(frozen=True, slots=True, kw_only=True)
class Serving:
    """The serving network (27.007 7.3); `mode` is <mode> of +COPS: 0 automatic, 1 manual, 2 deregistered, 4 manual first.

    `network` holds MCC and MNC in digits, `technology` "2G" to "5G"; empty when not registered. `mode` None: not told.
    """

    mode: int | None
    network: str
    name: str
    technology: str
    refused: Refusal | None


def serving(session: ModemSession) -> Serving:
    """The serving network in digits and with its name; the numeric form stays in force."""
    channel = session.channel
    channel.command("AT+COPS=3,0")
    named = serving_operator(channel.command("AT+COPS?", prefixes=("+COPS",)).first)
    channel.command("AT+COPS=3,2")
    answer = channel.command("AT+COPS?", prefixes=("+COPS",))
    found = serving_operator(answer.first)
    name = (named.operator or "") if named else ""
    return Serving(
        mode=found.mode if found else None,
        network=network_code((found.operator or "") if found else ""),
        name="" if name.isdecimal() else name,
        technology=generation(found.act if found else None),
        refused=refusal(answer),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Signal:
    """The received level; `dbm` by +CSQ or else +CESQ, None when unknown; `bars` 0 to 4; `extended` has LTE's values."""

    dbm: int | None
    bars: int
    extended: ExtendedSignal | None


def signal(session: ModemSession) -> Signal:
    """The level now, by +CSQ (27.007 8.5) and +CESQ (8.69); the status follows."""
    level = signal_dbm(session.channel.command("AT+CSQ", prefixes=("+CSQ",)).first)
    extended = extended_signal(session.channel.command("AT+CESQ", prefixes=("+CESQ",)).first)
    if level is None and extended:
        levels = (extended.rsrp_dbm, extended.rscp_dbm, extended.gsm_dbm)
        level = next((each for each in levels if each is not None), None)
    session.network.take_signal(level)
    return Signal(dbm=level, bars=bars(level), extended=extended)


@dataclass(frozen=True, slots=True, kw_only=True)
class ServiceCentre:
    """The service centre on the SIM (27.005 3.3.1); `number` empty when there is none, None when the modem does not tell."""

    number: str | None = field(repr=False)
    refused: Refusal | None


def sms_centre(session: ModemSession) -> ServiceCentre:
    """The number that every SMS goes to first."""
    answer = session.channel.command("AT+CSCA?", prefixes=("+CSCA",))
    known = service_centre(answer.first)
    return ServiceCentre(number=known.number if known else None, refused=refusal(answer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Memories:
    """How full the memories for messages are (27.005 3.2.2); the first is read, the second written, the third receives."""

    memories: tuple[Storage, ...]
    refused: Refusal | None

    @property
    def full(self) -> bool:
        """Whether one of them takes nothing more."""
        return any(memory.full for memory in self.memories)


def memories(session: ModemSession) -> Memories:
    """The memories in use, with what is in them."""
    answer = session.channel.command("AT+CPMS?", prefixes=("+CPMS",))
    return Memories(memories=tuple(storages(answer.first)), refused=refusal(answer))
