"""The SMS service centre of the simulated air: it stores, forwards, tries again and reports."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from hardware.simulator.address import Address
from hardware.simulator.phone import Delivery, SimulatedPhone
from hardware.simulator.timeline import Timeline
from hardware.simulator.tpdu import Submit

# TP-ST, 3GPP TS 23.040 §9.2.3.15.
RECEIVED = 0x00
# Seen in the field for a phone that is off; the service centre still tries.
TEMPORARY_STILL_TRYING = 0x30
PERMANENT_NOT_OBTAINABLE = 0x43
PERMANENT_VALIDITY_EXPIRED = 0x46

# How long a message is kept that asks for no validity period: two days is common.
DEFAULT_VALIDITY_MINUTES = 2 * 24 * 60


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """A delivery report on its way to the sender.

    Attributes:
        reference: TP-MR of the message.
        recipient: as the sender dialled it.
        accepted_ms, discharged_ms: ms UTC.
        status: TP-ST.
    """

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


@dataclass(frozen=True, slots=True, kw_only=True)
class AcceptedSms:
    """What the service centre took: one entry per accepted SMS-SUBMIT.

    Attributes:
        sender, recipient: E.164.
        network, network_name: over which it came.
        reference: TP-MR that the SIM gave it.
        accepted_ms: when, ms UTC.
        lost: whether bad weather swallowed it afterwards.
    """

    sender: str = field(repr=False)
    recipient: str = field(repr=False)
    network: str
    network_name: str
    reference: int
    submit: Submit
    accepted_ms: int
    lost: bool
    station: Station = field(repr=False, compare=False)


class Subscribers(Protocol):
    """Whom the service centre can reach."""

    def subscriber(self, number: str) -> SimulatedPhone | Station | None:
        """The modem or phone with this number; None = nobody has it."""

    def is_reachable(self, subscriber: SimulatedPhone | Station) -> bool:
        """Whether it would take a message now."""

    def is_attached(self, station: Station) -> bool:
        """Whether a modem is on the air and registered."""


class ServiceCentre:
    """Stores and forwards; safe to use from any thread."""

    def __init__(
        self, subscribers: Subscribers, *, lock: threading.Condition, now_ms: Callable[[], int], report_seconds: float
    ) -> None:
        self._subscribers = subscribers
        self._lock = lock
        self._now_ms = now_ms
        self._report_seconds = report_seconds
        self._failing: dict[str, int] = {}
        self._waiting: list[AcceptedSms] = []
        self._reports: list[tuple[str, StatusReport]] = []
        self._timeline = Timeline("simulated-service-centre")

    def fail_delivery(self, number: str, status: int) -> None:
        """Let messages to a number fail with this TP-ST; `RECEIVED` ends that."""
        with self._lock:
            if status == RECEIVED:
                self._failing.pop(number, None)
            else:
                self._failing[number] = status

    def forward(self, sms: AcceptedSms, seconds: float) -> None:
        """Deliver an SMS so many seconds from now."""
        self._timeline.after(seconds, lambda: self._deliver(sms, first_try=True))

    def try_again(self) -> None:
        """Somebody may be reachable now: deliver what waits and can be delivered."""
        with self._lock:
            waiting, self._waiting = self._waiting, []
        for sms in waiting:
            self._deliver(sms, first_try=False)

    def collect_reports(self, station: Station) -> None:
        """Give a modem the delivery reports that waited for it."""
        with self._lock:
            due = [report for number, report in self._reports if number == station.number]
            self._reports = [waiting for waiting in self._reports if waiting[0] != station.number]
        for report in due:
            station.receive_report(report)

    def close(self) -> None:
        """Forget everything that is under way."""
        self._timeline.cancel_all()

    def _deliver(self, sms: AcceptedSms, *, first_try: bool) -> None:
        with self._lock:
            subscriber = self._subscribers.subscriber(sms.recipient)
            status = self._obstacle(sms, subscriber, first_try=first_try)
            if status == TEMPORARY_STILL_TRYING:
                self._waiting.append(sms)
        if status == RECEIVED:
            assert subscriber is not None
            self._hand_over(sms, subscriber)
        # It is told once that the service centre still tries, then how it ended.
        if sms.submit.status_report and (first_try or status != TEMPORARY_STILL_TRYING):
            self._timeline.after(self._report_seconds, lambda: self._report(sms, status))

    def _obstacle(self, sms: AcceptedSms, subscriber: SimulatedPhone | Station | None, *, first_try: bool) -> int:
        """TP-ST of a try."""
        minutes = sms.submit.validity_minutes or DEFAULT_VALIDITY_MINUTES
        if sms.recipient in self._failing:
            return self._failing[sms.recipient]
        if subscriber is None:
            return PERMANENT_NOT_OBTAINABLE
        if not first_try and self._now_ms() > sms.accepted_ms + minutes * 60_000:
            return PERMANENT_VALIDITY_EXPIRED
        return RECEIVED if self._subscribers.is_reachable(subscriber) else TEMPORARY_STILL_TRYING

    def _hand_over(self, sms: AcceptedSms, subscriber: SimulatedPhone | Station) -> None:
        delivery = Delivery(
            sender=sms.sender,
            submit=sms.submit,
            network=sms.network,
            network_name=sms.network_name,
            at_ms=self._now_ms(),
            accepted_ms=sms.accepted_ms,
        )
        if isinstance(subscriber, SimulatedPhone):
            subscriber.receive(delivery)
        else:
            subscriber.receive_message(delivery)

    def _report(self, sms: AcceptedSms, status: int) -> None:
        report = StatusReport(
            reference=sms.reference,
            recipient=sms.submit.destination,
            accepted_ms=sms.accepted_ms,
            discharged_ms=self._now_ms(),
            status=status,
        )
        with self._lock:
            attached = self._subscribers.is_attached(sms.station)
            if not attached:
                self._reports.append((sms.sender, report))
        if attached:
            sms.station.receive_report(report)
