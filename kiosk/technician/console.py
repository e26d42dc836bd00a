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
    (re.compile(r"\+CPIN2?=[^?]|\^CPIN=|\+CPWD="), Danger.PIN),
    (re.compile(r"\+CLCK="), Danger.LOCK),
    (re.compile(r"\+COPS=[^?]"), Danger.OPERATOR),
    (re.compile(r"&F|&W|Z(?!\w)|\+QCFG=|\^SETPORT=|\^U2DIAG=|\+CUSBPIDSWITCH="), Danger.DEFAULTS),
    (re.compile(r"\+CMGD=[^?]|\+CPBW="), Danger.DELETE),
    (re.compile(r"\+CMG[SWC]=[^?]|\+CMSS="), Danger.SMS),
    (re.compile(r"D[\d*#+TP>]"), Danger.CALL),
)


def dangerous(line: str) -> Danger | None:
    """Why this line should be asked about before it goes to the modem; None when it only asks or sets little.

    Several commands may stand in one line, after semicolons (V.250 5.2.1).
    """
    packed = re.sub(r"\s", "", line).upper().removeprefix("AT")
    for command in re.split(r";(?=(?:[^\"]*\"[^\"]*\")*[^\"]*$)", packed):
        for pattern, danger in _DANGERS:
            if pattern.search(command if danger is not Danger.CALL else command[:2]):
                return danger
    return None
