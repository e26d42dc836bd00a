"""Handing the log over: as lines that can be checked elsewhere (`kiosk.audit.proof`), or as cells for a spreadsheet."""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import Final, Protocol

from data.audit import audit_row
from data.audit_chain import GENESIS, roll_on
from data.audit_check import Verification, never, silent
from data.audit_search import AuditBounds, AuditFilter
from data.canonical import JSON, canonical
from data.connection import Row
from kiosk.audit import proof
from kiosk.audit.asking import Asked, as_facts, understood, utc_time
from kiosk.audit.checking import result_of
from kiosk.audit.errors import ExportCancelled
from kiosk.audit.names import Names
from kiosk.audit.reading import AuditLine, line_of
from kiosk.audit.spreadsheet import Spreadsheet
from kiosk.audit.trail import AuditTrail
from kiosk.site import Site

TELL_EVERY: Final = 2_000
COLUMNS: Final = (
    "number",
    "reference",
    "time_utc",
    "clock",
    "actor",
    "actor_name",
    "action",
    "result",
    "object",
    "object_name",
    "origin",
    "desk",
    "simulated",
    "parameters",
)

Progress = Callable[[int, int], None]


class BytesOut(Protocol):
    """Where an export goes."""

    def write(self, content: bytes, /) -> object:
        """Take some bytes."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Exported:
    """What was handed over.

    Attributes:
        rows: How many rows with contents were asked for and are in it.
        sha256: Of the whole file, in hexadecimal.
        found: How the check of the whole log before it ended; None where none was made.
        sealed: Whether the file can be checked elsewhere: a log that is not whole gets no signature.
    """

    rows: int
    sha256: str
    found: Verification | None
    sealed: bool


class AuditExport:
    """Exports for one reader: a person, or `unix:LOGIN`; that it happened is a row before the first byte leaves."""

    def __init__(
        self,
        site: Site,
        trail: AuditTrail,
        *,
        actor: str,
        progress: Progress = silent,
        cancelled: Callable[[], bool] = never,
    ) -> None:
        self._site = site
        self._database = site.database
        self._search = site.database.audit_search
        self._trail = trail
        self._actor = actor
        self._progress = progress
        self._cancelled = cancelled

    def lines(self, out: BytesOut, asked: Asked) -> Exported:
        """Write what can be checked elsewhere; raises AuditError (ExportCancelled too), DataError, OSError."""
        wanted, bounds = self._begin(asked, "lines")
        check = self._database.audit.check()
        check.want_roll(bounds.first - 1)
        found = check.run(self._progress, self._cancelled)
        if found.cancelled:
            raise ExportCancelled
        tally = _Tally(out, check.roll_at)
        tally.put(proof.line(self._header(wanted, bounds, check.roll_at)))
        self._write_rows(tally, wanted, bounds)
        tally.put(self._end(tally, bounds, found))
        return Exported(rows=tally.shown, sha256=tally.digest.hexdigest(), found=found, sealed=found.ok)

    def table(self, out: BytesOut, asked: Asked) -> Exported:
        """Write cells for a spreadsheet; raises AuditError (ExportCancelled too), DataError, OSError."""
        wanted, bounds = self._begin(asked, "table")
        tally = _Tally(out, GENESIS)
        sheet = Spreadsheet(tally.put)
        sheet.row(COLUMNS)
        names = Names(self._database)
        for row, is_wanted in self._walk(wanted, bounds):
            if is_wanted:
                sheet.row(_cells(line_of(audit_row(row), names)))
                tally.shown += 1
        return Exported(rows=tally.shown, sha256=tally.digest.hexdigest(), found=None, sealed=False)

    def _begin(self, asked: Asked, form: str) -> tuple[AuditFilter, AuditBounds]:
        wanted = understood(self._site, asked, self._actor)
        bounds = self._search.bounds(wanted)
        facts = {**as_facts(wanted), "form": form, "rows": bounds.count}
        with self._database.transaction(write=True):
            self._trail.record("audit.exported", "ok", actor=self._actor, parameters=facts)
        return wanted, bounds

    def _header(self, wanted: AuditFilter, bounds: AuditBounds, roll: bytes) -> dict[str, JSON]:
        return {
            "kiosk_audit_export": proof.FORM,
            "site": self._site.name,
            "exported_at": self._site.clock.wall(),
            "exported_by": self._actor,
            "filter": as_facts(wanted),
            "first": bounds.first,
            "last": bounds.last,
            "roll": roll.hex(),
        }

    def _write_rows(self, tally: "_Tally", wanted: AuditFilter, bounds: AuditBounds) -> None:
        names = Names(self._database)
        for row, is_wanted in self._walk(wanted, bounds):
            content = _content(row, names, is_wanted=is_wanted)
            tally.follow(row)
            tally.shown += is_wanted
            tally.put(proof.line(content))

    def _end(self, tally: "_Tally", bounds: AuditBounds, found: Verification) -> bytes:
        if not found.ok:
            return proof.line({"unsealed": {"fault": result_of(found), "first_bad_seq": found.first_bad_seq}})
        seal: dict[str, JSON] = {
            "first": bounds.first,
            "last": bounds.last,
            "rows": tally.rows,
            "roll": tally.roll.hex(),
            "sha256": tally.digest.hexdigest(),
            "key": self._site.vault.signer,
        }
        signature = self._site.vault.sign(proof.seal_message(seal))
        return proof.line({"seal": seal, "signature": signature.hex()})

    def _walk(self, wanted: AuditFilter, bounds: AuditBounds) -> Iterator[tuple[Row, bool]]:
        """Every row within the bounds, with whether it is wanted."""
        total = bounds.last - bounds.first + 1
        for done, row in enumerate(self._search.raw(wanted, bounds)):
            if done % TELL_EVERY == 0:
                if self._cancelled():
                    raise ExportCancelled
                self._progress(done, total)
            yield row, bool(row["wanted"])


class _Tally:
    """Passes bytes on, and follows what the seal signs."""

    def __init__(self, out: BytesOut, roll: bytes) -> None:
        self._out = out
        self.digest = sha256()
        self.roll = roll
        self.rows = self.shown = 0

    def put(self, content: bytes) -> None:
        """Some bytes of the file."""
        self.digest.update(content)
        self._out.write(content)

    def follow(self, row: Row) -> None:
        """A row that is in the file."""
        self.roll = roll_on(self.roll, row["seq"], row["digest"])
        self.rows += 1


def _content(row: Row, names: Names, *, is_wanted: bool) -> dict[str, JSON]:
    if row["body"] is None:
        return proof.without_contents(row) if is_wanted else proof.withheld(row)
    read = audit_row(row)
    if read.event is None:
        return proof.altered(row)
    if not is_wanted and read.event.action not in proof.ALWAYS_WHOLE:
        return proof.withheld(row)
    named = line_of(read, names)
    shown = {"actor": named.actor_name, "object": named.object_name, "desk": named.desk}
    return proof.whole(row, read.event.as_data(), {name: value for name, value in shown.items() if value is not None})


def _cells(line: AuditLine) -> list[object]:
    clock = "uncertain" if line.clock_uncertain else "ok"
    begin: list[object] = [line.seq, line.reference, utc_time(line.at_wall), clock]
    event = line.event
    if event is None:
        note = "altered" if line.altered else "pruned"
        return [*begin, *(None for _ in COLUMNS[len(begin) : -1]), canonical({note: True})]
    return [
        *begin,
        event.actor,
        line.actor_name,
        event.action,
        event.result,
        event.object,
        line.object_name,
        event.origin,
        line.desk,
        "yes" if event.simulated else "no",
        # Readable rather than canonical: a spreadsheet is for people.
        json.dumps(event.parameters, ensure_ascii=False, sort_keys=True),
    ]
