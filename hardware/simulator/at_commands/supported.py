"""Which commands a family knows, and those it always answers the same."""

from collections.abc import Sequence

from hardware.simulator.command_line import Command, Kind
from hardware.simulator.equipment import Equipment
from hardware.simulator.faults import Fault

# Registration commands; a family has those of its profile.
DOMAINS = frozenset({"+CREG", "+CGREG", "+CEREG"})


def is_supported(equipment: Equipment, command: Command) -> bool:
    """Whether this family has the command at all."""
    profile = equipment.profile
    if command.name in DOMAINS:
        return command.name in profile.domains
    if command.name == "+CPINR":
        return profile.has_cpinr and not equipment.faults.active(Fault.PIN_TRIES_UNREADABLE)
    if command.name == "^CURC":
        return bool(profile.chatter) and profile.quietened_by == command.name
    return True


def fixed_answer(equipment: Equipment, command: Command) -> Sequence[str] | None:
    """Lines of a command that the profile answers as data, else None.

    Raises:
        CommandFailure: it asks the SIM, which does not answer.
    """
    profile = equipment.profile
    body = command.body
    if body in profile.fixed_answers:
        return profile.fixed_answers[body]
    if body in profile.iccid_answers or (command.kind is Kind.READ and command.name in profile.iccid_answers):
        equipment.require_card()
        template = profile.iccid_answers.get(body) or profile.iccid_answers[command.name]
        return (template.format(iccid=equipment.sim.iccid),)
    if body in profile.pin_tries_answers and not equipment.faults.active(Fault.PIN_TRIES_UNREADABLE):
        equipment.require_card()
        sim = equipment.sim
        values = {"state": sim.pin_state.value, "pin": sim.pin_tries, "puk": sim.puk_tries}
        return tuple(line.format(**values) for line in profile.pin_tries_answers[body])
    return None
