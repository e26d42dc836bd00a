"""Users: who may sign in, their password, and the one counter of second-factor failures."""

import heapq
import json
import unicodedata
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from data import search_blocks
from data.errors import ConstraintBroken, DuplicateAccount, DuplicateName
from data.factors import FactorKind
from data.ids import new_id
from data.repository import Reader, Repository


@unique
class Role(StrEnum):
    """What somebody comes for."""

    STAFF = "staff"
    ADMINISTRATOR = "administrator"
    TECHNICIAN = "technician"
    AUDITOR = "auditor"


@unique
class UserState(StrEnum):
    """INVITED until the first sign-in is complete."""

    INVITED = "invited"
    ACTIVE = "active"
    DISABLED = "disabled"


@unique
class PasswordState(StrEnum):
    """ONE_TIME: made by an administrator, to be replaced at the next sign-in."""

    ONE_TIME = "one_time"
    OWN = "own"


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """One person; times in milliseconds UTC.

    `epoch` rises when the password is set and after a restore: what was issued under an older one is void.
    """

    id: str
    name: str
    name_key: str
    display_name: str
    role: Role
    language: str
    state: UserState
    password_hash: str | None = field(repr=False)
    password_state: PasswordState
    password_expires_at: int | None
    preferred_factor: FactorKind | None
    epoch: int
    second_factor_failures: int
    last_sign_in_at: int | None
    last_method: str | None
    created_at: int
    disabled_from: int | None
    deleted_at: int | None
    suspended_role: Role | None = None
    """The role before a restore; nobody knows whether it was withdrawn after the back-up."""
    unix_account: str | None = None
    """As which account of this machine `kiosk gate` lets the person go on."""


_USER: Final = Reader(User)
# Among so many, by name, the first hits are looked for first.
_NEAR: Final = 500


def _folded(text: str) -> str:
    # A terminal can deliver half a surrogate pair; no column can hold one and no name has one.
    whole = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    return unicodedata.normalize("NFKC", unicodedata.normalize("NFKC", whole).casefold())


def name_key(name: str) -> str:
    """What makes two names the same: NFKC, case folded, without white space around (Unicode §3.13, D147)."""
    if name.isascii():
        return name.casefold().strip()
    # Folding can give letters that compose and fold once more; twice is enough for every character (tested).
    return _folded(_folded(name)).strip()


# Letters that Unicode takes for letters of their own rather than for one with a mark, and what separates keys (`search_blocks`).
_PLAIN: Final = str.maketrans(
    {
        "\x1e": " ",
        "\x1f": " ",
        "æ": "ae",
        "ð": "d",
        "đ": "d",
        "ħ": "h",
        "\N{LATIN SMALL LETTER DOTLESS I}": "i",
        "ł": "l",
        "ø": "o",
        "œ": "oe",
        "þ": "th",
    }
)


def search_form(text: str) -> str:
    """As `name_key`, without the marks on letters (Unicode, block 0300 to 036F): what is searched and what it is searched in."""
    key = name_key(text).translate(_PLAIN)
    if key.isascii():
        return key
    return "".join(one for one in unicodedata.normalize("NFD", key) if not "\u0300" <= one <= "\u036f")


def found_by(name: str, display_name: str) -> str:
    """What finds somebody beside their `name_key`: the name that is shown, and the user name where that has marks."""
    shown, plain = search_form(display_name), search_form(name)
    return shown if plain == name_key(name) else f"{shown}\x1f{plain}"


class Users(Repository):
    """The people of this database."""

    def add(
        self,
        *,
        name: str,
        display_name: str,
        role: Role,
        language: str,
        password_hash: str | None,
        password_state: PasswordState,
        password_expires_at: int | None,
        now: int,
    ) -> User:
        """Add somebody, INVITED; raises DuplicateName."""
        # Whoever waits by an import comes to be later, if at all.
        self._change(
            "UPDATE users SET name_key = 'staged ' || id WHERE name_key = :name_key AND deleted_at = 0",
            name_key=name_key(name),
        )
        try:
            row = self._changed(
                """INSERT INTO users (id, name, name_key, display_name, display_key, role, language, state,
                    password_hash, password_state, password_expires_at, created_at, block)
                VALUES (:id, :name, :name_key, :display_name, :display_key, :role, :language, 'invited',
                    :password_hash, :password_state, :password_expires_at, :now, :block) RETURNING *""",
                id=new_id(),
                name=name.strip(),
                name_key=name_key(name),
                display_name=display_name,
                display_key=found_by(name, display_name),
                role=role,
                language=language,
                password_hash=password_hash,
                password_state=password_state,
                password_expires_at=password_expires_at,
                now=now,
                block=search_blocks.next_block(self._connection),
            )
        except ConstraintBroken as error:
            if "users.name_key" in error.detail and error.kind == "SQLITE_CONSTRAINT_UNIQUE":
                raise DuplicateName(name_key(name)) from None
            raise
        assert row is not None
        search_blocks.rewrite(self._connection, [row["block"]])
        return _USER(row)

    def by_name(self, name: str) -> User | None:
        """Whoever has this name, however it is written."""
        row = self._first(
            "SELECT * FROM users WHERE name_key = :name_key AND deleted_at IS NULL", name_key=name_key(name)
        )
        return None if row is None else _USER(row)

    def get(self, user_id: str) -> User | None:
        """The user with this id; also when deleted, without a name."""
        row = self._first("SELECT * FROM users WHERE id = :id", id=user_id)
        return None if row is None else _USER(row)

    def all(self, *, search: str = "", limit: int = 100, offset: int = 0) -> list[User]:
        """Users by name; `search` is looked for in user name and display name, whatever the marks on its letters."""
        if search := search_form(search):
            return self._named(self._names_with(search, limit + offset)[offset:])
        rows = self._rows(
            "SELECT * FROM users WHERE deleted_at IS NULL ORDER BY name_key LIMIT :limit OFFSET :offset",
            limit=limit,
            offset=offset,
        )
        return [_USER(row) for row in rows]

    def _names_with(self, search: str, most: int) -> list[str]:
        """The first names in which `search` stands."""
        # A letter or two that many have: so they are found among the first, and nobody else is looked at.
        rows = self._rows(
            """SELECT name_key FROM (SELECT name_key, search_key FROM users WHERE deleted_at IS NULL
                ORDER BY name_key LIMIT :near) WHERE instr(search_key, :search)""",
            search=search,
            near=_NEAR,
        )
        if len(rows) >= most:
            return sorted(row["name_key"] for row in rows)[:most]
        return heapq.nsmallest(most, search_blocks.names_with(self._connection, search))

    def _named(self, names: list[str]) -> list[User]:
        rows = self._rows(
            """SELECT * FROM users WHERE name_key IN (SELECT value FROM json_each(:names)) AND deleted_at IS NULL
            ORDER BY name_key""",
            names=json.dumps(names),
        )
        return [_USER(row) for row in rows]

    def by_number_tail(self, tail: str, *, limit: int = 100, offset: int = 0) -> list[User]:
        """People with a phone number, not revoked, that ends in these two digits; by name."""
        rows = self._rows(
            """SELECT * FROM users WHERE deleted_at IS NULL AND id IN (SELECT user_id FROM factors
                WHERE number_tail = :tail AND kind = 'sms' AND state <> 'revoked') ORDER BY name_key LIMIT :limit OFFSET :offset""",
            tail=tail,
            limit=limit,
            offset=offset,
        )
        return [_USER(row) for row in rows]

    def count(self) -> int:
        """How many users there are."""
        return self._number("SELECT count(*) FROM users WHERE deleted_at IS NULL")

    def able_administrators(self) -> list[User]:
        """Administrators who are not disabled, now or on a date, and have an active factor other than SMS."""
        rows = self._rows(
            """SELECT * FROM users WHERE role = 'administrator' AND role <> 'staff' AND state <> 'disabled'
            AND disabled_from IS NULL AND deleted_at IS NULL AND EXISTS (SELECT 1 FROM factors
                WHERE factors.user_id = users.id AND factors.kind <> 'sms' AND factors.state = 'active')
            ORDER BY name_key"""
        )
        return [_USER(row) for row in rows]

    def leaning_on_sms(self) -> list[User]:
        """Administrators, technicians and auditors who are not disabled and whose only active factor is SMS."""
        rows = self._rows(
            """SELECT * FROM users WHERE role <> 'staff' AND state <> 'disabled' AND deleted_at IS NULL
            AND EXISTS (SELECT 1 FROM factors WHERE factors.user_id = users.id AND factors.state = 'active')
            AND NOT EXISTS (SELECT 1 FROM factors
                WHERE factors.user_id = users.id AND factors.kind <> 'sms' AND factors.state = 'active')
            ORDER BY name_key"""
        )
        return [_USER(row) for row in rows]

    def without_password(self, *, import_id: str | None = None) -> list[str]:
        """Ids of people who were invited and never had a password, of one import when it is given; by name."""
        rows = self._rows(
            """SELECT id FROM users WHERE state = 'invited' AND password_hash IS NULL AND deleted_at IS NULL
            AND (:import_id IS NULL OR import_id = :import_id) ORDER BY name_key""",
            import_id=import_id,
        )
        return [row["id"] for row in rows]

    def set_password(
        self,
        user_id: str,
        password_hash: str,
        state: PasswordState,
        *,
        expires_at: int | None,
        if_epoch: int,
        now: int,  # noqa: ARG002  every change says when; the audit row keeps it
    ) -> bool:
        """Replace the password and raise the epoch, unless somebody did so since `if_epoch` was read."""
        return self._hit(
            """UPDATE users SET password_hash = :hash, password_state = :state, password_expires_at = :expires_at,
                epoch = epoch + 1 WHERE id = :id AND epoch = :if_epoch""",
            id=user_id,
            hash=password_hash,
            state=state,
            expires_at=expires_at,
            if_epoch=if_epoch,
        )

    def forget_password(self, user_id: str, *, if_epoch: int) -> bool:
        """Let somebody who never came in have no password again, unless another was set since `if_epoch` was read."""
        return self._hit(
            """UPDATE users SET password_hash = NULL, password_expires_at = NULL, epoch = epoch + 1
            WHERE id = :id AND epoch = :if_epoch AND state = 'invited' AND last_sign_in_at IS NULL""",
            id=user_id,
            if_epoch=if_epoch,
        )

    def rehash(self, user_id: str, password_hash: str, *, if_hash: str) -> bool:
        """Keep the same password under another cost, unless it was replaced since `if_hash` was read."""
        return self._hit(
            "UPDATE users SET password_hash = :hash WHERE id = :id AND password_hash = :if_hash",
            id=user_id,
            hash=password_hash,
            if_hash=if_hash,
        )

    def set_state(self, user_id: str, state: UserState) -> bool:
        """Set the state; False when there is no such user."""
        return self._hit("UPDATE users SET state = :state WHERE id = :id", id=user_id, state=state)

    def set_disabled_from(self, user_id: str, at: int | None) -> bool:
        """The moment from which the account is off; None: never."""
        return self._hit("UPDATE users SET disabled_from = :at WHERE id = :id", id=user_id, at=at)

    def set_role(self, user_id: str, role: Role) -> bool:
        """Set the role; one that a restore suspended is settled by that."""
        return self._hit("UPDATE users SET role = :role, suspended_role = NULL WHERE id = :id", id=user_id, role=role)

    def suspend_roles(self) -> dict[str, str]:
        """Let nobody have another role than staff until it is given again; who had which, by id."""
        rows = self._rows("SELECT id, role FROM users WHERE role <> 'staff' AND deleted_at IS NULL ORDER BY name_key")
        self._change(
            "UPDATE users SET suspended_role = role, role = 'staff' WHERE role <> 'staff' AND deleted_at IS NULL"
        )
        return {row["id"]: row["role"] for row in rows}

    def with_suspended_role(self) -> list[User]:
        """People whose role a restore suspended and nobody has settled yet; by name."""
        rows = self._rows(
            "SELECT * FROM users WHERE suspended_role IS NOT NULL AND deleted_at IS NULL ORDER BY name_key"
        )
        return [_USER(row) for row in rows]

    def set_display_name(self, user_id: str, display_name: str) -> bool:
        """Set the name that is shown, with what finds it."""
        if (row := self._first("SELECT name, block FROM users WHERE id = :id", id=user_id)) is None:
            return False
        self._change(
            "UPDATE users SET display_name = :display_name, display_key = :display_key WHERE id = :id",
            id=user_id,
            display_name=display_name,
            display_key=found_by(row["name"], display_name),
        )
        search_blocks.rewrite(self._connection, [row["block"]])
        return True

    def set_unix_account(self, user_id: str, account: str | None) -> bool:
        """The account of this machine, or None; raises DuplicateAccount when it is somebody else's."""
        try:
            return self._hit("UPDATE users SET unix_account = :account WHERE id = :id", id=user_id, account=account)
        except ConstraintBroken as error:
            if "users.unix_account" in error.detail and error.kind == "SQLITE_CONSTRAINT_UNIQUE":
                raise DuplicateAccount(account or "") from None
            raise

    def forget_unix_accounts(self) -> int:
        """Let nobody pass as an account of this machine until they are mapped again; how many could."""
        return self._change("UPDATE users SET unix_account = NULL WHERE unix_account IS NOT NULL")

    def set_language(self, user_id: str, language: str) -> bool:
        """Set the language, "nl" or "en"."""
        return self._hit("UPDATE users SET language = :language WHERE id = :id", id=user_id, language=language)

    def set_preferred_factor(self, user_id: str, kind: FactorKind | None) -> bool:
        """The factor that is asked first; None: the kiosk chooses."""
        return self._hit("UPDATE users SET preferred_factor = :kind WHERE id = :id", id=user_id, kind=kind)

    def set_last_sign_in(self, user_id: str, method: str, now: int) -> bool:
        """Note a sign-in that succeeded."""
        return self._hit(
            "UPDATE users SET last_sign_in_at = :now, last_method = :method WHERE id = :id",
            id=user_id,
            method=method,
            now=now,
        )

    def claim_second_factor_failure(self, user_id: str, *, limit: int) -> int | None:
        """Count a failure before the comparison; the new count, or None when `limit` was reached already."""
        row = self._changed(
            """UPDATE users SET second_factor_failures = second_factor_failures + 1
            WHERE id = :id AND second_factor_failures < :limit RETURNING second_factor_failures""",
            id=user_id,
            limit=limit,
        )
        return None if row is None else int(row[0])

    def clear_second_factor_failures(self, user_id: str) -> bool:
        """Back to none: after a success, or when an administrator unlocks."""
        return self._hit("UPDATE users SET second_factor_failures = 0 WHERE id = :id", id=user_id)

    def raise_epoch(self, user_id: str) -> bool:
        """Void everything that was issued to somebody until now."""
        return self._hit("UPDATE users SET epoch = epoch + 1 WHERE id = :id", id=user_id)

    def raise_all_epochs(self) -> int:
        """Void everything that was issued to anybody until now; how many people."""
        return self._change("UPDATE users SET epoch = epoch + 1")

    def expire_one_time_passwords(self, now: int) -> int:
        """Let no one-time password be good any more; how many people need a new one from an administrator."""
        return self._change(
            """UPDATE users SET password_expires_at = :now
            WHERE password_state = 'one_time' AND (password_expires_at IS NULL OR password_expires_at > :now)""",
            now=now,
        )
