"""What somebody at a desk may do with reports: read those of their role, and save one to the exchange folder or a stick."""

import hashlib
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from data.audit_check import never, silent
from data.canonical import JSON
from data.errors import DataError
from data.users import Role
from kiosk.audit import AuditTrail
from kiosk.audit.spreadsheet import Spreadsheet
from kiosk.exchange import NoPlace, NotSaved, dated_name, save
from kiosk.language import Language
from kiosk.reports import counting, rows
from kiosk.reports.report import COLUMNS, Figure, NetworkWeek, Page, Report, ReportRow, readable
from kiosk.reports.rights import Standing, standing
from kiosk.reports.words import text_of
from kiosk.site import Site

log = logging.getLogger("kiosk.reports")

# So many rows are read in one go; between two of them others may write.
_AT_ONCE: Final = 20_000
# After so many it is told how far it is, and asked whether to go on.
_TELL_EVERY: Final = 1_000


class NotReadable(Exception):
    """Somebody with this role does not read this report."""


class SavingStopped(Exception):
    """Whoever asked for it stopped it; nothing was written."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """All rows of a report as CSV, with the row of the log that says so."""

    content: bytes
    rows: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Saved:
    """A file that lies on the medium; `checksum` is the SHA-256 of its bytes."""

    name: str
    checksum: str
    rows: int
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ReportRoom:
    """Reports for one reader; used in the database's thread. `folder` is the configured exchange folder."""

    site: Site
    trail: AuditTrail
    actor: str
    role: Role
    folder: Path | None = None

    @property
    def reports(self) -> tuple[Report, ...]:
        """Those that this reader may read."""
        return readable(self.role)

    @property
    def administers(self) -> bool:
        """Whether this reader may also do something about it."""
        return self.role is Role.ADMINISTRATOR

    def kept(self) -> dict[Report, Figure]:
        """The figures of the last count; raises DataError."""
        return {report: one for report, one in counting.kept_figures(self.site).items() if report in self.reports}

    def figure(self, report: Report) -> Figure:
        """A figure of now; raises NotReadable, DataError."""
        self._check(report)
        return counting.figure(self.site, report)

    def try_figure(self, report: Report) -> Figure | None:
        """As `figure`; None when it could not be counted, which must not hide the others. Raises NotReadable."""
        try:
            return self.figure(report)
        except DataError as error:
            log.warning("the report %s was not counted: %r", report.value, error)
            return None

    def attention(self) -> int:
        """How many reports want something done; raises DataError."""
        return counting.attention(self.site, self.reports)

    def week(self) -> list[NetworkWeek]:
        """How many SMS each network was given on the last days; raises NotReadable, DataError."""
        self._check(Report.SMS)
        return rows.network_weeks(self.site)

    def review(self) -> Standing:
        """How the review of special rights stands; raises NotReadable, DataError."""
        self._check(Report.RIGHTS)
        return standing(self.site)

    def page(self, report: Report, *, limit: int, offset: int = 0, again: bool = False) -> Page:
        """Some rows; that somebody begins to read is in the log first, unless it is `again` on the same visit.

        Raises NotReadable, DataError.
        """
        self._check(report)
        if offset == 0 and not again:
            self._record("reports.read", {"report": report.value})
        return rows.page(self.site, report, limit=limit, offset=offset)

    def all(self, report: Report) -> Iterator[ReportRow]:
        """Every row; raises NotReadable, DataError."""
        offset = 0
        while True:
            found = self.page(report, limit=_AT_ONCE, offset=offset)
            yield from found.rows
            if not found.more:
                return
            offset += len(found.rows)

    def table(
        self,
        report: Report,
        words: Language,
        progress: Callable[[int, int], None] = silent,
        cancelled: Callable[[], bool] = never,
    ) -> Table:
        """All rows as CSV, of which no cell runs in a spreadsheet; in the log before anything leaves.

        Raises NotReadable, SavingStopped, DataError.
        """
        content = bytearray()
        sheet = Spreadsheet(content.extend)
        columns = COLUMNS[report]
        sheet.row([words.text(f"reports.column.{column.name}") for column in columns])
        total = counting.rows_about(self.site, report)
        count = 0
        for count, row in enumerate(self.all(report), start=1):
            if count % _TELL_EVERY == 0:
                progress(count, total)
                if cancelled():
                    raise SavingStopped
            values = zip(columns, row.values, strict=True)
            # An empty cell and not a dash, which a spreadsheet would be warned of.
            sheet.row(["" if value is None else text_of(value, each, words, self.site.zone) for each, value in values])
        reference = self._record("reports.exported", {"report": report.value, "rows": count})
        return Table(content=bytes(content), rows=count, reference=reference)

    def save(
        self,
        report: Report,
        words: Language,
        progress: Callable[[int, int], None] = silent,
        cancelled: Callable[[], bool] = never,
    ) -> Saved:
        """Write all rows as CSV to the exchange folder or a stick; raises as `table`, NoPlace, NotSaved."""
        table = self.table(report, words, progress, cancelled)
        at = datetime.fromtimestamp(self.site.clock.wall() / 1000, UTC).astimezone(self.site.zone)
        try:
            name = save(dated_name(name_of(report), at, "csv"), table.content, folder=self.folder)
        except (NoPlace, NotSaved):
            self._record("reports.exported", {"report": report.value}, result="failed")
            raise
        checksum = hashlib.sha256(table.content).hexdigest()
        return Saved(name=name, checksum=checksum, rows=table.rows, reference=table.reference)

    def _record(self, action: str, facts: dict[str, JSON], *, result: str = "ok") -> str:
        with self.site.database.transaction(write=True):
            return self.trail.record(action, result, actor=self.actor, parameters=facts)

    def _check(self, report: Report) -> None:
        if report not in self.reports:
            raise NotReadable


def name_of(report: Report) -> str:
    """As it stands in a command and in the name of a file."""
    return report.value.replace("_", "-")
