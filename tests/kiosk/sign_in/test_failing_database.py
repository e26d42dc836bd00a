"""A database that fails at any moment: a sentence and a reference, nothing moved, nothing lost, and then it works again."""

import dataclasses
import logging
import resource
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, closing, contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest

from data.errors import DatabaseUnavailable
from kiosk.passwords import Hasher, Secret
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Refused, Stage
from tests.kiosk.world import BACKUP_CODE, CHEAP, PASSWORD, TEMPORARY_CODE, World, other_than, why

OWN = "eigen losse woorden hier"
TABLES = (
    "users",
    "factors",
    "backup_codes",
    "temporary_codes",
    "sign_ins",
    "challenges",
    "messages",
    "sessions",
    "throttles",
)
Trouble = Callable[[World], AbstractContextManager[None]]


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """A desk that waits for no other process."""
    with closing(World.make(tmp_path, busy_ms=20)) as made:
        made.modem("noord", "20408")
        made.modem("zuid", "20404")
        yield made


# What goes wrong, and ends


@contextmanager
def full(world: World) -> Iterator[None]:
    """No room for one more page, and none left on the last page of the log, which every transition writes."""
    connection, database = world.site.database._connection, world.site.database
    [[pages]] = connection.rows("PRAGMA page_count")
    connection.rows(f"PRAGMA max_page_count={pages}")
    with suppress(DatabaseUnavailable):
        while True:
            with database.transaction(write=True):
                database.audit.append(action="x", result="x", origin="x", actor=None, at=0, at_wall=0)
    yield
    connection.rows("PRAGMA max_page_count=1000000")


@contextmanager
def read_only(world: World) -> Iterator[None]:
    world.site.database._connection.rows("PRAGMA query_only=ON")
    yield
    world.site.database._connection.rows("PRAGMA query_only=OFF")


@contextmanager
def busy(world: World) -> Iterator[None]:
    """Another program keeps the write lock."""
    with closing(sqlite3.connect(world.site.database.path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield
        other.execute("ROLLBACK")


@contextmanager
def broken_disk(world: World) -> Iterator[None]:
    """The operating system refuses every byte that is added to a file."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


TROUBLES: dict[str, Trouble] = {"full": full, "read_only": read_only, "busy": busy, "broken_disk": broken_disk}
troubles = pytest.mark.parametrize("name", TROUBLES)


def kept(world: World) -> Mapping[str, Any]:
    """Everything but the log, which a full disk was filled with."""
    return {table: world.table(table) for table in TABLES}


# Every transition that writes: where it begins, what it is, where it leads


def fresh(world: World) -> SignIn:
    world.person()
    return world.sign_in()


def own_password(world: World) -> SignIn:
    return world.begun(password=world.invite().one_time_password)


def confirm_phone(world: World) -> SignIn:
    sign_in = own_password(world)
    sign_in.choose_own_password(OWN, OWN)
    return sign_in


def sms_code(world: World) -> SignIn:
    world.person()
    return world.begun()


def sms_sent(world: World) -> SignIn:
    sign_in = sms_code(world)
    world.transmit(world.modems["noord"])
    world.later(31)
    return sign_in


def backup_code(world: World) -> SignIn:
    world.person()
    world.give_backup_code()
    sign_in = world.begun()
    sign_in.take(MethodKind.BACKUP_CODE)
    return sign_in


def temporary_code(world: World) -> SignIn:
    world.person()
    world.give_temporary_code()
    return world.begun()


def app(world: World) -> SignIn:
    created = world.person(phone=None, app=True)
    codes["app"] = world.app_code(created)
    return world.begun()


def enrol(world: World) -> SignIn:
    created = world.invite(phone=None, app=True)
    codes["app"] = world.app_code(created)
    sign_in = world.begun(password=created.one_time_password)
    sign_in.choose_own_password(OWN, OWN)
    return sign_in


def success(world: World) -> SignIn:
    world.person()
    return world.signed_in()


codes: dict[str, str] = {}


def sms_answer(world: World, sign_in: SignIn) -> Outcome:
    return sign_in.answer(world.code_of_queued())


@dataclasses.dataclass(frozen=True, slots=True)
class Transition:
    begin: Callable[[World], SignIn]
    act: Callable[[World, SignIn], Outcome]
    leads_to: Stage


TRANSITIONS = {
    "begin": Transition(fresh, lambda _, one: one.begin("j.devries", PASSWORD), Stage.SMS_CODE),
    "own_password": Transition(own_password, lambda _, one: one.choose_own_password(OWN, OWN), Stage.CONFIRM_PHONE),
    "confirm_phone": Transition(confirm_phone, lambda _, one: one.confirm_phone(right=True), Stage.SMS_CODE),
    "answer_sms": Transition(sms_code, sms_answer, Stage.SUCCESS),
    "resend": Transition(sms_sent, lambda _, one: one.resend(), Stage.SMS_CODE),
    "answer_backup": Transition(backup_code, lambda _, one: one.answer(BACKUP_CODE), Stage.SUCCESS),
    "answer_temporary": Transition(temporary_code, lambda _, one: one.answer(TEMPORARY_CODE), Stage.SUCCESS),
    "answer_app": Transition(app, lambda _, one: one.answer(codes["app"]), Stage.SUCCESS),
    "enrol_app": Transition(enrol, lambda _, one: one.answer(codes["app"]), Stage.SUCCESS),
    "code_by_sms": Transition(success, lambda _, one: one.send_backup_code_by_sms(), Stage.SUCCESS),
    "confirm_code": Transition(success, lambda _, one: one.confirm_backup_code(), Stage.SIGNED_IN),
}


@troubles
@pytest.mark.parametrize("transition", TRANSITIONS)
def test_a_transition_that_cannot_be_kept_moves_nothing_and_works_afterwards(
    world: World, name: str, transition: str, caplog: pytest.LogCaptureFixture
) -> None:
    tried = TRANSITIONS[transition]
    sign_in = tried.begin(world)
    stage = sign_in.stage
    with TROUBLES[name](world):
        before = kept(world)
        outcome = tried.act(world, sign_in)
        after = kept(world)

    assert why(outcome) == ("error.disk_full" if name == "full" else "error.database")
    assert isinstance(outcome, Refused)
    assert outcome.stage is sign_in.stage is stage
    assert outcome.names_contact
    assert not outcome.clears_field
    assert outcome.reference is not None
    assert after == before
    assert outcome.reference in caplog.text
    assert "Traceback" not in caplog.text

    assert isinstance(tried.act(world, sign_in), Moved)
    assert sign_in.stage is tried.leads_to
    assert world.site.database.audit.verify().ok


@troubles
def test_leaving_never_fails_and_what_is_left_is_found_later(world: World, name: str) -> None:
    sign_in = sms_code(world)
    with TROUBLES[name](world):
        sign_in.cancel("person")

    assert sign_in.stage is Stage.ENDED
    assert len(world.site.database.sign_ins.unfinished(world.desk_id)) == 1


@troubles
def test_a_wrong_code_is_counted_only_when_it_could_be_kept(world: World, name: str) -> None:
    sign_in = sms_code(world)
    wrong = other_than(world.code_of_queued())
    with TROUBLES[name](world):
        for _ in range(6):
            sign_in.answer(wrong)

    outcome = sign_in.answer(wrong)

    assert isinstance(outcome, Refused)
    assert outcome.why.values == {"left": 4}


# In the middle: between the hash and what follows from it


class Sabotaged(Hasher):
    """Hashes as ever; `then` happens right after the next comparison."""

    then: Callable[[], None] | None = None

    def verify(self, text: str, stored: str | None, what: Secret = Secret.PASSWORD) -> bool:
        right = super().verify(text, stored, what)
        if (then := self.then) is not None:
            self.then = None
            then()
        return right


def sabotage(world: World) -> Sabotaged:
    hasher = Sabotaged(world.site.vault, password_cost=CHEAP, code_cost=CHEAP)
    world.hasher.close()
    world.hasher, world.site = hasher, dataclasses.replace(world.site, hasher=hasher)
    return hasher


@troubles
@pytest.mark.parametrize("transition", ["begin", "answer_backup", "answer_temporary"])
def test_trouble_right_after_the_hash_accepts_nothing_and_the_code_stays_good(
    world: World, name: str, transition: str
) -> None:
    hasher, tried = sabotage(world), TRANSITIONS[transition]
    sign_in = tried.begin(world)
    trouble = TROUBLES[name](world)
    hasher.then = trouble.__enter__
    outcome = tried.act(world, sign_in)
    trouble.__exit__(None, None, None)

    assert why(outcome) == ("error.disk_full" if name == "full" else "error.database")
    assert world.table("sessions") == []
    assert world.user().second_factor_failures == 0
    assert isinstance(tried.act(world, sign_in), Moved)
    assert world.user().second_factor_failures == 0


@troubles
def test_a_hash_that_cannot_be_renewed_does_not_undo_the_sign_in(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person()
    sign_in, hasher, trouble = world.sign_in(), world.hasher, TROUBLES[name](world)
    monkeypatch.setattr(hasher, "needs_rehash", lambda _stored: True)
    anew = hasher.hash

    def hash_in_trouble(text: str, what: Secret = Secret.PASSWORD) -> str:
        trouble.__enter__()
        return anew(text, what)

    monkeypatch.setattr(hasher, "hash", hash_in_trouble)

    outcome = sign_in.begin("j.devries", PASSWORD)
    trouble.__exit__(None, None, None)

    assert outcome == Moved(Stage.SMS_CODE)


@troubles
def test_signed_in_without_a_back_up_code_when_that_cannot_be_kept(
    world: World, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.person()
    sign_in, hasher, trouble = world.begun(), world.hasher, TROUBLES[name](world)
    anew = hasher.hash

    def hash_in_trouble(text: str, what: Secret = Secret.PASSWORD) -> str:
        hashed = anew(text, what)
        trouble.__enter__()
        return hashed

    monkeypatch.setattr(hasher, "hash", hash_in_trouble)
    outcome = sign_in.answer(world.code_of_queued())
    trouble.__exit__(None, None, None)
    monkeypatch.setattr(hasher, "hash", anew)

    assert outcome == Moved(Stage.SUCCESS)
    success = sign_in.view().success
    assert success is not None
    assert success.backup_code is None
    assert success.notice is not None
    assert success.notice.text_id == "success.not_made"
    assert not success.may_send_sms
    assert sign_in.confirm_backup_code() == Moved(Stage.SIGNED_IN)
    sign_in.cancel("sign_out")
    assert world.signed_in().stage is Stage.SUCCESS


@pytest.mark.parametrize("transition", ["begin", "answer_sms", "confirm_code"])
def test_what_was_committed_is_told_as_done_although_nothing_can_be_read_any_more(
    world: World, transition: str
) -> None:
    tried, raw = TRANSITIONS[transition], world.site.database._connection.raw
    sign_in = tried.begin(world)
    sign_in.watch(lambda _view: None)
    commits: list[bool] = []

    def refuse_everything() -> None:
        commits.append(True)
        raw.set_authorizer(lambda *_: sqlite3.SQLITE_DENY)

    world.site.database.on_commit(refuse_everything)
    outcome = tried.act(world, sign_in)
    raw.set_authorizer(None)

    assert commits
    assert isinstance(outcome, Moved)
    assert outcome.stage is sign_in.stage


def test_no_secret_stands_in_what_was_logged_meanwhile(world: World, caplog: pytest.LogCaptureFixture) -> None:
    sign_in = sms_code(world)
    code = world.code_of_queued()
    with caplog.at_level(logging.DEBUG), read_only(world):
        sign_in.answer(code)
        world.sign_in().begin("j.devries", PASSWORD)

    assert caplog.records
    assert [secret for secret in (code, PASSWORD) if secret in caplog.text] == []
