"""Tijd en klok: what the sources say together, and that a clock that is put right lets nothing happen twice."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import kiosk.clock
from kiosk.administration.errors import TextUnusable
from kiosk.audit import AuditTrail
from kiosk.clock import (
    ASKED_KEY,
    EVIDENCE_KEY,
    MARK_KEY,
    ClockEvidence,
    ClockHealth,
    SystemClock,
    TimeSource,
    evidence_to_text,
    kept_mark,
)
from kiosk.methods.phone_clocks import recent_offsets
from kiosk.technician.setting_clock import ClockNotSet, Obstacle, set_clock
from kiosk.technician.time_room import NothingToSet, ProofNeeded, Said, TimeRoom, Verdict
from tests.kiosk.world import World

NOON = int(Path(kiosk.clock.__file__).stat().st_mtime * 1000) + 1_000_000_000
MINUTE = 60_000


class Machine:
    """Its clock is set by whoever may."""

    def __init__(self) -> None:
        self.true_ms, self.wrong_ms = NOON, 0
        self.steps: list[float] = []
        self.rings = 0

    def clock(self, text: str | None = None) -> SystemClock:
        return SystemClock(
            kept_mark(text),
            wall=lambda: self.true_ms + self.wrong_ms,
            boot=lambda: self.true_ms - NOON + MINUTE,
            this_boot="boot",
        )

    def ring(self) -> None:
        self.rings += 1

    def set(self, seconds: float) -> None:
        self.steps.append(seconds)
        self.wrong_ms += round(seconds * 1000)


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World.make(tmp_path)
    yield made
    made.close()


@pytest.fixture
def machine() -> Machine:
    return Machine()


def room(world: World, machine: Machine, clock: SystemClock | None = None) -> TimeRoom:
    clock = clock or machine.clock()
    return TimeRoom(
        site=world.site,
        trail=AuditTrail(world.site.database, clock, origin="desk:1"),
        clock=clock,
        actor="technician",
        proved_at=clock.now(),
        set_clock=machine.set,
        ring=machine.ring,
        battery=lambda: True,
    )


def told(world: World, here: TimeRoom, seconds: float, source: TimeSource = TimeSource.NETWORK) -> None:
    now = here.clock.moment()
    evidence = ClockEvidence(
        modem="noord",
        source=source,
        offset_seconds=seconds,
        wall_ms=now.wall_ms,
        boot_ms=now.boot_ms,
        boot_id=now.boot_id,
    )
    with world.site.database.transaction(write=True):
        world.site.database.meta.set(EVIDENCE_KEY, evidence_to_text([evidence]))


def rows(world: World) -> list[tuple[str, dict[str, object]]]:
    found = [row.event for row in world.site.database.audit.rows() if row.event is not None]
    return [(one.result, dict(one.parameters)) for one in found if one.action == "time.set"]


@pytest.mark.parametrize(
    ("seconds", "verdict", "may_set"),
    [
        (0.4, Verdict.GOOD, False),
        (-2.6, Verdict.GOOD, False),
        (9.0, Verdict.GOOD, True),
        (20.0, Verdict.DRIFTS, True),
        (-31.0, Verdict.WRONG, True),
    ],
)
def test_the_verdict_is_by_what_apps_bear(
    world: World, machine: Machine, seconds: float, verdict: Verdict, *, may_set: bool
) -> None:
    here = room(world, machine)
    told(world, here, seconds)
    seen = here.look()
    assert (seen.verdict, seen.may_set) == (verdict, may_set)


def test_without_any_source_nothing_can_be_set(world: World, machine: Machine) -> None:
    here = room(world, machine)
    seen = here.look()
    assert [one.said for one in seen.tellings] == [Said.NOTHING, Said.NOTHING, Said.FEW]
    assert seen.verdict is Verdict.ALONE
    with pytest.raises(NothingToSet):
        here.put_right("batterij leeg")
    assert not machine.steps


def test_modems_are_asked_where_there_are_any(world: World, machine: Machine) -> None:
    here = room(world, machine)
    assert not here.ask_modems()
    assert machine.rings == 0
    world.clock.at = here.clock.now()
    world.modem("noord", "20408")
    assert here.ask_modems()
    assert machine.rings == 1
    assert world.site.database.meta.get(ASKED_KEY) == str(here.clock.now())


def test_how_long_ago_a_modem_spoke_is_seen(world: World, machine: Machine) -> None:
    here = room(world, machine)
    assert here.look().heard_ms is None
    told(world, here, 1.0, TimeSource.SERVICE_CENTRE)
    assert here.look().heard_ms is None
    told(world, here, 1.0, TimeSource.MODEM)
    machine.true_ms += 3_000
    assert here.look().heard_ms == 3_000


@pytest.mark.parametrize("leap", [60 * MINUTE, 365 * 24 * 60 * MINUTE])
def test_a_clock_that_leapt_and_came_back_is_believed_by_a_watch_where_nobody_tells_the_time(
    world: World, machine: Machine, leap: int
) -> None:
    here = room(world, machine)
    machine.wrong_ms = leap
    assert here.clock.health() is ClockHealth.JUMPED
    machine.wrong_ms = 0
    assert (here.look().verdict, here.look().may_set) == (Verdict.WENT_BACK, True)

    assert room(world, machine, here.clock).put_right("op horloge gezien") == 0.0

    assert here.clock.health() is ClockHealth.OK
    assert machine.steps == []
    assert [(result, parameters["source"]) for result, parameters in rows(world)] == [("ok", "watch")]


def test_a_clock_before_the_day_of_the_program_is_not_believed_by_a_watch(world: World, machine: Machine) -> None:
    machine.wrong_ms = -365 * 24 * 60 * MINUTE
    assert not room(world, machine).look().may_set


def test_a_clock_that_is_put_back_keeps_kiosk_time_and_is_believed_here_and_elsewhere(
    world: World, machine: Machine
) -> None:
    machine.wrong_ms = 60 * MINUTE
    here = room(world, machine)
    other = machine.clock()
    told(world, here, -3600.0)
    before = here.clock.now()

    assert here.put_right("op horloge gezien") == -3600.0

    assert machine.wrong_ms == 0
    assert here.clock.now() >= before
    assert here.clock.health() is ClockHealth.OK
    # Another terminal sees the leap before it hears of it; a new process hears of it at its start.
    assert other.health() is ClockHealth.WENT_BACK
    kept = world.site.database.meta.get(MARK_KEY)
    mark = kept_mark(kept)
    assert mark is not None
    other.heed(mark)
    assert (other.health(), machine.clock(kept).health()) == (ClockHealth.OK, ClockHealth.OK)
    assert here.look().verdict is Verdict.GOOD


def test_what_a_technician_allowed_allows_nobody_to_put_it_back_once_more(world: World, machine: Machine) -> None:
    machine.wrong_ms = 60 * MINUTE
    here = room(world, machine)
    told(world, here, -3600.0)
    here.put_right("op horloge gezien")
    machine.wrong_ms = -3 * MINUTE
    assert here.clock.health() is ClockHealth.WENT_BACK


def test_a_clock_that_was_put_forward_is_believed_and_the_log_has_old_new_and_source(
    world: World, machine: Machine
) -> None:
    machine.wrong_ms = -10 * MINUTE
    here = room(world, machine)
    told(world, here, 600.0, TimeSource.SERVICE_CENTRE)
    here.put_right("batterij leeg")
    assert here.clock.health() is ClockHealth.OK
    [(result, values)] = rows(world)
    assert (result, values["old"], values["new"]) == ("ok", NOON - 10 * MINUTE, NOON)
    assert (values["source"], values["modem"], values["reason"]) == ("service_centre", "noord", "batterij leeg")


def test_a_leap_that_was_right_is_believed_without_setting_anything(world: World, machine: Machine) -> None:
    machine.wrong_ms = -10 * MINUTE
    here = room(world, machine)
    machine.wrong_ms = 0
    told(world, here, 0.3)
    assert here.look().verdict is Verdict.JUMPED
    assert here.put_right("root zette hem goed") == 0.0
    assert (machine.steps, here.look().verdict) == ([], Verdict.GOOD)


def test_phones_are_not_asked_about_the_clock_that_was(world: World, machine: Machine) -> None:
    machine.wrong_ms = -5 * MINUTE
    here = room(world, machine)
    factors = world.site.database.factors
    for name in ("an", "bo", "cy"):
        user = world.person(name, app=True).user
        with world.site.database.transaction(write=True):
            factor = next(one for one in factors.of_user(user.id) if one.kind.value == "totp")
            factors.note_offset(factor.id, 10, accepted=False, now=here.clock.now())
    seen = here.look()
    assert seen.best is not None
    assert (seen.best.name, seen.verdict, seen.offsets) == ("phones", Verdict.WRONG, ((10, 3),))
    assert here.put_right("horloge") == 300.0
    assert recent_offsets(world.site.database, here.clock.now()) == []


def test_it_wants_a_fresh_proof_and_a_reason(world: World, machine: Machine) -> None:
    here = room(world, machine)
    told(world, here, 600.0)
    with pytest.raises(TextUnusable):
        here.put_right(" ")
    machine.true_ms += 24 * 60 * MINUTE - 1
    with pytest.raises(ProofNeeded):
        here.put_right("horloge")
    assert not machine.steps


def test_a_refusal_is_in_the_log_and_changes_nothing(
    world: World, machine: Machine, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_seconds: float) -> None:
        raise ClockNotSet(Obstacle.NO_RIGHT)

    monkeypatch.setattr(machine, "set", refuse)
    here = room(world, machine)
    told(world, here, 600.0)
    with pytest.raises(ClockNotSet):
        here.put_right("horloge")
    assert [result for result, _ in rows(world)] == ["no_right"]
    assert here.clock.high_water().corrections == 0


@pytest.mark.parametrize(
    ("code", "error", "obstacle"),
    [
        (0, "", None),
        (1, "Access denied", Obstacle.NO_RIGHT),
        (1, "Automatic time synchronization is enabled", Obstacle.SYNCHRONISED),
    ],
)
def test_without_right_and_helper_timedated_is_asked(
    tmp_path: Path, code: int, error: str, obstacle: Obstacle | None
) -> None:
    asked: list[list[str]] = []

    def settime(_ns: int) -> None:
        raise PermissionError

    def run(command: list[str], **_how: object) -> "subprocess.CompletedProcess[str]":
        asked.append(command)
        return subprocess.CompletedProcess(command, code, stdout="", stderr=error)

    if obstacle is None:
        set_clock(-2.5, helper=tmp_path / "none", settime=settime, run=run)
    else:
        with pytest.raises(ClockNotSet) as refused:
            set_clock(-2.5, helper=tmp_path / "none", settime=settime, run=run)
        assert refused.value.obstacle is obstacle
    assert asked[0][-3:] == ["-2500000", "true", "false"]
