"""Each day: the log is checked, a checkpoint signed, and what is too old wiped, kind by kind."""

import dataclasses
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.audit_chain import NEVER_PRUNED
from data.database import Database
from data.errors import DatabaseUnavailable
from data.files import file_lock
from kiosk.audit.daily import LOOK_SECONDS, ROUNDS, DailyAudit, DailyMeans
from kiosk.audit.retention import Kind, kind_of, months_before, months_of, prune
from kiosk.clock import ClockHealth
from kiosk.delivery.alarms import AlarmMeans
from kiosk.policy import AuditPolicy
from tests.data.test_tampering import sql, tamper
from tests.kiosk.world import START, World

DAY = 24 * 3_600_000
MONTH = 31 * DAY
# Shorter than a site may choose, so that no test needs years.
POLICY = AuditPolicy(sign_in_months=6, message_months=2, reading_months=4, other_months=12)


def means(world: World, directory: Path, policy: AuditPolicy = POLICY) -> DailyMeans:
    def open_database() -> Database:
        site = world.site
        return Database.open(site.database.path, site.vault, site.database.audit._head, now=world.clock.now())

    return DailyMeans(
        open_database=open_database,
        policy=policy,
        zone=ZoneInfo("Europe/Amsterdam"),
        clock=world.clock,
        alarms=AlarmMeans(phones=("+31611111111",), words=world.site.languages["nl"], site="Noord", down_minutes=10),
        lock=directory / "audit.lock",
    )


@pytest.fixture
def daily(world: World, tmp_path: Path) -> DailyAudit:
    return DailyAudit(means(world, tmp_path))


def write(world: World, *actions: str) -> None:
    with world.site.database.transaction(write=True):
        for action in actions:
            world.trail.record(action, "ok")


def days_pass(world: World, daily: DailyAudit, days: int) -> None:
    for _ in range(days):
        world.clock.pass_seconds(DAY / 1000)
        daily.make_round()


def left(world: World) -> list[str]:
    """Actions that can still be read, checkpoints and pruning aside."""
    return [action for action, _ in world.actions() if action not in NEVER_PRUNED]


def test_a_whole_log_gets_one_signed_checkpoint_a_day(world: World, daily: DailyAudit) -> None:
    write(world, "clock")
    daily.make_round()
    daily.make_round()
    assert world.actions() == [("clock", "ok"), ("audit.checkpoint", "ok")]
    days_pass(world, daily, 2)
    assert [action for action, _ in world.actions()].count("audit.checkpoint") == 3


@pytest.mark.parametrize(("hour", "minute", "made"), [(2, 59, False), (3, 1, True)])
def test_the_day_begins_at_night(world: World, daily: DailyAudit, hour: int, minute: int, made: bool) -> None:
    amsterdam = ZoneInfo("Europe/Amsterdam")
    noon = datetime.fromtimestamp(START / 1000, UTC).astimezone(amsterdam).replace(hour=12)
    world.clock.at = int(noon.timestamp() * 1000)
    write(world, "clock")
    daily.make_round()
    night = (noon + timedelta(days=1)).replace(hour=hour, minute=minute)
    world.clock.at = int(night.timestamp() * 1000)
    daily.make_round()
    assert [action for action, _ in world.actions()].count("audit.checkpoint") == 1 + made


def test_only_one_process_makes_the_round(world: World, tmp_path: Path, daily: DailyAudit) -> None:
    write(world, "clock")
    with file_lock(tmp_path / "audit.lock", seconds=1):
        daily.make_round()
    assert world.actions() == [("clock", "ok")]


def test_a_log_that_is_not_whole_is_not_signed_nor_pruned_and_an_alarm_is_given(
    world: World, daily: DailyAudit
) -> None:
    write(world, "sms.sent", "clock")
    daily.make_round()
    tamper(world.site.database.path, sql("UPDATE audit SET at_wall = 1 WHERE seq = 2"))
    world.clock.pass_seconds(300 * DAY / 1000)
    daily.make_round()
    assert world.actions()[-1] == ("audit.verified", "altered")
    assert [action for action, _ in world.actions()].count("audit.checkpoint") == 1
    assert ("sms.sent", "ok") in world.actions()
    assert "log" in world.text_of_queued().lower()


def test_each_kind_is_kept_as_long_as_the_site_says(world: World, daily: DailyAudit) -> None:
    write(world, "sign_in.password", "sms.sent", "audit.read", "users.added")
    seen = []
    daily.make_round()
    for _ in range(13):
        world.clock.at += 24 * DAY
        days_pass(world, daily, ROUNDS)
        seen.append(tuple(left(world)))
    everything = ("sign_in.password", "sms.sent", "audit.read", "users.added")
    assert list(dict.fromkeys(seen)) == [
        everything,
        ("sign_in.password", "audit.read", "users.added"),
        ("sign_in.password", "users.added"),
        ("users.added",),
        (),
    ]
    assert world.site.database.audit.verify().ok


def test_nothing_is_wiped_a_day_early(world: World) -> None:
    write(world, "sms.sent")
    written = world.clock.now()
    for now, wiped in ((written + 59 * DAY, 0), (written + 66 * DAY, 1)):
        assert prune(world.site.database, POLICY, world.clock, now=now, stopping=threading.Event()) == wiped


def test_a_clock_that_jumps_years_ahead_wipes_nothing_for_a_week(world: World, daily: DailyAudit) -> None:
    write(world, "sign_in.password")
    daily.make_round()
    days_pass(world, daily, 10)
    world.clock.at += 3650 * DAY
    days_pass(world, daily, ROUNDS - 1)
    assert left(world) == ["sign_in.password"]
    days_pass(world, daily, 2)
    assert left(world) == []


def test_while_the_clock_is_not_believed_nothing_is_wiped(world: World, daily: DailyAudit) -> None:
    write(world, "sms.sent")
    daily.make_round()
    world.clock.believed = ClockHealth.JUMPED
    days_pass(world, daily, 1)
    world.clock.at += 20 * MONTH
    days_pass(world, daily, ROUNDS + 2)
    assert "sms.sent" in left(world)


def test_a_great_many_rows_are_wiped_in_pieces(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.audit.retention.BATCH", 10)
    monkeypatch.setattr("kiosk.audit.retention.PAUSE_SECONDS", 0)
    write(world, *["sms.sent"] * 25)
    now = world.clock.now() + 12 * MONTH
    assert prune(world.site.database, POLICY, world.clock, now=now, stopping=threading.Event()) == 25
    verification = world.site.database.audit.verify()
    assert (verification.ok, verification.pruned) == (True, 25)


def test_wiping_stops_between_pieces_when_asked(world: World) -> None:
    write(world, "sms.sent")
    stopping = threading.Event()
    stopping.set()
    now = world.clock.now() + 12 * MONTH
    assert prune(world.site.database, POLICY, world.clock, now=now, stopping=stopping) == 0


def test_the_thread_makes_one_round_a_day(daily: DailyAudit, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kiosk.audit.daily.LOOK_SECONDS", 0.001)
    made: list[str] = []
    looked = threading.Semaphore(0)
    today = DailyMeans.today

    def look(means: DailyMeans) -> object:
        looked.release()
        return today(means)

    def make_round() -> bool:
        made.append("round")
        return True

    monkeypatch.setattr(DailyMeans, "today", look)
    monkeypatch.setattr(daily, "make_round", make_round)
    daily.start()
    for _ in range(10):
        assert looked.acquire(timeout=30)
    daily.stop(30)
    assert made == ["round"]


def test_a_round_that_found_the_database_busy_is_tried_again_less_and_less_often(
    world: World, daily: DailyAudit, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(world, "clock")

    def busy(*_args: object, **_kwargs: object) -> None:
        raise DatabaseUnavailable("busy", world.site.database.path)

    with monkeypatch.context() as patch:
        patch.setattr("data.audit.Audit.checkpoint", busy)
        waits = [LOOK_SECONDS]
        while len(waits) < 9:
            waits.append(daily._look(waits[-1]))
    assert waits == [60, 120, 240, 480, 960, 1920, 3600, 3600, 3600]
    assert daily._look(waits[-1]) == LOOK_SECONDS
    assert world.actions() == [("clock", "ok"), ("audit.checkpoint", "ok")]


def test_a_thread_that_was_never_started_ends_at_once_and_a_started_one_in_time(
    world: World, tmp_path: Path, daily: DailyAudit
) -> None:
    daily.stop(1)
    other = DailyAudit(means(world, tmp_path))
    other.start()
    other.stop(5)
    assert not other._thread.is_alive()


@pytest.mark.parametrize(
    ("action", "kind"),
    [
        ("sign_in.password", Kind.SIGN_IN),
        ("session.started", Kind.SIGN_IN),
        ("backup_code.sms", Kind.SIGN_IN),
        ("sms.delivered", Kind.MESSAGE),
        ("modem.adopted", Kind.MESSAGE),
        ("audit.read", Kind.READING),
        ("users.added", Kind.OTHER),
        ("temporary_code.issued", Kind.OTHER),
        ("clock", Kind.OTHER),
        ("something.new", Kind.OTHER),
    ],
)
def test_every_action_has_a_kind(action: str, kind: Kind) -> None:
    assert kind_of(action) is kind


def test_sign_ins_are_kept_five_years_unless_the_site_says_otherwise() -> None:
    assert months_of(AuditPolicy(), Kind.SIGN_IN) == 60
    assert {kind: months_of(POLICY, kind) for kind in Kind} == {
        Kind.SIGN_IN: 6,
        Kind.MESSAGE: 2,
        Kind.READING: 4,
        Kind.OTHER: 12,
    }
    assert len(dataclasses.fields(AuditPolicy)) == len(Kind)


@given(at=st.integers(START, START + 10_000 * DAY), months=st.integers(1, 120))
def test_so_many_months_are_never_fewer(at: int, months: int) -> None:
    now, before = (datetime.fromtimestamp(ms / 1000, UTC) for ms in (at, months_before(at, months)))
    apart = (now.year - before.year) * 12 + now.month - before.month
    assert apart == months
    assert before.day <= now.day
    assert now - before < timedelta(days=31 * months + 4)
