"""A delivery report as delivery needs it (23.040 9.2.2.3)."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum


class DeliveryOutcome(StrEnum):
    """What TP-ST says, in three groups (23.040 9.2.3.15)."""

    DELIVERED = "delivered"  # 00 to 1F: the service centre got rid of it
    PENDING = "pending"  # 20 to 3F: the service centre still tries
    FAILED = "failed"  # 40 to FF: the service centre has given up


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusReport:
    """One SMS-STATUS-REPORT.

    `reference` is TP-MR, `recipient` TP-RA (E.164 with + when international), the times carry the service centre's offset
    and are None when they make no sense, `status` is TP-ST.
    """

    reference: int
    recipient: str = field(repr=False)
    service_centre_time: datetime | None
    discharge_time: datetime | None
    status: int
    service_centre: str = field(default="", repr=False)

    @property
    def outcome(self) -> DeliveryOutcome:
        """The group of TP-ST; reserved values count as failed, as the standard asks."""
        if self.status < 0x20:
            return DeliveryOutcome.DELIVERED
        return DeliveryOutcome.PENDING if self.status < 0x40 else DeliveryOutcome.FAILED

    @property
    def delivered(self) -> bool | None:
        """True: it arrived; False: it will not; None: the service centre still tries."""
        return {DeliveryOutcome.DELIVERED: True, DeliveryOutcome.FAILED: False}.get(self.outcome)
