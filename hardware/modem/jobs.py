"""One SMS to be sent and what can become of it: the data between delivery and the owner of a modem."""

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import StrEnum

from hardware.modem.causes import ErrorClass, ErrorFamily
from hardware.modem.status import ModemStatus


class SendProgress(StrEnum):
    """How far a job is; each value is reported once, in this order."""

    WAITING = "waiting"  # the owner took it; AT+CMGS goes out
    PROMPT = "prompt"  # the modem asks for the PDU; up to here ESC undoes everything
    COMMITTED = "committed"  # Ctrl-Z has been written: the message may have been sent
    WAITING_FOR_NETWORK = "waiting_for_network"  # no answer within `Pace.slow_network`; still waiting


def ignore(progress: SendProgress) -> None:
    """Take no notice of progress."""
    del progress


@dataclass(frozen=True, slots=True, kw_only=True)
class SmsJob:
    """One SMS for one modem.

    `number` is E.164 with its +, `text` must fit one part, `validity_minutes` becomes the relative TP-VP rounded up to
    its grid (23.040 9.2.3.12.1). `journal` is called in the owner's thread when the PDU has been written, right before
    Ctrl-Z; anything but True means ESC and nothing sent. `deadline` is `time.monotonic()` after which it must not be
    started. `cancelled` may be set at any time (then call `ModemOwner.wake`); it has no effect after Ctrl-Z.
    """

    number: str = field(repr=False)
    text: str = field(repr=False)
    validity_minutes: int
    report: bool
    journal: Callable[[ModemStatus], bool]
    deadline: float
    cancelled: threading.Event
    progress: Callable[[SendProgress], None] = ignore


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """The network has accepted it.

    `reference` is TP-MR (0 to 255) for the delivery report; None when the modem says "sent before" (+CMS ERROR: 197)
    without telling the number. `seconds` runs from Ctrl-Z to the answer.
    """

    reference: int | None
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """Modem or network refused it after Ctrl-Z, and said so clearly: certainly not sent."""

    kind: ErrorFamily
    code: int
    error_class: ErrorClass
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """Ctrl-Z was written and no clear answer came: it may have been sent, never send it again by yourself.

    `reason`: no_answer, no_reference, modem_restarted, port_gone, write_stuck, stopped, internal, error, cms_CODE, cme_CODE.
    """

    reason: str
    seconds: float


@dataclass(frozen=True, slots=True, kw_only=True)
class NotSent:
    """It failed before Ctrl-Z: certainly not sent.

    `reason`: no_prompt, refused, port_gone, write_stuck, modem_restarted, journal_failed, too_late, stopping, bad_number,
    bad_text, internal, or the reason of a modem that is not ready (`ModemStatus.reason`). `kind` and `code` say what the
    modem answered when `reason` is refused.
    """

    reason: str
    error_class: ErrorClass
    kind: ErrorFamily | None = None
    code: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Cancelled:
    """The job was cancelled, or the journal said no, before Ctrl-Z: certainly not sent."""


SendResult = Sent | Refused | Unknown | NotSent | Cancelled
