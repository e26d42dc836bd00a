"""What a line of a modem means, for whoever knows no AT commands: one short sentence beside it in the console."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from hardware.modem import answers, causes
from hardware.modem.answers_network import REGISTERED, registration, serving_operator, signal_dbm
from hardware.modem.answers_sim import service_centre, sim_state
from hardware.modem.answers_storage import storages
from kiosk.delivery.networks import name_of


@dataclass(frozen=True, slots=True)
class Explanation:
    """`kind` is what follows `bench.explained.`, with the values of its words."""

    kind: str
    values: Mapping[str, str | int] = field(default_factory=dict)


# <stat> of the registration lines (27.007 7.2, 10.1); the others that let SMS through are 6, 7, 9 and 10.
_STATES: Final[Mapping[int, str]] = {
    0: "not_searching",
    1: "home",
    2: "searching",
    3: "denied",
    5: "roaming",
    8: "emergency",
    11: "emergency",
}
# <code> of +CPIN (27.007 8.3).
_SIM_STATES: Final[Mapping[str, str]] = {"READY": "ready", "SIM PIN": "pin", "SIM PUK": "puk"}
# <fun> of +CFUN (27.007 8.2).
_FUNCTIONS: Final[Mapping[str, str]] = {"0": "minimal", "1": "full", "4": "radio_off"}
# <service> of +CGSMS (27.007 10.1.21).
_SERVICES: Final[Mapping[str, str]] = {"0": "data", "1": "calls", "2": "data_first", "3": "calls_first"}
_FORMATS: Final[Mapping[str, str]] = {"0": "pdu", "1": "text"}
# Lines that mean the same whatever stands in them.
_ALWAYS: Final[Mapping[str, str]] = {"+CUSD": "ussd", "+CDS": "report", "+CDSI": "report", "RING": "call"}


def explain(line: str) -> Explanation | None:
    """What it means; None for lines that say it themselves, such as OK, and for those that we do not know."""
    if (final := answers.final_result(line)) is not None:
        return _refusal(final)
    name = line.partition(":")[0].strip()
    if name in _ALWAYS:
        return Explanation(_ALWAYS[name])
    reader = _READERS.get(name)
    # What could be is asked for with =? and stands in brackets.
    return reader(line) if reader is not None and "(" not in line else None


def _refusal(final: answers.Final) -> Explanation | None:
    if final.ok or final.of_call:
        return None
    if final.family is None or final.code is None:
        return Explanation("error.plain")
    values = {"name": causes.name(final.family, final.code) or "-"}
    return Explanation(f"error.{causes.classify(final.family, final.code).value}", values)


def _registration(line: str) -> Explanation | None:
    found = registration(line)
    if found is None:
        return None
    other = "restricted" if found.stat in REGISTERED else "unknown"
    return Explanation(f"registration.{_STATES.get(found.stat, other)}")


def _operator(line: str) -> Explanation | None:
    found = serving_operator(line)
    if found is None:
        return None
    if found.operator is None:
        return Explanation("operator.none")
    name = name_of(found.operator) if found.format == 2 else found.operator
    return Explanation("operator.automatic" if found.mode == 0 else "operator.manual", {"network": name})


def _signal(line: str) -> Explanation | None:
    dbm = signal_dbm(line)
    return Explanation("signal.none") if dbm is None else Explanation("signal.level", {"dbm": dbm})


def _sim(line: str) -> Explanation | None:
    state = sim_state(line)
    return Explanation(f"sim.{_SIM_STATES.get(state, 'other')}") if state else None


def _memory(line: str) -> Explanation | None:
    found = storages(line)
    return Explanation("memory", {"used": found[0].used, "total": found[0].total}) if found else None


def _stored(line: str) -> Explanation | None:
    found = answers.stored_at(line)
    return None if found is None else Explanation("stored", {"place": found.index})


def _centre(line: str) -> Explanation | None:
    found = service_centre(line)
    return None if found is None else Explanation("centre.known" if found.number else "centre.none")


def _chosen(kind: str, prefix: str, names: Mapping[str, str]) -> Callable[[str], Explanation | None]:
    """Reads a line whose first value has a meaning of its own."""

    def read(line: str) -> Explanation | None:
        text = answers.after_prefix(line, prefix)
        name = names.get(answers.fields(text)[0]) if text else None
        return None if name is None else Explanation(f"{kind}.{name}")

    return read


_READERS: Final[Mapping[str, Callable[[str], Explanation | None]]] = {
    **dict.fromkeys(("+CREG", "+CGREG", "+CEREG", "+C5GREG"), _registration),
    "+COPS": _operator,
    "+CSQ": _signal,
    "+CPIN": _sim,
    "+CPMS": _memory,
    "+CMTI": _stored,
    "+CSCA": _centre,
    "+CFUN": _chosen("function", "+CFUN", _FUNCTIONS),
    "+CGSMS": _chosen("service", "+CGSMS", _SERVICES),
    "+CMGF": _chosen("format", "+CMGF", _FORMATS),
}
