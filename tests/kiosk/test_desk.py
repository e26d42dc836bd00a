"""One terminal: its status, what a crash left behind, a clock that goes wrong, a database that cannot be written."""

import dataclasses
import logging
import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

import kiosk.clock
from data.modems import ModemState
from kiosk.clock import ClockHealth, HighWaterMark, SystemClock
from kiosk.delivery.doorbell import AWAITED_POLL, IDLE_POLL
from kiosk.desk import MARK_KEY, Desk, bars_of
from kiosk.desk_status import DeskFacts, DeskStatus, HelpDesk, ModemHealth, SmsHealth
from kiosk.presence import Presence
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Stage
from tests.kiosk.world import PASSWORD, World, why

# A clock before this is not believed: the day on which the program was built.
BUILT = int(Path(kiosk.clock.__file__).stat().st_mtime * 1000)
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
FACTS = DeskFacts(
    site="Receptie Noord",
    desk_name="balie 1",
    desk_number="1",
    help_desk=HelpDesk(name="", phone="", hours=""),
    language="nl",
    time_zone="Europe/Amsterdam",
    login_idle_seconds=90,
    sign_in_idle_seconds=180,
    success_idle_seconds=120,
    session_idle_seconds=300,
    idle_warning_seconds=20,
    idle_extensions=10,
)


@dataclasses.dataclass(slots=True)
class Terminal:
    """A desk in a world whose machine has a clock that can be set wrong."""

    world: World
    clock: SystemClock
    desk: Desk
    closed: list[bool] = dataclasses.field(default_factory=list)

    @classmethod
    def open(cls, world: World, *, simulated: bool = False) -> "Terminal":
        boot = world.clock.at
        clock = SystemClock(wall=world.clock.wall, boot=lambda: world.clock.at - boot, this_boot="boot")
        world.site = dataclasses.replace(world.site, clock=clock)
        closed: list[bool] = []
        desk = Desk(world.site, FACTS, clock, simulated=simulated, closing=lambda: closed.append(True))
        return cls(world, clock, desk, closed)

    def begun(self) -> SignIn:
        sign_in = self.desk.sign_in("nl")
        assert isinstance(sign_in.begin("j.devries", PASSWORD), Moved)
        return sign_in

    def refuse_writes(self, pragma: str) -> None:
        self.world.site.database._connection.raw.execute(pragma)


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


# Status


def test_without_modems_there_is_no_sms_at_this_desk(terminal: Terminal) -> None:
    status = terminal.desk.status()

    assert status.sms is SmsHealth.NONE
    assert status.modems == ()
    assert status.out_of_service is None
    assert status.methods_working == (MethodKind.TOTP, MethodKind.BACKUP_CODE)


def test_a_modem_that_is_ready_is_shown_with_network_and_bars(terminal: Terminal) -> None:
    terminal.world.modem("noord", "20408")

    status = terminal.desk.status()

    assert status.sms is SmsHealth.READY
    assert [(modem.name, modem.network, modem.bars, modem.health) for modem in status.modems] == [
        ("noord", "KPN", 4, ModemHealth.READY)
    ]
    assert MethodKind.SMS in status.methods_working


@pytest.mark.parametrize(
    ("states", "expected"),
    [
        ((ModemState.GONE, ModemState.READY), SmsHealth.READY),
        ((ModemState.GONE, ModemState.NO_NETWORK), SmsHealth.NO_NETWORK),
        ((ModemState.GONE, ModemState.SIM_PROBLEM), SmsHealth.DOWN),
        ((ModemState.DOWN, ModemState.STARTING), SmsHealth.DOWN),
    ],
)
def test_all_modems_together_in_one_word(
    terminal: Terminal, states: tuple[ModemState, ModemState], expected: SmsHealth
) -> None:
    terminal.world.modem("noord", "20408", states[0])
    terminal.world.modem("zuid", "20404", states[1])

    assert terminal.desk.status().sms is expected


def test_a_dispatcher_that_has_died_is_noticed_within_a_minute(terminal: Terminal) -> None:
    terminal.world.modem("noord", "20408")
    terminal.world.clock.at += MINUTE

    status = terminal.desk.status()

    assert status.sms is SmsHealth.DOWN
    assert [modem.health for modem in status.modems] == [ModemHealth.DOWN]


def test_a_simulated_modem_is_shown_as_such(terminal: Terminal) -> None:
    before = terminal.desk.status().simulated
    terminal.world.modem("noord", "20408")

    assert (before, terminal.desk.status().simulated) == (False, True)


def test_a_simulated_desk_marks_every_row_of_the_log(world: World) -> None:
    world.person()
    simulated = Terminal.open(world, simulated=True)
    simulated.begun()

    assert simulated.desk.status().simulated
    rows = [
        row.event for row in world.site.database.audit.rows() if row.event and row.event.action == "sign_in.password"
    ]
    assert [event.simulated for event in rows] == [True]
    simulated.desk._presence.close()


@pytest.mark.parametrize(("dbm", "bars"), [(None, 0), (-113, 0), (-107, 1), (-97, 2), (-87, 3), (-77, 4), (-51, 4)])
def test_signal_as_bars(dbm: int | None, bars: int) -> None:
    assert bars_of(dbm) == bars


def test_those_who_watch_the_status_are_told_per_change(terminal: Terminal) -> None:
    seen: list[DeskStatus] = []
    subscription = terminal.desk.watch_status(seen.append)
    terminal.desk.poll()
    terminal.world.modem("noord", "20408")
    terminal.desk.poll()
    terminal.desk.poll()
    subscription.cancel()
    terminal.world.modem("noord", "20408", ModemState.GONE)
    terminal.desk.poll()

    assert [status.sms for status in seen] == [SmsHealth.NONE, SmsHealth.READY]


def test_it_looks_often_while_somebody_waits_for_an_sms_and_seldom_else(terminal: Terminal) -> None:
    terminal.world.person()
    idle = terminal.desk.poll()
    sign_in = terminal.begun()
    sign_in.watch(lambda _view: None)
    waiting = terminal.desk.poll()
    sign_in.answer(terminal.world.code_of_queued())
    sign_in.confirm_backup_code()

    assert (idle, waiting, terminal.desk.poll()) == (IDLE_POLL, AWAITED_POLL, IDLE_POLL)


# One sign-in at a time


def test_a_new_sign_in_ends_the_one_before(terminal: Terminal) -> None:
    terminal.world.person()
    first = terminal.begun()

    terminal.desk.sign_in("en")

    assert first.stage is Stage.ENDED
    assert ("sign_in.ended", "replaced") in terminal.world.actions()


def test_closing_lets_the_person_go_and_keeps_the_time(terminal: Terminal, world: World) -> None:
    world.person()
    sign_in = terminal.begun()

    terminal.desk.close()

    assert sign_in.stage is Stage.ENDED
    assert terminal.closed == [True]
    with closing(world.neighbour()) as later:
        assert HighWaterMark.from_text(later.site.database.meta.get(MARK_KEY)) == terminal.clock.high_water()
        assert ("sign_in.ended", "stop") in later.actions()


# What a crash left behind


def live_and_die(directory: Path, at: int, stage: Stage) -> None:
    """A terminal that is killed with somebody at it."""
    world = World.reopened(directory, at=at)
    sign_in = Terminal.open(world).begun()
    if stage is Stage.SIGNED_IN:
        sign_in.answer(world.code_of_queued())
        sign_in.confirm_backup_code()
    assert sign_in.stage is stage
    os.kill(os.getpid(), signal.SIGKILL)


@pytest.mark.parametrize("stage", [Stage.SMS_CODE, Stage.SIGNED_IN])
def test_what_a_killed_terminal_left_open_ends_at_the_next_start(world: World, stage: Stage) -> None:
    world.person()
    directory = world.site.database.path.parent
    killed = multiprocessing.get_context("spawn").Process(target=live_and_die, args=(directory, world.clock.at, stage))
    killed.start()
    killed.join(60)
    assert killed.exitcode == -signal.SIGKILL

    with closing(Terminal.open(world).desk):
        assert [row for row in world.table("sign_ins") if row["ended_at"] is None] == []
        assert [row for row in world.table("sessions") if row["ended_at"] is None] == []
        assert [row for row in world.table("challenges") if row["sealed_code"] is not None] == []
        assert [row["state"] for row in world.table("messages")] == ["cancelled"]
        ended = "session.ended" if stage is Stage.SIGNED_IN else "sign_in.ended"
        assert (ended, "crashed") in world.actions()


def test_another_terminal_with_the_same_name_ends_nobody_s_sign_in(terminal: Terminal, world: World) -> None:
    world.person()
    sign_in = terminal.begun()
    code = world.code_of_queued()
    second = world.neighbour("balie 1")

    other = Desk(second.site, FACTS, terminal.clock)

    assert isinstance(sign_in.answer(code), Moved)
    assert ("sign_in.ended", "crashed") not in world.actions()
    other._presence.close()


def test_a_desk_is_left_to_others_when_its_terminal_ends(tmp_path: Path) -> None:
    first, second = Presence(tmp_path / "desk.lock"), Presence(tmp_path / "desk.lock")
    first.close()
    first.close()
    third = Presence(tmp_path / "desk.lock")

    assert (first.alone, second.alone, third.alone) == (True, False, True)
    second.close()
    third.close()


def test_where_no_lock_can_be_made_nobody_s_sign_in_is_ended(tmp_path: Path) -> None:
    assert not Presence(tmp_path / "nowhere" / "desk.lock").alone


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
    assert why(sign_in.answer("123456")) == "sms.code.expired"
    terminal.desk.poll()
    assert [action for action, _ in world.actions()].count("clock") == 1


def test_a_clock_that_is_wrong_from_the_start_is_written_down_too(world: World) -> None:
    world.clock.wrong_ms = -(BUILT + DAY)

    with closing(Terminal.open(world).desk) as desk:
        desk.poll()
        assert ("clock", "before_build") in world.actions()
        assert desk.status().clock_wrong


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

    assert out.out_of_service == "error.database"
    assert out.methods_working == ()
    assert terminal.desk.status().out_of_service is None
    assert len(caplog.records) == 1


def test_a_database_that_cannot_be_read_is_a_status_and_no_crash(terminal: Terminal, world: World) -> None:
    with world.site.database.transaction(write=True):
        world.site.database._connection.rows("ALTER TABLE modems RENAME TO elsewhere")

    status = terminal.desk.status()

    assert status.out_of_service == "error.database"
    assert status.methods_working == ()


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
