"""What people type to find rows: moments, names, desks, references."""

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest

from data.audit_search import AuditFilter
from data.users import name_key
from kiosk.audit.asking import Asked, as_facts, local_time, moment, understood, utc_time
from kiosk.audit.errors import AuditError, UnknownPlace, WrongReference, WrongTime
from kiosk.audit.trail import unknown_name
from tests.kiosk.world import World

AMSTERDAM = ZoneInfo("Europe/Amsterdam")
NOW = int(datetime(2026, 11, 28, 13, 0, tzinfo=UTC).timestamp() * 1000)
HOUR = 3_600_000


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World.make(tmp_path)) as made:
        yield made


def ms(*parts: int) -> int:
    return int(datetime(*parts, tzinfo=UTC).timestamp() * 1000)  # type: ignore[arg-type, misc]


@pytest.mark.parametrize(
    ("text", "end", "at"),
    [
        ("2026-11-01", False, ms(2026, 10, 31, 23)),
        ("2026-11-01", True, ms(2026, 11, 1, 23)),
        (" 2026-11-01 09:30 ", False, ms(2026, 11, 1, 8, 30)),
        ("2026-11-01T09:30", True, ms(2026, 11, 1, 8, 30)),
        ("2026-07-01 09:30", False, ms(2026, 7, 1, 7, 30)),
        ("2026-11-01T09:30Z", False, ms(2026, 11, 1, 9, 30)),
        ("7d", False, NOW - 7 * 24 * HOUR),
        ("24H", True, NOW - 24 * HOUR),
        # The hour that comes twice: from its first beginning, or to its second end.
        ("2026-10-25 02:30", False, ms(2026, 10, 25, 0, 30)),
        ("2026-10-25 02:30", True, ms(2026, 10, 25, 1, 30)),
    ],
)
def test_a_moment_is_local_unless_it_says_otherwise(text: str, end: bool, at: int) -> None:
    assert moment(text, AMSTERDAM, NOW, end=end) == at


@pytest.mark.parametrize("text", ["gisteren", "2026-13-01", "7w", "-7d", "99999999d", "9999-12-31", "\x1b[2J"])
def test_anything_else_is_no_moment(text: str) -> None:
    with pytest.raises(WrongTime) as caught:
        moment(text, AMSTERDAM, NOW, end=True)
    assert caught.value.given == text


def test_the_hour_that_comes_twice_is_told_apart() -> None:
    shown = [local_time(ms(2026, 10, 25, hour), AMSTERDAM) for hour in (0, 1, 2)]
    assert shown == ["2026-10-25 02:00:00+0200", "2026-10-25 02:00:00+0100", "2026-10-25 03:00:00"]


def test_the_time_of_an_export_is_utc_to_the_millisecond() -> None:
    assert utc_time(ms(2026, 11, 28, 13) + 7) == "2026-11-28T13:00:00.007Z"


def people(world: World, typed: str) -> tuple[str, ...]:
    return understood(world.site, Asked(person=typed), "unix:test").people


def hash_of(world: World, name: str) -> str:
    return unknown_name(world.site.name_hash(name_key(name)))


def test_a_whole_name_is_that_person_alone_and_part_of_a_name_all_who_have_it(world: World) -> None:
    ids = {name: world.person(name, phone=None, app=True).user.id for name in ("jan", "jan.bos", "piet")}
    assert people(world, "JAN") == (ids["jan"], hash_of(world, "jan"))
    assert set(people(world, "ja")) == {ids["jan"], ids["jan.bos"], hash_of(world, "ja")}


def test_a_name_that_does_not_exist_finds_those_who_tried_it(world: World) -> None:
    world.attempt("fout", name="Sjaak")
    [row] = world.site.database.audit_search.newest(AuditFilter(people=people(world, "sjaak")), limit=9)
    assert row.event is not None
    assert row.event.action == "sign_in.password"


def test_an_account_of_the_machine_and_the_id_of_who_is_gone_are_taken_as_they_are(world: World) -> None:
    assert "unix:root" in people(world, "unix:root")
    assert "a" * 26 in people(world, "a" * 26)
    assert "wachtwoord123" not in people(world, "wachtwoord123")


def test_a_desk_is_found_by_its_name_and_another_place_as_it_stands(world: World) -> None:
    with world.site.database.transaction(write=True):
        world.trail.record("clock", "ok")
    assert understood(world.site, Asked(desk="Balie 1"), "-").origins == (f"desk:{world.desk_id}",)
    assert understood(world.site, Asked(desk=f"desk:{world.desk_id}"), "-").origins == (f"desk:{world.desk_id}",)
    with pytest.raises(UnknownPlace):
        understood(world.site, Asked(desk="balie 9"), "-")


def test_a_reference_is_a_letter_and_three_digits(world: World) -> None:
    assert understood(world.site, Asked(reference="a002"), "-").reference == 2
    with pytest.raises(WrongReference):
        understood(world.site, Asked(reference="O002"), "-")


def test_what_was_not_asked_does_not_matter(world: World) -> None:
    assert understood(world.site, Asked(), "-") == AuditFilter(up_to=0)


def test_every_error_has_one_base_and_what_was_typed() -> None:
    assert issubclass(WrongTime, AuditError)
    assert UnknownPlace("x").given == "x"


def test_nothing_that_was_typed_is_kept(world: World) -> None:
    wanted = understood(world.site, Asked(person="geheim", since="7d", reference="A001"), "-")
    facts = as_facts(wanted)
    assert facts == {"people": [hash_of(world, "geheim")], "since": wanted.since, "reference": "A001"}
