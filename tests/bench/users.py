"""The same sign-in among a thousand people and among a million."""

import random
import sqlite3
import statistics
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from data.database import Database
from data.factors import NUMBER_COLUMN
from data.ids import new_id
from data.users import name_key
from kiosk.audit import AuditTrail
from kiosk.clock import SystemClock
from kiosk.delivery.doorbell import Doorbell
from kiosk.delivery.outbox import Outbox
from kiosk.keys import AuditHeadFile, MasterKey
from kiosk.language import LANGUAGES, Language
from kiosk.passwords import HashCost, Hasher
from kiosk.policy import Policy
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import Moved, Stage
from kiosk.site import Site
from kiosk.vault import FileVault
from tests.bench.measurement import Baseline, Measurement, Of, Target, milliseconds
from tests.bench.place import PASSWORD, SITE, name_of, phone_of, temporary_directory

FEW: Final = 1_000
MANY: Final = 1_000_000
SIGN_INS: Final = 60
# What is measured is everything but the hash, which is the same for both.
CHEAP: Final = HashCost(passes=1, memory_kib=8, lanes=1)
SEED: Final = 20408
# Of the connection that fills the database, in KiB.
_FILLING_CACHE: Final = 512 * 1024
_DIGITS: Final = 6


def measure() -> Iterator[Measurement]:
    """Password to queued SMS, and code to Home, in turns in both databases."""
    with temporary_directory() as directory:
        few, many = _House(directory / "few"), _House(directory / "many")
        few.fill(FEW)
        began = time.monotonic()
        many.fill(MANY)
        filled = time.monotonic() - began
        try:
            yield from _compared(few, many, filled)
        finally:
            few.close()
            many.close()


def _compared(few: "_House", many: "_House", filled: float) -> Iterator[Measurement]:
    chance = random.Random(SEED)
    pairs = [(few.sign_in(chance.randrange(FEW)), many.sign_in(chance.randrange(MANY))) for _ in range(SIGN_INS)]
    yield _measurement(
        "sign-in at 1 000 000 people: password → queued SMS",
        [small.to_queued for small, _ in pairs],
        [big.to_queued for _, big in pairs],
        f"median of {SIGN_INS}, argon2 left out; filled in {filled:.0f} s",
    )
    yield _measurement(
        "sign-in at 1 000 000 people: code → signed in",
        [small.to_signed_in for small, _ in pairs],
        [big.to_signed_in for _, big in pairs],
    )


def _measurement(what: str, few: list[float], many: list[float], note: str = "") -> Measurement:
    return Measurement(
        what=what,
        value=milliseconds(statistics.median(many)),
        unit="ms",
        target=Target(1.3, Of.RATIO),
        baseline=Baseline(milliseconds(statistics.median(few)), "at 1 000 people"),
        note=note,
    )


@dataclass(frozen=True, slots=True)
class _Taken:
    """Seconds of one sign-in."""

    to_queued: float
    to_signed_in: float


class _House:
    """A database of its own and the domain on it."""

    def __init__(self, directory: Path) -> None:
        self._path = directory / "kiosk.db"
        self._vault = FileVault(MasterKey.create(directory / "keys" / "master.key"))
        self._head = AuditHeadFile(directory / "keys" / "audit.head")
        self._clock = SystemClock()
        self._hasher = Hasher(self._vault, password_cost=CHEAP, code_cost=CHEAP)
        self._database = self._open()
        self._doorbell = Doorbell(directory / "doorbell")
        self._site = self._make_site()

    def _open(self) -> Database:
        return Database.open(self._path, self._vault, self._head, now=self._clock.now())

    def _make_site(self) -> Site:
        policy = Policy()
        return Site(
            name=SITE,
            help_desk=None,
            zone=ZoneInfo("Europe/Amsterdam"),
            database=self._database,
            vault=self._vault,
            hasher=self._hasher,
            clock=self._clock,
            policy=policy,
            outbox=Outbox(self._database, policy, self._doorbell),
            languages={code: Language.load(code) for code in LANGUAGES},
        )

    def fill(self, people: int) -> None:
        """Add people, each with a proved phone and a back-up code, in one transaction past the repositories."""
        password = self._hasher.hash(PASSWORD)
        self._database.close()
        now = self._clock.now()
        with closing(sqlite3.connect(self._path, isolation_level=None)) as raw:
            raw.execute("PRAGMA synchronous=OFF")
            raw.execute("PRAGMA journal_mode=MEMORY")
            raw.execute(f"PRAGMA cache_size=-{_FILLING_CACHE}")
            raw.execute("BEGIN")
            for number in range(people):
                self._add(raw, number, password, now)
            raw.execute("COMMIT")
        self._database = self._open()
        self._site = self._make_site()
        with self._database.transaction(write=True):
            self._desk = self._database.desks.ensure(SITE, "balie 1").id
        self._trail = AuditTrail(self._database, self._clock, origin=f"desk:{self._desk}")

    def _add(self, raw: sqlite3.Connection, number: int, password: str, now: int) -> None:
        user, factor, phone, name = new_id(), new_id(), phone_of(number), name_of(number)
        raw.execute(
            """INSERT INTO users (id, name, name_key, display_name, display_key, role, language, state, password_hash,
                password_state, created_at) VALUES (?, ?, ?, ?, ?, 'staff', 'nl', 'active', ?, 'own', ?)""",
            (user, name, name_key(name), name, name_key(name), password, now),
        )
        raw.execute(
            """INSERT INTO factors (id, user_id, kind, label, state, sealed_secret, key_id, number_index, number_tail,
                created_at, confirmed_at) VALUES (?, ?, 'sms', 'sms', 'active', ?, ?, ?, ?, ?, ?)""",
            (
                factor,
                user,
                self._vault.seal(phone.encode(), table="factors", column="sealed_secret", row=factor),
                self._vault.key_id,
                self._vault.blind_index(phone, column=NUMBER_COLUMN),
                phone[-2:],
                now,
                now,
            ),
        )
        raw.execute(
            """INSERT INTO backup_codes (id, user_id, state, code_hash, issued_at, confirmed_at)
            VALUES (?, ?, 'confirmed', ?, ?, ?)""",
            (new_id(), user, password, now, now),
        )

    def sign_in(self, number: int) -> _Taken:
        """Let person `number` sign in."""
        sign_in = SignIn(self._site, self._trail, desk_id=self._desk, language="nl")
        began = time.monotonic()
        outcome = sign_in.begin(name_of(number), PASSWORD)
        queued = time.monotonic()
        assert outcome == Moved(Stage.SMS_CODE), outcome
        [message] = self._database.messages.next_queued(self._clock.now(), limit=2)
        code = self._database.messages.text(message)[-_DIGITS:]
        answered = time.monotonic()
        outcome = sign_in.answer(code)
        signed_in = time.monotonic()
        assert outcome == Moved(Stage.SIGNED_IN), outcome
        sign_in.cancel("sign_out")
        return _Taken(queued - began, signed_in - answered)

    def close(self) -> None:
        """Close everything."""
        self._database.close()
        self._hasher.close()
        self._doorbell.close()
