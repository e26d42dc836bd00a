"""Adoptions: the modem and the SIM that a technician confirmed for a name; anyone can claim an IMEI, so a person must."""

from dataclasses import dataclass
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Adoption:
    """One confirmation; `usb_path` is the socket ("1-1.2") and `interface` the USB interface, empty and None without USB."""

    id: str
    modem: str
    imei: str
    iccid: str
    usb_path: str
    interface: int | None
    reason: str
    actor: str
    at: int


_ADOPTION: Final = Reader(Adoption)


class Adoptions(Repository):
    """At most one is live per name."""

    def adopt(
        self,
        *,
        modem: str,
        imei: str,
        iccid: str,
        usb_path: str,
        interface: int | None,
        reason: str,
        actor: str,
        now: int,
    ) -> Adoption:
        """Confirm a modem and its SIM; the confirmation before retires."""
        self._change(
            "UPDATE adoptions SET state = 'retired', retired_at = :now WHERE modem = :modem AND state = 'live'",
            modem=modem,
            now=now,
        )
        row = self._changed(
            """INSERT INTO adoptions (id, modem, imei, iccid, usb_path, interface, state, reason, actor, at)
            VALUES (:id, :modem, :imei, :iccid, :usb_path, :interface, 'live', :reason, :actor, :now) RETURNING *""",
            id=new_id(),
            modem=modem,
            imei=imei,
            iccid=iccid,
            usb_path=usb_path,
            interface=interface,
            reason=reason,
            actor=actor,
            now=now,
        )
        assert row is not None
        return _ADOPTION(row)

    def live(self) -> dict[str, Adoption]:
        """The confirmation in force of each name."""
        rows = [_ADOPTION(row) for row in self._rows("SELECT * FROM adoptions WHERE state = 'live'")]
        return {row.modem: row for row in rows}
