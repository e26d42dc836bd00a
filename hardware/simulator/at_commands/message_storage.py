"""Commands about stored messages (3GPP TS 27.005 §3.2.2, §3.4, §3.5, §4.1, §4.4)."""

from collections.abc import Sequence

from hardware.simulator import address as addresses
from hardware.simulator import tpdu
from hardware.simulator.at_commands.general import number_of
from hardware.simulator.at_commands.messages import ask_for_message
from hardware.simulator.at_commands.text_mode import encode_text, number_in_character_set
from hardware.simulator.causes import Cms, CmsFailure
from hardware.simulator.command_line import Command, Kind
from hardware.simulator.equipment import Equipment
from hardware.simulator.errors import PduRejected
from hardware.simulator.faults import Fault
from hardware.simulator.message_store import MessageStatus, MessageStore, StoredMessage
from hardware.simulator.script import NoAnswer, Script, answers
from hardware.simulator.transmission import transmit

# <delflag> of +CMGD (§3.5.4): states that go; 0 is only the message at the index.
DELETED_BY_FLAG = {
    1: {MessageStatus.RECEIVED_READ},
    2: {MessageStatus.RECEIVED_READ, MessageStatus.STORED_SENT},
    3: {MessageStatus.RECEIVED_READ, MessageStatus.STORED_SENT, MessageStatus.STORED_UNSENT},
    4: set(MessageStatus),
}


@answers("+CPMS=", "+CPMS?", "+CPMS=?")
def memories(equipment: Equipment, command: Command) -> Sequence[str]:
    """Memories for reading, for writing and for receiving (§3.2.2)."""
    equipment.require_messages()
    if equipment.profile.quietened_by == command.name:
        equipment.settings.chatter = False
    settings, names = equipment.settings, [name for name, _ in equipment.profile.memories]
    if command.kind is Kind.TEST:
        listed = "(" + ",".join(f'"{name}"' for name in names) + ")"
        return (f"+CPMS: {listed},{listed},{listed}",)
    if command.kind is Kind.READ:
        return ("+CPMS: " + ",".join(f'"{name}",{_filled(equipment, name)}' for name in settings.memories),)
    wanted = [*command.arguments, *settings.memories[len(command.arguments) :]]
    if len(wanted) != 3 or any(name not in names for name in wanted):
        raise CmsFailure(Cms.OPERATION_NOT_ALLOWED)
    settings.memories = (wanted[0], wanted[1], wanted[2])
    return ("+CPMS: " + ",".join(_filled(equipment, name) for name in wanted),)


def _filled(equipment: Equipment, name: str) -> str:
    store = equipment.stores[name]
    full = equipment.faults.active(Fault.SIM_MEMORY_FULL)
    return f"{store.capacity if full else len(store.messages)},{store.capacity}"


def _reading_store(equipment: Equipment) -> MessageStore:
    equipment.require_messages()
    return equipment.stores[equipment.settings.memories[0]]


@answers("+CMGL", "+CMGL=")
def list_messages(equipment: Equipment, command: Command) -> Sequence[str]:
    """Stored messages of one state; unread ones become read (§3.4.2, §4.1)."""
    store = _reading_store(equipment)
    if equipment.faults.take(Fault.CMGL_HANGS):
        equipment.hung = True
        raise NoAnswer
    wanted = _wanted_status(equipment, command)
    lines = []
    for index, message in sorted(store.messages.items()):
        if wanted in {MessageStatus.ALL, message.status}:
            lines.append(f"+CMGL: {index},{_described(equipment, message)}")
            _mark_read(store, index)
    return lines


def _wanted_status(equipment: Equipment, command: Command) -> MessageStatus:
    given = command.arguments[0] if command.kind is Kind.SET else ""
    text_mode = equipment.settings.text_mode
    if not given:
        return MessageStatus.RECEIVED_UNREAD
    for status in MessageStatus:
        if given == (status.words if text_mode else str(status.number)):
            return status
    raise CmsFailure(Cms.INVALID_TEXT if text_mode else Cms.INVALID_PDU)


@answers("+CMGR=")
def read_message(equipment: Equipment, command: Command) -> Sequence[str]:
    """One stored message; it becomes read (§3.4.3, §4.2)."""
    store = _reading_store(equipment)
    index = number_of(command.arguments[0], range(store.capacity + 1))
    message = store.messages.get(index)
    if message is None:
        raise CmsFailure(Cms.INVALID_MEMORY_INDEX)
    _mark_read(store, index)
    return (f"+CMGR: {_described(equipment, message)}",)


def _described(equipment: Equipment, message: StoredMessage) -> str:
    if not equipment.settings.text_mode:
        return f"{message.status.number},,{message.tpdu_length}\r\n{message.pdu.hex().upper()}"
    number, text = _destination_and_text(message)
    shown = encode_text(equipment, text)
    return f'"{message.status.words}","{number_in_character_set(equipment, number)}",,\r\n{shown}'


def _destination_and_text(message: StoredMessage) -> tuple[str, str]:
    """Number and text of a stored SMS-SUBMIT; text mode shows other messages as hexadecimal."""
    octets = message.pdu[-message.tpdu_length :]
    if message.status in {MessageStatus.STORED_SENT, MessageStatus.STORED_UNSENT}:
        submit = tpdu.decode_submit(octets)
        return str(submit.destination), submit.text or submit.data.hex().upper()
    return "", octets.hex().upper()


def _mark_read(store: MessageStore, index: int) -> None:
    message = store.messages[index]
    if message.status is MessageStatus.RECEIVED_UNREAD:
        store.messages[index] = StoredMessage(MessageStatus.RECEIVED_READ, message.pdu, message.tpdu_length)


@answers("+CMGD=")
def delete_messages(equipment: Equipment, command: Command) -> Sequence[str]:
    """Delete one message, or all of some states (§3.5.4)."""
    store = _reading_store(equipment)
    arguments = command.arguments
    index = number_of(arguments[0], range(store.capacity + 1))
    flag = number_of(arguments[1], (0, *DELETED_BY_FLAG)) if len(arguments) > 1 else 0
    if flag:
        for found, message in list(store.messages.items()):
            if message.status in DELETED_BY_FLAG[flag]:
                del store.messages[found]
    elif store.messages.pop(index, None) is None:
        raise CmsFailure(Cms.INVALID_MEMORY_INDEX)
    equipment.arrivals.room_made(equipment.service_centre)
    return ()


@answers("+CMGW=")
def write_message(equipment: Equipment, command: Command) -> Script:
    """Keep a message given behind the prompt (§3.5.3, §4.4)."""
    equipment.require_messages()
    submit = yield from ask_for_message(equipment, command)
    store = equipment.stores[equipment.settings.memories[1]]
    pdu = addresses.encode_service_centre(str(submit.service_centre) if submit.service_centre else None) + submit.tpdu
    index = None
    if not equipment.faults.active(Fault.SIM_MEMORY_FULL):
        index = store.add(StoredMessage(MessageStatus.STORED_UNSENT, pdu, len(submit.tpdu)))
    if index is None:
        raise CmsFailure(Cms.MEMORY_FULL)
    return (f"+CMGW: {index}",)


@answers("+CMSS=")
def send_stored(equipment: Equipment, command: Command) -> Script:
    """Send a stored message (§3.5.2)."""
    equipment.require_messages()
    store = equipment.stores[equipment.settings.memories[1]]
    index = number_of(command.arguments[0], range(store.capacity + 1))
    message = store.messages.get(index)
    if message is None:
        raise CmsFailure(Cms.INVALID_MEMORY_INDEX)
    try:
        submit = tpdu.decode_submit_pdu(message.pdu.hex(), message.tpdu_length)
    except PduRejected as rejected:
        raise CmsFailure(rejected.cause) from rejected
    reference = yield from transmit(equipment, submit)
    store.messages[index] = StoredMessage(MessageStatus.STORED_SENT, message.pdu, message.tpdu_length)
    return (f"+CMSS: {reference}",)
