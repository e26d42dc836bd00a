"""What makes one modem family differ from another, as data."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class BannerLine:
    """A line that the modem says by itself after power-on.

    Attributes:
        seconds: after power-on, at a real pace.
        text: `{pin_state}` stands for the answer to +CPIN?.
        needs_sim: said only when the SIM is open, else after the right PIN.
    """

    seconds: float
    text: str
    needs_sim: bool = False


@dataclass(frozen=True, slots=True)
class Chatter:
    """Lines that the modem says now and then: every `seconds`, the texts in turn; `{rssi}` is the +CSQ value."""

    seconds: float
    texts: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NewMessageIndications:
    """What +CNMI takes: allowed values of mode, mt, bm, ds, bfr (3GPP TS 27.005 §3.4.1) and the words of its test."""

    allowed: tuple[tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """One modem family.

    Attributes:
        name: for --profile.
        title: for people.
        manufacturer, model, revision: answers to +CGMI, +CGMM, +CGMR.
        identification: lines of ATI; `{imei}` is filled in.
        type_allocation_code: first eight digits of the IMEI.
        technology: <AcT> of +COPS and +CREG: 0 GSM, 2 UTRAN, 7 LTE (27.007 §7.3).
        domains: registration commands that exist.
        new_message_indications: see there.
        memories: +CPMS names with capacity; the first is the one at power-on. SM is the SIM.
        character_sets: +CSCS names; the first is the one at power-on.
        iccid_answers: commands that tell the ICCID → answer; `{iccid}` is filled in.
        pin_tries_answers: commands that tell the tries → lines; `{state}`, `{pin}`, `{puk}` are filled in.
        fixed_answers: command without AT → lines, for all that never changes.
        unknown_command: final result of an unknown command: words, or a +CME ERROR number.
        not_registered_cause: +CMS ERROR number without a network.
        error_level: AT+CMEE at power-on.
        operator_technology: whether +COPS? ends in <AcT>.
        reset_replugs: whether a reset takes the port away for a moment, as USB sticks do.
        ussd_packed: whether +CUSD wants and gives packed hexadecimal septets.
        has_cpinr: whether +CPINR exists.
        banner, chatter: what it says by itself.
        quietened_by: the command after which it chatters no more: ^CURC=0, or +CPMS in any form.
    """

    name: str
    title: str
    manufacturer: str
    model: str
    revision: str
    identification: tuple[str, ...]
    type_allocation_code: str
    technology: int
    new_message_indications: NewMessageIndications
    memories: tuple[tuple[str, int], ...]
    character_sets: tuple[str, ...]
    iccid_answers: Mapping[str, str]
    domains: tuple[str, ...] = ("+CREG", "+CGREG", "+CEREG")
    pin_tries_answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    fixed_answers: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    unknown_command: str | int = "ERROR"
    not_registered_cause: int = 331
    error_level: int = 0
    operator_technology: bool = True
    reset_replugs: bool = False
    ussd_packed: bool = False
    has_cpinr: bool = False
    banner: tuple[BannerLine, ...] = ()
    chatter: tuple[Chatter, ...] = ()
    quietened_by: str = "^CURC"
