"""Lists of people at a desk: those that come in, tried and put in place, with their slips; and the one that goes out.

It lives in a thread of its own (`DomainThread`), over a connection of its own: a long list takes minutes, in which the desk
and whoever types at it wait for nothing.
"""

from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from kiosk.administration.authority import PageAuthority
from kiosk.administration.changing import Office
from kiosk.administration.errors import AdministrationError
from kiosk.administration.exporting import PeopleFile, export_to_file
from kiosk.administration.free_text import Why
from kiosk.administration.importing import Imported, Prepared, Report, check_list, discard, prepare, put_in_place
from kiosk.administration.lists import MAXIMUM_BYTES
from kiosk.administration.rows import Accepts
from kiosk.administration.slip_file import SlipFile, make_file
from kiosk.audit import AuditTrail
from kiosk.audit.spreadsheet import Spreadsheet
from kiosk.exchange import FileThere, dated_name, files, saving
from kiosk.site import Site

ENDING: Final = ".csv"
_POLL_SECONDS: Final = 3600.0
_CHUNK: Final = 1024 * 1024

Progress = Callable[[int, int], None]


class ListChanged(AdministrationError):
    """The file is not the one that was tried; nothing was changed."""


class StillWrong(AdministrationError):
    """What was accepted does not make the list right; `report` says what is left. Nothing was changed."""

    def __init__(self, report: Report) -> None:
        super().__init__(f"{report.wrong} rows")
        self.report = report


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportKey:
    """Lets an administrator in; made by the desk, used in any thread."""

    origin: str
    simulated: bool
    open_site: Callable[[], AbstractContextManager[Site]]
    folder: Path | None

    def enter(self) -> "ImportRoom":
        """The room, for the calling thread; raises DataError."""
        return ImportRoom(self)


@dataclass(frozen=True, slots=True)
class Attempt:
    """Which list, in whose name, and which proposals are taken."""

    authority: PageAuthority
    file: FileThere
    accepts: Accepts


class ImportRoom:
    """Every deed says in whose name: a second factor that was shown is good for some minutes only."""

    def __init__(self, key: ImportKey) -> None:
        self._key = key
        self._closing = ExitStack()
        self._site = self._closing.enter_context(key.open_site())
        self._trail = AuditTrail(self._site.database, self._site.clock, origin=key.origin, simulated=key.simulated)

    def files(self) -> list[FileThere]:
        """The lists that lie there, the newest first."""
        return files(ENDING, folder=self._key.folder)

    def trial(self, attempt: Attempt, progress: Progress, stopped: Callable[[], bool]) -> Report:
        """What would happen; `progress(rows, rows there are about)`. Raises ListError, Stopped, Forbidden, OSError, DataError."""
        return self._prepare(attempt, progress, stopped, stage=False).report

    def carry_out(
        self, attempt: Attempt, seen: Report, why: Why, progress: Progress, stopped: Callable[[], bool]
    ) -> Imported:
        """All of it or nothing; `seen` is the trial that the administrator saw.

        Raises as `trial`, and ListChanged, StillWrong, NotAllRight, StagedLost, AdministrationError.
        """
        if not seen.wrong:
            # What will be put in place is known already; else it is when the proposals that were taken have been tried.
            check_list(self._office(attempt.authority), seen, why)
        prepared = self._prepare(attempt, progress, stopped, stage=True)
        if prepared.import_id is None:
            raise StillWrong(prepared.report)
        office = self._office(attempt.authority)
        if prepared.report.digest != seen.digest:
            discard(office, prepared.import_id)
            raise ListChanged
        return put_in_place(office, prepared, why)

    def save_problems(self, table: Sequence[Sequence[str]]) -> str:
        """What is wrong, in words, as a file for whoever made the list; its name. Raises NoPlace, NotSaved."""
        at = datetime.fromtimestamp(self._site.clock.wall() / 1000, UTC).astimezone(self._site.zone)
        with saving(dated_name("import", at, "csv"), folder=self._key.folder) as (out, name):
            sheet = Spreadsheet(out.write)
            for row in table:
                sheet.row(row)
        return name

    def make_slips(
        self,
        authority: PageAuthority,
        why: Why,
        import_id: str | None,
        progress: Callable[[int], None],
        stopped: Callable[[], bool],
    ) -> SlipFile:
        """The one-time passwords of who was invited, of one import when it is given, in a file; as `make_file`."""
        office = self._office(authority)
        return make_file(office, why, import_id=import_id, folder=self._key.folder, progress=progress, stopped=stopped)

    def export_people(
        self, authority: PageAuthority, why: Why, progress: Progress, stopped: Callable[[], bool]
    ) -> PeopleFile:
        """Everybody in a file, without secrets; as `export_to_file`."""
        office = self._office(authority)
        return export_to_file(office, why, folder=self._key.folder, progress=progress, stopped=stopped)

    # In its thread

    def poll(self) -> float:
        """Nothing is watched."""
        return _POLL_SECONDS

    def close(self) -> None:
        """Let go of the connection."""
        self._closing.close()

    def _office(self, authority: PageAuthority) -> Office:
        return Office(self._site, self._trail, authority)

    def _prepare(self, attempt: Attempt, progress: Progress, stopped: Callable[[], bool], *, stage: bool) -> Prepared:
        file = attempt.file
        if file not in self.files():
            # Pulled out, replaced, or a link by now.
            raise FileNotFoundError
        total = _lines(file.path)
        return prepare(
            self._office(attempt.authority),
            file.path,
            accepts=attempt.accepts,
            stage=stage,
            progress=lambda rows: progress(rows, total),
            stopped=stopped,
        )


def _lines(path: Path) -> int:
    """How many lines there are about; 0 for what is too long to be read at all."""
    if path.stat().st_size > MAXIMUM_BYTES:
        return 0
    with path.open("rb") as file:
        return sum(chunk.count(b"\n") for chunk in iter(lambda: file.read(_CHUNK), b""))
