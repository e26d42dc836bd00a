"""The simulated air: operators, their weather, a service centre that stores and forwards, and everybody's phones."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Protocol

from hardware.simulator import tpdu
from hardware.simulator.address import TYPE_ALPHANUMERIC, TYPE_INTERNATIONAL, Address
from hardware.simulator.errors import UnknownOperator
from hardware.simulator.operators import OPERATORS, Operator
from hardware.simulator.phone import Delivery, SimulatedPhone
from hardware.simulator.timeline import Timeline
from hardware.simulator.tpdu import Submit

# TP-ST, 3GPP TS 23.040 §9.2.3.15.
RECEIVED = 0x00
TEMPORARY_SME_BUSY = 0x30  # seen in the field for a phone that is off; the service centre still tries
PERMANENT_NOT_OBTAINABLE = 0x43
PERMANENT_VALIDITY_EXPIRED = 0x46

# How long a service centre keeps a message that asks for no validity period: two days is common.
DEFAULT_VALIDITY_MINUTES = 2 * 24 * 60


def wall_clock_ms() -> int:
    """Milliseconds UTC of this machine."""
    return time.time_ns() // 1_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """A delivery report on its way to the sender."""

    reference: int
    recipient: Address
    accepted_ms: int
    discharged_ms: int
    status: int


class Station(Protocol):
    """A modem as the air sees it: something with a number that is on a network and can be given things."""

    @property
    def number(self) -> str:
        """E.164 number of its SIM."""

    @property
    def reachable(self) -> bool:
        """Whether it is registered now."""

    def receive_report(self, report: StatusReport) -> None:
        """Take a delivery report."""

    def receive_message(self, delivery: Delivery) -> None:
        """Take an SMS for its own number."""

    def weather_changed(self) -> None:
        """Look at the network again."""


@dataclass(slots=True, kw_only=True)
class _Weather:
    """What is wrong with one network."""

    outage: bool = False
    lose: int = 0
    transit_seconds: float | None = None


@dataclass(slots=True, kw_only=True)
class _Refusal:
    """A rule by which a network refuses submissions."""

    network: str
    cause: int
    number: str | None
    times: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedSms:
    """What the service centre took: one entry per accepted SMS-SUBMIT, in order.

    Attributes:
        sender, recipient: E.164.
        network: MCC-MNC over which it came.
        reference: TP-MR that the SIM gave it.
        accepted_ms: when, ms UTC.
        lost: whether bad weather swallowed it afterwards.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    network: str
    reference: int
    submit: Submit
    accepted_ms: int
    lost: bool
    station: Station = field(repr=False, compare=False)


class SimulatedNetwork:
    """All simulated networks of one country side by side, safe to use from any thread.

    With no delays (the default) a message is in the phone before the modem says +CMGS.
    """

    def __init__(
        self,
        operators: Iterable[Operator] = OPERATORS,
        *,
        now_ms: Callable[[], int] = wall_clock_ms,
        transit_seconds: float = 0.0,
        report_seconds: float = 0.0,
        zone_quarters: int = 4,
    ) -> None:
        """Make the air.

        Args:
            operators: those that can be seen here.
            now_ms: the network's clock, ms UTC.
            transit_seconds: from acceptance to the phone, unless `delay` says otherwise for a network.
            report_seconds: from the phone to the delivery report.
            zone_quarters: the network's time zone in quarters of an hour.
        """
        self.changed = threading.Condition(threading.RLock())
        self.now_ms = now_ms
        self.zone_quarters = zone_quarters
        self._operators = {operator.mccmnc: operator for operator in operators}
        self._transit_seconds = transit_seconds
        self._report_seconds = report_seconds
        self._weather = {mccmnc: _Weather() for mccmnc in self._operators}
        self._refusals: list[_Refusal] = []
        self._failing: dict[str, int] = {}
        self._phones: dict[str, SimulatedPhone] = {}
        self._stations: list[Station] = []
        self._accepted: list[AcceptedSms] = []
        self._waiting: list[AcceptedSms] = []
        self._undelivered_reports: list[tuple[str, StatusReport]] = []
        self._timeline = Timeline("simulated-air")

    # Who is there

    @property
    def operators(self) -> tuple[Operator, ...]:
        """All networks that can be seen."""
        return tuple(self._operators.values())

    def operator(self, mccmnc: str) -> Operator:
        """One network.

        Raises:
            UnknownOperator: it cannot be seen here.
        """
        try:
            return self._operators[mccmnc]
        except KeyError:
            raise UnknownOperator(mccmnc, self._operators) from None

    def phone(self, number: str, *, home_network: str | None = None) -> SimulatedPhone:
        """The phone with this E.164 number, made when it does not exist."""
        with self.changed:
            if number not in self._phones:
                self._phones[number] = SimulatedPhone(
                    number, changed=self.changed, switched_on=self._try_waiting, home_network=home_network
                )
            return self._phones[number]

    @property
    def phones(self) -> tuple[SimulatedPhone, ...]:
        """All phones, oldest first."""
        with self.changed:
            return tuple(self._phones.values())

    @property
    def accepted(self) -> tuple[AcceptedSms, ...]:
        """Every SMS that the service centre took, lost ones too, in order."""
        with self.changed:
            return tuple(self._accepted)

    def attach(self, station: Station) -> None:
        """A modem came on the air."""
        with self.changed:
            if station not in self._stations:
                self._stations.append(station)

    def detach(self, station: Station) -> None:
        """A modem left the air."""
        with self.changed:
            if station in self._stations:
                self._stations.remove(station)

    # The weather

    def outage(self, network: str) -> None:
        """Take a network down: modems lose it and its own phones are unreachable."""
        self._set_outage(network, True)

    def restore(self, network: str) -> None:
        """Bring a network back."""
        self._set_outage(network, False)

    def is_up(self, network: str) -> bool:
        """Whether a network is there and has no outage."""
        with self.changed:
            return network in self._weather and not self._weather[network].outage

    def lose_next(self, network: str, count: int = 1) -> None:
        """Lose the next `count` messages that this network accepts: neither phone nor report sees them."""
        self.operator(network)
        with self.changed:
            self._weather[network].lose += count

    def lose_no_more(self, network: str) -> None:
        """Take back what `lose_next` asked for and has not happened yet."""
        self.operator(network)
        with self.changed:
            self._weather[network].lose = 0

    def delay(self, network: str, seconds: float) -> None:
        """Let messages over this network take so long from acceptance to the phone."""
        self.operator(network)
        with self.changed:
            self._weather[network].transit_seconds = seconds

    def refuse(self, network: str, cause: int, *, number: str | None = None, times: int | None = None) -> None:
        """Let a network refuse submissions with a cause (3GPP TS 24.011 Annex E-2), until `accept`.

        Args:
            network: MCC-MNC.
            cause: becomes +CMS ERROR: cause.
            number: only to this E.164 number; None = to all.
            times: only so many; None = until `accept`.
        """
        self.operator(network)
        with self.changed:
            self._refusals.append(_Refusal(network=network, cause=cause, number=number, times=times))

    def accept(self, network: str) -> None:
        """End all refusals of a network."""
        with self.changed:
            self._refusals = [refusal for refusal in self._refusals if refusal.network != network]

    def fail_delivery(self, number: str, status: int = PERMANENT_NOT_OBTAINABLE) -> None:
        """Let messages to a number be accepted and then fail with this TP-ST; `RECEIVED` ends that."""
        with self.changed:
            if status == RECEIVED:
                self._failing.pop(number, None)
            else:
                self._failing[number] = status

    # Waiting

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = 5.0) -> bool:
        """Wait until `predicate` holds, asked again at each change of air, phones and modems; whether it did."""
        with self.changed:
            return self.changed.wait_for(predicate, timeout)

    def notify(self) -> None:
        """Let those who wait look again."""
        with self.changed:
            self.changed.notify_all()

    def close(self) -> None:
        """Forget everything that is still under way."""
        self._timeline.cancel_all()

    # Store and forward

    def submit(self, station: Station, network: str, submit: Submit, reference: int) -> int | None:
        """Take an SMS-SUBMIT from a modem: None when accepted, else the cause of the refusal."""
        recipient = self._international(submit.destination, network)
        with self.changed:
            cause = self._refusal(network, recipient)
            if cause is not None:
                return cause
            weather = self._weather[network]
            lost = weather.lose > 0
            weather.lose -= lost
            sms = AcceptedSms(
                sender=station.number,
                recipient=recipient,
                network=network,
                reference=reference,
                submit=submit,
                accepted_ms=self.now_ms(),
                lost=lost,
                station=station,
            )
            self._accepted.append(sms)
            self.changed.notify_all()
            seconds = self._transit_seconds if weather.transit_seconds is None else weather.transit_seconds
        if not lost:
            self._timeline.after(seconds, lambda: self._deliver(sms, first_try=True))
        return None

    def collect_reports(self, station: Station) -> None:
        """Give a modem the delivery reports that waited for it."""
        with self.changed:
            due = [report for number, report in self._undelivered_reports if number == station.number]
            self._undelivered_reports = [
                waiting for waiting in self._undelivered_reports if waiting[0] != station.number
            ]
        for report in due:
            station.receive_report(report)
        self._try_waiting(None)

    def _set_outage(self, network: str, outage: bool) -> None:
        self.operator(network)
        with self.changed:
            self._weather[network].outage = outage
            stations = tuple(self._stations)
            self.changed.notify_all()
        for station in stations:
            station.weather_changed()
        if not outage:
            self._try_waiting(None)

    def _refusal(self, network: str, recipient: str) -> int | None:
        for refusal in self._refusals:
            if refusal.network == network and refusal.number in {None, recipient}:
                if refusal.times is not None:
                    refusal.times -= 1
                    if refusal.times == 0:
                        self._refusals.remove(refusal)
                return refusal.cause
        return None

    def _international(self, destination: Address, network: str) -> str:
        """E.164 of a dialled number, as the switch of that network understands it."""
        digits = destination.digits
        if destination.type_of_number == TYPE_INTERNATIONAL:
            return f"+{digits}"
        if destination.type_of_number == TYPE_ALPHANUMERIC or not digits.startswith("0"):
            return digits
        if digits.startswith("00"):
            return f"+{digits[2:]}"
        return f"+{self.operator(network).country_calling_code}{digits[1:]}"

    def _deliver(self, sms: AcceptedSms, *, first_try: bool) -> None:
        with self.changed:
            phone = self._phones.get(sms.recipient)
            modem = next((one for one in self._stations if one.number == sms.recipient), None)
            status = self._failing.get(sms.recipient)
            if status is None and phone is None and modem is None:
                status = PERMANENT_NOT_OBTAINABLE
            minutes = sms.submit.validity_minutes or DEFAULT_VALIDITY_MINUTES
            if status is None and not first_try and self.now_ms() > sms.accepted_ms + minutes * 60_000:
                status = PERMANENT_VALIDITY_EXPIRED
            if status is None and not self._reachable(phone, modem):
                self._waiting.append(sms)
                status = TEMPORARY_SME_BUSY
        if status is None:
            self._hand_over(sms, phone, modem)
            status = RECEIVED
        # A service centre tells once that it still tries, then how it ended.
        if sms.submit.status_report and (status != TEMPORARY_SME_BUSY or first_try):
            self._timeline.after(self._report_seconds, lambda: self._report(sms, status))

    def _reachable(self, phone: SimulatedPhone | None, modem: Station | None) -> bool:
        if modem is not None:
            return modem.reachable
        assert phone is not None
        return phone.is_on and (phone.home_network is None or self.is_up(phone.home_network))

    def _hand_over(self, sms: AcceptedSms, phone: SimulatedPhone | None, modem: Station | None) -> None:
        delivery = Delivery(
            sender=sms.sender,
            recipient=sms.recipient,
            submit=sms.submit,
            network=sms.network,
            network_name=self.operator(sms.network).long_name,
            at_ms=self.now_ms(),
            accepted_ms=sms.accepted_ms,
        )
        if modem is not None:
            modem.receive_message(delivery)
        elif phone is not None:
            phone.receive(delivery)

    def _try_waiting(self, _phone: SimulatedPhone | None) -> None:
        with self.changed:
            waiting, self._waiting = self._waiting, []
        for sms in waiting:
            self._deliver(sms, first_try=False)

    def _report(self, sms: AcceptedSms, status: int) -> None:
        report = StatusReport(
            reference=sms.reference,
            recipient=sms.submit.destination,
            accepted_ms=sms.accepted_ms,
            discharged_ms=self.now_ms(),
            status=status,
        )
        with self.changed:
            reachable = sms.station in self._stations and sms.station.reachable
            if not reachable:
                self._undelivered_reports.append((sms.sender, report))
        if reachable:
            sms.station.receive_report(report)


__all__ = [
    "PERMANENT_NOT_OBTAINABLE",
    "PERMANENT_VALIDITY_EXPIRED",
    "RECEIVED",
    "TEMPORARY_SME_BUSY",
    "AcceptedSms",
    "SimulatedNetwork",
    "Station",
    "StatusReport",
    "tpdu",
    "wall_clock_ms",
]
