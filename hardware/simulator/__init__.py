"""Simulated hardware at the byte seam: GSM modems on pseudo-terminals, the air around them, and phones.

air = SimulatedNetwork()
phone = air.phone("+31612345678")
with SimulatedModem("quectel_ec25", air=air, network="20408", faults=["answer_lost:once"]) as modem:
    ...  # any program may open modem.port
    phone.wait_for(1)

Security keys are apart, in `hardware.simulator.yubikey`: their client libraries take long to import.
"""

from hardware.simulator.air import SimulatedNetwork
from hardware.simulator.equipment import SentMessage
from hardware.simulator.errors import (
    BadFaultValue,
    NotPlugged,
    PduRejected,
    SimulatorError,
    UnknownFault,
    UnknownOperator,
    UnknownProfile,
)
from hardware.simulator.faults import Fault, InjectedFault
from hardware.simulator.modem import SimulatedModem
from hardware.simulator.operators import OPERATORS, Operator
from hardware.simulator.pace import INSTANT, REAL, Pace
from hardware.simulator.phone import ReceivedMessage, SimulatedPhone
from hardware.simulator.profile import Profile
from hardware.simulator.profiles import (
    HUAWEI_E173,
    HUAWEI_E3372,
    PROFILES,
    QUECTEL_EC25,
    SIM800,
    SIM7600,
    TELIT_LE910,
    ZTE_MF190,
)
from hardware.simulator.service_centre import AcceptedSms, StatusReport
from hardware.simulator.sim_card import SimulatedSim
from hardware.simulator.tpdu import Submit
from hardware.simulator.wire import TranscriptEntry

__all__ = [
    "HUAWEI_E173",
    "HUAWEI_E3372",
    "INSTANT",
    "OPERATORS",
    "PROFILES",
    "QUECTEL_EC25",
    "REAL",
    "SIM800",
    "SIM7600",
    "TELIT_LE910",
    "ZTE_MF190",
    "AcceptedSms",
    "BadFaultValue",
    "Fault",
    "InjectedFault",
    "NotPlugged",
    "Operator",
    "Pace",
    "PduRejected",
    "Profile",
    "ReceivedMessage",
    "SentMessage",
    "SimulatedModem",
    "SimulatedNetwork",
    "SimulatedPhone",
    "SimulatedSim",
    "SimulatorError",
    "StatusReport",
    "Submit",
    "TranscriptEntry",
    "UnknownFault",
    "UnknownOperator",
    "UnknownProfile",
]
