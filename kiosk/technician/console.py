"""What a technician types at a modem: which commands are dangerous, and why."""

import re
from enum import StrEnum, unique
from typing import Final


@unique
class Danger(StrEnum):
    """Why a command is asked about first; the values are the last part of `bench.danger.*`."""

    RESTART = "restart"
    RADIO = "radio"
    PIN = "pin"
    LOCK = "lock"
    OPERATOR = "operator"
    DEFAULTS = "defaults"
    DELETE = "delete"
    SMS = "sms"
    CALL = "call"


# By what follows AT, spaces taken out, in capitals; the first that fits holds. Questions (?) change nothing.
_DANGERS: Final = (
    (re.compile(r"\+CFUN=\d+,1"), Danger.RESTART),
    (re.compile(r"\^RESET|\+QPOWD|\+CPOF|\+CRESET|#REBOOT|\^RFSWITCH="), Danger.RESTART),
    (re.compile(r"\+CFUN=[^?]"), Danger.RADIO),
    # A command to the SIM itself may enter a PIN; of +CRSM only reading and asking cannot (27.007 8.18: 176, 178, 192, 242).
    (re.compile(r"\+CPIN2?=[^?]|\^CPIN=|\+CPWD=|\+CSIM=[^?]|\+CGLA=[^?]|\+CRSM=(?!\?|176|178|192|242)"), Danger.PIN),
    (re.compile(r"\+CLCK="), Danger.LOCK),
    (re.compile(r"\+COPS=[^?]"), Danger.OPERATOR),
    (re.compile(r"&F|&W|Z(?!\w)|\+QCFG=|\^SETPORT=|\^U2DIAG=|\+CUSBPIDSWITCH="), Danger.DEFAULTS),
    (re.compile(r"\+(IPR|IFC|ICF|CSCA|EGMR|CSAS|SIMEI)=[^?]"), Danger.DEFAULTS),
    (re.compile(r"\+CMGD=[^?]|\+CPBW="), Danger.DELETE),
    (re.compile(r"\+CMG[SWC]=[^?]|\+CMSS="), Danger.SMS),
    # Basic commands may stand in front of it without a sign between them: ATE0D112; (V.250 5.2.1).
    (re.compile(r"^(?:[&%\\]?[A-CE-RT-Z]\d*|S\d+(?:=\d*|\?))*D[\d*#+TPLS>]"), Danger.CALL),
    # The last line once more, whatever it was (V.250 5.2.4).
    (re.compile(r"^A/"), Danger.CALL),
)


def dangerous(line: str) -> Danger | None:
    """Why this line should be asked about before it goes to the modem; None when it only asks or sets little.

    Several commands may stand in one line, after semicolons (V.250 5.2.1).
    """
    packed = re.sub(r"\s", "", line).upper().removeprefix("AT")
    for command in re.split(r";(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", packed):
        for pattern, danger in _DANGERS:
            if pattern.search(command):
                return danger
    return None
