"""The inside of a simulated modem: what its commands read and change. All of it lives in the modem's thread."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Protocol

from hardware.simulator.air import SimulatedNetwork
from hardware.simulator.arrivals import Arrivals
from hardware.simulator.causes import Cme, CmeFailure, Cms, CmsFailure
from hardware.simulator.faults import ActiveFaults, Fault
from hardware.simulator.message_store import MessageStore
from hardware.simulator.pace import Pace
from hardware.simulator.profile import BannerLine, Profile
from hardware.simulator.radio import AUTOMATIC, FULL_FUNCTIONALITY, MANUAL, Radio
from hardware.simulator.settings import Settings
from hardware.simulator.sim_card import PinState, SimulatedSim
from hardware.simulator.tpdu import Submit

# What a SIM asks for that had no PIN when a fault locks it.
PIN_OF_THE_FAULT = "0000"

# Faults that card and modem remember without power.
REMEMBERED = frozenset({Fault.ONE_PIN_TRY_LEFT, Fault.SIM_PUK, Fault.MANUAL_OPERATOR_LEFT})

USSD_ANSWERS = {"*101#": "Uw tegoed is 12,50 euro, geldig tot 31-12-2027.", "*100#": "Uw tegoed is 12,50 euro."}


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """An SMS that the network took from this modem.

    Attributes:
        reference: TP-MR that the SIM gave it, as in +CMGS.
        number: the destination as dialled.
        text: what it says; None for 8-bit data.
        network: MCC-MNC over which it went.
        at_ms: when, ms UTC.
        submit: the decoded SMS-SUBMIT.
    """

    reference: int
    number: str = field(repr=False)
    text: str | None = field(repr=False)
    network: str
    at_ms: int
    submit: Submit


class Body(Protocol):
    """What the inside needs from the modem around it."""

    def say(self, text: str) -> None:
        """Write an unsolicited line, behind the answer of a command that is under way."""

    def chat(self, text: str) -> None:
        """Write an unsolicited line now, but not into what is being typed."""

    def say_at_once(self, text: str) -> None:
        """Write an unsolicited line now, whatever is under way."""

    def after(self, seconds: float, callback: Callable[[], None]) -> None:
        """Do something later, in the modem's thread, unless it is switched off before."""

    def sent(self, message: SentMessage) -> None:
        """Note an SMS that the network took."""

    def say_late(self, text: str) -> None:
        """Write an answer that belongs to a command long past, and OK."""

    def submit(self, network: str, submit: Submit, reference: int) -> int | None:
        """Give an SMS to the service centre: None when accepted, else the cause of the refusal."""

    def on_network(self) -> None:
        """Registered: fetch what waited at the network."""


class Equipment:
    """State and abilities of one modem; commands are functions of it.

    Attributes:
        stores: message stores by their +CPMS name.
        ussd_answers: what the network answers, by request.
        service_centre_lost: the fault `csca_lost` until a command writes the number.
        hung: answers nothing until it is switched off.
    """

    def __init__(
        self,
        profile: Profile,
        *,
        air: SimulatedNetwork,
        sim: SimulatedSim,
        network: str,
        imei: str,
        pace: Pace,
        faults: ActiveFaults,
        body: Body,
    ) -> None:
        self.profile = profile
        self.air = air
        self.sim = sim
        self.imei = imei
        self.pace = pace
        self.faults = faults
        self.body = body
        self.radio = Radio(air=air, sim=sim, faults=faults, network=network)
        self.settings = Settings.of(profile)
        self.stores = {
            memory: sim.messages if memory.startswith("SM") else MessageStore(capacity)
            for memory, capacity in profile.memories
        }
        self.arrivals = Arrivals(
            stores=self.stores,
            faults=faults,
            zone_quarters=air.zone_quarters,
            settings=lambda: self.settings,
            say=body.say,
        )
        self.ussd_answers = dict(USSD_ANSWERS)
        self.service_centre_lost = False
        self.hung = False
        self._lines_heard = 0
        self._garbage_due = False
        self._told: dict[str, int] = {}
        self._done_once: set[Fault] = set()

    def power_on(self, *, says_banner: bool = True) -> None:
        """Start afresh: settings, SIM and everything that faults do at the start; the banner unless it was long ago."""
        self.settings = Settings.of(self.profile)
        self.radio.functionality = FULL_FUNCTIONALITY
        self.sim.power_on()
        self.arrivals.power_on()
        self.hung = False
        self._lines_heard = 0
        self.faults.restart()
        for injected in self.faults.all:
            if injected.fault not in self._done_once:
                self._arm(injected.fault)
        self._told = {domain: self.radio.domain_registration(domain) for domain in self.profile.domains}
        if says_banner:
            self._say_banner(only_behind_pin=False)
        self._schedule_chatter()

    # Faults

    def fault_changed(self, fault: Fault, active: bool) -> None:
        """Bring about what a fault needs to be there, or take it back."""
        if active:
            self._arm(fault)
        else:
            self._disarm(fault)
        self.tell_registration()

    def _arm(self, fault: Fault) -> None:
        match fault:
            case Fault.V0_LEFT_ON:
                self.settings.verbose = False
            case Fault.Q1_LEFT_ON:
                self.settings.quiet = True
            case Fault.UCS2_LEFT_ON:
                self.settings.character_set = "UCS2"
            case Fault.TEXT_MODE_ONLY:
                self.settings.text_mode = True
            case Fault.FIRST_AT_IGNORED:
                self._lines_heard = 0
            case Fault.GARBAGE_AT_START:
                self._garbage_due = True
            case Fault.CSCA_LOST:
                self.service_centre_lost = True
            case Fault.RSSI_FLOOD | Fault.UNKNOWN_URC_FLOOD:
                self._flood(fault)
            case _:
                self._arm_sim_or_radio(fault)

    def _arm_sim_or_radio(self, fault: Fault) -> None:
        """Card and operator selection remember: these are brought about once, not at each power-on."""
        if fault in REMEMBERED:
            self._done_once.add(fault)
        match fault:
            case Fault.SIM_PIN | Fault.ONE_PIN_TRY_LEFT | Fault.SIM_PUK:
                self.sim.pin = self.sim.pin or PIN_OF_THE_FAULT
                self.sim.power_on()
                if fault is not Fault.SIM_PIN:
                    self.sim.pin_tries = 1 if fault is Fault.ONE_PIN_TRY_LEFT else 0
            case Fault.RADIO_OFF:
                self.radio.functionality = 0
            case Fault.MANUAL_OPERATOR_LEFT:
                home = self.sim.home_network
                self.radio.mode = MANUAL
                self.radio.selected = next(one.mccmnc for one in self.air.operators if one.mccmnc != home)
            case _:
                pass

    def _disarm(self, fault: Fault) -> None:
        self._done_once.discard(fault)
        match fault:
            case Fault.SIM_PIN | Fault.ONE_PIN_TRY_LEFT | Fault.SIM_PUK:
                self.sim.repair()
            case Fault.RADIO_OFF:
                self.radio.functionality = FULL_FUNCTIONALITY
            case Fault.MANUAL_OPERATOR_LEFT:
                self.radio.mode, self.radio.selected = AUTOMATIC, None
            case Fault.CSCA_LOST:
                self.service_centre_lost = False
            case _:
                pass

    @property
    def asleep(self) -> bool:
        """Whether the modem neither answers nor echoes now."""
        first = self.faults.active(Fault.FIRST_AT_IGNORED)
        ignores = first is not None and self._lines_heard < (first.value or 0)
        return self.hung or ignores or self.faults.active(Fault.DEAF) is not None

    def sleeps_through_line(self) -> bool:
        """Whether the modem ignores this command line; counts it."""
        asleep = self.asleep
        self._lines_heard += 1
        return asleep

    def takes_garbage(self) -> bool:
        """Whether line noise is due now; once per power-on."""
        due, self._garbage_due = self._garbage_due, False
        return due

    def _flood(self, fault: Fault) -> None:
        injected = self.faults.active(fault)
        if injected is not None:
            text = f"^RSSI:{self.radio.signal_quality}" if fault is Fault.RSSI_FLOOD else '+QZZZ: 7,"onbekend"'
            self.body.say_at_once(text)
            self.body.after(max(injected.value or 0, 1) / 1000, lambda: self._flood(fault))

    # What the modem says by itself

    def _say_banner(self, *, only_behind_pin: bool) -> None:
        for line in self.profile.banner:
            if line.needs_sim or not only_behind_pin:
                self._later(line.seconds * self.pace.boot, partial(self._say_banner_line, line))

    def _later(self, seconds: float, callback: Callable[[], None]) -> None:
        """At an instant pace the banner is said before any program can have opened the port."""
        if seconds:
            self.body.after(seconds, callback)
        else:
            callback()

    def _say_banner_line(self, line: BannerLine) -> None:
        if not line.needs_sim or self.radio.sim_ready:
            self.body.say(line.text.format(pin_state=self.sim.pin_state.value))

    def _schedule_chatter(self) -> None:
        for chatter in self.profile.chatter:
            self._chat(chatter.seconds, chatter.texts, first=True)

    def _chat(self, seconds: float, texts: tuple[str, ...], *, first: bool = False) -> None:
        if not first and self.settings.chatter:
            self.body.chat(texts[0].format(rssi=self.radio.signal_quality))
        following = texts if first else texts[1:] + texts[:1]
        self.body.after(seconds, lambda: self._chat(seconds, following))

    def sim_opened(self) -> None:
        """The right PIN was entered: say what comes then and register."""
        self._say_banner(only_behind_pin=True)
        self.tell_registration()

    def tell_registration(self) -> None:
        """Say what changed in each domain that was asked to report, and collect what waited at the network."""
        for domain in self.profile.domains:
            now = self.radio.domain_registration(domain)
            if self._told.get(domain) != now:
                self._told[domain] = now
                level = self.settings.registration_reports.get(domain, 0)
                if level:
                    self.body.say(f"{domain}: {self.registration_values(domain, level)}")
        if self.radio.serving_network is not None:
            self.body.on_network()

    def registration_values(self, domain: str, level: int) -> str:
        """<stat>, and at level 2 area, cell and technology (3GPP TS 27.007 §7.2)."""
        status = self.radio.domain_registration(domain)
        if level < 2 or self.radio.serving_network is None:
            return str(status)
        technology = f",{self.profile.technology}" if self.profile.technology else ""
        return f'{status},"00A8","0053{self.radio.serving_network[-4:]}"{technology}'

    # What commands need

    @property
    def service_centre(self) -> str | None:
        """Number of the service centre, unless it is lost."""
        return None if self.service_centre_lost else self.sim.service_centre

    def require_sim(self, *, messages: bool = False) -> None:
        """Refuse what cannot be done without an open SIM.

        Raises:
            CmsFailure: for a message command.
            CmeFailure: for another.
        """
        for failed, cms, cme in (
            (self.faults.active(Fault.SIM_ABSENT), Cms.SIM_NOT_INSERTED, Cme.SIM_NOT_INSERTED),
            (self.faults.active(Fault.SIM_FAILURE), Cms.SIM_FAILURE, Cme.SIM_FAILURE),
            (self.faults.lasts(Fault.SIM_BUSY), Cms.SIM_BUSY, Cme.SIM_BUSY),
            (self.sim.pin_state is PinState.PIN, Cms.SIM_PIN_REQUIRED, Cme.SIM_PIN_REQUIRED),
            (self.sim.pin_state is PinState.PUK, Cms.SIM_PUK_REQUIRED, Cme.SIM_PUK_REQUIRED),
            (self.sim.pin_state is PinState.DEAD, Cms.SIM_FAILURE, Cme.SIM_FAILURE),
        ):
            if failed:
                raise CmsFailure(cms) if messages else CmeFailure(cme)

    def require_card(self) -> None:
        """Refuse what asks a SIM that does not answer; it need not be open.

        Raises:
            CmeFailure: absent, broken or busy.
        """
        for failed, cme in (
            (self.faults.active(Fault.SIM_ABSENT), Cme.SIM_NOT_INSERTED),
            (self.faults.active(Fault.SIM_FAILURE), Cme.SIM_FAILURE),
            (self.faults.lasts(Fault.SIM_BUSY), Cme.SIM_BUSY),
        ):
            if failed:
                raise CmeFailure(cme)

    def require_messages(self) -> None:
        """Refuse a message command that cannot be done now.

        Raises:
            CommandFailure: no open SIM, no SMS on this port, or the message service is not ready.
        """
        if self.faults.active(Fault.NO_SMS_ON_PORT):
            raise CmeFailure(Cme.OPERATION_NOT_SUPPORTED)
        self.require_sim(messages=True)
        if self.faults.lasts(Fault.SMS_NOT_READY):
            raise CmsFailure(Cms.UNKNOWN)
