"""The simulated air: operators, their weather, and everybody's phones."""

import threading
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from hardware.simulator.address import TYPE_INTERNATIONAL, Address
from hardware.simulator.errors import UnknownOperator
from hardware.simulator.operators import OPERATORS, Operator
from hardware.simulator.phone import SimulatedPhone
from hardware.simulator.service_centre import PERMANENT_NOT_OBTAINABLE, AcceptedSms, ServiceCentre, Station
from hardware.simulator.tpdu import Submit


def wall_clock_ms() -> int:
    """Milliseconds UTC of this machine."""
    return time.time_ns() // 1_000_000


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


class SimulatedNetwork:
    """All simulated networks of one country side by side, safe to use from any thread.

    With no delays (the default) a message is in the phone before the modem says +CMGS. `changed` is the condition
    that is notified at each change of air, phones and modems.
    """

    def __init__(
        self,
        operators: Iterable[Operator] = OPERATORS,
        *,
        now_ms: Callable[[], int] = wall_clock_ms,
        transit_seconds: float = 0.0,
        report_seconds: float = 0.0,
        zone_quarters: int = 4,
        every_number_exists: bool = False,
    ) -> None:
        """Make the air.

        Args:
            operators: those that can be seen here.
            now_ms: the network's clock, ms UTC.
            transit_seconds: from acceptance to the phone, unless `delay` says otherwise for a network.
            report_seconds: from the phone to the delivery report.
            zone_quarters: the network's time zone in quarters of an hour.
            every_number_exists: whether a number that nobody asked for has a phone too.
        """
        self.changed = threading.Condition(threading.RLock())
        self.now_ms = now_ms
        self.zone_quarters = zone_quarters
        self._every_number_exists = every_number_exists
        self._operators = {operator.mccmnc: operator for operator in operators}
        self._transit_seconds = transit_seconds
        self._weather = {mccmnc: _Weather() for mccmnc in self._operators}
        self._refusals: list[_Refusal] = []
        self._phones: dict[str, SimulatedPhone] = {}
        self._stations: list[Station] = []
        self._accepted: list[AcceptedSms] = []
        self._service_centre = ServiceCentre(self, lock=self.changed, now_ms=now_ms, report_seconds=report_seconds)

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
        """The phone with this E.164 number, made when it does not exist.

        Args:
            number: E.164, with its plus.
            home_network: MCC-MNC whose outage makes a new phone unreachable; None = no outage does.
        """
        with self.changed:
            if number not in self._phones:
                self._phones[number] = SimulatedPhone(
                    number,
                    changed=self.changed,
                    switched_on=self._service_centre.try_again,
                    home_network=home_network,
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

    # The weather

    def outage(self, network: str) -> None:
        """Take a network down: modems lose it and its own phones are unreachable."""
        self._set_outage(network, outage=True)

    def restore(self, network: str) -> None:
        """Bring a network back."""
        self._set_outage(network, outage=False)
        self._service_centre.try_again()

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

    def delay(self, network: str, seconds: float | None) -> None:
        """Let messages over this network take so long from acceptance to the phone; None = as the others."""
        self.operator(network)
        with self.changed:
            self._weather[network].transit_seconds = seconds

    def refuse(self, network: str, cause: int, *, number: str | None = None, times: int | None = None) -> None:
        """Let a network refuse submissions, until `accept`.

        Args:
            network: MCC-MNC.
            cause: 3GPP TS 24.011 Annex E-2; becomes +CMS ERROR: cause.
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
        """Let messages to a number be accepted and then fail with this TP-ST (23.040 §9.2.3.15); 0 ends that."""
        self._service_centre.fail_delivery(number, status)

    # Waiting

    def wait_for(self, predicate: Callable[[], bool], timeout: float | None = 5.0) -> bool:
        """Wait until `predicate` holds, asked again at each change; whether it did within `timeout` seconds."""
        with self.changed:
            return self.changed.wait_for(predicate, timeout)

    def notify(self) -> None:
        """Let those who wait look again."""
        with self.changed:
            self.changed.notify_all()

    def close(self) -> None:
        """Forget everything that is still under way."""
        self._service_centre.close()

    # For modems

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

    def submit(self, station: Station, network: str, submit: Submit, reference: int) -> int | None:
        """Take an SMS-SUBMIT from a modem: None when accepted, else the cause of the refusal."""
        operator = self.operator(network)
        recipient = _international(submit.destination, operator)
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
                network_name=operator.long_name,
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
            self._service_centre.forward(sms, seconds)
        return None

    def registered(self, station: Station) -> None:
        """A modem found a network: it gets the reports and messages that waited for it."""
        self._service_centre.collect_reports(station)
        self._service_centre.try_again()

    # For the service centre

    def subscriber(self, number: str) -> SimulatedPhone | Station | None:
        """The modem or phone with this number; None = nobody has it."""
        modem = next((station for station in self._stations if station.number == number), None)
        if modem is None and self._every_number_exists:
            return self.phone(number)
        return modem or self._phones.get(number)

    def is_reachable(self, subscriber: SimulatedPhone | Station) -> bool:
        """Whether it would take a message now."""
        if isinstance(subscriber, SimulatedPhone):
            home = subscriber.home_network
            return subscriber.is_on and (home is None or self.is_up(home))
        return subscriber.reachable

    def is_attached(self, station: Station) -> bool:
        """Whether a modem is on the air and registered."""
        return station in self._stations and station.reachable

    def _set_outage(self, network: str, *, outage: bool) -> None:
        self.operator(network)
        with self.changed:
            self._weather[network].outage = outage
            stations = tuple(self._stations)
            self.changed.notify_all()
        for station in stations:
            station.weather_changed()

    def _refusal(self, network: str, recipient: str) -> int | None:
        for refusal in self._refusals:
            if refusal.network == network and refusal.number in {None, recipient}:
                if refusal.times is not None:
                    refusal.times -= 1
                    if refusal.times == 0:
                        self._refusals.remove(refusal)
                return refusal.cause
        return None


def _international(destination: Address, operator: Operator) -> str:
    """E.164 of a dialled number, as the switch of that operator understands it; a short code as it is."""
    digits = destination.digits
    if destination.type_of_number == TYPE_INTERNATIONAL:
        return f"+{digits}"
    if digits.startswith("00"):
        return f"+{digits[2:]}"
    return f"+{operator.country_calling_code}{digits[1:]}" if digits.startswith("0") else digits
