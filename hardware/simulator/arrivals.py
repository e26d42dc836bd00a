"""What reaches a simulated modem from the network: SMS for its own number and delivery reports."""

from collections import deque
from collections.abc import Callable, Mapping

from hardware.simulator import address as addresses
from hardware.simulator import tpdu
from hardware.simulator.faults import ActiveFaults, Fault
from hardware.simulator.message_store import MessageStatus, MessageStore, StoredMessage
from hardware.simulator.phone import Delivery
from hardware.simulator.service_centre import StatusReport
from hardware.simulator.settings import Settings

# Place of a value in +CNMI, and what it says (3GPP TS 27.005 §3.4.1).
MT, DS = 1, 3
STORE_AND_INDICATE = 1
ROUTE_DIRECTLY = 2
REPORT_DIRECTLY = 1
REPORT_STORED = 2

# Memory of delivery reports (§3.2.2).
REPORT_MEMORY = "SR"

# How far the fault `report_of_another` is off.
FOREIGN_REFERENCE = 100


class Arrivals:
    """Stores or tells what arrives, as +CNMI asks."""

    def __init__(
        self,
        *,
        stores: Mapping[str, MessageStore],
        faults: ActiveFaults,
        zone_quarters: int,
        settings: Callable[[], Settings],
        say: Callable[[str], None],
    ) -> None:
        self._stores = stores
        self._faults = faults
        self._zone_quarters = zone_quarters
        self._settings = settings
        self._say = say
        self._unacknowledged = False
        self._behind_unacknowledged: deque[str] = deque()
        self._overflow: deque[Delivery] = deque()

    def power_on(self) -> None:
        """Nothing waits for +CNMA any more."""
        self._unacknowledged = False
        self._behind_unacknowledged.clear()

    @property
    def clock_error_ms(self) -> int:
        """How far the network's time is off by the fault `clock_wrong`."""
        wrong = self._faults.active(Fault.CLOCK_WRONG)
        return int((wrong.value or 0) * 1000) if wrong else 0

    def report(self, report: StatusReport, service_centre: str | None) -> None:
        """A delivery report arrives."""
        if self._faults.take(Fault.REPORT_LOST):
            return
        foreign = FOREIGN_REFERENCE if self._faults.take(Fault.REPORT_OF_ANOTHER) else 0
        octets = tpdu.encode_status_report(
            (report.reference + foreign) % 256,
            report.recipient,
            accepted_ms=report.accepted_ms + self.clock_error_ms,
            discharged_ms=report.discharged_ms + self.clock_error_ms,
            status=report.status,
            quarters=self._zone_quarters,
        )
        if self._faults.take(Fault.REPORT_GARBLED):
            octets = octets[: len(octets) // 2]
        pdu = addresses.encode_service_centre(service_centre) + octets
        message = StoredMessage(MessageStatus.RECEIVED_UNREAD, pdu, len(octets))
        wanted = self._settings().indications[DS]
        if wanted and self._faults.active(Fault.REPORT_STORED):
            wanted = REPORT_STORED
        if wanted == REPORT_DIRECTLY:
            self._route(f"+CDS: {len(octets)}\r\n{pdu.hex().upper()}")
        elif wanted == REPORT_STORED and REPORT_MEMORY in self._stores:
            index = self._stores[REPORT_MEMORY].add(message)
            if index is not None:
                self._say(f'+CDSI: "{REPORT_MEMORY}",{index}')

    def message(self, delivery: Delivery, service_centre: str | None) -> None:
        """An SMS for the modem's own number arrives; with a full store it waits at the network."""
        octets = tpdu.encode_deliver(
            delivery.sender,
            delivery.submit,
            accepted_ms=delivery.accepted_ms + self.clock_error_ms,
            quarters=self._zone_quarters,
        )
        pdu = addresses.encode_service_centre(service_centre) + octets
        settings = self._settings()
        if settings.indications[MT] == ROUTE_DIRECTLY:
            self._route(f"+CMT: ,{len(octets)}\r\n{pdu.hex().upper()}")
            return
        memory = settings.memories[2]
        index = None
        if not self._faults.active(Fault.SIM_MEMORY_FULL):
            index = self._stores[memory].add(StoredMessage(MessageStatus.RECEIVED_UNREAD, pdu, len(octets)))
        if index is None:
            self._overflow.append(delivery)
        elif settings.indications[MT] == STORE_AND_INDICATE:
            self._say(f'+CMTI: "{memory}",{index}')

    def room_made(self, service_centre: str | None) -> None:
        """A message was deleted: the network tries again what did not fit."""
        waiting, self._overflow = self._overflow, deque()
        for delivery in waiting:
            self.message(delivery, service_centre)

    def acknowledge(self) -> bool:
        """+CNMA: the next routed message may come; False when none was to be acknowledged (27.005 §4.6)."""
        if not self._unacknowledged:
            return False
        self._unacknowledged = False
        if self._behind_unacknowledged:
            self._route(self._behind_unacknowledged.popleft())
        return True

    def _route(self, text: str) -> None:
        """Tell a message directly; with +CSMS 1 each one waits for +CNMA of the one before."""
        if self._unacknowledged:
            self._behind_unacknowledged.append(text)
            return
        self._unacknowledged = self._settings().message_service == 1
        self._say(text)
