"""Kiosk time never goes back and never stands still, whatever happens to the clock of the machine."""

from dataclasses import dataclass, field
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import kiosk.clock
from kiosk.clock import ClockHealth, HighWaterMark, SystemClock

BUILT = int(Path(kiosk.clock.__file__).stat().st_mtime * 1000)
NOON = BUILT + 1_000_000_000
MINUTE = 60_000
YEAR = 365 * 24 * 60 * MINUTE


@dataclass(slots=True)
class Machine:
    """A machine whose clock can be set wrong and which can be switched off."""

    true_ms: int = NOON
    wrong_ms: int = 0
    booted_ms: int = NOON - 5 * MINUTE
    boots: int = 0
    kept: HighWaterMark | None = None
    seen: list[int] = field(default_factory=list)

    def wall(self) -> int:
        return self.true_ms + self.wrong_ms

    def boot(self) -> int:
        return self.true_ms - self.booted_ms

    def clock(self) -> SystemClock:
        return SystemClock(self.kept, wall=self.wall, boot=self.boot, this_boot=f"boot-{self.boots}")

    def switch_off_for(self, ms: int, *, wall_at_start: int | None) -> None:
        self.true_ms += ms
        self.booted_ms = self.true_ms
        self.boots += 1
        if wall_at_start is not None:
            self.wrong_ms = wall_at_start - self.true_ms


def test_kiosk_time_is_the_time_of_the_machine_when_nothing_is_wrong() -> None:
    machine = Machine()
    clock = machine.clock()

    machine.true_ms += MINUTE

    assert clock.now() == clock.wall() == NOON + MINUTE
    assert clock.health() is ClockHealth.OK


steps = st.one_of(
    st.tuples(st.just("pass"), st.integers(0, YEAR)),
    st.tuples(st.just("set"), st.integers(-50 * YEAR, 10 * YEAR)),
    st.tuples(st.just("restart"), st.integers(0, MINUTE)),
    st.tuples(st.just("off"), st.integers(0, YEAR)),
    st.tuples(st.just("keep"), st.just(0)),
)


@given(st.lists(steps, max_size=12))
def test_kiosk_time_never_goes_back_and_goes_on_at_least_as_fast_as_time_itself(story: list[tuple[str, int]]) -> None:
    machine = Machine()
    clock = machine.clock()
    last = clock.now()
    for what, value in story:
        before = machine.true_ms
        match what:
            case "pass":
                machine.true_ms += value
            case "set":
                machine.wrong_ms += value
            case "restart":
                machine.kept = clock.high_water()
                machine.true_ms += value
                clock = machine.clock()
            case "off":
                machine.kept = clock.high_water()
                machine.switch_off_for(value, wall_at_start=0)
                clock = machine.clock()
            case "keep":
                machine.kept = clock.high_water()
        awake = 0 if what == "off" else machine.true_ms - before
        assert clock.now() >= last + awake
        last = clock.now()


@given(st.integers(0, YEAR), st.integers(-YEAR, YEAR))
def test_a_mark_is_taken_over_to_the_millisecond_in_the_same_boot(passed: int, wrong: int) -> None:
    machine = Machine()
    first = machine.clock()
    machine.wrong_ms = wrong
    machine.kept = first.high_water()
    machine.true_ms += passed

    assert machine.clock().now() == first.now()


def test_taking_a_mark_slowly_leaves_no_gap() -> None:
    machine = Machine()
    slow = False

    def boot() -> int:
        # Time goes on between two readings, as when the process waits for its turn.
        machine.true_ms += 40 if slow else 0
        return machine.boot()

    def clock() -> SystemClock:
        return SystemClock(machine.kept, wall=lambda: NOON, boot=boot, this_boot="boot-0")

    before = clock()
    slow = True
    machine.kept = before.high_water()
    slow = False

    assert clock().now() == before.now()


def test_a_mark_from_another_boot_counts_the_time_that_the_machine_has_been_on() -> None:
    machine = Machine()
    machine.kept = machine.clock().high_water()
    machine.switch_off_for(YEAR, wall_at_start=0)
    machine.true_ms += MINUTE

    assert machine.clock().now() == NOON + MINUTE


def test_a_later_mark_of_another_process_is_heeded_and_an_earlier_one_is_not() -> None:
    machine = Machine()
    mine, other = machine.clock(), machine.clock()
    machine.wrong_ms = 10 * MINUTE
    other.now()
    machine.wrong_ms = 0
    machine.true_ms += MINUTE

    mine.heed(other.high_water())
    heeded = mine.now()
    other.heed(HighWaterMark(kiosk_ms=NOON, boot_ms=0, boot_id="boot-0"))

    assert heeded == other.now() == NOON + 11 * MINUTE


@pytest.mark.parametrize("hour_off_ms", [-60 * MINUTE, -3 * MINUTE])
def test_a_clock_that_went_back_is_told_until_it_is_right_again(hour_off_ms: int) -> None:
    machine = Machine()
    clock = machine.clock()

    machine.wrong_ms = hour_off_ms
    wrong = clock.health()
    machine.wrong_ms = 0

    assert wrong is ClockHealth.WENT_BACK
    assert clock.health() is ClockHealth.OK


def test_a_clock_that_leapt_is_not_believed_any_more_by_this_process() -> None:
    machine = Machine()
    clock = machine.clock()

    machine.wrong_ms = 3 * MINUTE
    leapt = clock.health()
    machine.true_ms += MINUTE

    assert leapt is ClockHealth.JUMPED
    assert clock.health() is ClockHealth.JUMPED


@pytest.mark.parametrize("off_ms", [-2 * MINUTE, 2 * MINUTE])
def test_a_correction_of_up_to_two_minutes_changes_nothing(off_ms: int) -> None:
    machine = Machine()
    clock = machine.clock()

    machine.wrong_ms = off_ms

    assert clock.health() is ClockHealth.OK


def test_a_machine_that_lost_its_date_is_believed_once_somebody_has_set_it_right() -> None:
    machine = Machine()
    machine.kept = machine.clock().high_water()
    machine.switch_off_for(YEAR, wall_at_start=0)
    clock = machine.clock()
    lost = clock.health()

    machine.wrong_ms = 0

    assert lost is ClockHealth.BEFORE_BUILD
    assert clock.health() is ClockHealth.OK
    assert clock.now() == clock.wall()


def test_time_that_passed_asleep_is_no_leap() -> None:
    machine = Machine()
    clock = machine.clock()

    machine.true_ms += YEAR

    assert clock.health() is ClockHealth.OK


def test_a_mark_comes_back_from_its_text() -> None:
    mark = HighWaterMark(kiosk_ms=NOON, boot_ms=5, boot_id="boot-1")

    assert HighWaterMark.from_text(mark.to_text()) == mark
    assert HighWaterMark.from_text(None) is None


@pytest.mark.parametrize("text", ["", "{}", "[]", "7", '{"kiosk_ms": "7", "boot_ms": 1, "boot_id": "b"}'])
def test_a_damaged_mark_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        HighWaterMark.from_text(text)


def test_the_real_clocks_can_be_read() -> None:
    clock = SystemClock()

    assert clock.now() >= clock.wall() - 1000
    assert clock.high_water().boot_id == kiosk.clock.boot_id()
