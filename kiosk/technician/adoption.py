"""Confirming a modem and its SIM for a name of the configuration: until then it gets no PIN and no SMS (DESIGN §5)."""

from dataclasses import dataclass
from typing import Final

from data.database import Database
from kiosk.audit import AuditTrail

_TAIL: Final = 4
# What an adoption cures.
CURED: Final = frozenset({"not_adopted", "other_sim", "other_modem", "other_socket"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """What stands at a modem's port now; `socket` is empty without USB."""

    modem: str
    model: str
    imei: str
    iccid: str
    socket: str
    interface: int | None

    @property
    def imei_tail(self) -> str:
        """As it is shown."""
        return self.imei[-_TAIL:]

    @property
    def iccid_tail(self) -> str:
        """As it is shown."""
        return self.iccid[-_TAIL:]

    @property
    def whole(self) -> bool:
        """Whether modem and SIM could be read: what is not known cannot be confirmed."""
        return bool(self.imei and self.iccid)


def forbidden_by(candidate: Candidate, *, imei: str | None, iccid: str | None) -> str:
    """The key of the configuration that names another one, "imei" or "iccid"; empty when none does.

    What stands in the file is stronger than an adoption: such a modem would stay as it is.
    """
    if imei and candidate.imei not in {"", imei}:
        return "imei"
    return "iccid" if iccid and candidate.iccid not in {"", iccid} else ""


def adopt(database: Database, trail: AuditTrail, candidate: Candidate, *, reason: str, actor: str, now: int) -> None:
    """Confirm it; raises DataError. Who drives the modem looks again as soon as it is rung."""
    assert candidate.whole, "asked before"
    with database.transaction(write=True):
        database.adoptions.adopt(
            modem=candidate.modem,
            imei=candidate.imei,
            iccid=candidate.iccid,
            usb_path=candidate.socket,
            interface=candidate.interface,
            reason=reason,
            actor=actor,
            now=now,
        )
        trail.record(
            "modem.adopted",
            "ok",
            actor=actor,
            about=candidate.modem,
            parameters={
                "reason": reason,
                "imei_tail": candidate.imei_tail,
                "iccid_tail": candidate.iccid_tail,
                "socket": candidate.socket,
            },
        )
