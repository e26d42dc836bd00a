"""A whole domain on a real database with a clock that a test turns; modems are rows, as a dispatcher writes them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Self
from zoneinfo import ZoneInfo

from data.database import BUSY_MS, Database
from data.ids import new_id
from data.messages import Message
from data.modems import Modem, ModemState
from data.temporary_codes import TemporaryCode
from data.users import PasswordState, Role, User, UserState
from kiosk.accounts import Accounts, Created, NewPerson
from kiosk.audit import AuditTrail
from kiosk.clock import ClockHealth, Moment
from kiosk.config import HelpDesk
from kiosk.delivery.doorbell import Doorbell
from kiosk.delivery.outbox import Outbox
from kiosk.key_ring import KeyRing
from kiosk.keys import AuditHeadFile, MasterKey
from kiosk.language import LANGUAGES, Language
from kiosk.methods.totp import STEP_SECONDS, code_at
from kiosk.passwords import HashCost, Hasher, Secret
from kiosk.policy import Policy
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import Moved, Outcome, Refused
from kiosk.site import Site
from kiosk.vault import FileVault

CHEAP = HashCost(passes=1, memory_kib=8, lanes=1)
START = 1_795_000_000_000  # 18 November 2026
PHONE = "+31612345678"
PASSWORD = "vier losse woorden samen"
BACKUP_CODE = "17532256"
TEMPORARY_CODE = "04821937"


def why(outcome: Outcome) -> str:
    """The id of the sentence that says why not."""
    assert isinstance(outcome, Refused), outcome
    return outcome.why.text_id


def notice(outcome: Outcome) -> str:
    """The id of the line on the page that the sign-in moved to."""
    assert isinstance(outcome, Moved), outcome
    assert outcome.notice is not None
    return outcome.notice.text_id


def other_than(code: str) -> str:
    """A wrong code of the same length."""
    return f"{(int(code) + 1) % 10 ** len(code):0{len(code)}d}"


@dataclass(slots=True)
class TurnedClock:
    """Kiosk and wall time as a test sets them."""

    at: int = START
    wrong_ms: int = 0
    believed: ClockHealth = ClockHealth.OK

    def now(self) -> int:
        return self.at

    def wall(self) -> int:
        return self.at + self.wrong_ms

    def moment(self) -> Moment:
        return Moment(self.wall(), self.at, "this boot")

    def health(self) -> ClockHealth:
        return self.believed

    def pass_seconds(self, seconds: float) -> None:
        self.at += int(seconds * 1000)


@cache
def new_site() -> tuple[bytes, bytes]:
    """Key and database of a new site; made once, because laying the schema takes longer than most tests."""
    with TemporaryDirectory(prefix="kiosk-") as name:
        key, path = Path(name) / "keys" / "master.key", Path(name) / "kiosk.db"
        Database.open(path, FileVault(MasterKey.create(key)), now=START).close()
        return key.read_bytes(), path.read_bytes()


@dataclass(slots=True)
class World:
    """One desk of one site."""

    site: Site
    clock: TurnedClock
    trail: AuditTrail
    desk_id: str
    doorbell: Doorbell
    hasher: Hasher
    modems: dict[str, Modem] = field(default_factory=dict)
    neighbours: list["World"] = field(default_factory=list)

    @classmethod
    def make(
        cls,
        directory: Path,
        policy: Policy | None = None,
        *,
        help_desk: HelpDesk | None = None,
        busy_ms: int = BUSY_MS,
    ) -> Self:
        key = directory / "keys" / "master.key"
        key.parent.mkdir(mode=0o700)
        key.touch(mode=0o600)
        for path, content in zip((key, directory / "kiosk.db"), new_site(), strict=True):
            path.write_bytes(content)
        return cls._enter(
            directory, TurnedClock(), policy or Policy(), help_desk=help_desk, desk="balie 1", busy_ms=busy_ms
        )

    @classmethod
    def reopened(cls, directory: Path, *, at: int) -> Self:
        """The same desk in another process, at the moment `at`."""
        return cls._enter(directory, TurnedClock(at=at), Policy(), help_desk=None, desk="balie 1", busy_ms=BUSY_MS)

    def neighbour(self, desk: str = "balie 2") -> "World":
        """Another desk of the same site over a connection of its own, for the calling thread."""
        made = self._enter(
            self.site.database.path.parent,
            self.clock,
            self.site.policy,
            help_desk=self.site.help_desk,
            desk=desk,
            busy_ms=BUSY_MS,
        )
        made.modems = self.modems
        self.neighbours.append(made)
        return made

    @classmethod
    def _enter(
        cls,
        directory: Path,
        clock: TurnedClock,
        policy: Policy,
        *,
        help_desk: HelpDesk | None,
        desk: str,
        busy_ms: int,
    ) -> Self:
        key = directory / "keys" / "master.key"
        vault = FileVault(MasterKey.load(key), KeyRing(key).load)
        head = AuditHeadFile(directory / "keys" / "audit.head")
        database = Database.open(directory / "kiosk.db", vault, head, now=clock.now(), busy_ms=busy_ms)
        doorbell = Doorbell(directory / "doorbell")
        hasher = Hasher(vault, password_cost=CHEAP, code_cost=CHEAP)
        site = Site(
            name="Receptie Noord",
            help_desk=help_desk,
            zone=ZoneInfo("Europe/Amsterdam"),
            database=database,
            vault=vault,
            hasher=hasher,
            clock=clock,
            policy=policy,
            outbox=Outbox(database, policy, doorbell),
            languages={code: Language.load(code) for code in LANGUAGES},
        )
        with database.transaction(write=True):
            row = database.desks.ensure("Receptie Noord", desk)
        trail = AuditTrail(database, clock, origin=f"desk:{row.id}")
        return cls(site=site, clock=clock, trail=trail, desk_id=row.id, doorbell=doorbell, hasher=hasher)

    def close(self) -> None:
        """Close this desk and the neighbours that this thread opened."""
        for neighbour in self.neighbours:
            neighbour.close()
        self.site.database.close()
        self.hasher.close()
        self.doorbell.close()

    # people

    def invite(
        self, name: str = "j.devries", *, phone: str | None = PHONE, app: bool = False, role: Role = Role.STAFF
    ) -> Created:
        """Somebody with a one-time password who has proved nothing yet."""
        accounts = Accounts(self.site, self.trail, actor="unix:test")
        person = NewPerson(name=name, display_name=name.upper(), role=role, phone=phone, app=app)
        return accounts.create(person, reason="test")

    def person(self, name: str = "j.devries", *, phone: str | None = PHONE, app: bool = False) -> Created:
        """Somebody with an own password (PASSWORD) whose factors are active."""
        created = self.invite(name, phone=phone, app=app)
        database = self.site.database
        hashed = self.hasher.hash(PASSWORD)
        with database.transaction(write=True):
            database.users.set_password(
                created.user.id, hashed, PasswordState.OWN, expires_at=None, if_epoch=created.user.epoch, now=START
            )
            database.users.set_state(created.user.id, UserState.ACTIVE)
            for factor in database.factors.of_user(created.user.id):
                database.factors.confirm(factor.id, START)
        return created

    def give_backup_code(self, name: str = "j.devries", code: str = BACKUP_CODE) -> None:
        """Somebody has a back-up code that they confirmed."""
        hashed, codes = self.hasher.hash(code, Secret.CODE), self.site.database.backup_codes
        with self.site.database.transaction(write=True):
            codes.confirm(codes.issue(self.user(name).id, code_hash=hashed, now=self.clock.now()).id, self.clock.now())

    def give_temporary_code(
        self, name: str = "j.devries", code: str = TEMPORARY_CODE, *, minutes: int = 10
    ) -> TemporaryCode:
        """An administrator hands out a code."""
        hashed, now = self.hasher.hash(code, Secret.CODE), self.clock.now()
        with self.site.database.transaction(write=True):
            return self.site.database.temporary_codes.issue(
                self.user(name).id,
                code_hash=hashed,
                issued_by="unix:test",
                reason="test",
                proof="test",
                expires_at=now + minutes * 60_000,
                now=now,
            )

    def app_code(self, created: Created, *, steps: int = 0) -> str:
        """What the person's authenticator app shows, so many steps of 30 seconds from now."""
        assert created.totp_secret is not None
        return code_at(created.totp_secret, self.clock.wall() + steps * STEP_SECONDS * 1000)

    def unlock(self, name: str = "j.devries") -> None:
        """An administrator lifts the lock of the second factor."""
        with self.site.database.transaction(write=True):
            self.site.database.users.clear_second_factor_failures(self.user(name).id)

    def switch_off_from(self, at: int, name: str = "j.devries") -> None:
        """An administrator set the moment from which an account is off."""
        with self.site.database.transaction(write=True):
            self.site.database._connection.change(
                "UPDATE users SET disabled_from = :at WHERE id = :id", {"at": at, "id": self.user(name).id}
            )

    def user(self, name: str = "j.devries") -> User:
        user = self.site.database.users.by_name(name)
        assert user is not None
        return user

    # modems and messages

    def modem(
        self,
        name: str = "noord",
        network: str = "20408",
        state: ModemState = ModemState.READY,
        *,
        may_roam: bool = False,
    ) -> Modem:
        """A modem as the dispatcher of this moment sees it."""
        names = {"20408": ("KPN", "204-kpn"), "20404": ("Vodafone", "204-vodafone")}
        label, group = names[network]
        with self.site.database.transaction(write=True):
            row = self.site.database.modems.seen(
                key=name,
                name=name,
                imei=None,
                iccid=f"iccid-{name}",
                usb_path=None,
                state=state,
                reason="",
                network=network,
                network_name=label,
                network_group=group,
                signal_dbm=-71,
                number_tail=None,
                simulated=True,
                may_roam=may_roam,
                now=self.clock.now(),
            )
        self.modems[name] = row
        return row

    def later(self, seconds: float) -> None:
        """Time passes while the dispatcher goes on telling how the modems are."""
        self.clock.pass_seconds(seconds)
        for name, row in self.modems.items():
            assert row.network is not None
            self.modem(name, row.network, row.state)

    def messages(self) -> list[Message]:
        """Every message, oldest first, whatever its state."""
        rows = self.site.database._connection.rows("SELECT id FROM messages ORDER BY queued_at, rowid", {})
        found = [self.site.database.messages.get(row[0]) for row in rows]
        return [message for message in found if message is not None]

    def text_of_queued(self) -> str:
        """Words of the one message that waits."""
        queued = self.site.database.messages.next_queued(self.clock.now(), limit=10)
        assert len(queued) == 1
        return self.site.database.messages.text(queued[0])

    def code_of_queued(self) -> str:
        """The code in the one message that waits."""
        return self.text_of_queued().rsplit(" ", 1)[-1]

    def transmit(self, modem: Modem, *, reference: int = 1) -> None:
        """The dispatcher's part: the waiting message goes out over `modem` and the network takes it."""
        database, now = self.site.database, self.clock.now()
        message = database.messages.next_queued(now, limit=10)[0]
        transmission_id = new_id()
        with database.transaction(write=True):
            assert database.messages.commit(
                message.id,
                transmission_id=transmission_id,
                modem_id=modem.id,
                network=modem.network,
                network_name=modem.network_name,
                network_group=modem.network_group,
                now=now,
            )
            database.messages.sent(message.id, transmission_id, reference=reference, now=now)

    def report(self, modem: Modem, *, delivered: bool, reference: int = 1, number: str = PHONE) -> None:
        """The network reports what became of an SMS."""
        with self.site.database.transaction(write=True):
            found = self.site.database.messages.report(
                modem.id, reference, number, delivered=delivered, status=0 if delivered else 0x45, now=self.clock.now()
            )
        assert found is not None

    # what was kept

    def actions(self) -> list[tuple[str, str]]:
        """Action and result of every audit row."""
        return [
            (row.event.action, row.event.result) for row in self.site.database.audit.rows() if row.event is not None
        ]

    def recorded(self, reference: str | None) -> tuple[str, str]:
        """Action and result of the audit row that a reference finds."""
        assert reference is not None
        row = self.site.database.audit.by_reference(reference)
        assert row is not None
        assert row.event is not None
        return row.event.action, row.event.result

    def table(self, name: str) -> list[Mapping[str, Any]]:
        """Every row of a table."""
        rows = self.site.database._connection.rows(f"SELECT * FROM {name}", {})
        return [dict(row) for row in rows]

    def everything_kept(self) -> bytes:
        """The bytes of every file that this site has written, the key's aside."""
        directory = self.site.database.path.parent
        files = [path for path in directory.rglob("*") if path.is_file() and path.name != "master.key"]
        return b"\n".join(path.read_bytes() for path in files)

    # signing in

    def sign_in(self) -> SignIn:
        return SignIn(self.site, self.trail, desk_id=self.desk_id, language="nl")

    def begun(self, name: str = "j.devries", password: str = PASSWORD) -> SignIn:
        """A sign-in after the right password."""
        sign_in = self.sign_in()
        outcome = sign_in.begin(name, password)
        assert isinstance(outcome, Moved), outcome
        return sign_in

    def signed_in(self, name: str = "j.devries") -> SignIn:
        """Somebody who came in by SMS, on the success page or at home."""
        sign_in = self.begun(name)
        outcome = sign_in.answer(self.code_of_queued())
        assert isinstance(outcome, Moved), outcome
        return sign_in

    def attempt(self, password: str, name: str = "j.devries") -> Outcome:
        """Name and password in a new sign-in."""
        return self.sign_in().begin(name, password)
