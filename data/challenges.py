"""Challenges: codes that a sign-in waits for, compared by their mac, sealed for sending again, wiped at the end."""

from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from data.errors import Wiped
from data.ids import new_id
from data.repository import Reader, Repository


@unique
class ChallengeState(StrEnum):
    """What became of a challenge; VOID: its sign-in ended or the person's epoch moved on."""

    LIVE = "live"
    USED = "used"
    USED_UP = "used_up"
    EXPIRED = "expired"
    VOID = "void"


@dataclass(frozen=True, slots=True, kw_only=True)
class Challenge:
    """One code for one sign-in; times in milliseconds UTC. `sends` counts how often it was sent."""

    id: str
    sign_in_id: str
    user_id: str
    factor_id: str | None
    kind: str
    sealed_code: bytes | None = field(repr=False)
    key_id: str
    tries: int
    max_tries: int
    sends: int
    opened_at: int
    expires_at: int
    last_expires_at: int
    epoch: int
    used_at: int | None
    wiped_at: int | None

    @property
    def good_until(self) -> int:
        """The end of its life; a code that was wiped before anybody used it, as by a clock that leapt, ended then."""
        if self.wiped_at is None or self.used_at is not None:
            return self.expires_at
        return min(self.expires_at, self.wiped_at)

    def state(self, now: int) -> ChallengeState:
        """What the person is told when the code is refused."""
        if self.used_at is not None:
            return ChallengeState.USED
        if self.tries >= self.max_tries:
            return ChallengeState.USED_UP
        if self.expires_at <= now:
            return ChallengeState.EXPIRED
        return ChallengeState.LIVE if self.wiped_at is None else ChallengeState.VOID


@dataclass(frozen=True, slots=True)
class ClaimedChallenge:
    """A try that has been counted; compare with `code_mac` in constant time."""

    code_mac: bytes = field(repr=False)
    tries: int
    tries_left: int


_CHALLENGE: Final = Reader(Challenge)


class Challenges(Repository):
    """The challenges of all sign-ins."""

    def open(
        self,
        *,
        sign_in_id: str,
        user_id: str,
        factor_id: str | None,
        kind: str,
        code_mac: bytes,
        code: bytes,
        max_tries: int,
        expires_at: int,
        last_expires_at: int,
        epoch: int,
        now: int,
    ) -> Challenge:
        """A new challenge; `code` is sealed. `expires_at` can be extended up to `last_expires_at`."""
        challenge_id = new_id()
        row = self._changed(
            """INSERT INTO challenges (id, sign_in_id, user_id, factor_id, kind, code_mac, sealed_code, key_id,
                max_tries, opened_at, expires_at, last_expires_at, epoch)
            VALUES (:id, :sign_in_id, :user_id, :factor_id, :kind, :code_mac, :sealed, :key_id,
                :max_tries, :now, :expires_at, :last_expires_at, :epoch) RETURNING *""",
            id=challenge_id,
            sign_in_id=sign_in_id,
            user_id=user_id,
            factor_id=factor_id,
            kind=kind,
            code_mac=code_mac,
            sealed=self._sealed(code, table="challenges", column="sealed_code", row=challenge_id),
            key_id=self._vault.key_id,
            max_tries=max_tries,
            now=now,
            expires_at=expires_at,
            last_expires_at=last_expires_at,
            epoch=epoch,
        )
        assert row is not None
        return _CHALLENGE(row)

    def get(self, challenge_id: str) -> Challenge | None:
        """The challenge with this id."""
        row = self._first("SELECT * FROM challenges WHERE id = :id", id=challenge_id)
        return None if row is None else _CHALLENGE(row)

    def of_sign_in(self, sign_in_id: str) -> list[Challenge]:
        """The challenges of a sign-in, oldest first."""
        rows = self._rows(
            "SELECT * FROM challenges WHERE sign_in_id = :sign_in_id ORDER BY rowid", sign_in_id=sign_in_id
        )
        return [_CHALLENGE(row) for row in rows]

    def claim(self, challenge_id: str, *, now: int) -> ClaimedChallenge | None:
        """Count a try before the comparison, in one statement; None when used, used up, expired, wiped or void."""
        row = self._changed(
            """UPDATE challenges SET tries = tries + 1
            WHERE id = :id AND used_at IS NULL AND wiped_at IS NULL AND tries < max_tries AND expires_at > :now
            AND epoch = (SELECT epoch FROM users WHERE users.id = challenges.user_id)
            RETURNING code_mac, tries, max_tries""",
            id=challenge_id,
            now=now,
        )
        if row is None:
            return None
        return ClaimedChallenge(row["code_mac"], row["tries"], row["max_tries"] - row["tries"])

    def consume(self, challenge_id: str, *, now: int) -> bool:
        """Use the code and wipe it; True for one caller only, and only after a claim."""
        return self._hit(
            """UPDATE challenges SET used_at = :now, wiped_at = :now, code_mac = NULL, sealed_code = NULL
            WHERE id = :id AND used_at IS NULL AND wiped_at IS NULL AND tries > 0
            AND epoch = (SELECT epoch FROM users WHERE users.id = challenges.user_id)""",
            id=challenge_id,
            now=now,
        )

    def code(self, challenge: Challenge) -> bytes:
        """The code, for sending it again; raises Wiped, SealBroken."""
        if challenge.sealed_code is None:
            raise Wiped("challenges", "sealed_code", challenge.id)
        return self._vault.open(challenge.sealed_code, table="challenges", column="sealed_code", row=challenge.id)

    def extend(self, challenge_id: str, *, expires_at: int, sends: int) -> bool:
        """Sent once more, now `sends` times: good until `expires_at`, at most until `last_expires_at`.

        A compare-and-set on the number of sends: of two key presses at once one gets True.
        """
        return self._hit(
            """UPDATE challenges SET expires_at = min(max(expires_at, :expires_at), last_expires_at), sends = :sends
            WHERE id = :id AND used_at IS NULL AND wiped_at IS NULL AND sends = :sends - 1""",
            id=challenge_id,
            expires_at=expires_at,
            sends=sends,
        )

    def wipe(self, challenge_id: str, now: int) -> bool:
        """Forget the code; the row stays."""
        return self._hit(
            """UPDATE challenges SET wiped_at = :now, code_mac = NULL, sealed_code = NULL
            WHERE id = :id AND wiped_at IS NULL""",
            id=challenge_id,
            now=now,
        )

    def wipe_of_user(self, user_id: str, now: int, *, factor_id: str | None = None) -> int:
        """Forget the codes of a person, only those sent to one factor when it is given; how many."""
        return self._change(
            """UPDATE challenges SET wiped_at = :now, code_mac = NULL, sealed_code = NULL
            WHERE user_id = :user_id AND wiped_at IS NULL AND (:factor_id IS NULL OR factor_id = :factor_id)""",
            user_id=user_id,
            factor_id=factor_id,
            now=now,
        )

    def wipe_expired(self, now: int) -> int:
        """Forget the codes that have expired; how many."""
        return self._change(
            """UPDATE challenges SET wiped_at = :now, code_mac = NULL, sealed_code = NULL
            WHERE wiped_at IS NULL AND expires_at <= :now""",
            now=now,
        )

    def wipe_all(self, now: int) -> int:
        """Forget every code; how many."""
        return self._change(
            "UPDATE challenges SET wiped_at = :now, code_mac = NULL, sealed_code = NULL WHERE wiped_at IS NULL", now=now
        )
