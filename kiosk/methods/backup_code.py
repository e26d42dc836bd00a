"""The back-up code and the administrator's temporary code: one field, eight digits, each once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from data.backup_codes import BackupCode
from data.temporary_codes import TemporaryCode
from kiosk.methods.method import Attempt, Person, Verdict, digits_of, is_code, not_compared
from kiosk.passwords import Secret
from kiosk.sign_in.outcomes import MethodKind
from kiosk.watch import Subscription, Watchers

DIGITS: Final = 8
DAY_MS: Final = 24 * 3600 * 1000
_DAY_SCOPE: Final = "backup_code_day"


def new_code() -> str:
    """Eight random digits, leading zeros included."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


@dataclass(frozen=True, slots=True)
class EightDigitState:
    """What the page shows: how many tries there are."""

    tries_left: int


class EightDigitMethod:
    """Takes a temporary code first: a hit leaves the back-up code alone, a miss counts once.

    `kind` is the page the person is on; what was used is in `used` after a right answer.
    """

    def __init__(self, person: Person, kind: MethodKind) -> None:
        self.kind = kind
        self.used = kind
        self._person = person
        self._site = person.site
        self._watchers = Watchers(self.state)

    def state(self) -> EightDigitState:
        """The present state."""
        return EightDigitState(self._person.tries_left())

    def watch(self, callback: Callable[[EightDigitState], None]) -> Subscription:
        """Call back now and after each try."""
        return self._watchers.watch(callback)

    def begin(self) -> Verdict | None:
        """Refuse at once when there is no code that could be right."""
        now = self._site.clock.now()
        if self._temporary(now) is not None:
            return None
        return self._backup_unusable(self._site.database.backup_codes.live(self._person.user_id), now)

    def answer(self, typed: str, accepted: Callable[[], None]) -> Verdict:
        """Judge eight digits; spaces and dashes are ignored, anything else costs no try."""
        code = digits_of(typed)
        if not is_code(code, DIGITS):
            return not_compared("backup.incomplete")
        verdict = self._judge(code, accepted)
        self._watchers.refresh()
        return verdict

    def cancel(self) -> None:
        """Nothing of this method outlives its page."""

    def _judge(self, code: str, accepted: Callable[[], None]) -> Verdict:
        database, clock = self._site.database, self._site.clock
        with database.transaction(write=True):
            now = clock.now()
            temporary = self._temporary(now)
            if temporary is None and (unusable := self._backup_unusable(self._backup(), now)) is not None:
                return unusable
            attempt = self._person.claim(self.kind)
            if isinstance(attempt, Verdict):
                return attempt
            if temporary is not None and not self._claim_temporary(temporary, now):
                temporary = None
        # Hashing stays outside every transaction: it takes as long as a hundred sign-ins write.
        if temporary is not None and self._site.hasher.verify(code, temporary.code_hash, Secret.CODE):
            return self._take_temporary(temporary, attempt, accepted)
        return self._try_backup(code, attempt, accepted)

    def _try_backup(self, code: str, attempt: Attempt, accepted: Callable[[], None]) -> Verdict:
        database, clock, policy = self._site.database, self._site.clock, self._site.policy.backup_code
        with database.transaction(write=True):
            now = clock.now()
            backup = self._backup()
            if backup is None or self._backup_unusable(backup, now) is not None:
                return self._wrong(self.kind, attempt)
            if database.backup_codes.claim_try(backup.id, limit=policy.disable_after) is None:
                return self._person.refused(self.kind, "disabled", "backup.disabled", names_contact=True)
            database.throttles.raise_(_DAY_SCOPE, self._person.user_id, now=now, until=None, window_ms=DAY_MS)
        if not self._site.hasher.verify(code, backup.code_hash, Secret.CODE):
            with database.transaction(write=True):
                return self._wrong(MethodKind.BACKUP_CODE, attempt)
        with database.transaction(write=True):
            if not database.backup_codes.consume(backup.id, clock.now()):
                return self._person.refused(
                    MethodKind.BACKUP_CODE, "used_before", "backup.used_before", names_contact=True
                )
            database.throttles.clear(_DAY_SCOPE, self._person.user_id)
            return self._accept(MethodKind.BACKUP_CODE, accepted)

    def _take_temporary(self, code: TemporaryCode, attempt: Attempt, accepted: Callable[[], None]) -> Verdict:
        with self._site.database.transaction(write=True):
            if not self._site.database.temporary_codes.consume(code.id, self._site.clock.now()):
                return self._wrong(MethodKind.TEMPORARY_CODE, attempt)
            return self._accept(MethodKind.TEMPORARY_CODE, accepted)

    def _wrong(self, kind: MethodKind, attempt: Attempt) -> Verdict:
        left = self._site.policy.backup_code.tries_per_sign_in - attempt.in_sign_in
        return self._person.wrong(kind, attempt, "backup.wrong", tries_left=left)

    def _accept(self, kind: MethodKind, accepted: Callable[[], None]) -> Verdict:
        self.used = kind
        self._person.right(kind)
        accepted()
        return Verdict(right=True)

    def _backup(self) -> BackupCode | None:
        return self._site.database.backup_codes.live(self._person.user_id)

    def _temporary(self, now: int) -> TemporaryCode | None:
        return self._site.database.temporary_codes.live(self._person.user_id, now)

    def _claim_temporary(self, code: TemporaryCode, now: int) -> bool:
        limit = self._site.policy.temporary_code.tries
        return self._site.database.temporary_codes.claim_try(code.id, limit=limit, now=now) is not None

    def _backup_unusable(self, backup: BackupCode | None, now: int) -> Verdict | None:
        policy = self._site.policy.backup_code
        if backup is None:
            used = self._site.database.backup_codes.last_used(self._person.user_id)
            text_id = "no_sms.backup_none" if used is None else "backup.used_before"
            return not_compared(text_id, keeps_typed=False, names_contact=True)
        if backup.failures_in_row >= policy.disable_after:
            return not_compared("backup.disabled", keeps_typed=False, names_contact=True)
        day = self._site.database.throttles.get(_DAY_SCOPE, self._person.user_id)
        if day is not None and day.first_at > now - DAY_MS and day.count >= policy.tries_per_day:
            return not_compared("backup.limit_day", keeps_typed=False, names_contact=True)
        return None
