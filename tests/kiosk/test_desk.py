"""One terminal: its status, one sign-in at a time, and what a crash left behind."""

import multiprocessing
import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from data.modems import ModemState
from hardware.modem.status import bars
from kiosk.clock import MARK_KEY, HighWaterMark, SystemClock
from kiosk.delivery.candidates import SIM_GUARD
from kiosk.delivery.doorbell import AWAITED_POLL, IDLE_POLL
from kiosk.desk import Desk, sms_health
from kiosk.desk_status import DeskStatus, ModemHealth, SmsHealth
from kiosk.presence import Presence
from kiosk.sign_in.outcomes import MethodKind, Moved, Stage
from tests.kiosk.terminal import BUILT, DAY, FACTS, MINUTE, Terminal
from tests.kiosk.world import PASSWORD, World


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


def test_sims_that_have_sent_what_they_may_are_not_told_as_broken_modems(terminal: Terminal) -> None:
    used_up = replace(terminal.world.modem("noord", "20408"), state=ModemState.DOWN, reason=SIM_GUARD)
    gone = replace(terminal.world.modem("zuid", "20404"), state=ModemState.GONE)

    assert sms_health([gone, used_up]) is SmsHealth.USED_UP
    assert sms_health([gone, replace(used_up, reason="port_gone")]) is SmsHealth.DOWN


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


@pytest.mark.parametrize(("dbm", "expected"), [(None, 0), (-113, 0), (-107, 1), (-97, 2), (-87, 3), (-77, 4), (-51, 4)])
def test_signal_as_bars(dbm: int | None, expected: int) -> None:
    assert bars(dbm) == expected


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


@pytest.mark.parametrize(("minutes", "left"), [(119, 1), (121, 0)])
def test_what_a_desk_that_never_comes_back_left_open_ends_after_two_hours(
    world: World, minutes: int, left: int
) -> None:
    world.person()
    world.sign_in().begin("j.devries", PASSWORD)
    world.clock.at += minutes * MINUTE
    clock = SystemClock(wall=world.clock.wall, boot=lambda: 0, this_boot="boot")
    elsewhere = replace(world.site, clock=clock)

    with closing(Desk(elsewhere, replace(FACTS, desk_name="elders"), clock)):
        assert len([row for row in world.table("sign_ins") if row["ended_at"] is None]) == left


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
