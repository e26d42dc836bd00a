"""Commands about the modem itself (ITU-T V.250; 3GPP TS 27.007 §5, §8, §9)."""

import datetime as dt
from collections.abc import Sequence

from hardware.simulator.causes import Cme, CmeFailure, PlainFailure
from hardware.simulator.command_line import Command, Kind
from hardware.simulator.equipment import Equipment
from hardware.simulator.faults import Fault
from hardware.simulator.radio import FULL_FUNCTIONALITY
from hardware.simulator.script import Restart, Result, Script, answers, known_commands


def number_of(text: str, allowed: Sequence[int]) -> int:
    """A number that a command takes.

    Raises:
        CmeFailure: no number, or not one of these.
    """
    if not text.strip().isdecimal() or int(text) not in allowed:
        raise CmeFailure(Cme.INCORRECT_PARAMETERS)
    return int(text)


@answers("+CGMI", "+GMI")
def manufacturer(equipment: Equipment, _command: Command) -> Sequence[str]:
    """Manufacturer (27.007 §5.1)."""
    return (equipment.profile.manufacturer,)


@answers("+CGMM", "+GMM")
def model(equipment: Equipment, _command: Command) -> Sequence[str]:
    """Model (27.007 §5.2)."""
    return (equipment.profile.model,)


@answers("+CGMR", "+GMR")
def revision(equipment: Equipment, _command: Command) -> Sequence[str]:
    """Firmware (27.007 §5.3)."""
    return (equipment.profile.revision,)


@answers("+CGSN", "+GSN")
def serial_number(equipment: Equipment, _command: Command) -> Sequence[str]:
    """IMEI (27.007 §5.4)."""
    return (equipment.imei,)


@answers("+CGMI=?", "+CGMM=?", "+CGMR=?", "+CGSN=?", "+CIMI=?", "+GCAP=?", "+CMGD=?", "+CNMA=?", "+CHUP=?")
def exists(_equipment: Equipment, _command: Command) -> Sequence[str]:
    """Test of a command without values: OK alone."""
    return ()


@answers("I")
def identification(equipment: Equipment, _command: Command) -> Sequence[str]:
    """ATI (V.250 §6.1.3)."""
    return tuple(line.format(imei=equipment.imei) for line in equipment.profile.identification)


@answers("E", "V", "Q", "X", "&C", "&D", "&K", "&W", "&S", "L", "M", "H", "O", "P", "T", "W", "+CHUP")
def basic(equipment: Equipment, command: Command) -> Sequence[str]:
    """Basic settings (V.250 §6.2); those without effect on SMS are taken and forgotten."""
    value = int(command.text or 0)
    settings = equipment.settings
    if command.name in {"E", "V", "Q"} and value > 1:
        raise PlainFailure
    if command.name == "E":
        settings.echo = bool(value)
    elif command.name == "V":
        settings.verbose = bool(value)
    elif command.name == "Q":
        settings.quiet = bool(value)
    return ()


@answers("Z", "&F")
def default_settings(equipment: Equipment, _command: Command) -> Sequence[str]:
    """Settings of the line as after power-on (V.250 §6.1.1, §6.1.2)."""
    equipment.settings.default_line(equipment.profile)
    return ()


@answers("S0", "S0=", "S0?", "S3", "S3=", "S3?", "S4", "S4=", "S4?", "S5", "S5=", "S5?")
def s_parameter(equipment: Equipment, command: Command) -> Sequence[str]:
    """V.250 S-parameters: kept and told, without effect."""
    if command.text:
        equipment.settings.s_parameters[command.name] = int(command.text)
        return ()
    return (f"{equipment.settings.s_parameters[command.name]:03d}",) if command.kind is Kind.READ else ()


@answers("D")
def dial(_equipment: Equipment, _command: Command) -> Sequence[str]:
    """ATD: nobody answers."""
    raise PlainFailure("NO CARRIER")


@answers("+CLAC")
def all_commands(_equipment: Equipment, _command: Command) -> Sequence[str]:
    """List of commands (27.007 §8.37)."""
    return [f"AT{name}" for name in known_commands()]


# Commands that only set a number: attribute of the settings, values that they take.
SWITCHES = {
    "+CMEE": ("error_level", (0, 1, 2)),
    "+CMMS": ("more_messages", (0, 1, 2)),
    "+CGSMS": ("sms_service", (0, 1, 2, 3)),
    "+CSDH": ("show_text_parameters", (0, 1)),
    "+CLIP": ("caller_line", (0, 1)),
    "+CRC": ("extended_ring", (0, 1)),
    "+CTZU": ("clock_update", (0, 1, 3)),
    "+CTZR": ("clock_reports", (0, 1, 2)),
    "^CURC": ("chatter", (0, 1)),
}


@answers(*(name + form for name in SWITCHES for form in ("=", "?", "=?")))
def switch(equipment: Equipment, command: Command) -> Sequence[str]:
    """Set, read or test one number."""
    attribute, allowed = SWITCHES[command.name]
    separator = ":" if command.name.startswith("^") else ": "
    match command.kind:
        case Kind.READ:
            answer: Sequence[str] = (f"{command.name}{separator}{getattr(equipment.settings, attribute):d}",)
        case Kind.TEST:
            answer = (f"{command.name}{separator}({','.join(map(str, allowed))})",)
        case _ if command.name == "+CTZU" and equipment.faults.active(Fault.MODEM_CLOCK_WRONG):
            raise CmeFailure(Cme.OPERATION_NOT_SUPPORTED)
        case _:
            setattr(equipment.settings, attribute, number_of(command.arguments[0], allowed))
            answer = ()
    return answer


@answers("+CSCS=", "+CSCS?", "+CSCS=?")
def character_set(equipment: Equipment, command: Command) -> Sequence[str]:
    """Alphabet of texts between program and modem (27.007 §5.5)."""
    sets = equipment.profile.character_sets
    if command.kind is Kind.READ:
        return (f'+CSCS: "{equipment.settings.character_set}"',)
    if command.kind is Kind.TEST:
        return ("+CSCS: (" + ",".join(f'"{name}"' for name in sets) + ")",)
    if command.arguments[0] not in sets:
        raise CmeFailure(Cme.INCORRECT_PARAMETERS)
    equipment.settings.character_set = command.arguments[0]
    return ()


@answers("+CCLK?", "+CCLK=", "+CCLK=?")
def clock(equipment: Equipment, command: Command) -> Sequence[str]:
    """Clock of the modem, set by the network (27.007 §8.15)."""
    if command.kind is not Kind.READ:
        return ()
    quarters = equipment.air.zone_quarters
    own = equipment.faults.active(Fault.MODEM_CLOCK_WRONG)
    now = (equipment.air.now_ms() + equipment.arrivals.clock_error_ms) / 1000 + ((own.value or 0.0) if own else 0.0)
    zone = dt.timezone(dt.timedelta(minutes=15 * quarters))
    local = dt.datetime.fromtimestamp(now, zone)
    return (f'+CCLK: "{local:%y/%m/%d,%H:%M:%S}{quarters:+03d}"',)


@answers("+CFUN=", "+CFUN?", "+CFUN=?")
def functionality(equipment: Equipment, command: Command) -> Sequence[str] | Script:
    """Radio on and off, restart (27.007 §8.2)."""
    if command.kind is Kind.READ:
        return (f"+CFUN: {equipment.radio.functionality}",)
    if command.kind is Kind.TEST:
        return ("+CFUN: (0,1,4),(0,1)",)
    return _set_functionality(equipment, command)


def _set_functionality(equipment: Equipment, command: Command) -> Script:
    arguments = command.arguments
    value = number_of(arguments[0], (0, FULL_FUNCTIONALITY, 4))
    if len(arguments) > 1 and number_of(arguments[1], (0, 1)) == 1:
        yield Result("OK")
        raise Restart
    equipment.radio.functionality = value
    equipment.tell_registration()
    return ()
