"""Imports of people: staged in batches, then put in place by a few short statements.

Somebody new waits as a row of `users` that counts as deleted since the year 1970 (`deleted_at = 0`): nobody finds it, and
methods lie sealed beside it, so that all indexes but one are filled before the write lock is taken for the one moment in which
everybody comes to be. It holds its name already when that is free, and gives it up to whoever comes to be first; without one it
waits under a name that could not be typed.
"""

import json
from dataclasses import dataclass, field
from typing import Final, Literal

from data import search_blocks
from data.connection import Value
from data.factors import NUMBER_COLUMN
from data.ids import new_id
from data.repository import Repository
from data.users import Role, found_by, name_key


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Staged:
    """Whom the rows of an import add and change, by id in the order of the list, and in which blocks of the search they are."""

    import_id: str
    added: list[str]
    changed: list[str]
    blocks: list[int]


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
        user_id = person.user_id
        keys = name_key(person.name), found_by(person.name, person.display_name)
        if user_id is None:
            user_id = new_id()
            self._wait(import_id, user_id, person, keys, now)
        self._change(
            """INSERT INTO staged_people (import_id, line, act, user_id, name, name_key, display_name, display_key, role,
                language, key_id, staged_at)
            VALUES (:import_id, :line, :act, :user_id, :name, :name_key, :display_name, :display_key, :role,
                :language, :key_id, :now)""",
            import_id=import_id,
            line=person.line,
            act="add" if person.user_id is None else "change",
            user_id=user_id,
            name=person.name,
            name_key=keys[0],
            display_name=person.display_name,
            display_key=keys[1],
            role=person.role,
            language=person.language,
            key_id=self._vault.key_id,
            now=now,
        )

    def _wait(self, import_id: str, user_id: str, person: StagedPerson, keys: tuple[str, str], now: int) -> None:
        self._change(
            """INSERT INTO users (id, name, name_key, display_name, display_key, role, language, state, password_hash,
                password_state, password_expires_at, created_at, import_id, deleted_at, block)
            VALUES (:id, :name, iif(EXISTS (SELECT 1 FROM users WHERE name_key = :name_key), 'staged ' || :id, :name_key),
                :display_name, :display_key, :role, :language, 'invited', NULL, 'one_time', NULL, :now, :import_id, 0,
                :block)""",
            id=user_id,
            name=person.name,
            name_key=keys[0],
            display_name=person.display_name,
            display_key=keys[1],
            role=person.role,
            language=person.language,
            now=now,
            import_id=import_id,
            block=search_blocks.next_block(self._connection),
        )
        if person.number is not None:
            index = self._vault.blind_index(person.number, column=NUMBER_COLUMN)
            self._offer(user_id, "sms", person.number, now, number_index=index, number_tail=person.number[-2:])
        if person.app_secret is not None:
            self._offer(user_id, "totp", person.app_secret, now)

    def _offer(
        self,
        user_id: str,
        kind: Literal["sms", "totp"],
        secret: str,
        now: int,
        *,
        number_index: bytes | None = None,
        number_tail: str | None = None,
    ) -> None:
        factor_id = new_id()
        sealed = self._sealed(secret.encode(), table="factors", column="sealed_secret", row=factor_id)
        self._change(
            """INSERT INTO factors (id, user_id, kind, label, state, sealed_secret, key_id, number_index, number_tail,
                created_at)
            VALUES (:id, :user_id, :kind, :kind, 'offered', :sealed, :key_id, :number_index, :number_tail, :now)""",
            id=factor_id,
            user_id=user_id,
            kind=kind,
            sealed=sealed,
            key_id=self._vault.key_id,
            number_index=number_index,
            number_tail=number_tail,
            now=now,
        )

    def staged(self, import_id: str) -> Staged:
        """What is staged; once all is, it changes no more, and can be read before the write lock is taken."""
        rows = self._rows(
            """SELECT act, user_id, block FROM staged_people AS staged JOIN users ON users.id = staged.user_id
            WHERE staged.import_id = :import_id ORDER BY line""",
            import_id=import_id,
        )
        return Staged(
            import_id=import_id,
            added=[row["user_id"] for row in rows if row["act"] == "add"],
            changed=[row["user_id"] for row in rows if row["act"] == "change"],
            blocks=sorted({row["block"] for row in rows}),
        )

    def conflicts(self, staged: Staged, *, limit: int) -> list[tuple[int, str]]:
        """Line and name of staged rows that do not fit what is there now: a name taken since, or a person gone."""
        found: list[tuple[int, str]] = []
        # Whoever holds a name has had it since nobody else did.
        if self._nameless(staged):
            found += self._lines(
                """act = 'add' AND EXISTS (SELECT 1 FROM users WHERE users.name_key = staged.name_key
                AND users.deleted_at IS NOT 0)""",
                staged,
                limit,
            )
        if staged.changed:
            found += self._lines(
                """act = 'change' AND NOT EXISTS (SELECT 1 FROM users WHERE users.id = staged.user_id
                AND users.name_key = staged.name_key AND users.deleted_at IS NULL)""",
                staged,
                limit,
            )
        return sorted(found)[:limit]

    def _lines(self, condition: str, staged: Staged, limit: int) -> list[tuple[int, str]]:
        rows = self._rows(
            f"""SELECT line, name FROM staged_people AS staged WHERE import_id = :import_id AND {condition}
            ORDER BY line LIMIT :limit""",  # noqa: S608  words of ours
            import_id=staged.import_id,
            limit=limit,
        )
        return [(row["line"], row["name"]) for row in rows]

    def swap(self, staged: Staged, now: int) -> Swapped:
        """Put everything that is staged in place, in the caller's write transaction; ask `conflicts` in it first."""
        # With the usual cache the lock would be held half as long again.
        self._connection.rows(f"PRAGMA cache_size = -{_ROOMY_KIB}")
        try:
            if self._nameless(staged):
                self._take_names(staged.import_id)
            swapped = Swapped(self._put(staged, now), self._rename(staged))
            search_blocks.rewrite(self._connection, staged.blocks)
        finally:
            self._connection.rows(f"PRAGMA cache_size = -{_USUAL_KIB}")
        return swapped

    def _nameless(self, staged: Staged) -> bool:
        """Whether somebody waits without the name that the list gives."""
        rows = self._rows(
            """SELECT 1 FROM users WHERE name_key >= 'staged ' AND name_key < 'staged!' AND import_id = :import_id
            AND deleted_at = 0 LIMIT 1""",
            import_id=staged.import_id,
        )
        return bool(rows)

    def _take_names(self, import_id: str) -> None:
        """From those who wait by another import, which may have died."""
        waiting = """FROM staged_people AS staged JOIN users AS waiting ON waiting.id = staged.user_id
            WHERE staged.import_id = :import_id AND staged.act = 'add' AND waiting.name_key <> staged.name_key"""
        self._change(
            f"""UPDATE users SET name_key = 'staged ' || id WHERE deleted_at = 0 AND import_id <> :import_id
            AND name_key IN (SELECT staged.name_key {waiting})""",  # noqa: S608  words of ours
            import_id=import_id,
        )
        self._change(
            """UPDATE users SET name_key = staged.name_key FROM staged_people AS staged
            WHERE staged.import_id = :import_id AND staged.act = 'add' AND staged.user_id = users.id
            AND users.deleted_at = 0 AND users.name_key <> staged.name_key""",
            import_id=import_id,
        )

    def _put(self, staged: Staged, now: int) -> int:
        """Let everybody who waits be there; how many."""
        if not staged.added:
            return 0
        # Rows are numbered as they are staged: they stand together after the first, and no index is asked for each.
        return self._change(
            """UPDATE users SET created_at = :now, deleted_at = NULL WHERE import_id = :import_id AND deleted_at = 0
            AND rowid >= (SELECT first.rowid FROM users AS first WHERE first.id = :first)""",
            import_id=staged.import_id,
            first=staged.added[0],
            now=now,
        )

    def _rename(self, staged: Staged) -> int:
        """Give those who were there the name and language of the list; how many."""
        if not staged.changed:
            return 0
        return self._change(
            """UPDATE users SET display_name = staged.display_name, display_key = staged.display_key,
                language = staged.language
            FROM staged_people AS staged WHERE staged.import_id = :import_id AND staged.act = 'change'
            AND staged.user_id = users.id""",
            import_id=staged.import_id,
        )

    def show_changes(self, staged: Staged, *, what: str, actor: str, reason: str, now: int) -> int:
        """Note for everybody whom the list changes what they are shown at the next sign-in; how many."""
        if not staged.changed:
            return 0
        # The ids are made by SQLite, 104 random bits in the same 26 characters: a loop here would hold the lock for seconds.
        return self._change(
            """INSERT INTO changes (id, user_id, what, actor, reason, parameters, at)
            SELECT lower(hex(randomblob(13))), user_id, :what, :actor, :reason, '{}', :now
            FROM staged_people WHERE import_id = :import_id AND act = 'change'""",
            import_id=staged.import_id,
            what=what,
            actor=actor,
            reason=reason,
            now=now,
        )

    def discard(self, import_id: str, *, limit: int) -> int:
        """Forget up to `limit` staged rows of one import, and who still waits by them; how many."""
        return self._forget(
            "SELECT import_id, line, user_id FROM staged_people WHERE import_id = :import_id LIMIT :limit",
            import_id=import_id,
            limit=limit,
        )

    def discard_old(self, before: int, *, limit: int) -> int:
        """The same for rows that were staged before then, by whatever import."""
        return self._forget(
            "SELECT import_id, line, user_id FROM staged_people WHERE staged_at < :before LIMIT :limit",
            before=before,
            limit=limit,
        )

    def _forget(self, which: str, **values: Value) -> int:
        rows = self._rows(which, **values)
        ids = json.dumps([row["user_id"] for row in rows])
        # Whoever was put in place does not wait any more and stays.
        waiting = "SELECT id FROM users WHERE deleted_at = 0 AND id IN (SELECT value FROM json_each(:ids))"
        self._change(f"DELETE FROM factors WHERE user_id IN ({waiting})", ids=ids)  # noqa: S608  words of ours
        self._change(f"DELETE FROM users WHERE id IN ({waiting})", ids=ids)  # noqa: S608  as above
        lines = json.dumps([[row["import_id"], row["line"]] for row in rows])
        return self._change(
            """DELETE FROM staged_people WHERE (import_id, line) IN (
                SELECT value ->> 0, value ->> 1 FROM json_each(:lines))""",
            lines=lines,
        )


_ROOMY_KIB: Final = 64 * 1024
# What SQLite begins with.
_USUAL_KIB: Final = 2_000
