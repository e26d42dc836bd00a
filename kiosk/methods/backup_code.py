"""The back-up code and the administrator's temporary code: one field, eight digits, each once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from data.backup_codes import BackupCode
from data.temporary_codes import TemporaryCode
from kiosk.methods.method import Attempt, Person, Verdict, digits_of, is_code, not_compared
from kiosk.passwords import Secret
from kiosk.sign_in.outcomes import MethodKind, Sentence
from kiosk.site import Site
from kiosk.watch import Subscription, Watchers

DIGITS: Final = 8
DAY_MS: Final = 24 * 3600 * 1000
_DAY_SCOPE: Final = "backup_code_day"


def new_code() -> str:
    """Eight random digits, leading zeros included."""
    return f"{secrets.randbelow(10**DIGITS):0{DIGITS}d}"


def live_temporary(site: Site, user_id: str, now: int) -> TemporaryCode | None:
    """The administrator's code that may still be tried; None when there is none, or its tries are used up."""
    code = site.database.temporary_codes.live(user_id, now)
    return code if code is not None and code.tries < site.policy.temporary_code.tries else None


def backup_trouble(site: Site, user_id: str, now: int) -> str | None:
    """Why the back-up code of this person cannot be used now, as the id of a sentence; None when it can."""
    policy, backup = site.policy.backup_code, site.database.backup_codes.live(user_id)
    if backup is None:
        used = site.database.backup_codes.last_used(user_id)
        return "no_sms.backup_none" if used is None else "backup.used_before"
    if backup.failures_in_row >= policy.disable_after:
        return "backup.disabled"
    day = site.database.throttles.get(_DAY_SCOPE, user_id)
    if day is not None and day.first_at > now - DAY_MS and day.count >= policy.tries_per_day:
        return "backup.limit_day"
    return None


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
        return EightDigitState(self._person.tries_left(at_most=self._site.policy.backup_code.tries_per_sign_in))

    def watch(self, callback: Callable[[EightDigitState], None]) -> Subscription:
        """Call back now and after each try."""
        return self._watchers.watch(callback)

    def begin(self) -> Verdict | None:
        """Refuse at once when there is no code that could be right."""
        with self._site.database.transaction(write=True):
            return self._unusable(self._site.clock.now())

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
        with self._site.database.transaction(write=True):
            now = self._site.clock.now()
            if (unusable := self._unusable(now)) is not None:
                return unusable
            attempt = self._person.claim(self.kind)
            if isinstance(attempt, Verdict):
                return attempt
            temporary = self._claimed_temporary(now)
        # Hashing stays outside every transaction: it takes as long as a hundred sign-ins write.
        if temporary is None:
            return self._try_backup(code, attempt, accepted)
        if self._matches(code, temporary):
            return self._take_temporary(temporary, attempt, accepted)
        return self._try_backup(code, attempt, accepted, missed_temporary=True)

    def _try_backup(
        self, code: str, attempt: Attempt, accepted: Callable[[], None], *, missed_temporary: bool = False
    ) -> Verdict:
        database = self._site.database
        with database.transaction(write=True):
            claimed = self._claimed_backup(attempt, missed_temporary=missed_temporary)
        if isinstance(claimed, Verdict):
            return claimed
        if not self._matches(code, claimed):
            used = database.backup_codes.last_used(self._person.user_id)
            was_used = used is not None and self._matches(code, used)
            with database.transaction(write=True):
                return self._wrong(MethodKind.BACKUP_CODE, attempt, was_used=was_used)
        with database.transaction(write=True):
            if not database.backup_codes.consume(claimed.id, self._site.clock.now()):
                return self._refused("backup.used_before")
            database.throttles.clear(_DAY_SCOPE, self._person.user_id)
            return self._accept(MethodKind.BACKUP_CODE, accepted)

    def _claimed_backup(self, attempt: Attempt, *, missed_temporary: bool) -> BackupCode | Verdict:
        """The back-up code with one try counted. The caller holds the transaction."""
        database, now, user_id = self._site.database, self._site.clock.now(), self._person.user_id
        backup, trouble = database.backup_codes.live(user_id), backup_trouble(self._site, user_id, now)
        if backup is None or trouble is not None:
            if missed_temporary or trouble is None:
                return self._wrong(self.kind, attempt)
            # It could be used a moment ago: another desk was faster.
            return self._refused(trouble)
        if database.backup_codes.claim_try(backup.id, limit=self._site.policy.backup_code.disable_after) is None:
            return self._refused("backup.disabled")
        database.throttles.raise_(_DAY_SCOPE, user_id, now=now, until=None, window_ms=DAY_MS)
        return backup

    def _claimed_temporary(self, now: int) -> TemporaryCode | None:
        """The temporary code with one try counted; None when there is none. The caller holds the transaction."""
        code = live_temporary(self._site, self._person.user_id, now)
        limit = self._site.policy.temporary_code.tries
        if code is None or self._site.database.temporary_codes.claim_try(code.id, limit=limit, now=now) is None:
            return None
        return code

    def _take_temporary(self, code: TemporaryCode, attempt: Attempt, accepted: Callable[[], None]) -> Verdict:
        with self._site.database.transaction(write=True):
            if not self._site.database.temporary_codes.consume(code.id, self._site.clock.now()):
                return self._wrong(MethodKind.TEMPORARY_CODE, attempt)
            return self._accept(MethodKind.TEMPORARY_CODE, accepted)

    def _matches(self, code: str, kept: BackupCode | TemporaryCode) -> bool:
        return self._site.hasher.verify(code, kept.code_hash, Secret.CODE)

    def _wrong(self, kind: MethodKind, attempt: Attempt, *, was_used: bool = False) -> Verdict:
        left = self._site.policy.backup_code.tries_per_sign_in - attempt.in_sign_in
        verdict = self._person.wrong(kind, attempt, "backup.wrong", tries_left=left)
        if verdict.ends or not was_used:
            return verdict
        return Verdict(why=Sentence("backup.used_before"), reference=verdict.reference, names_contact=True)

    def _accept(self, kind: MethodKind, accepted: Callable[[], None]) -> Verdict:
        self.used = kind
        self._person.right(kind)
        accepted()
        return Verdict(right=True)

    def _unusable(self, now: int) -> Verdict | None:
        """Why no code at all could be right on this page. The caller holds the transaction."""
        if live_temporary(self._site, self._person.user_id, now) is not None:
            return None
        if self.kind is MethodKind.TEMPORARY_CODE:
            return self._refused("backup.temporary_expired")
        trouble = backup_trouble(self._site, self._person.user_id, now)
        return None if trouble is None else self._refused(trouble)

    def _refused(self, text_id: str) -> Verdict:
        """Nothing was compared; the help desk finds it by the reference."""
        return self._person.refused(self.kind, text_id.rpartition(".")[2], text_id, names_contact=True)
