"""Errors of the modem engine; the whole tree is drawn in `hardware.errors`."""

from hardware.errors import HardwareError
from hardware.modem.reasons import Reason


class ModemError(HardwareError):
    """Base of every error of the modem engine."""


class PduError(ModemError):
    """A number, text or PDU that cannot be encoded or decoded (23.040).

    `reason` is a code: truncated, not_hex, bad_address, bad_number, text_too_long, not_gsm7, bad_header, compressed, wrong_type,
    bad_validity. `detail` never holds a number or a text.
    """

    def __init__(self, reason: str, detail: str = "") -> None:
        self.reason = reason
        self.detail = detail
        super().__init__(f"{reason} {detail}".strip())


class AtTimeout(ModemError):
    """No final result code before the deadline; `command` is the part of the command before its values."""

    def __init__(self, command: str) -> None:
        self.command = command
        super().__init__(command)


class ModemUnfit(ModemError):
    """The modem answers and cannot serve; `reason` is one of `hardware.modem.reasons`."""

    def __init__(self, reason: Reason) -> None:
        self.reason = reason
        super().__init__(reason.value)


class SimProblem(ModemError):
    """The SIM cannot be used; `reason` is one of `hardware.modem.reasons`, `tries` the PIN tries left when known."""

    def __init__(self, reason: Reason, tries: int | None = None) -> None:
        self.reason = reason
        self.tries = tries
        super().__init__(reason.value)


class ModemRestarted(ModemError):
    """A start-up banner came: what was set up is lost."""


class Stopped(ModemError):
    """The owner was told to stop while it waited."""
