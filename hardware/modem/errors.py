"""Errors of the modem engine; the whole tree is drawn in `hardware.errors`."""

from hardware.errors import HardwareError


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
