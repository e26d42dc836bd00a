"""Makes rows that a test needs but is not about; each in a transaction of its own."""

from typing import Any

from data.challenges import Challenge
from data.database import Database
from data.desks import Desk
from data.factors import Factor, FactorKind, FactorState
from data.ids import new_id
from data.messages import Message, MessageKind
from data.modems import Modem
from data.sign_ins import SignInRow
from data.users import PasswordState, Role, User

NOW = 1_800_000_000_000
MINUTE = 60_000
NUMBER = "+31612345678"


class Things:
    def __init__(self, db: Database) -> None:
        self.db = db

    def user(self, name: str | None = None, **given: Any) -> User:
        values: dict[str, Any] = {
            "name": name or new_id(),
            "display_name": "Anna de Vries",
            "role": Role.STAFF,
            "language": "nl",
            "password_hash": "hash",
            "password_state": PasswordState.OWN,
            "password_expires_at": None,
            "now": NOW,
        }
        with self.db.transaction(write=True):
            return self.db.users.add(**{**values, **given})

    def factor(self, user: User | None = None, **given: Any) -> Factor:
        values: dict[str, Any] = {
            "kind": FactorKind.TOTP,
            "label": "app",
            "state": FactorState.ACTIVE,
            "secret": b"seed",
            "index": None,
            "now": NOW,
        }
        user = user or self.user()
        with self.db.transaction(write=True):
            return self.db.factors.add(user.id, **{**values, **given})

    def phone(self, user: User | None = None, number: str = NUMBER, **given: Any) -> Factor:
        return self.factor(user, kind=FactorKind.SMS, secret=number.encode(), index=number, **given)

    def desk(self, name: str = "balie") -> Desk:
        with self.db.transaction(write=True):
            return self.db.desks.ensure("site", name)

    def sign_in(self, user: User | None = None) -> SignInRow:
        user, desk = user or self.user(), self.desk()
        with self.db.transaction(write=True):
            return self.db.sign_ins.start(desk_id=desk.id, user_id=user.id, stage="sms_code", now=NOW)

    def challenge(self, sign_in: SignInRow | None = None, **given: Any) -> Challenge:
        sign_in = sign_in or self.sign_in()
        assert sign_in.user_id is not None
        user = self.db.users.get(sign_in.user_id)
        assert user is not None
        values: dict[str, Any] = {
            "sign_in_id": sign_in.id,
            "user_id": user.id,
            "factor_id": None,
            "kind": "sms",
            "code_mac": b"m" * 32,
            "code": b"123456",
            "max_tries": 5,
            "expires_at": NOW + 5 * MINUTE,
            "last_expires_at": NOW + 10 * MINUTE,
            "epoch": user.epoch,
            "now": NOW,
        }
        with self.db.transaction(write=True):
            return self.db.challenges.open(**{**values, **given})

    def message(self, sign_in: SignInRow | None = None, **given: Any) -> Message:
        values: dict[str, Any] = {
            "kind": MessageKind.CODE,
            "user_id": sign_in and sign_in.user_id,
            "desk_id": sign_in and sign_in.desk_id,
            "sign_in_id": sign_in and sign_in.id,
            "challenge_id": None,
            "number": NUMBER,
            "text": "Code 123456",
            "priority": 1,
            "not_after": NOW + 5 * MINUTE,
            "language": "nl",
            "now": NOW,
        }
        with self.db.transaction(write=True):
            return self.db.messages.queue(**{**values, **given})

    def modem(self, key: str = "860000000000001", **given: Any) -> Modem:
        values: dict[str, Any] = {
            "key": key,
            "name": "noord",
            "imei": key,
            "iccid": "8931000000000000001",
            "usb_path": "1-1.2",
            "state": "ready",
            "reason": "registered",
            "network": "20408",
            "network_name": "KPN",
            "network_group": "kpn",
            "signal_dbm": -71,
            "number_tail": "01",
            "simulated": True,
            "now": NOW,
        }
        with self.db.transaction(write=True):
            return self.db.modems.seen(**{**values, **given})

    def audit(self, count: int = 1, at: int = NOW, **parameters: int) -> None:
        with self.db.transaction(write=True):
            for number in range(count):
                self.db.audit.append(
                    action="sign_in.password",
                    result="wrong",
                    origin="desk",
                    actor="somebody",
                    at=at + number,
                    at_wall=at + number,
                    parameters=parameters,
                )
