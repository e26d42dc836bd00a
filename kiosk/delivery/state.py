"""How an SMS stands: one vocabulary for the outbox, the sign-in and the pages."""

from enum import StrEnum, unique


@unique
class DeliveryState(StrEnum):
    """What is truly known of an SMS; the values are the last part of `sms.status.line.*`."""

    SENDING = "sending"
    QUEUE = "queue"
    SEARCHING = "searching"
    """A modem looks for another network for it."""
    ACCEPTED = "accepted"
    DELIVERED = "delivered"
    NOT_DELIVERED = "not_delivered"
    UNKNOWN = "unknown"
    REFUSED = "refused"
    NO_NETWORK = "no_network"
    MODEM_DOWN = "modem_down"
