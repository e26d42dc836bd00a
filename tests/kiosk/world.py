"""A whole domain on a real database with a clock that a test turns; modems are rows, as a dispatcher writes them."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Self
from zoneinfo import ZoneInfo

from data.database import Database
from data.ids import new_id
from data.messages import Message
from data.modems import Modem, ModemState
from data.users import PasswordState, Role, User, UserState
from kiosk.accounts import Accounts, Created, NewPerson
from kiosk.audit import AuditTrail
from kiosk.clock import ClockHealth
from kiosk.delivery.doorbell import Doorbell
from kiosk.delivery.outbox import Outbox
from kiosk.keys import AuditHeadFile, FileVault, MasterKey
from kiosk.language import LANGUAGES, Language
from kiosk.passwords import HashCost, Hasher
from kiosk.policy import Policy
from kiosk.sign_in.machine import SignIn
from kiosk.site import Site

CHEAP = HashCost(passes=1, memory_kib=8, lanes=1)
START = 1_795_000_000_000  # 18 November 2026
PHONE = "+31612345678"
PASSWORD = "vier losse woorden samen"


@dataclass(slots=True)
class TurnedClock:
    """Kiosk and wall time as a test sets them."""

    at: int = START
    believed: ClockHealth = ClockHealth.OK

    def now(self) -> int:
        return self.at

    def wall(self) -> int:
        return self.at

    def health(self) -> ClockHealth:
        return self.believed

    def pass_seconds(self, seconds: float) -> None:
        self.at += int(seconds * 1000)


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

    @classmethod
    def make(cls, directory: Path, policy: Policy | None = None) -> Self:
        policy = policy or Policy()
        vault = FileVault(MasterKey.create(directory / "keys" / "master.key"))
        clock = TurnedClock()
        head = AuditHeadFile(directory / "keys" / "audit.head")
        database = Database.open(directory / "kiosk.db", vault, head, now=clock.now())
        doorbell = Doorbell(directory / "doorbell")
        hasher = Hasher(vault, password_cost=CHEAP, code_cost=CHEAP)
        site = Site(
            name="Receptie Noord",
            help_desk=None,
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
            desk = database.desks.ensure("Receptie Noord", "balie 1")
        trail = AuditTrail(database, clock, origin=f"desk:{desk.id}")
        return cls(site=site, clock=clock, trail=trail, desk_id=desk.id, doorbell=doorbell, hasher=hasher)

    def close(self) -> None:
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

    def user(self, name: str = "j.devries") -> User:
        user = self.site.database.users.by_name(name)
        assert user is not None
        return user

    # modems and messages

    def modem(self, name: str = "noord", network: str = "20408", state: ModemState = ModemState.READY) -> Modem:
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
                now=self.clock.now(),
            )
        self.modems[name] = row
        return row

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

    def actions(self) -> list[tuple[str, str]]:
        """Action and result of every audit row."""
        return [(row.event.action, row.event.result) for row in self.site.database.audit.rows() if row.event is not None]

    def sign_in(self) -> SignIn:
        return SignIn(self.site, self.trail, desk_id=self.desk_id, language="nl")
