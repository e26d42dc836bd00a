"""Commands about the SIM: PIN, identity, files (3GPP TS 27.007 §5.6, §7.4, §8.3, §8.17, §8.18)."""

from collections.abc import Sequence

from hardware.simulator.address import SEMI_OCTETS
from hardware.simulator.causes import Cme, CmeFailure
from hardware.simulator.command_line import Command, Kind
from hardware.simulator.equipment import Equipment
from hardware.simulator.faults import Fault
from hardware.simulator.script import NoAnswer, answers
from hardware.simulator.sim_card import PinAnswer, PinState

# Status words of ETSI TS 102 221 §10.2: 63Cx = x tries left, 9000 = all right, 6D00 = unknown instruction.
TRIES_LEFT = "63C"
ALL_RIGHT = "9000"
UNKNOWN_INSTRUCTION = "6D00"

# VERIFY PIN1 and RESET RETRY COUNTER PIN1 without data ask for the tries that are left (TS 102 221 §11.1.9, §11.1.13).
ASK_PIN_TRIES = "0020000100"
ASK_PUK_TRIES = "002C000100"

# EF_ICCID (TS 102 221 §13.2) and the READ BINARY instruction of +CRSM.
EF_ICCID = 0x2FE2
READ_BINARY = 176


@answers("+CPIN?")
def pin_state(equipment: Equipment, _command: Command) -> Sequence[str]:
    """What the SIM waits for (27.007 §8.3)."""
    equipment.require_card()
    state = equipment.sim.pin_state
    if state is PinState.DEAD:
        raise CmeFailure(Cme.SIM_FAILURE)
    words = "SIM PIN2" if state is PinState.READY and equipment.faults.active(Fault.SIM_PIN2) else state.value
    if equipment.faults.active(Fault.CPIN_WITHOUT_OK):
        equipment.body.say_at_once(f"+CPIN: {words}")
        raise NoAnswer
    return (f"+CPIN: {words}",)


@answers("+CPIN=")
def enter_pin(equipment: Equipment, command: Command) -> Sequence[str]:
    """Enter the PIN, or PUK and new PIN (27.007 §8.3); wrong ones cost tries as on a real SIM."""
    equipment.require_card()
    sim, arguments = equipment.sim, command.arguments
    if not all(value.isdecimal() and 4 <= len(value) <= 8 for value in arguments):
        raise CmeFailure(Cme.INCORRECT_PARAMETERS)
    if sim.pin_state is PinState.PUK and len(arguments) == 2:
        answer = sim.enter_puk(arguments[0], arguments[1])
    else:
        answer = sim.enter_pin(arguments[0])
    _check(equipment, answer)
    equipment.sim_opened()
    return ()


def _check(equipment: Equipment, answer: PinAnswer) -> None:
    if answer is PinAnswer.ACCEPTED:
        return
    if equipment.sim.pin_state is PinState.PUK:
        raise CmeFailure(Cme.SIM_PUK_REQUIRED)
    if equipment.sim.pin_state is PinState.DEAD:
        raise CmeFailure(Cme.SIM_FAILURE)
    raise CmeFailure(Cme.INCORRECT_PASSWORD if answer is PinAnswer.WRONG else Cme.OPERATION_NOT_ALLOWED)


@answers("+CPINR", "+CPINR=")
def remaining_tries(equipment: Equipment, command: Command) -> Sequence[str]:
    """Tries that are left (27.007 §8.65)."""
    equipment.require_card()
    lines = {
        "SIM PIN": f"+CPINR: SIM PIN,{equipment.sim.pin_tries},3",
        "SIM PUK": f"+CPINR: SIM PUK,{equipment.sim.puk_tries},10",
    }
    if command.kind is Kind.ACTION:
        return tuple(lines.values())
    if command.arguments[0] not in lines:
        raise CmeFailure(Cme.INCORRECT_PARAMETERS)
    return (lines[command.arguments[0]],)


@answers("+CSIM=")
def sim_instruction(equipment: Equipment, command: Command) -> Sequence[str]:
    """A raw instruction to the SIM (27.007 §8.17); of these it knows the two that ask for tries."""
    equipment.require_card()
    if equipment.faults.active(Fault.PIN_TRIES_UNREADABLE):
        raise CmeFailure(Cme.OPERATION_NOT_SUPPORTED)
    arguments = command.arguments
    if len(arguments) != 2 or not arguments[0].isdecimal() or int(arguments[0]) != len(arguments[1]):
        raise CmeFailure(Cme.INCORRECT_PARAMETERS)
    sim = equipment.sim
    match arguments[1].upper():
        case str(instruction) if instruction == ASK_PIN_TRIES:
            word = ALL_RIGHT if sim.pin_verified else f"{TRIES_LEFT}{sim.pin_tries:X}"
        case str(instruction) if instruction == ASK_PUK_TRIES:
            word = f"{TRIES_LEFT}{sim.puk_tries:X}"
        case _:
            word = UNKNOWN_INSTRUCTION
    return (f'+CSIM: 4,"{word}"',)


@answers("+CRSM=")
def sim_file(equipment: Equipment, command: Command) -> Sequence[str]:
    """A file of the SIM (27.007 §8.18); of these it has EF_ICCID."""
    equipment.require_card()
    arguments = command.arguments
    if arguments[:2] == [str(READ_BINARY), str(EF_ICCID)]:
        halves = [SEMI_OCTETS.index(digit) for digit in equipment.sim.iccid] + [0x0F] * (len(equipment.sim.iccid) % 2)
        octets = bytes(halves[at] | halves[at + 1] << 4 for at in range(0, len(halves), 2))
        return (f'+CRSM: 144,0,"{octets.hex().upper()}"',)
    # 6A82: file not found.
    return ("+CRSM: 106,130",)


@answers("+CIMI")
def imsi(equipment: Equipment, _command: Command) -> Sequence[str]:
    """IMSI (27.007 §5.6)."""
    equipment.require_sim()
    return (equipment.sim.imsi,)


@answers("+CNUM")
def own_number(equipment: Equipment, _command: Command) -> Sequence[str]:
    """The SIM's own number (27.007 §7.1)."""
    equipment.require_sim()
    return (f'+CNUM: ,"{equipment.sim.number}",145',)


@answers("+CLCK=", "+CLCK=?")
def lock(equipment: Equipment, command: Command) -> Sequence[str]:
    """Facility locks, of which the PIN request "SC" (27.007 §7.4)."""
    if command.kind is Kind.TEST:
        return ('+CLCK: ("SC","FD")',)
    equipment.require_card()
    arguments, sim = command.arguments, equipment.sim
    if arguments[0] != "SC" or len(arguments) < 2:
        raise CmeFailure(Cme.OPERATION_NOT_SUPPORTED)
    if arguments[1] == "2":
        return (f"+CLCK: {int(sim.pin is not None)}",)
    if len(arguments) < 3:
        raise CmeFailure(Cme.OPERATION_NOT_ALLOWED)
    _check(equipment, sim.switch_pin(on=arguments[1] == "1", pin=arguments[2]))
    return ()


@answers("+CPWD=")
def change_pin(equipment: Equipment, command: Command) -> Sequence[str]:
    """Change the PIN (27.007 §7.5)."""
    equipment.require_card()
    arguments = command.arguments
    if len(arguments) != 3 or arguments[0] != "SC":
        raise CmeFailure(Cme.INCORRECT_PARAMETERS)
    _check(equipment, equipment.sim.check_pin(arguments[1]))
    equipment.sim.pin = arguments[2]
    return ()
