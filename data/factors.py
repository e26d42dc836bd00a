"""Factors: what people prove themselves with, several per kind and person."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from data.ids import new_id
from data.repository import Reader, Repository

# Blind indexes of factors and messages agree, so that limits per number and people by number are the same thing.
NUMBER_COLUMN: Final = "number"
KEY_COLUMN: Final = "key"


@unique
class FactorKind(StrEnum):
    """The second factors that are kept; codes have tables of their own."""

    SMS = "sms"
    TOTP = "totp"
    YUBIKEY_FIDO2 = "yubikey_fido2"
    YUBIKEY_HMAC = "yubikey_hmac"


@unique
class FactorState(StrEnum):
    """OFFERED until it has been proved once."""

    OFFERED = "offered"
    ACTIVE = "active"
    SUSPENDED = "suspended"
    REVOKED = "revoked"


@dataclass(frozen=True, slots=True, kw_only=True)
class Factor:
    """One factor of one person; times in milliseconds UTC.

    `last_step` is the last TOTP step accepted, `drift` what the phone's clock was learned to differ in steps, `seen_offset`
    what it differed the last time, `offset_run` how many accepted codes in a row differed just that; `counter` is the last
    signature counter of a FIDO2 key, `number_tail` the last two digits of a phone number.
    """

    id: str
    user_id: str
    kind: FactorKind
    label: str
    state: FactorState
    sealed_secret: bytes = field(repr=False)
    key_id: str
    number_tail: str | None
    created_at: int
    confirmed_at: int | None
    last_used_at: int | None
    last_step: int | None
    drift: int
    counter: int | None
    replaces: str | None
    """The factor that ends once this one has been proved."""
    seen_offset: int | None
    seen_offset_at: int | None
    offset_run: int


_FACTOR: Final = Reader(Factor)


class Factors(Repository):
    """The factors of all people."""

    def add(
        self,
        user_id: str,
        *,
        kind: FactorKind,
        label: str,
        state: FactorState,
        secret: bytes,
        index: str | None,
        replaces: str | None = None,
        now: int,
    ) -> Factor:
        """Add a factor; `secret` is sealed, `index` is the phone number (E.164) of an SMS factor, else None."""
        factor_id = new_id()
        row = self._changed(
            """INSERT INTO factors (id, user_id, kind, label, state, sealed_secret, key_id, number_index, number_tail,
                created_at, confirmed_at, replaces)
            VALUES (:id, :user_id, :kind, :label, :state, :sealed, :key_id, :number_index, :number_tail,
                :now, :confirmed_at, :replaces) RETURNING *""",
            id=factor_id,
            user_id=user_id,
            kind=kind,
            label=label,
            state=state,
            sealed=self._sealed(secret, table="factors", column="sealed_secret", row=factor_id),
            key_id=self._vault.key_id,
            number_index=None if index is None else self._vault.blind_index(index, column=NUMBER_COLUMN),
            number_tail=None if index is None else index[-2:],
            now=now,
            confirmed_at=now if state == FactorState.ACTIVE else None,
            replaces=replaces,
        )
        assert row is not None
        return _FACTOR(row)

    def get(self, factor_id: str) -> Factor | None:
        """The factor with this id."""
        row = self._first("SELECT * FROM factors WHERE id = :id", id=factor_id)
        return None if row is None else _FACTOR(row)

    def of_user(self, user_id: str) -> list[Factor]:
        """All factors of a person, revoked ones too, in the order in which they were added."""
        rows = self._rows("SELECT * FROM factors WHERE user_id = :user_id ORDER BY rowid", user_id=user_id)
        return [_FACTOR(row) for row in rows]

    def active_kinds(self, user_ids: Iterable[str]) -> dict[str, list[FactorKind]]:
        """The kinds of the active factors of these people, in the order in which they were added; nothing of who has none."""
        rows = self._rows(
            """SELECT user_id, kind FROM factors WHERE state = 'active'
            AND user_id IN (SELECT value FROM json_each(:ids)) ORDER BY rowid""",
            ids=json.dumps(list(user_ids)),
        )
        found: dict[str, list[FactorKind]] = {}
        for row in rows:
            found.setdefault(row["user_id"], []).append(FactorKind(row["kind"]))
        return found

    def by_phone(self, number: str) -> list[Factor]:
        """The SMS factors with this number (E.164) that are not revoked."""
        rows = self._rows(
            """SELECT * FROM factors WHERE number_index IS NOT NULL AND number_index = :number_index
            AND state <> 'revoked' ORDER BY rowid""",
            number_index=self._vault.blind_index(number, column=NUMBER_COLUMN),
        )
        return [_FACTOR(row) for row in rows]

    def mark_key(self, factor_id: str, marks: Iterable[str]) -> None:
        """Note by what a security key is known again; what it is cannot be read from it."""
        for mark in marks:
            self._change(
                "INSERT INTO key_marks (mark, factor_id) VALUES (:mark, :factor_id) ON CONFLICT DO NOTHING",
                mark=self._vault.blind_index(mark, column=KEY_COLUMN),
                factor_id=factor_id,
            )

    def by_key_mark(self, mark: str) -> list[Factor]:
        """The security keys with this mark that are not revoked."""
        rows = self._rows(
            """SELECT factors.* FROM key_marks JOIN factors ON factors.id = factor_id
            WHERE mark = :mark AND state <> 'revoked' ORDER BY factors.rowid""",
            mark=self._vault.blind_index(mark, column=KEY_COLUMN),
        )
        return [_FACTOR(row) for row in rows]

    def keys_without_mark(self) -> list[Factor]:
        """Security keys, not revoked, that were added before marks were noted."""
        rows = self._rows(
            """SELECT * FROM factors WHERE kind IN ('yubikey_fido2', 'yubikey_hmac') AND state <> 'revoked'
            AND NOT EXISTS (SELECT 1 FROM key_marks WHERE factor_id = factors.id) ORDER BY rowid"""
        )
        return [_FACTOR(row) for row in rows]

    def secret(self, factor: Factor) -> bytes:
        """What was sealed: seed, shared secret, credential or phone number; raises SealBroken."""
        return self._vault.open(factor.sealed_secret, table="factors", column="sealed_secret", row=factor.id)

    def confirm(self, factor_id: str, now: int) -> bool:
        """OFFERED → ACTIVE, once; the factor that it replaces is revoked."""
        confirmed = self._hit(
            "UPDATE factors SET state = 'active', confirmed_at = :now WHERE id = :id AND state = 'offered'",
            id=factor_id,
            now=now,
        )
        if confirmed:
            self._change(
                "UPDATE factors SET state = 'revoked' WHERE id = (SELECT replaces FROM factors WHERE id = :id)",
                id=factor_id,
            )
        return confirmed

    def set_state(self, factor_id: str, state: FactorState) -> bool:
        """Set the state; False when there is no such factor or it is revoked, which is for ever."""
        return self._hit(
            "UPDATE factors SET state = :state WHERE id = :id AND state <> 'revoked'", id=factor_id, state=state
        )

    def used(self, factor_id: str, now: int) -> bool:
        """Note that the factor was used."""
        return self._hit("UPDATE factors SET last_used_at = :now WHERE id = :id", id=factor_id, now=now)

    def accept_step(self, factor_id: str, step: int, now: int) -> bool:
        """Consume a TOTP step: each once, and only upwards (RFC 6238 §5.2)."""
        return self._hit(
            """UPDATE factors SET last_step = :step, last_used_at = :now
            WHERE id = :id AND kind = 'totp' AND state IN ('offered', 'active')
            AND (last_step IS NULL OR last_step < :step)""",
            id=factor_id,
            step=step,
            now=now,
        )

    def note_offset(self, factor_id: str, offset: int, *, accepted: bool, now: int) -> int:
        """Note what the phone's clock differed this time, in steps; how many accepted codes in a row differed just that."""
        row = self._changed(
            """UPDATE factors SET
                offset_run = iif(:accepted, iif(seen_offset = :offset, offset_run, 0) + 1, 0),
                seen_offset = :offset, seen_offset_at = :now
            WHERE id = :id RETURNING offset_run""",
            id=factor_id,
            offset=offset,
            accepted=int(accepted),
            now=now,
        )
        return 0 if row is None else int(row[0])

    def learn_drift(self, factor_id: str, drift: int) -> bool:
        """Look for the codes of this app so many steps from now as well; False when that was known."""
        return self._hit(
            "UPDATE factors SET drift = :drift WHERE id = :id AND kind = 'totp' AND drift <> :drift",
            id=factor_id,
            drift=drift,
        )

    def offsets_since(self, since: int, *, not_of: str = "") -> list[int]:
        """What the clocks of people's phones differed last, in steps: one number per person, since a moment.

        `not_of` is a person to leave out.
        """
        rows = self._rows(
            """SELECT seen_offset, max(seen_offset_at) FROM factors
            WHERE seen_offset_at >= :since AND state <> 'revoked' AND user_id <> :not_of GROUP BY user_id""",
            since=since,
            not_of=not_of,
        )
        return [int(row[0]) for row in rows]

    def raise_counter(self, factor_id: str, counter: int) -> bool:
        """Accept a signature counter only above the last one; False for a copy of the key.

        A key without a counter gives zero each time, which is no sign of a copy (WebAuthn §7.2 step 22).
        """
        return self._hit(
            """UPDATE factors SET counter = :counter
            WHERE id = :id AND (counter IS NULL OR counter < :counter OR (counter = 0 AND :counter = 0))""",
            id=factor_id,
            counter=counter,
        )

    def raise_all_steps(self, step: int) -> int:
        """Accept no TOTP step up to `step` from anybody; how many factors."""
        return self._change(
            "UPDATE factors SET last_step = :step WHERE kind = 'totp' AND (last_step IS NULL OR last_step < :step)",
            step=step,
        )
