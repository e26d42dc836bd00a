"""A site as delivery sees it: a real database in a directory, somebody who signs in, and a clock that a test may turn."""

import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from data.challenges import Challenge
from data.database import BUSY_MS, Database
from data.messages import Message, MessageKind, MessageState
from data.modems import Modem
from data.sign_ins import SignInRow
from data.transmissions import Transmission
from data.users import PasswordState, Role, User
from kiosk.clock import ClockHealth, Moment
from kiosk.delivery.doorbell import Doorbell
from kiosk.delivery.outbox import Delivery, Outbox
from kiosk.keys import AuditHeadFile, MasterKey
from kiosk.policy import Policy
from kiosk.vault import FileVault

PHONE = "+31612345678"
MINUTE = 60_000


@dataclass(slots=True)
class TestClock:
    """The clock of the machine, moved by `ahead` milliseconds; or standing still at `fixed`. `wrong` sets the wall clock wrong."""

    __test__ = False
    ahead: int = 0
    fixed: int | None = None
    wrong: int = 0

    def now(self) -> int:
        return (time.time_ns() // 1_000_000 if self.fixed is None else self.fixed) + self.ahead

    def wall(self) -> int:
        return self.now() + self.wrong

    def moment(self) -> Moment:
        return Moment(self.wall(), self.now(), "this boot")

    def health(self) -> ClockHealth:
        return ClockHealth.OK


def open_database(directory: Path, now: int, *, busy_ms: int = BUSY_MS) -> Database:
    """A connection for the calling thread of any process to the database in `directory`."""
    vault = FileVault(MasterKey(bytes(range(32))))
    return Database.open(
        directory / "kiosk.db", vault, AuditHeadFile(directory / "audit.head"), now=now, busy_ms=busy_ms
    )


@dataclass(slots=True)
class House:
    """The domain's side, in the test's thread."""

    directory: Path
    db: Database
    doorbell: Doorbell
    outbox: Outbox
    clock: TestClock
    policy: Policy
    sign_ins: dict[str, SignInRow] = field(default_factory=dict)

    @classmethod
    def make(cls, directory: Path, *, clock: TestClock | None = None, policy: Policy | None = None) -> Self:
        clock, policy = clock or TestClock(), policy or Policy()
        directory.chmod(0o700)
        db = open_database(directory, clock.now())
        doorbell = Doorbell(directory / "doorbell")
        return cls(
            directory=directory,
            db=db,
            doorbell=doorbell,
            outbox=Outbox(db, policy, doorbell),
            clock=clock,
            policy=policy,
        )

    def close(self) -> None:
        self.db.close()
        self.doorbell.close()

    # people and their sign-ins

    def user(self, name: str = "jansen", role: Role = Role.STAFF) -> User:
        known = self.db.users.by_name(name)
        if known is not None:
            return known
        with self.db.transaction(write=True):
            return self.db.users.add(
                name=name,
                display_name=name,
                role=role,
                language="nl",
                password_hash="hash",
                password_state=PasswordState.OWN,
                password_expires_at=None,
                now=self.clock.now(),
            )

    def sign_in(self, name: str = "jansen", desk: str = "balie", role: Role = Role.STAFF) -> SignInRow:
        user = self.user(name, role)
        with self.db.transaction(write=True):
            desk_row = self.db.desks.ensure("site", desk)
            return self.db.sign_ins.start(desk_id=desk_row.id, user_id=user.id, stage="sms_code", now=self.clock.now())

    def challenge(self, sign_in: SignInRow, minutes: float = 5) -> Challenge:
        assert sign_in.user_id is not None
        user = self.db.users.get(sign_in.user_id)
        assert user is not None
        now = self.clock.now()
        with self.db.transaction(write=True):
            return self.db.challenges.open(
                sign_in_id=sign_in.id,
                user_id=user.id,
                factor_id=None,
                kind="sms",
                code_mac=b"m" * 32,
                code=b"482913",
                max_tries=5,
                expires_at=now + int(minutes * MINUTE),
                last_expires_at=now + 10 * MINUTE,
                epoch=user.epoch,
                now=now,
            )

    # messages

    def queue(self, challenge: Challenge | None = None, text: str = "Uw code is 482913", **given: Any) -> Message:
        """A code in the outbox; a sign-in and a challenge are made when none is given."""
        challenge = challenge or self.challenge(self.sign_in())
        sign_in = self.db.sign_ins.get(challenge.sign_in_id)
        assert sign_in is not None
        values: dict[str, Any] = {
            "kind": MessageKind.CODE,
            "user_id": sign_in.user_id,
            "desk_id": sign_in.desk_id,
            "sign_in_id": sign_in.id,
            "challenge_id": challenge.id,
            "number": PHONE,
            "text": text,
            "priority": 0,
            "not_after": challenge.expires_at,
            "language": "nl",
            "now": self.clock.now(),
        }
        with self.db.transaction(write=True):
            return self.outbox.queue(**{**values, **given})

    def resend(
        self, message: Message, text: str = "(2) Uw code is 482913", *, same_network_allowed: bool = False
    ) -> Message:
        """The same code again, over another network than those used."""
        assert message.challenge_id is not None
        challenge = self.db.challenges.get(message.challenge_id)
        assert challenge is not None
        return self.queue(
            challenge,
            text=text,
            attempt_number=message.attempt_number + 1,
            avoid_groups=tuple(sorted(self.outbox.used_groups(challenge.id))),
            same_network_allowed=same_network_allowed,
        )

    def message(self, message: Message) -> Message:
        found = self.db.messages.get(message.id)
        assert found is not None
        return found

    def state(self, message: Message) -> MessageState:
        return self.message(message).state

    def delivery(self, message: Message) -> Delivery:
        return self.outbox.delivery_of_message(message.id, now=self.clock.now())

    def tries(self, message: Message) -> list[Transmission]:
        return self.db.transmissions.of_message(message.id)

    def audit(self) -> list[tuple[str, str]]:
        """Action and result of every row about an SMS, in order."""
        events = [row.event for row in self.db.audit.rows()]
        return [(event.action, event.result) for event in events if event and event.action.startswith("sms.")]

    def modem(self, name: str = "noord", **given: Any) -> Modem:
        """A row as a dispatcher writes it."""
        values: dict[str, Any] = {
            "key": name,
            "name": name,
            "imei": None,
            "iccid": f"iccid of {name}",
            "usb_path": None,
            "state": "ready",
            "reason": "",
            "network": "20408",
            "network_name": "KPN",
            "network_group": "KPN",
            "signal_dbm": -71,
            "number_tail": "01",
            "simulated": True,
            "now": self.clock.now(),
        }
        with self.db.transaction(write=True):
            return self.db.modems.seen(**{**values, **given})

    def vodafone(self, name: str = "zuid", **given: Any) -> Modem:
        group = {"network": "20404", "network_name": "Vodafone", "network_group": "Vodafone", "number_tail": "02"}
        return self.modem(name, **{**group, **given})

    def policy_with(self, **sms: Any) -> Policy:
        return replace(self.policy, sms=replace(self.policy.sms, **sms))
