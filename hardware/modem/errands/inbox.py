"""What lies in the memory for messages: listed, read, deleted. In PDU mode, so that every alphabet can be read."""

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from hardware.modem import pdu
from hardware.modem.answers_storage import Storage, StoredMessage, storages, stored_messages
from hardware.modem.errands.waiting import Progress, Refusal, refusal, slow_command, untold
from hardware.modem.errors import ModemError, PduError
from hardware.modem.session import ModemSession

# <stat> 4 of +CMGL: all of them (27.005 4.1).
_ALL = 4
# <delflag> 4 of +CMGD: all, read and unread, sent and unsent (27.005 3.5.4).
_DELETE_ALL = 4


class MessageKind(StrEnum):
    """What a stored message is."""

    RECEIVED = "received"
    OWN = "own"  # stored or sent by this SIM
    REPORT = "report"  # a delivery report
    UNREADABLE = "unreadable"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboxMessage:
    """One stored message, or one part of a long one.

    `index` is its place, `unread` that nobody has read or sent it yet, `other` the number or name at the other end,
    `at` the service centre's time (None when there is none), `text` None for data and what cannot be read, `reason` why.
    """

    index: int
    kind: MessageKind
    unread: bool
    other: str = field(default="", repr=False)
    at: datetime | None = None
    text: str | None = field(default=None, repr=False)
    part: pdu.Part | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """The messages in the first memory of +CPMS?, with how full that is (None when the modem does not tell)."""

    memory: Storage | None
    messages: tuple[InboxMessage, ...]
    refused: Refusal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Deleted:
    """How the modem took an order to delete; `refused` None when it did it."""

    refused: Refusal | None


class NoSuchMessage(ModemError):
    """Nothing lies at that place, or it cannot be read; `refused` is what the modem said, None when it was empty."""

    def __init__(self, index: int, refused: Refusal | None) -> None:
        self.index = index
        self.refused = refused
        super().__init__(str(index))


def inbox(session: ModemSession, progress: Progress = untold) -> Inbox:
    """List all messages (AT+CMGL=4); to the modem they are read afterwards. Some modems hang here now and then: AtTimeout."""
    channel = session.channel
    found = storages(channel.command("AT+CPMS?", prefixes=("+CPMS",)).first)
    answer = slow_command(
        channel,
        f"AT+CMGL={_ALL}",
        prefixes=("+CMGL",),
        free=True,
        timeout=session.channel.pace.list_messages,
        progress=progress,
    )
    messages = [
        read_stored(stored, stored.index)
        for stored in stored_messages("\n".join(answer.lines))
        if stored.index is not None
    ]
    return Inbox(memory=found[0] if found else None, messages=tuple(messages), refused=refusal(answer))


def message(session: ModemSession, index: int) -> InboxMessage:
    """Read one message (AT+CMGR); NoSuchMessage."""
    answer = session.channel.command(f"AT+CMGR={index}", prefixes=("+CMGR",), free=True)
    stored = stored_messages("\n".join(answer.lines))
    if not stored:
        raise NoSuchMessage(index, refusal(answer))
    return read_stored(stored[0], index)


def delete(session: ModemSession, index: int) -> Deleted:
    """Delete one message (AT+CMGD)."""
    return Deleted(refused=refusal(session.channel.command(f"AT+CMGD={index}")))


def delete_all(session: ModemSession, progress: Progress = untold) -> Deleted:
    """Delete every message of the first memory; where the modem cannot do that at once, one by one."""
    answer = slow_command(
        session.channel, f"AT+CMGD=1,{_DELETE_ALL}", timeout=session.channel.pace.list_messages, progress=progress
    )
    refused = refusal(answer)
    if refused:
        listed = inbox(session, progress)
        if listed.refused:
            return Deleted(refused=refused)
        each = [delete(session, one.index).refused for one in listed.messages]
        refused = next((one for one in each if one), None)
    return Deleted(refused=refused)


def read_stored(stored: StoredMessage, index: int) -> InboxMessage:
    """A stored message in words; what cannot be decoded is UNREADABLE with its reason."""
    # <stat> 0 received and unread, 1 read, 2 stored and unsent, 3 sent (27.005 3.1).
    unread = stored.status in {0, 2}
    try:
        match pdu.decode(stored.pdu):
            case pdu.Deliver() as received:
                return InboxMessage(
                    index=index,
                    kind=MessageKind.RECEIVED,
                    unread=unread,
                    other=received.sender.text,
                    at=received.service_centre_time,
                    text=received.user_data.text,
                    part=received.user_data.part,
                )
            case pdu.Submit() as own:
                return InboxMessage(
                    index=index,
                    kind=MessageKind.OWN,
                    unread=unread,
                    other=own.recipient.text,
                    text=own.user_data.text,
                    part=own.user_data.part,
                )
            case report:
                return InboxMessage(
                    index=index,
                    kind=MessageKind.REPORT,
                    unread=unread,
                    other=report.recipient,
                    at=report.discharge_time or report.service_centre_time,
                    text=report.outcome.value,
                )
    except PduError as error:
        return InboxMessage(index=index, kind=MessageKind.UNREADABLE, unread=unread, reason=error.reason)
