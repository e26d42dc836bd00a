"""Message stores of SIM and modem (3GPP TS 27.005 §3.2.2)."""

from dataclasses import dataclass, field
from enum import Enum


class MessageStatus(Enum):
    """State of a stored message: number in PDU mode, words in text mode (3GPP TS 27.005 §3.1)."""

    RECEIVED_UNREAD = (0, "REC UNREAD")
    RECEIVED_READ = (1, "REC READ")
    STORED_UNSENT = (2, "STO UNSENT")
    STORED_SENT = (3, "STO SENT")
    ALL = (4, "ALL")

    @property
    def number(self) -> int:
        """As AT+CMGL= asks and +CMGL: answers in PDU mode."""
        return self.value[0]

    @property
    def words(self) -> str:
        """As in text mode."""
        return self.value[1]


@dataclass(frozen=True, slots=True)
class StoredMessage:
    """A message in a store.

    Attributes:
        pdu: service centre address and TPDU, octets.
        tpdu_length: octets without the service centre address.
    """

    status: MessageStatus
    pdu: bytes = field(repr=False)
    tpdu_length: int


class MessageStore:
    """Messages by index, from 1."""

    def __init__(self, capacity: int) -> None:
        self.capacity = capacity
        self.messages: dict[int, StoredMessage] = {}

    def add(self, message: StoredMessage) -> int | None:
        """Keep a message at the lowest free index; None when the store is full."""
        for index in range(1, self.capacity + 1):
            if index not in self.messages:
                self.messages[index] = message
                return index
        return None
