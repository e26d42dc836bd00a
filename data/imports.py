"""Imports of people: rows are staged in batches beside the real tables, then put in place by a few statements."""

from dataclasses import dataclass, field
from typing import Final, Literal

from data.factors import NUMBER_COLUMN
from data.ids import new_id
from data.repository import Repository
from data.users import Role, name_key

StagedAct = Literal["add", "change"]


@dataclass(frozen=True, slots=True, kw_only=True)
class StagedPerson:
    """One row of a list; `user_id` is that of the person who is changed, None for somebody new."""

    line: int
    user_id: str | None
    name: str
    display_name: str
    role: Role
    language: str
    number: str | None = field(repr=False)
    app_secret: str | None = field(repr=False)


@dataclass(frozen=True, slots=True)
class Swapped:
    """What was put in place."""

    added: int
    changed: int


class Imports(Repository):
    """What is staged for all imports; a desk that signs people in sees nothing of it."""

    def stage(self, import_id: str, people: list[StagedPerson], now: int) -> None:
        """Keep a batch; secrets are sealed for the factors that they will be."""
        for person in people:
            self._stage(import_id, person, now)

    def _stage(self, import_id: str, person: StagedPerson, now: int) -> None:
        phone_id = None if person.number is None else new_id()
        app_id = None if person.app_secret is None else new_id()
        self._change(
            """INSERT INTO staged_people (import_id, line, act, user_id, name, name_key, display_name, display_key, role,
                language, phone_id, sealed_number, number_index, number_tail, app_id, sealed_app, key_id, staged_at)
            VALUES (:import_id, :line, :act, :user_id, :name, :name_key, :display_name, :display_key, :role,
                :language, :phone_id, :sealed_number, :number_index, :number_tail, :app_id, :sealed_app, :key_id, :now)""",
            import_id=import_id,
            line=person.line,
            act="add" if person.user_id is None else "change",
            user_id=person.user_id or new_id(),
            name=person.name,
            name_key=name_key(person.name),
            display_name=person.display_name,
            display_key=name_key(person.display_name),
            role=person.role,
            language=person.language,
            phone_id=phone_id,
            sealed_number=self._sealed(person.number, phone_id),
            number_index=None
            if person.number is None
            else self._vault.blind_index(person.number, column=NUMBER_COLUMN),
            number_tail=None if person.number is None else person.number[-2:],
            app_id=app_id,
            sealed_app=self._sealed(person.app_secret, app_id),
            key_id=self._vault.key_id,
            now=now,
        )

    def conflicts(self, import_id: str, *, limit: int) -> list[tuple[int, str]]:
        """Line and name of staged rows that do not fit what is there now: a name taken since, or a person gone."""
        rows = self._rows(
            """SELECT line, name FROM staged_people AS staged WHERE import_id = :import_id AND (
                (act = 'add' AND EXISTS (SELECT 1 FROM users WHERE users.name_key = staged.name_key))
                OR (act = 'change' AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = staged.user_id
                    AND users.name_key = staged.name_key AND users.deleted_at IS NULL)))
            ORDER BY line LIMIT :limit""",
            import_id=import_id,
            limit=limit,
        )
        return [(row["line"], row["name"]) for row in rows]

    def swap(self, import_id: str, now: int) -> Swapped:
        """Put everything that is staged in place, in the caller's write transaction; ask `conflicts` in it first."""
        # Random ids touch every page of their indexes: with the usual cache the lock would be held half as long again.
        self._connection.rows(f"PRAGMA cache_size = -{_ROOMY_KIB}")
        try:
            return self._swap(import_id, now)
        finally:
            self._connection.rows(f"PRAGMA cache_size = -{_USUAL_KIB}")

    def _swap(self, import_id: str, now: int) -> Swapped:
        added = self._change(
            """INSERT INTO users (id, name, name_key, display_name, display_key, role, language, state, password_hash,
                password_state, password_expires_at, created_at, import_id)
            SELECT user_id, name, name_key, display_name, display_key, role, language, 'invited', NULL,
                'one_time', NULL, :now, :import_id FROM staged_people WHERE import_id = :import_id AND act = 'add'
            ORDER BY name_key""",
            import_id=import_id,
            now=now,
        )
        for sql in _FACTORS:
            self._change(sql, import_id=import_id, now=now)
        changed = self._change(
            """UPDATE users SET display_name = staged.display_name, display_key = staged.display_key,
                language = staged.language
            FROM staged_people AS staged WHERE staged.import_id = :import_id AND staged.act = 'change'
            AND staged.user_id = users.id""",
            import_id=import_id,
        )
        return Swapped(added, changed)

    def show_changes(self, import_id: str, *, what: str, actor: str, reason: str, now: int) -> int:
        """Note for everybody whom the list changes what they are shown at the next sign-in; how many."""
        # The ids are made by SQLite, 104 random bits in the same 26 characters: a loop here would hold the lock for seconds.
        return self._change(
            """INSERT INTO changes (id, user_id, what, actor, reason, parameters, at)
            SELECT lower(hex(randomblob(13))), user_id, :what, :actor, :reason, '{}', :now
            FROM staged_people WHERE import_id = :import_id AND act = 'change'""",
            import_id=import_id,
            what=what,
            actor=actor,
            reason=reason,
            now=now,
        )

    def ids(self, import_id: str, act: StagedAct) -> list[str]:
        """Whom the staged rows add or change, in the order of the list."""
        rows = self._rows(
            "SELECT user_id FROM staged_people WHERE import_id = :import_id AND act = :act ORDER BY line",
            import_id=import_id,
            act=act,
        )
        return [row["user_id"] for row in rows]

    def count(self, import_id: str) -> int:
        """How many rows of this import are staged."""
        return self._number("SELECT count(*) FROM staged_people WHERE import_id = :import_id", import_id=import_id)

    def discard(self, import_id: str, *, limit: int) -> int:
        """Forget up to `limit` staged rows of one import; how many."""
        return self._change(
            """DELETE FROM staged_people WHERE (import_id, line) IN (SELECT import_id, line FROM staged_people
            WHERE import_id = :import_id LIMIT :limit)""",
            import_id=import_id,
            limit=limit,
        )

    def discard_old(self, before: int, *, limit: int) -> int:
        """Forget up to `limit` rows that were staged before then, by whatever import; how many."""
        return self._change(
            """DELETE FROM staged_people WHERE (import_id, line) IN (SELECT import_id, line FROM staged_people
            WHERE staged_at < :before LIMIT :limit)""",
            before=before,
            limit=limit,
        )

    def _sealed(self, secret: str | None, factor_id: str | None) -> bytes | None:
        if secret is None or factor_id is None:
            return None
        return self._vault.seal(secret.encode(), table="factors", column="sealed_secret", row=factor_id)


_ROOMY_KIB: Final = 64 * 1024
# What SQLite begins with.
_USUAL_KIB: Final = 2_000
_FACTORS: Final = (
    """INSERT INTO factors (id, user_id, kind, label, state, sealed_secret, key_id, number_index, number_tail, created_at)
    SELECT phone_id, user_id, 'sms', 'sms', 'offered', sealed_number, key_id, number_index, number_tail, :now
    FROM staged_people WHERE import_id = :import_id AND act = 'add' AND phone_id IS NOT NULL""",
    """INSERT INTO factors (id, user_id, kind, label, state, sealed_secret, key_id, created_at)
    SELECT app_id, user_id, 'totp', 'totp', 'offered', sealed_app, key_id, :now
    FROM staged_people WHERE import_id = :import_id AND act = 'add' AND app_id IS NOT NULL""",
)
