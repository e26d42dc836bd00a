"""Commands about network and signal (3GPP TS 27.007 §7.2, §7.3, §7.15, §8.5, §10.1)."""

from collections.abc import Sequence

from hardware.simulator import gsm7
from hardware.simulator.at_commands.general import number_of
from hardware.simulator.causes import Cme, CmeFailure
from hardware.simulator.command_line import Command, Kind
from hardware.simulator.equipment import Equipment
from hardware.simulator.faults import Fault
from hardware.simulator.operators import Operator
from hardware.simulator.radio import AUTOMATIC, DEREGISTERED, FORMAT_ONLY, MANUAL, MANUAL_THEN_AUTOMATIC
from hardware.simulator.script import NoAnswer, Script, Wait, answers

# <stat> of an operator in +COPS=? (27.007 §7.3).
AVAILABLE, CURRENT, FORBIDDEN = 1, 2, 3

# Data coding of USSD texts: default alphabet, language unspecified (23.038 §5).
USSD_DEFAULT_ALPHABET = 15


@answers("+CREG?", "+CGREG?", "+CEREG?")
def registration(equipment: Equipment, command: Command) -> Sequence[str]:
    """Registration in one domain (27.007 §7.2, §10.1)."""
    level = equipment.settings.registration_reports.get(command.name, 0)
    return (f"{command.name}: {level},{equipment.registration_values(command.name, level)}",)


@answers("+CREG=", "+CGREG=", "+CEREG=")
def report_registration(equipment: Equipment, command: Command) -> Sequence[str]:
    """Whether changes are told: 0 no, 1 state, 2 state and cell."""
    equipment.settings.registration_reports[command.name] = number_of(command.text, (0, 1, 2))
    return ()


@answers("+CREG=?", "+CGREG=?", "+CEREG=?")
def registration_forms(_equipment: Equipment, command: Command) -> Sequence[str]:
    """Levels that exist."""
    return (f"{command.name}: (0-2)",)


@answers("+CSQ")
def signal_quality(equipment: Equipment, _command: Command) -> Sequence[str]:
    """Signal, without bit error rate (27.007 §8.5)."""
    return (f"+CSQ: {equipment.radio.signal_quality},99",)


@answers("+CSQ=?")
def signal_quality_values(_equipment: Equipment, _command: Command) -> Sequence[str]:
    """Values of +CSQ."""
    return ("+CSQ: (0-31,99),(0-7,99)",)


@answers("+CGATT?", "+CGATT=")
def packet_attach(equipment: Equipment, command: Command) -> Sequence[str]:
    """Attached for packets (27.007 §10.1.9)."""
    if command.kind is Kind.READ:
        return (f"+CGATT: {int(equipment.radio.serving_network is not None)}",)
    return ()


@answers("+COPS?")
def serving_operator(equipment: Equipment, _command: Command) -> Sequence[str]:
    """Selection mode and serving operator (27.007 §7.3)."""
    serving = equipment.radio.serving_network
    if serving is None:
        return (f"+COPS: {equipment.radio.mode}",)
    operator = equipment.air.operator(serving)
    format_ = equipment.settings.operator_format
    name = (operator.long_name, operator.short_name, operator.mccmnc)[format_]
    technology = f",{equipment.profile.technology}" if equipment.profile.operator_technology else ""
    return (f'+COPS: {equipment.radio.mode},{format_},"{name}"{technology}',)


@answers("+COPS=?")
def operator_scan(equipment: Equipment, _command: Command) -> Script:
    """All operators in sight; takes minutes on a real modem (27.007 §7.3)."""
    if equipment.faults.take(Fault.SCAN_HANGS):
        raise NoAnswer
    takes = equipment.faults.take(Fault.SCAN_TAKES)
    yield Wait((takes.value or 0) if takes else equipment.pace.scan, abortable=True)
    found = [_scanned(equipment, one) for one in equipment.air.operators if equipment.air.is_up(one.mccmnc)]
    if not equipment.radio.hears:
        found = []
    return ("+COPS: " + ",".join([*found, ",(0,1,2,3,4),(0,1,2)"]),)


def _scanned(equipment: Equipment, operator: Operator) -> str:
    serving = equipment.radio.serving_network == operator.mccmnc
    status = CURRENT if serving else AVAILABLE if equipment.radio.may_use(operator.mccmnc) else FORBIDDEN
    technology = f",{equipment.profile.technology}" if equipment.profile.operator_technology else ""
    return f'({status},"{operator.long_name}","{operator.short_name}","{operator.mccmnc}"{technology})'


@answers("+COPS=")
def select_operator(equipment: Equipment, command: Command) -> Script:
    """Select an operator, leave it to the modem, or only set the form of names (27.007 §7.3)."""
    arguments = command.arguments
    mode = number_of(arguments[0], (AUTOMATIC, MANUAL, DEREGISTERED, FORMAT_ONLY, MANUAL_THEN_AUTOMATIC))
    if len(arguments) > 1 and arguments[1]:
        equipment.settings.operator_format = number_of(arguments[1], (0, 1, 2))
    if mode == FORMAT_ONLY:
        return ()
    equipment.require_sim()
    takes = equipment.faults.take(Fault.RESELECTION_TAKES)
    yield Wait((takes.value or 0) if takes else 0, abortable=True)
    radio = equipment.radio
    if mode in {MANUAL, MANUAL_THEN_AUTOMATIC}:
        radio.selected = _named(equipment, arguments)
    radio.mode = mode
    equipment.tell_registration()
    if mode == MANUAL and radio.serving_network is None:
        raise CmeFailure(Cme.NO_NETWORK_SERVICE if radio.may_use(radio.selected or "") else Cme.NETWORK_NOT_ALLOWED)
    return ()


def _named(equipment: Equipment, arguments: Sequence[str]) -> str:
    name = arguments[2] if len(arguments) > 2 else ""
    for operator in equipment.air.operators:
        if name in {operator.mccmnc, operator.long_name, operator.short_name}:
            return operator.mccmnc
    raise CmeFailure(Cme.NO_NETWORK_SERVICE)


@answers("+CUSD=", "+CUSD?", "+CUSD=?")
def ussd(equipment: Equipment, command: Command) -> Sequence[str]:
    """A USSD request, answered by an unsolicited +CUSD (27.007 §7.15)."""
    settings = equipment.settings
    if command.kind is Kind.READ:
        return (f"+CUSD: {settings.ussd}",)
    if command.kind is Kind.TEST:
        return ("+CUSD: (0-2)",)
    arguments = command.arguments
    settings.ussd = number_of(arguments[0], (0, 1, 2))
    if len(arguments) < 2 or settings.ussd == 2:
        return ()
    if equipment.radio.serving_network is None:
        raise CmeFailure(Cme.NO_NETWORK_SERVICE)
    if equipment.faults.take(Fault.USSD_SILENT):
        return ()
    packed = equipment.profile.ussd_packed
    answer = equipment.ussd_answers.get(_ussd_request(arguments[1], packed=packed))
    if answer is None:
        # 4: operation not supported.
        equipment.body.say("+CUSD: 4")
    else:
        text = gsm7.pack(gsm7.encode(answer)).hex().upper() if packed else answer
        equipment.body.say(f'+CUSD: 0,"{text}",{USSD_DEFAULT_ALPHABET}')
    return ()


def _ussd_request(given: str, *, packed: bool) -> str:
    if not packed:
        return given
    try:
        octets = bytes.fromhex(given)
    except ValueError:
        raise CmeFailure(Cme.INVALID_CHARACTERS) from None
    # Seven spare bits hold a CR that is not part of the request (23.038 §6.1.2.3.1).
    return gsm7.decode(gsm7.unpack(octets, len(octets) * 8 // 7)).rstrip("\r@")
