"""Who is locked or nearly: codes are counted per person, passwords per keyed hash of a name, which may be nobody's."""

from dataclasses import dataclass

from data.connection import Row
from kiosk.site import Site


@dataclass(frozen=True, slots=True, kw_only=True)
class Failing:
    """One person with what failed in a row."""

    person_id: str
    name: str
    display_name: str
    codes: int
    passwords: int


def failing_people(site: Site, least: int, now: int) -> list[Failing]:
    """People with so many wrong codes, or ten wrong passwords, in a row; those with the most first. Raises DataError."""
    reports = site.database.reports
    found = {row["person_id"]: (row, row["second_factor_failures"], 0) for row in reports.failing(least, now)}
    hashes = reports.password_failures()
    if hashes:
        # Only then is every name hashed: it takes a third of a second for 100 000 people.
        for row in reports.present_names(now):
            if failures := hashes.get(site.name_hash(row["name_key"])):
                _, codes, _ = found.get(row["person_id"], (row, 0, 0))
                found[row["person_id"]] = (row, codes, failures)
    people = [_failing(row, codes, passwords) for row, codes, passwords in found.values()]
    return sorted(people, key=lambda one: (-max(one.codes, one.passwords), one.name))


def _failing(row: Row, codes: int, passwords: int) -> Failing:
    return Failing(
        person_id=row["person_id"],
        name=row["name"],
        display_name=row["display_name"],
        codes=codes,
        passwords=passwords,
    )
