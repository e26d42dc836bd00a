"""Bad weather on request: what can be wrong with a modem, by name.

A counted fault shows at each occasion and may be limited to a number of them; the others hold until they are
cleared. To add one: a line in `Fault`, the place where it shows, and a test of its effect.
"""

import math
import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Self

from hardware.simulator.errors import BadFaultValue, UnknownFault


class Fault(StrEnum):
    """Every fault by name, with what it does and what its value means.

    Attributes:
        description: one line for people.
        unit: meaning and unit of the value; empty when the fault takes none.
        default: the value when none is given; None where the fault can do without.
        counted: whether it may be limited to a number of occasions.
    """

    description: str
    unit: str
    default: float | None
    counted: bool

    def __new__(
        cls, name: str, description: str, unit: str = "", default: float | None = None, counted: bool = True
    ) -> Self:
        """One fault; the string is its name."""
        member = str.__new__(cls, name)
        member._value_ = name
        member.description = description
        member.unit = unit
        member.default = default
        member.counted = counted
        return member

    # After Ctrl-Z
    ANSWER_LOST = "answer_lost", "the SMS goes out, but no answer to Ctrl-Z ever comes"
    ANSWER_LATE = (
        "answer_late",
        "the SMS goes out, +CMGS comes so much later while commands are answered",
        "seconds",
        30.0,
    )
    CMGS_TAKES = "cmgs_takes", "the answer to Ctrl-Z takes so long and the port is busy meanwhile", "seconds", 70.0
    CMS_ERROR = "cms_error", "the network refuses: +CMS ERROR with this number, nothing goes out", "cause", 42.0
    GENERIC_ERROR = "generic_error", "plain ERROR after Ctrl-Z, nothing goes out"
    ERROR_AFTER_SEND = "error_after_send", "the SMS goes out, yet the answer is ERROR (or +CMS ERROR: value)", "cause"
    REFERENCE_MISSING = "reference_missing", "the SMS goes out and OK comes without +CMGS"
    NEVER_SENT = "never_sent", "nothing goes out and no answer to Ctrl-Z ever comes"
    RESET_DURING_SEND = "reset_during_send", "the modem restarts in the transmit burst", "1 went out, 0 lost", 1.0
    GONE_DURING_SEND = "gone_during_send", "the port vanishes after Ctrl-Z", "1 went out, 0 lost", 1.0
    URC_DURING_SEND = "urc_during_send", "unsolicited lines between Ctrl-Z and its answer"
    INCOMING_CALL = "incoming_call", "RING, +CLIP and NO CARRIER between Ctrl-Z and its answer"

    # Before Ctrl-Z
    PROMPT_WITHOUT_SPACE = "prompt_without_space", "the prompt is > without a space"
    PROMPT_CRLF = "prompt_crlf", "the prompt is > followed by CR LF instead of a space"
    PROMPT_MISSING = "prompt_missing", "no prompt comes, but the modem waits for the PDU"
    PROMPT_LATE = "prompt_late", "the prompt comes so much later", "seconds", 2.0
    PROMPT_REFUSED = "prompt_refused", "+CMS ERROR instead of a prompt", "cause", 500.0
    GONE_BEFORE_PROMPT = "gone_before_prompt", "the port vanishes at AT+CMGS"
    GONE_AFTER_PROMPT = "gone_after_prompt", "the port vanishes right after the prompt"
    PDU_ECHO = "pdu_echo", "the PDU is echoed although the echo is off"
    DROPPED_CHARACTERS = "dropped_characters", "one of so many characters behind the prompt is lost", "characters", 20.0

    # Shape of the answers
    ECHO_STUCK = "echo_stuck", "ATE0 has no effect", "", None, False
    DOUBLE_CR = "double_cr", "lines end in CR CR LF", "", None, False
    LF_ONLY = "lf_only", "lines end in LF alone", "", None, False
    NUL_BYTES = "nul_bytes", "NUL bytes before every line", "", None, False
    ONE_BYTE_AT_A_TIME = "one_byte_at_a_time", "every byte comes alone, so much apart", "milliseconds", 1.0, False
    ANSWER_BEFORE_OK_ORDER = "answer_before_ok_order", "OK comes before the answer it belongs to"
    URC_IN_ANSWER = "urc_in_answer", "an unsolicited line between an answer and its OK"
    VERBOSE_ERRORS = "verbose_errors", "errors come as text whatever AT+CMEE says", "", None, False
    V0_LEFT_ON = "v0_left_on", "another program left ATV0: results are digits", "", None, False
    Q1_LEFT_ON = "q1_left_on", "another program left ATQ1: no results at all", "", None, False
    UCS2_LEFT_ON = "ucs2_left_on", 'another program left AT+CSCS="UCS2"', "", None, False
    RSSI_FLOOD = "rssi_flood", "^RSSI every so often", "milliseconds", 500.0, False
    UNKNOWN_URC_FLOOD = "unknown_urc_flood", "a line that nobody knows every so often", "milliseconds", 500.0, False

    # Being there at all
    FIRST_AT_IGNORED = "first_at_ignored", "the first commands after power-on are ignored", "commands", 1.0, False
    GARBAGE_AT_START = "garbage_at_start", "line noise and NULs before the first answer", "", None, False
    SLOW = "slow", "each command takes so long", "milliseconds", 500.0
    DEAF = "deaf", "no command is ever answered", "", None, False
    WRITE_BLOCKED = "write_blocked", "the port takes no bytes: a write blocks", "", None, False
    NO_SMS_ON_PORT = "no_sms_on_port", "AT works on this port, SMS commands do not", "", None, False
    CMGL_HANGS = "cmgl_hangs", "AT+CMGL hangs the modem until it is plugged in anew"

    # SIM
    SIM_ABSENT = "sim_absent", "no SIM in the holder", "", None, False
    SIM_FAILURE = "sim_failure", "the SIM answers nothing: +CME ERROR: 13", "", None, False
    SIM_BUSY = "sim_busy", "+CME ERROR: 14 for so long", "seconds, none = until cleared", None, False
    SIM_PIN = "sim_pin", "the SIM waits for its PIN (0000 when it had none)", "", None, False
    SIM_PUK = "sim_puk", "the SIM is blocked and waits for its PUK", "", None, False
    SIM_PIN2 = "sim_pin2", "+CPIN: SIM PIN2 although the SIM works", "", None, False
    ONE_PIN_TRY_LEFT = "one_pin_try_left", "the SIM waits for its PIN and has one try left", "", None, False
    PIN_TRIES_UNREADABLE = "pin_tries_unreadable", "no command tells the remaining PIN tries", "", None, False
    CPIN_WITHOUT_OK = "cpin_without_ok", "the answer to AT+CPIN? has no OK", "", None, False
    SIM_MEMORY_FULL = "sim_memory_full", "the SIM's message store is full", "", None, False
    CSCA_LOST = "csca_lost", "no service centre number until AT+CSCA= writes one", "", None, False
    SMS_NOT_READY = "sms_not_ready", "SMS commands fail for so long", "seconds, none = until cleared", None, False
    TEXT_MODE_ONLY = "text_mode_only", "AT+CMGF=0 is refused", "", None, False

    # Network
    NOT_REGISTERED = "not_registered", "searching: registered nowhere", "", None, False
    REGISTRATION_DENIED = "registration_denied", "the network denies registration in every domain", "", None, False
    CS_DENIED = "cs_denied", "denied for calls, registered for data", "", None, False
    NO_SIGNAL = "no_signal", "no antenna: +CSQ: 99,99 and no registration", "", None, False
    RADIO_OFF = "radio_off", "the modem starts in AT+CFUN=0", "", None, False
    MANUAL_OPERATOR_LEFT = "manual_operator_left", "another program left the operator selection manual", "", None, False
    SCAN_HANGS = "scan_hangs", "AT+COPS=? never ends"
    SCAN_TAKES = "scan_takes", "AT+COPS=? takes so long", "seconds", 180.0
    RESELECTION_TAKES = "reselection_takes", "AT+COPS=0 takes so long, even when nothing changes", "seconds", 60.0
    SMS_NEEDS_CS = "sms_needs_cs", "SMS fails (500) unless AT+CGSMS is 1 (circuit switched)", "", None, False
    USSD_SILENT = "ussd_silent", "AT+CUSD says OK and no +CUSD ever comes"
    CLOCK_WRONG = "clock_wrong", "network time and delivery reports are so far off", "seconds", 3600.0, False
    MODEM_CLOCK_WRONG = (
        "modem_clock_wrong",
        "the modem's own clock is so far off and AT+CTZU is refused",
        "seconds",
        3600.0,
        False,
    )

    # Delivery reports
    REPORT_LOST = "report_lost", "delivery reports never reach the modem"
    REPORT_STORED = "report_stored", "delivery reports are stored and told by +CDSI", "", None, False
    REPORT_GARBLED = "report_garbled", "delivery reports arrive with a cut-off PDU"
    REPORT_OF_ANOTHER = "report_of_another", "delivery reports name a reference that nobody sent"


@dataclass(frozen=True, slots=True)
class InjectedFault:
    """A fault as it is asked for.

    Attributes:
        value: in the fault's own unit; None where the fault takes none or can do without.
        times: occasions left; None = until cleared.
    """

    fault: Fault
    value: float | None = None
    times: int | None = None

    @classmethod
    def of(cls, fault: "Fault | str | InjectedFault", value: float | None = None, times: int | None = None) -> Self:
        """Check and complete a fault given by member, name, `NAME=VALUE`, `NAME:once` or `NAME=VALUE:COUNT`.

        Raises:
            UnknownFault: there is no fault of that name.
            BadFaultValue: it takes no value, no count, or not this one.
        """
        if isinstance(fault, InjectedFault):
            return cls.of(fault.fault, fault.value, fault.times)
        if not isinstance(fault, Fault):
            return cls._parse(fault, value, times)
        if value is None:
            value = fault.default
        elif not fault.unit or not math.isfinite(value) or value < 0:
            raise BadFaultValue(fault, str(value), fault.unit)
        if times is not None and (times < 1 or not fault.counted):
            raise BadFaultValue(fault, f":{times}", "")
        return cls(fault, value, times)

    @classmethod
    def _parse(cls, text: str, value: float | None, times: int | None) -> Self:
        name_and_value, _, count = text.partition(":")
        name, _, number = name_and_value.partition("=")
        by_name = {known.value: known for known in Fault}
        if name.strip() not in by_name:
            raise UnknownFault(name.strip(), by_name)
        fault = by_name[name.strip()]
        try:
            if number:
                value = float(number)
            if count:
                times = 1 if count.strip() == "once" else int(count)
        except ValueError:
            raise BadFaultValue(fault, text, fault.unit) from None
        return cls.of(fault, value, times)


class ActiveFaults:
    """The faults of one modem; safe to change from any thread."""

    def __init__(self, faults: Iterable[Fault | str | InjectedFault], changed: Callable[[Fault, bool], None]) -> None:
        """Start with `faults`; `changed(fault, active)` is called after each later change, outside the lock."""
        self._lock = threading.Lock()
        self._changed = changed
        self._active = {injected.fault: injected for injected in map(InjectedFault.of, faults)}
        self._since = dict.fromkeys(self._active, time.monotonic())

    def inject(self, injected: InjectedFault) -> None:
        """Add a fault, or replace the one of the same name."""
        with self._lock:
            self._active[injected.fault] = injected
            self._since[injected.fault] = time.monotonic()
        self._changed(injected.fault, True)

    def clear(self, fault: Fault | None = None) -> None:
        """End one fault, or all."""
        with self._lock:
            ended = [fault] if fault is not None else list(self._active)
            ended = [one for one in ended if self._active.pop(one, None) is not None]
        for one in ended:
            self._changed(one, False)

    @property
    def all(self) -> tuple[InjectedFault, ...]:
        """Every fault that holds now."""
        with self._lock:
            return tuple(self._active.values())

    def restart(self) -> None:
        """The modem was switched on: faults that last so many seconds begin anew."""
        with self._lock:
            self._since = dict.fromkeys(self._active, time.monotonic())

    def lasts(self, fault: Fault) -> bool:
        """Whether a fault whose value is a number of seconds (none = until cleared) still holds."""
        with self._lock:
            injected = self._active.get(fault)
            if injected is None:
                return False
            return injected.value is None or time.monotonic() < self._since[fault] + injected.value

    def active(self, fault: Fault) -> InjectedFault | None:
        """The fault if it holds now, without using an occasion."""
        with self._lock:
            return self._active.get(fault)

    def take(self, fault: Fault) -> InjectedFault | None:
        """The fault if it holds now; one occasion of a counted one is used."""
        with self._lock:
            injected = self._active.get(fault)
            if injected is None or injected.times is None:
                return injected
            if injected.times > 1:
                self._active[fault] = InjectedFault(fault, injected.value, injected.times - 1)
            else:
                del self._active[fault]
            return injected
