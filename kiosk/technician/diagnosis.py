"""What is really the matter: from what a modem says, its steps and its answers to one cause that has a sentence and a cure.

`bench.cause.CAUSE.what` and `.do` are the words. A cause is what a technician can do something about, never a symptom: "searching"
becomes "no_signal" when the modem hears no mast at all, and "manual_operator" when another program left it fixed on one.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Final

from hardware.modem import causes
from hardware.modem.causes import SUBSCRIPTION, ErrorClass, ErrorFamily
from hardware.modem.reasons import Reason
from hardware.modem.status import ModemState, ModemStatus

# Below this an SMS may fail now and then; the modem's place or antenna is worth a look.
WEAK_DBM: Final = -95
# An answer to AT that takes longer comes over a bad line or from a modem that sleeps, in seconds.
SLOW_ANSWER_SECONDS: Final = 1.0
# A network that took longer to accept an SMS was nearly too slow for whoever waits, in seconds.
SLOW_NETWORK_SECONDS: Final = 15.0

# The SIM has sent what it may (policy: per_sim_hour, per_sim_day).
USED_UP: Final = "sim_used_up"

# With fewer tries than this no program enters a PIN (modem.md 3.5).
_TRIES_KEPT: Final = 2

# Reasons of the engine that are no cause of their own.
_SAME_AS: Final[Mapping[str, str]] = {
    Reason.OPENING.value: "starting",
    Reason.STOPPED.value: "not_seen",
    Reason.NONE.value: "starting",
    Reason.CALLBACK_FAILED.value: "internal",
}
# Technologies that carry SMS over their own side or, by the circuit-switched one, over the network beside it.
_TWO_WAYS: Final = frozenset({"4G", "5G"})
# <service> of +CGSMS (27.007 10.1.21): packet domain alone or preferred; circuit switched preferred, and then the other.
_DATA_SIDE_FIRST: Final = frozenset({0, 2})
_CIRCUIT_PREFERRED: Final = 3
_CMS_UNKNOWN: Final = "cms_500"
# Unclear ends after Ctrl-Z that have a cause of their own.
_UNCLEAR: Final[Mapping[str, str]] = {
    "modem_restarted": "restarted_sending",
    "port_gone": "restarted_sending",
    # An error without a reason: the SMS may be out all the same.
    "error": "unexplained_error",
    "cms_500": "unexplained_error",
}
_BY_CLASS: Final[Mapping[ErrorClass, str]] = {
    ErrorClass.TEMPORARY: "refused_network",
    ErrorClass.OTHER_MODEM: "refused_network",
    ErrorClass.PERMANENT_NUMBER: "refused_number",
    ErrorClass.MODEM_DOWN: "refused_before",
    ErrorClass.BAD_LINE: "bad_line",
    ErrorClass.OUR_BUG: "refused_bug",
    ErrorClass.UNKNOWN: "unknown_outcome",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """One cause with the values of its words; `code` is what modem or network said ("CMS 28"), for the technician."""

    cause: str
    values: Mapping[str, str | int] = field(default_factory=dict)
    code: str = ""


def of_status(status: ModemStatus, *, manual: bool = False) -> Finding | None:
    """Why this modem cannot send now; None when it can. `manual`: its choice of a network was left fixed."""
    if status.state is ModemState.READY:
        return None
    if status.state is ModemState.STARTING and status.reason not in {Reason.SIM_BUSY, Reason.RESTARTED, Reason.LENT}:
        return Finding(cause="starting")
    if status.state is ModemState.NO_NETWORK:
        return _of_missing_network(status, manual=manual)
    return of_reason(status.reason, detail=status.detail, pin_tries=status.pin_tries)


def of_reason(reason: str, *, detail: str = "", pin_tries: int | None = None) -> Finding:
    """The cause behind a reason code of the engine."""
    cause = _SAME_AS.get(reason, reason)
    if cause in {"port_busy", "port_forbidden"}:
        return Finding(cause=cause, values={"detail": detail or "?"})
    if cause == "pin_required" and pin_tries is not None and pin_tries < _TRIES_KEPT:
        cause = "pin_last_try"
    if cause in {"pin_required", "pin_refused", "pin_last_try"}:
        return Finding(cause=cause, values={"tries": "?" if pin_tries is None else pin_tries})
    return Finding(cause=cause)


def _of_missing_network(status: ModemStatus, *, manual: bool) -> Finding:
    if manual and status.reason != Reason.EMERGENCY_ONLY:
        return Finding(cause="manual_operator")
    if status.signal_dbm is None and status.reason in {Reason.SEARCHING, Reason.NOT_SEARCHING}:
        return Finding(cause="no_signal")
    return Finding(cause=status.reason or "network_unknown")


def of_refusal(family: ErrorFamily | None, code: int | None, *, after_ctrl_z: bool) -> Finding:
    """What a refusal of an SMS means; one without a clear code after Ctrl-Z leaves it open whether the SMS went out."""
    shown = code_words(family, code)
    if family is None or code is None:
        return Finding(cause="unknown_outcome" if after_ctrl_z else "refused_before", code=shown)
    if (family, code) in SUBSCRIPTION:
        return Finding(cause="refused_subscription", code=shown)
    error_class = causes.classify(family, code)
    if not after_ctrl_z and error_class is ErrorClass.UNKNOWN:
        return Finding(cause="refused_before", code=shown)
    if family == "cms" and code == causes.CMS_NO_SERVICE_CENTRE:
        return Finding(cause="no_service_centre", code=shown)
    return Finding(cause=_BY_CLASS[error_class], code=shown)


def of_unclear_end(reason: str, *, technology: str = "", sms_service: int | None = None) -> Finding:
    """Ctrl-Z was written and no clear answer came.

    An error without a reason on a network with two ways for SMS comes mostly from the wrong one: `sms_service` (<service> of
    +CGSMS) tells which this modem takes.
    """
    cause = _UNCLEAR.get(reason, "unknown_outcome")
    if cause == "unexplained_error" and sms_service in _DATA_SIDE_FIRST:
        cause = "sms_service"
    elif reason == _CMS_UNKNOWN and technology in _TWO_WAYS and sms_service == _CIRCUIT_PREFERRED:
        # A plain ERROR has other causes: of this one the networks say 500.
        cause = "sms_needs_cs"
    return Finding(cause=cause, code=of_code(reason))


def of_failed_sms(error: str) -> Finding:
    """What the outbox wrote down of an SMS that was refused: `cms_28`, or the engine's own reason."""
    family, _, number = error.partition("_")
    if family in {"cms", "cme"} and number.isdecimal():
        return of_refusal("cms" if family == "cms" else "cme", int(number), after_ctrl_z=True)
    if error in {"no_prompt", "port_gone", "write_stuck", "bad_line"}:
        return Finding(cause=error)
    return Finding(cause="refused_before", code=error)


def of_code(reason: str) -> str:
    """A reason such as `cms_500` as technicians write it; empty when it is no code."""
    family, _, number = reason.partition("_")
    return f"{family.upper()} {number}" if family in {"cms", "cme"} and number.isdecimal() else ""


def code_words(family: ErrorFamily | None, code: int | None) -> str:
    """`CMS 28 unidentified subscriber`; "ERROR" for a plain one."""
    if family is None or code is None:
        return "ERROR"
    return f"{family.upper()} {code} {causes.name(family, code)}".strip()


def of_modem_clock(offset_seconds: float) -> Finding:
    """Only the modem's clock is off, so the clock of this machine is not."""
    return Finding(cause="modem_clock_off", values={"seconds": f"{offset_seconds:+.0f}"})


def of_clock(offset_seconds: float) -> Finding:
    """The clock of this machine is off, by what networks say."""
    return Finding(cause="clock_off", values={"seconds": f"{offset_seconds:+.0f}"})


def of_signal(dbm: int | None) -> Finding | None:
    """What is to be said of the signal of a registered modem."""
    if dbm is None:
        return Finding(cause="signal_unknown")
    return Finding(cause="weak_signal", values={"dbm": dbm}) if dbm < WEAK_DBM else None
