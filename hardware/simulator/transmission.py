"""What happens between Ctrl-Z and its answer."""

from collections.abc import Generator

from hardware.simulator.causes import Cms, CmsFailure, PlainFailure
from hardware.simulator.equipment import Equipment, SentMessage
from hardware.simulator.faults import Fault
from hardware.simulator.script import NoAnswer, Restart, Say, Step, Vanish, Wait
from hardware.simulator.tpdu import Submit

# AT+CGSMS=1: circuit switched only, the way that works under the fault `sms_needs_cs` (27.007 §10.1.21).
CIRCUIT_SWITCHED = 1

URCS_DURING_SEND = ("^RSSI:17", "+CREG: 1", "+QZZZ: 7", "^BOOT:23706721,0,0,0,75")
INCOMING_CALL = ("RING", '+CLIP: "+31201234567",145,"",0,"",0', "NO CARRIER")

Transmission = Generator[Step, bytes | None, int]


def transmit(equipment: Equipment, submit: Submit) -> Transmission:
    """Hand an SMS to the network; the script returns its reference.

    Raises:
        CommandFailure: the modem or the network refuses, or a fault says so.
        NoAnswer, Restart, Vanish: by a fault.
    """
    faults = equipment.faults
    if submit.service_centre is None and not equipment.service_centre:
        raise CmsFailure(Cms.SERVICE_CENTRE_UNKNOWN)
    if faults.take(Fault.URC_DURING_SEND):
        yield from map(Say, URCS_DURING_SEND)
    if faults.take(Fault.INCOMING_CALL):
        yield from map(Say, INCOMING_CALL)
    if faults.take(Fault.NEVER_SENT):
        raise NoAnswer
    yield Wait(equipment.pace.submit)
    _refuse(equipment)
    reset, gone = faults.take(Fault.RESET_DURING_SEND), faults.take(Fault.GONE_DURING_SEND)
    interrupted = reset or gone
    reference = -1
    if interrupted is None or interrupted.value:
        reference = _hand_over(equipment, submit)
    if interrupted:
        raise Restart if reset else Vanish
    takes = faults.take(Fault.CMGS_TAKES)
    if takes:
        yield Wait(takes.value or 0)
    _spoil_answer(equipment, reference)
    return reference


def _refuse(equipment: Equipment) -> None:
    """Everything for which nothing goes out."""
    faults = equipment.faults
    refused = faults.take(Fault.CMS_ERROR)
    if refused:
        raise CmsFailure(int(refused.value or Cms.UNKNOWN))
    if faults.take(Fault.GENERIC_ERROR):
        raise PlainFailure
    if equipment.radio.serving_network is None:
        raise CmsFailure(equipment.profile.not_registered_cause)
    if faults.active(Fault.SMS_NEEDS_CS) and equipment.settings.sms_service != CIRCUIT_SWITCHED:
        raise CmsFailure(Cms.UNKNOWN)


def _hand_over(equipment: Equipment, submit: Submit) -> int:
    """Give the SMS to the service centre; its reference."""
    network = equipment.radio.serving_network
    assert network is not None
    reference = equipment.sim.next_reference()
    cause = equipment.body.submit(network, submit, reference)
    if cause is not None:
        raise CmsFailure(cause)
    equipment.body.sent(
        SentMessage(
            reference=reference,
            number=str(submit.destination),
            text=submit.text,
            network=network,
            at_ms=equipment.air.now_ms(),
            submit=submit,
        )
    )
    return reference


def _spoil_answer(equipment: Equipment, reference: int) -> None:
    """Answers other than +CMGS and OK although the SMS went out."""
    faults = equipment.faults
    if faults.take(Fault.ANSWER_LOST):
        raise NoAnswer
    late = faults.take(Fault.ANSWER_LATE)
    if late:
        equipment.body.after(late.value or 0, lambda: equipment.body.say_late(f"+CMGS: {reference}"))
        raise NoAnswer
    error = faults.take(Fault.ERROR_AFTER_SEND)
    if error:
        raise PlainFailure if error.value is None else CmsFailure(int(error.value))
