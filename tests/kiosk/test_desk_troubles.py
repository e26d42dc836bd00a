"""A terminal whose clock goes wrong, or whose database cannot be read or written."""

import dataclasses
import logging
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from kiosk.clock import (
    EVIDENCE_KEY,
    MARK_KEY,
    ClockEvidence,
    ClockHealth,
    HighWaterMark,
    TimeSource,
    compare,
    evidence_to_text,
    kept_evidence,
)
from kiosk.desk import WIPE_EVERY_MS
from kiosk.domain_thread import DomainLost
from kiosk.out_of_service import text_id_of
from kiosk.sign_in.outcomes import MethodKind, Stage
from tests.kiosk.terminal import BUILT, DAY, MINUTE, Terminal
from tests.kiosk.world import PASSWORD, World, why


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with closing(World.make(tmp_path)) as made:
        made.clock.at = BUILT + DAY
        yield made


@pytest.fixture
def terminal(world: World) -> Iterator[Terminal]:
    opened = Terminal.open(world)
    yield opened
    opened.desk._presence.close()


# The clock


@pytest.mark.parametrize(
    ("wrong_ms", "health"),
    [
        (-60 * MINUTE, ClockHealth.WENT_BACK),
        (60 * MINUTE, ClockHealth.JUMPED),
        (-(BUILT + DAY), ClockHealth.BEFORE_BUILD),
    ],
)
def test_a_clock_that_leaps_ends_codes_and_sessions_and_is_written_down(
    terminal: Terminal, world: World, wrong_ms: int, health: ClockHealth
) -> None:
    world.person()
    world.person("a.bakker", phone="+31612345679")
    elsewhere = world.neighbour()
    signed_in = elsewhere.begun("a.bakker")
    signed_in.answer(elsewhere.code_of_queued())
    sign_in = terminal.begun()
    terminal.desk.poll()
    world.clock.wrong_ms = wrong_ms

    terminal.desk.poll()
    signed_in.refresh()

    assert ("clock", health.value) in world.actions()
    assert terminal.desk.status().clock_wrong
    assert MethodKind.TOTP not in terminal.desk.status().methods_working
    assert [row for row in world.table("challenges") if row["sealed_code"] is not None] == []
    assert [row["end_reason"] for row in world.table("sessions")] == ["clock"]
    assert signed_in.stage is Stage.ENDED
    # The page counts down to it, and would go on counting for a code that opens nothing any more.
    shown = sign_in.view().sms
    assert shown is not None
    assert shown.valid_until <= terminal.clock.now()
    assert why(sign_in.answer("123456")) == "sms.code.expired"
    terminal.desk.poll()
    assert [action for action, _ in world.actions()].count("clock") == 1


def test_a_clock_that_is_wrong_from_the_start_is_written_down_too(world: World) -> None:
    world.clock.wrong_ms = -(BUILT + DAY)

    with closing(Terminal.open(world).desk) as desk:
        desk.poll()
        assert ("clock", "before_build") in world.actions()
        assert desk.status().clock_wrong


def test_what_networks_say_of_the_time_switches_the_app_off_for_nobody(terminal: Terminal, world: World) -> None:
    here = terminal.clock.moment()
    evidence = [
        ClockEvidence(
            modem=modem,
            source=source,
            offset_seconds=3600,
            wall_ms=here.wall_ms,
            boot_ms=here.boot_ms,
            boot_id=here.boot_id,
        )
        for modem in ("noord", "zuid")
        for source in TimeSource
    ]
    with world.site.database.transaction(write=True):
        world.site.database.meta.set(EVIDENCE_KEY, evidence_to_text(evidence))
    terminal.desk.poll()
    assert compare(kept_evidence(world.site.database.meta.get(EVIDENCE_KEY)), terminal.clock.moment()).machine_off
    assert not terminal.desk.status().clock_wrong
    assert MethodKind.TOTP in terminal.desk.status().methods_working


def test_a_clock_that_was_set_right_is_written_down_and_believed(terminal: Terminal, world: World) -> None:
    world.clock.wrong_ms = -60 * MINUTE
    terminal.desk.poll()
    world.clock.wrong_ms = 0
    terminal.desk.poll()

    assert [result for action, result in world.actions() if action == "clock"] == ["went_back", "ok"]
    assert not terminal.desk.status().clock_wrong


def test_the_time_is_kept_once_a_minute_and_never_an_earlier_one(terminal: Terminal, world: World) -> None:
    terminal.desk.poll()
    first = world.site.database.meta.get(MARK_KEY)
    world.clock.at += MINUTE - 1
    terminal.desk.poll()
    still = world.site.database.meta.get(MARK_KEY)
    world.clock.at += 1
    terminal.desk.poll()
    mark = HighWaterMark.from_text(world.site.database.meta.get(MARK_KEY))
    assert mark is not None
    later = dataclasses.replace(mark, kiosk_ms=mark.kiosk_ms + DAY)
    with world.site.database.transaction(write=True):
        world.site.database.meta.set(MARK_KEY, later.to_text())
    world.clock.at += MINUTE
    terminal.desk.poll()

    assert first == still
    assert mark.kiosk_ms == BUILT + DAY + MINUTE
    kept = HighWaterMark.from_text(world.site.database.meta.get(MARK_KEY))
    assert kept is not None
    assert kept.kiosk_ms == mark.kiosk_ms + DAY + MINUTE
    assert terminal.clock.now() == kept.kiosk_ms


def test_codes_that_have_expired_are_wiped_within_ten_seconds(terminal: Terminal, world: World) -> None:
    world.person()
    terminal.begun()
    terminal.desk.poll()
    world.clock.at += 5 * MINUTE + 10_000

    terminal.desk.poll()

    assert [row["sealed_code"] for row in world.table("challenges")] == [None]


# A database that cannot be written


def test_a_desk_that_cannot_write_is_out_of_service_until_it_can(
    terminal: Terminal, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    terminal.desk.poll()
    terminal.refuse_writes("PRAGMA query_only=ON")
    with caplog.at_level(logging.ERROR, "kiosk.desk"):
        for _ in range(3):
            world.clock.at += MINUTE
            terminal.desk.poll()
    out = terminal.desk.status()
    terminal.refuse_writes("PRAGMA query_only=OFF")
    world.clock.at += 5_000
    terminal.desk.poll()

    assert out.out_of_service == "out.database.read_only"
    assert out.out_reference is not None
    assert out.out_reference in caplog.records[0].message
    assert out.methods_working == ()
    assert terminal.desk.status().out_of_service is None
    assert ["out of service" in record.message for record in caplog.records] == [True, False]


def test_a_database_that_cannot_be_read_is_a_status_and_no_crash(terminal: Terminal, world: World) -> None:
    with world.site.database.transaction(write=True):
        world.site.database._connection.rows("ALTER TABLE modems RENAME TO elsewhere")

    status = terminal.desk.status()

    assert status.out_of_service == "error.database"
    assert status.methods_working == ()


def test_a_desk_whose_database_was_replaced_gives_itself_up(terminal: Terminal, world: World) -> None:
    terminal.desk.poll()
    path = world.site.database.path
    path.rename(path.with_name("elsewhere.db"))
    with pytest.raises(DomainLost) as lost:
        terminal.desk.poll()
    path.write_bytes(b"another one")
    with pytest.raises(DomainLost):
        terminal.desk.poll()
    assert text_id_of(lost.value.__cause__ or lost.value) == "out.database.missing"


def test_a_desk_whose_database_turns_out_damaged_gives_itself_up(terminal: Terminal, world: World) -> None:
    world.person()
    terminal.desk.poll()
    database = world.site.database
    database._connection.raw.execute("PRAGMA cache_size=0")
    with database._connection.raw as raw:
        raw.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    with database.path.open("r+b") as file:
        file.seek(4096)
        file.write(b"\xa5" * (database.path.stat().st_size - 4096))

    refused = terminal.desk.sign_in("nl").begin("j.devries", PASSWORD)

    assert why(refused) == "error.database"
    with pytest.raises(DomainLost) as lost:
        terminal.desk.poll()
    assert text_id_of(lost.value.__cause__ or lost.value) == "out.database.corrupt"


def test_closing_with_a_database_that_fails_closes_everything_else(
    terminal: Terminal, world: World, caplog: pytest.LogCaptureFixture
) -> None:
    world.person()
    sign_in = terminal.begun()
    terminal.refuse_writes("PRAGMA query_only=ON")

    with caplog.at_level(logging.ERROR, "kiosk"):
        terminal.desk.close()

    assert sign_in.stage is Stage.ENDED
    assert terminal.closed == [True]
    assert "could not be closed" in caplog.text


@pytest.mark.parametrize("somebody_tries", [False, True])
def test_whoever_left_while_nothing_could_be_written_has_left_in_the_log_too(
    terminal: Terminal, world: World, *, somebody_tries: bool
) -> None:
    world.person()
    sign_in = terminal.begun()
    sign_in.answer(world.code_of_queued())
    terminal.refuse_writes("PRAGMA query_only=ON")
    sign_in.cancel("sign_out")
    if somebody_tries:
        assert why(terminal.desk.sign_in("nl").begin("j.devries", PASSWORD)) == "error.database"
    terminal.desk.poll()
    assert [row["end_reason"] for row in world.table("sessions")] == [None]

    terminal.refuse_writes("PRAGMA query_only=OFF")
    world.clock.at += WIPE_EVERY_MS
    terminal.desk.poll()
    world.clock.at += WIPE_EVERY_MS
    terminal.desk.poll()

    assert [row["end_reason"] for row in world.table("sessions")] == ["sign_out"]
    assert [result for action, result in world.actions() if action == "session.ended"] == ["sign_out"]
