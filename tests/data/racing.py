"""Many processes at once on the same one-time codes; each code may be accepted once.

Importable, because the processes are spawned, and because the bench runs it with more codes.
"""

import hmac
import multiprocessing
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from random import Random
from typing import Final

from data.challenges import ChallengeState
from data.database import Database
from data.ids import new_id
from kiosk.keys import AuditHeadFile, MasterKey
from kiosk.methods.phone_clocks import learn
from kiosk.methods.totp import STEP_SECONDS, code_at, matching_step
from kiosk.passwords import HashCost, Hasher, Secret
from kiosk.vault import FileVault
from tests.data.things import MINUTE, NOW, Things

# What is raced for is the compare-and-set, not the hash.
CHEAP: Final = HashCost(passes=1, memory_kib=8, lanes=1)
DEADLINE_SECONDS: Final = 300
APP_SECRET: Final = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
# Any step will do, as long as no two codes near each other are the same.
FIRST_STEP: Final = 58_000_000


@dataclass(frozen=True, slots=True)
class RaceResult:
    """`accepted` codes, `doubles` acceptances too many, `errors` by name, `slowest` try and whole race in seconds."""

    accepted: int
    doubles: int
    errors: Mapping[str, int]
    slowest: float
    seconds: float


@dataclass(frozen=True, slots=True)
class _Report:
    accepted: list[str]
    errors: list[str]
    slowest: float
    started: float
    ended: float


class _Desk:
    """One process: its database, its keys."""

    def __init__(self, directory: Path) -> None:
        self.vault = FileVault(MasterKey.load(directory / "key"))
        self.db = Database.open(directory / "kiosk.db", self.vault, AuditHeadFile(directory / "audit-head"), now=NOW)
        self.hasher = Hasher(self.vault, password_cost=CHEAP, code_cost=CHEAP)

    def accepted(self, what: str) -> bool:
        self.db.audit.append(
            action="accepted", object=what, result="ok", origin="race", actor=None, at=NOW, at_wall=NOW
        )
        return True

    def mac(self, code: str) -> bytes:
        return self.vault.mac(code.encode(), purpose="sms_code")


# Each kind: rows to race for, as the ids (or other text) that every process tries in turn; and one try.


def _prepare_sms(desk: _Desk, codes: int) -> list[str]:
    things = Things(desk.db)
    sign_in = things.sign_in()
    with desk.db.transaction(write=True):
        return [things.challenge(sign_in, code_mac=desk.mac("123456")).id for _ in range(codes)]


def _try_sms(desk: _Desk, challenge_id: str) -> bool:
    with desk.db.transaction(write=True):
        claimed = desk.db.challenges.claim(challenge_id, now=NOW)
        if claimed is None or not hmac.compare_digest(claimed.code_mac, desk.mac("123456")):
            return False
        return desk.db.challenges.consume(challenge_id, now=NOW) and desk.accepted(challenge_id)


def _prepare_backup(desk: _Desk, codes: int) -> list[str]:
    things, code_hash = Things(desk.db), desk.hasher.hash("17532256", Secret.CODE)
    with desk.db.transaction(write=True):
        users = [things.user() for _ in range(codes)]
        for user in users:
            desk.db.backup_codes.issue(user.id, code_hash=code_hash, now=NOW)
    return [user.id for user in users]


def _try_backup(desk: _Desk, user_id: str) -> bool:
    code = desk.db.backup_codes.live(user_id)
    if code is None:
        return False
    with desk.db.transaction(write=True):
        if desk.db.backup_codes.claim_try(code.id, limit=20) is None:
            return False
    if not desk.hasher.verify("17532256", code.code_hash, Secret.CODE):
        return False
    with desk.db.transaction(write=True):
        return desk.db.backup_codes.consume(code.id, NOW) and desk.accepted(code.id)


def _prepare_temporary(desk: _Desk, codes: int) -> list[str]:
    things, code_hash = Things(desk.db), desk.hasher.hash("00112233", Secret.CODE)
    with desk.db.transaction(write=True):
        users = [things.user() for _ in range(codes)]
        for user in users:
            desk.db.temporary_codes.issue(
                user.id, code_hash=code_hash, issued_by="a", reason="r", proof="p", expires_at=NOW + MINUTE, now=NOW
            )
    return [user.id for user in users]


def _try_temporary(desk: _Desk, user_id: str) -> bool:
    code = desk.db.temporary_codes.live(user_id, NOW)
    if code is None:
        return False
    with desk.db.transaction(write=True):
        if desk.db.temporary_codes.claim_try(code.id, limit=20, now=NOW) is None:
            return False
    if not desk.hasher.verify("00112233", code.code_hash, Secret.CODE):
        return False
    with desk.db.transaction(write=True):
        return desk.db.temporary_codes.consume(code.id, NOW) and desk.accepted(code.id)


def _prepare_totp(desk: _Desk, codes: int) -> list[str]:
    factor = Things(desk.db).factor()
    return [f"{factor.id} {step}" for step in range(codes)]


def _try_totp(desk: _Desk, factor_and_step: str) -> bool:
    factor_id, step = factor_and_step.split()
    with desk.db.transaction(write=True):
        return desk.db.factors.accept_step(factor_id, int(step), NOW) and desk.accepted(factor_and_step)


def _prepare_app(desk: _Desk, codes: int) -> list[str]:
    factor = Things(desk.db).factor(secret=APP_SECRET.encode())
    steps = range(FIRST_STEP, FIRST_STEP + codes)
    shown = [code_at(APP_SECRET, step * STEP_SECONDS * 1000) for step in steps]
    return [f"{factor.id} {step} {code}" for step, code in zip(steps, shown, strict=True)]


def _prepare_one_app_code(desk: _Desk, codes: int) -> list[str]:
    """The same code again and again."""
    return _prepare_app(desk, 1) * codes


_jitter = Random()


def _try_app(desk: _Desk, factor_step_and_code: str) -> bool:
    """The code of an app at a desk whose clock jumps back and forth, while drift is learned from it."""
    factor_id, step, code = factor_step_and_code.split()
    now_step = int(step) + _jitter.randint(-1, 1)
    with desk.db.transaction(write=True):
        factor = desk.db.factors.get(factor_id)
        assert factor is not None
        found = matching_step(APP_SECRET, code, now_step, 1, drift=factor.drift)
        if found is None or not desk.db.factors.accept_step(factor_id, found, NOW):
            return False
        learn(desk.db, factor, found - now_step, NOW)
        return desk.accepted(factor_step_and_code)


def _prepare_journal(desk: _Desk, codes: int) -> list[str]:
    things = Things(desk.db)
    with desk.db.transaction(write=True):
        modem = things.modem()
        return [f"{things.message().id} {modem.id}" for _ in range(codes)]


def _try_journal(desk: _Desk, message_and_modem: str) -> bool:
    message_id, modem_id = message_and_modem.split()
    with desk.db.transaction(write=True):
        return desk.db.messages.commit(
            message_id, transmission_id=new_id(), modem_id=modem_id, network=None, network_name=None, now=NOW
        ) and desk.accepted(message_and_modem)


def _try_carelessly(desk: _Desk, challenge_id: str) -> bool:
    """Look, then write what was seen: what must not be done, to show that the race would find it."""
    challenge = desk.db.challenges.get(challenge_id)
    if challenge is None or challenge.state(NOW) is not ChallengeState.LIVE:
        return False
    with desk.db.transaction(write=True):
        desk.db.challenges.wipe(challenge_id, NOW)
        return desk.accepted(challenge_id)


_Prepare = Callable[[_Desk, int], list[str]]
_Try = Callable[[_Desk, str], bool]
KINDS: Final[Mapping[str, tuple[_Prepare, _Try]]] = {
    "sms": (_prepare_sms, _try_sms),
    "backup": (_prepare_backup, _try_backup),
    "temporary": (_prepare_temporary, _try_temporary),
    "totp": (_prepare_totp, _try_totp),
    "app": (_prepare_app, _try_app),
    "journal": (_prepare_journal, _try_journal),
}
CARELESS: Final[Mapping[str, tuple[_Prepare, _Try]]] = {"careless": (_prepare_sms, _try_carelessly)}
ONE_CODE: Final[Mapping[str, tuple[_Prepare, _Try]]] = {"one app code": (_prepare_one_app_code, _try_app)}


def _runner(kind: str) -> tuple[_Prepare, _Try]:
    return {**KINDS, **CARELESS, **ONE_CODE}[kind]


def race(kind: str, processes: int, codes: int) -> RaceResult:
    """Let `processes` processes try the same `codes` codes of a kind of KINDS, all in the same order at the same time."""
    with tempfile.TemporaryDirectory(prefix="race-") as name:
        directory = Path(name)
        MasterKey.create(directory / "key")
        desk = _Desk(directory)
        wanted = _runner(kind)[0](desk, codes)
        reports = _run(kind, processes, directory, wanted)
        audited = Counter(row.event.object for row in desk.db.audit.rows() if row.event)
        desk.hasher.close()
        desk.db.close()
    accepted = Counter(what for report in reports for what in report.accepted)
    errors = Counter(error for report in reports for error in report.errors)
    if audited.total() != accepted.total() or set(audited.values()) - {1}:
        errors["audit rows differ from acceptances"] += 1
    return RaceResult(
        accepted=len(accepted),
        doubles=accepted.total() - len(accepted),
        errors=dict(errors),
        slowest=max(report.slowest for report in reports),
        seconds=max(report.ended for report in reports) - min(report.started for report in reports),
    )


def _run(kind: str, processes: int, directory: Path, wanted: list[str]) -> list[_Report]:
    # Spawned, as kiosks are: a fork would share the open database.
    context = multiprocessing.get_context("spawn")
    queue: Queue[_Report] = context.Queue()
    barrier = context.Barrier(processes)
    workers = [
        context.Process(target=_work, args=(kind, directory, wanted, barrier, queue), daemon=True)
        for _ in range(processes)
    ]
    for worker in workers:
        worker.start()
    reports = [queue.get(timeout=DEADLINE_SECONDS) for _ in workers]
    for worker in workers:
        worker.join(DEADLINE_SECONDS)
    return reports


def _work(kind: str, directory: Path, wanted: list[str], barrier: Barrier, queue: "Queue[_Report]") -> None:
    attempt = _runner(kind)[1]
    desk = _Desk(directory)
    accepted, errors, slowest = [], [], 0.0
    barrier.wait(DEADLINE_SECONDS)
    started = time.monotonic()
    for what in wanted:
        before = time.monotonic()
        try:
            if attempt(desk, what):
                accepted.append(what)
        except Exception as error:  # noqa: BLE001  every error is a result of the race
            errors.append(f"{type(error).__name__}: {error}")
        slowest = max(slowest, time.monotonic() - before)
    ended = time.monotonic()
    desk.hasher.close()
    desk.db.close()
    queue.put(_Report(accepted, errors, slowest, started, ended))
