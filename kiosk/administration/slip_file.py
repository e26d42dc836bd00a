"""All slips in one file of the exchange folder or a stick: all of them are on it, or nobody has a password from it."""

import os
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from kiosk.administration.changing import Office
from kiosk.administration.errors import NothingToDo
from kiosk.administration.free_text import Why
from kiosk.administration.importing import Stopped
from kiosk.administration.slips import Skipped, Slip, slip_text, slips_of_new, take_back
from kiosk.exchange import dated_name, saving


@dataclass(frozen=True, slots=True, kw_only=True)
class SlipFile:
    """What was made: `name` of the file, `skipped` user names of whom no slip may be made, `reference` of the first slip."""

    name: str
    made: int
    skipped: tuple[str, ...]
    reference: str


def make_file(
    office: Office,
    why: Why,
    *,
    import_id: str | None,
    folder: Path | None,
    progress: Callable[[int], None],
    stopped: Callable[[], bool],
) -> SlipFile:
    """Make the slips of everybody who never had a password, of one import when it is given; `progress` is told how many there are.

    When the process dies on the way, the file has all slips but those of the last batch at most. Raises Stopped, NothingToDo when
    nobody may have one, AdministrationError, NoPlace, NotSaved, DataError: then nobody has a password from it.
    """
    at = datetime.fromtimestamp(office.site.clock.wall() / 1000, UTC).astimezone(office.site.zone)
    given, skipped, reference = dict[str, int](), list[str](), ""
    with (
        _all_or_nobody(office, given, why),
        saving(dated_name("slips", at, "txt"), folder=folder) as (out, name),
    ):
        for batch in slips_of_new(office, why, import_id=import_id):
            slips = [one for one in batch if isinstance(one, Slip)]
            # The password raised the epoch once.
            given.update((one.user.id, one.user.epoch + 1) for one in slips)
            skipped += [one.user.name for one in batch if isinstance(one, Skipped)]
            reference = reference or next((one.reference for one in slips), "")
            out.write("".join(slip_text(office.site, one) for one in slips).encode())
            out.flush()
            os.fsync(out.fileno())
            progress(len(given))
            if stopped():
                raise Stopped
        if not given:
            raise NothingToDo
    return SlipFile(name=name, made=len(given), skipped=tuple(skipped), reference=reference)


@contextmanager
def _all_or_nobody(office: Office, given: Mapping[str, int], why: Why) -> Iterator[None]:
    """Take back what was given, when there will be no file."""
    try:
        yield
    except BaseException:
        take_back(office, given, why)
        raise
