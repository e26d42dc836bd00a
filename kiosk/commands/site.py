"""Puts the parts of a site together from its configuration; the only place that knows them all."""

import logging
import socket
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from data.audit_check import HeadState
from data.database import Database
from data.errors import AuditHeadUnreadable
from kiosk.audit import AuditTrail
from kiosk.audit.daily import DailyMeans
from kiosk.clock import MARK_KEY, SystemClock, kept_mark
from kiosk.commands.unix_account import real_account
from kiosk.config import Config
from kiosk.delivery.alarms import AlarmCause, AlarmMeans, raise_alarm
from kiosk.delivery.doorbell import Doorbell
from kiosk.delivery.outbox import Outbox
from kiosk.key_ring import KeyRing
from kiosk.keys import AuditHeadFile, MasterKey
from kiosk.language import LANGUAGES, Language
from kiosk.methods.totp import STEP_SECONDS
from kiosk.passwords import LOW_MEMORY_COST, PASSWORD_COST, HashCost, Hasher
from kiosk.site import Site
from kiosk.vault import FileVault
from kiosk.wall_clock import wall_ms
from kiosk.yubikey.means import KeyMeans

log = logging.getLogger("kiosk.site")


@dataclass(frozen=True, slots=True, kw_only=True)
class Premises:
    """What every process of a site has: configuration, keys, clock and words; it opens databases for its threads."""

    config: Config
    vault: FileVault
    head: AuditHeadFile
    clock: SystemClock
    languages: Mapping[str, Language]
    hash_cost: HashCost | None = None
    """For passwords and codes alike, in tests; None: what the policy says."""

    def open_database(self) -> Database:
        """A connection for the calling thread; raises DataError."""
        return Database.open(self.config.database.path, self.vault, self.head, now=self.clock.now(), create=False)

    def hasher(self) -> Hasher:
        """Hashing at the cost that the policy says."""
        if self.hash_cost is not None:
            return Hasher(self.vault, password_cost=self.hash_cost, code_cost=self.hash_cost)
        return Hasher(
            self.vault,
            password_cost=LOW_MEMORY_COST if self.config.policy.password.low_memory else PASSWORD_COST,
        )

    def site(self, database: Database, hasher: Hasher, doorbell: Doorbell, *, keys: KeyMeans | None = None) -> Site:
        """The domain's view of all this, over one database connection."""
        return Site(
            name=self.config.site.name,
            help_desk=self.config.help_desk,
            zone=self.config.time_zone,
            database=database,
            vault=self.vault,
            hasher=hasher,
            clock=self.clock,
            policy=self.config.policy,
            outbox=Outbox(database, self.config.policy, doorbell),
            languages=self.languages,
            keys=keys,
        )

    @property
    def doorbell_directory(self) -> Path:
        """Where the doorbells of all processes of this database hang."""
        return self.config.database.path.with_name("doorbell")

    @property
    def dispatcher_lock(self) -> Path:
        """Who holds it drives the modems of this database."""
        return self.config.dispatcher_lock

    @property
    def reserve(self) -> Path:
        """Room on the disk of the database for when it is full."""
        return self.config.database.path.with_name(f"{self.config.database.path.name}.reserve")


def load_languages() -> dict[str, Language]:
    """Both catalogues."""
    return {code: Language.load(code) for code in LANGUAGES}


def enter(
    config: Config,
    *,
    create: bool = False,
    check: bool = False,
    heed_head: bool = True,
    hash_cost: HashCost | None = None,
) -> Premises:
    """Check key and database, migrate, and heed an older copy; raises KeyFileError and DataError.

    Args:
        config: The configuration of the site.
        create: Make the database when there is none (`kiosk init`, `kiosk demo`).
        heed_head: Whether an older copy gets the rules of a restore now; who checks the log wants to see it as it is.
        check: Let SQLite look through the whole database; for what then runs for months.
        hash_cost: Another cost than the policy's, for tests.
    """
    vault = load_vault(config)
    head = head_file(config)
    with Database.open(config.database.path, vault, head, now=wall_ms(), create=create) as database:
        if check:
            database.check_whole()
        clock = SystemClock(kept_mark(database.meta.get(MARK_KEY)))
        languages = load_languages()
        if heed_head:
            _heed_head(database, clock, alarm_means(config, languages))
    return Premises(config=config, vault=vault, head=head, clock=clock, languages=languages, hash_cost=hash_cost)


def load_vault(config: Config) -> FileVault:
    """The keys of this site; raises KeyFileError."""
    ring = KeyRing(config.keys.path)
    return FileVault(MasterKey.load(config.keys.path), ring.load)


def head_file(config: Config) -> AuditHeadFile:
    """The head of the audit log beside the key of this site."""
    return AuditHeadFile(config.keys.path.with_name("audit.head"))


def alarm_means(config: Config, languages: Mapping[str, Language]) -> AlarmMeans:
    """Whom this site tells what is out of order."""
    return AlarmMeans(
        phones=config.alarm.phones,
        words=languages[config.language],
        site=config.site.name,
        down_minutes=config.alarm.down_minutes,
    )


def daily_means(premises: Premises) -> DailyMeans:
    """What the daily round of the audit log works with."""
    config = premises.config
    return DailyMeans(
        open_database=premises.open_database,
        policy=config.policy.audit,
        zone=config.time_zone,
        clock=premises.clock,
        alarms=alarm_means(config, premises.languages),
        lock=config.database.path.with_name("audit.lock"),
    )


def _heed_head(database: Database, clock: SystemClock, alarms: AlarmMeans) -> None:
    """Compare the audit chain with the head beside the key, and write down what does not fit."""
    try:
        if _heed_restore(database, clock, alarms):
            return
        state = database.audit.head_state()
    except (OSError, AuditHeadUnreadable) as error:
        # People must be able to sign in all the same; the log says it, and `kiosk audit verify` goes into it.
        log.critical("the head of the audit log beside the key cannot be read: %s", error)
        return
    if state in {HeadState.MISSING_LAST, HeadState.NO_HEAD}:
        log.critical("the audit log does not fit the head beside the key: %s", state.value)
        with database.transaction(write=True):
            AuditTrail(database, clock, origin="start").record("audit.head", state.value)
            if alarms.phones:
                raise_alarm(database, alarms, AlarmCause.AUDIT, "", clock.now())


def _heed_restore(database: Database, clock: SystemClock, alarms: AlarmMeans) -> bool:
    if not database.is_older_copy():
        return False
    with database.transaction(write=True):
        # One-time codes that were used since would be good again, so nothing one-time stays.
        rules = database.heed_restore(clock.now(), clock.wall() // 1000 // STEP_SECONDS)
        if rules is not None and not rules.known and alarms.phones:
            raise_alarm(database, alarms, AlarmCause.RESTORED, "", clock.now())
    if rules is not None:
        log.critical(
            "the database is a copy of %s: the rules of a restore were applied, %s roles were suspended",
            datetime.fromtimestamp(rules.made_at / 1000, UTC).isoformat(timespec="seconds"),
            rules.suspended,
        )
    return rules is not None


@contextmanager
def open_site(premises: Premises) -> Iterator[Site]:
    """A site for one command."""
    doorbell = Doorbell(premises.doorbell_directory)
    try:
        with premises.open_database() as database, premises.hasher() as hasher:
            yield premises.site(database, hasher, doorbell)
    finally:
        doorbell.close()


def command_trail(site: Site, *, simulated: bool = False) -> AuditTrail:
    """The audit trail of a command: it comes from this machine's command line."""
    return AuditTrail(site.database, site.clock, origin=f"command:{socket.gethostname()}", simulated=simulated)


def command_actor() -> str:
    """Who types the command: the Unix account that signed in to this machine."""
    return f"unix:{real_account()}"
