"""Commands that set up and send messages (3GPP TS 27.005 §3.2 to §3.5, §4.3)."""

from collections.abc import Generator, Sequence

from hardware.simulator import tpdu
from hardware.simulator.at_commands.general import number_of
from hardware.simulator.at_commands.text_mode import decode_text, destination, number_in_character_set, text_submit
from hardware.simulator.causes import Cme, CmeFailure, Cms, CmsFailure
from hardware.simulator.command_line import Command, Kind
from hardware.simulator.equipment import Equipment
from hardware.simulator.errors import PduRejected
from hardware.simulator.faults import Fault
from hardware.simulator.script import Prompt, Script, Step, Vanish, answers
from hardware.simulator.tpdu import Submit
from hardware.simulator.transmission import transmit

# TPDU octets of the shortest and the longest SMS-SUBMIT (3GPP TS 23.040 §9.2.2.2).
SHORTEST_TPDU = 7
LONGEST_TPDU = 164


@answers("+CMGF=", "+CMGF?", "+CMGF=?")
def message_format(equipment: Equipment, command: Command) -> Sequence[str]:
    """PDU mode or text mode (27.005 §3.2.3)."""
    if equipment.faults.active(Fault.NO_SMS_ON_PORT):
        raise CmeFailure(Cme.OPERATION_NOT_SUPPORTED)
    if command.kind is Kind.READ:
        return (f"+CMGF: {int(equipment.settings.text_mode)}",)
    if command.kind is Kind.TEST:
        return ("+CMGF: (0,1)",)
    if equipment.faults.lasts(Fault.SMS_NOT_READY):
        raise CmsFailure(Cms.UNKNOWN)
    mode = number_of(command.text, (0, 1))
    if mode == 0 and equipment.faults.active(Fault.TEXT_MODE_ONLY):
        raise CmsFailure(Cms.OPERATION_NOT_SUPPORTED)
    equipment.settings.text_mode = bool(mode)
    return ()


@answers("+CSMS=", "+CSMS?")
def message_service(equipment: Equipment, command: Command) -> Sequence[str]:
    """Message service; 1 asks for acknowledgements (27.005 §3.2.1)."""
    equipment.require_messages()
    if command.kind is Kind.READ:
        return (f"+CSMS: {equipment.settings.message_service},1,1,1",)
    equipment.settings.message_service = number_of(command.text, (0, 1))
    return ("+CSMS: 1,1,1",)


@answers("+CSCA?", "+CSCA=", "+CSCA=?")
def service_centre(equipment: Equipment, command: Command) -> Sequence[str]:
    """Number of the service centre, kept on the SIM (27.005 §3.3.1)."""
    equipment.require_messages()
    if command.kind is Kind.TEST:
        return ()
    if command.kind is Kind.READ:
        number = equipment.service_centre or ""
        shown = number_in_character_set(equipment, number)
        return (f'+CSCA: "{shown}",{145 if number.startswith("+") else 129}',)
    arguments = command.arguments
    number = arguments[0]
    if not number.removeprefix("+").isdecimal():
        raise CmsFailure(Cms.INVALID_TEXT)
    international = len(arguments) > 1 and arguments[1] == "145"
    equipment.sim.service_centre = f"+{number}" if international and not number.startswith("+") else number
    equipment.service_centre_lost = False
    return ()


@answers("+CNMI?", "+CNMI=", "+CNMI=?")
def indications(equipment: Equipment, command: Command) -> Sequence[str]:
    """How new messages and reports are told (27.005 §3.4.1)."""
    equipment.require_messages()
    settings, family = equipment.settings, equipment.profile.new_message_indications
    if command.kind is Kind.READ:
        return ("+CNMI: " + ",".join(map(str, settings.indications)),)
    if command.kind is Kind.TEST:
        return (f"+CNMI: {family.words}",)
    wanted = list(settings.indications)
    for position, text in enumerate(command.arguments[: len(wanted)]):
        if text:
            wanted[position] = number_of(text, family.allowed[position])
    settings.indications = tuple(wanted)
    return ()


@answers("+CSMP?", "+CSMP=", "+CSMP=?")
def text_parameters(equipment: Equipment, command: Command) -> Sequence[str]:
    """First octet, validity, protocol and coding of texts (27.005 §3.3.2)."""
    settings = equipment.settings
    if command.kind is Kind.READ:
        return ("+CSMP: " + ",".join(map(str, settings.text_parameters)),)
    if command.kind is Kind.SET:
        wanted = list(settings.text_parameters)
        for position, text in enumerate(command.arguments[: len(wanted)]):
            if text:
                wanted[position] = number_of(text, range(256))
        settings.text_parameters = tuple(wanted)
    return ()


@answers("+CNMA", "+CNMA=")
def acknowledge(equipment: Equipment, _command: Command) -> Sequence[str]:
    """Acknowledge a routed message (27.005 §4.6)."""
    if not equipment.arrivals.acknowledge():
        raise CmsFailure(Cms.NO_ACKNOWLEDGEMENT_EXPECTED)
    return ()


@answers("+CMGS=")
def send(equipment: Equipment, command: Command) -> Script:
    """Send a message given behind the prompt (27.005 §3.5.1, §4.3)."""
    equipment.require_messages()
    refused = equipment.faults.take(Fault.PROMPT_REFUSED)
    if refused:
        raise CmsFailure(int(refused.value or Cms.UNKNOWN))
    if equipment.faults.take(Fault.GONE_BEFORE_PROMPT):
        raise Vanish
    submit = yield from ask_for_message(equipment, command)
    reference = yield from transmit(equipment, submit)
    if equipment.faults.take(Fault.REFERENCE_MISSING):
        return ()
    return (f"+CMGS: {reference}",)


def ask_for_message(equipment: Equipment, command: Command) -> Generator[Step, bytes | None, Submit]:
    """Prompt for a PDU or a text, as +CMGF has it, and decode it strictly.

    Raises:
        CmsFailure: what was said before or behind the prompt is wrong.
        Escaped: the client gave ESC.
    """
    text_mode = equipment.settings.text_mode
    arguments = command.arguments
    try:
        if text_mode:
            number = destination(equipment, arguments)
            given = yield Prompt(text_mode=True)
            return text_submit(equipment, number, decode_text(equipment, given or b""))
        length = arguments[0] if arguments else ""
        if not length.isdecimal() or not SHORTEST_TPDU <= int(length) <= LONGEST_TPDU:
            raise CmsFailure(Cms.INVALID_PDU)
        given = yield Prompt(text_mode=False)
        return tpdu.decode_submit_pdu((given or b"").decode("latin-1").strip(), int(length))
    except PduRejected as rejected:
        raise CmsFailure(rejected.cause) from rejected


@answers("+CMGS?", "+CMGS=?", "+CMGW=?", "+CMSS=?", "+CMGL=?", "+CMGR=?")
def exists(_equipment: Equipment, command: Command) -> Sequence[str]:
    """Test of a message command."""
    if command.kind is Kind.READ:
        raise CmsFailure(Cms.OPERATION_NOT_SUPPORTED)
    return ("+CMGL: (0-4)",) if command.name == "+CMGL" else ()
