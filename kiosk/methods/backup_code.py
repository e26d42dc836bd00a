"""The back-up code and the administrator's temporary code: one field, eight digits, each once."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final

from data.temporary_codes import TemporaryCode
from kiosk.methods.method import Attempt, Person, Verdict, digits_of, is_code, not_compared
from kiosk.passwords import Secret
from kiosk.sign_in.outcomes import MethodKind, Sentence
from kiosk.site import Site
from kiosk.watch import Subscription, Watchers

DIGITS: Final = 8
DAY_MS: Final = 24 * 3600 * 1000
DAY_SCOPE: Final = "backup_code_day"


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
    day = site.database.throttles.get(DAY_SCOPE, user_id)
    if day is not None and day.first_at > now - DAY_MS and day.count >= policy.tries_per_day:
        return "backup.limit_day"
    return None


@dataclass(frozen=True, slots=True)
class EightDigitState:
    """What the page shows: how many tries there are."""

    tries_left: int


@dataclass(frozen=True, slots=True)
class _Compared:
    """Which code the digits were found to be, by its id; neither when they are wrong."""

    temporary: str | None = field(default=None, repr=False)
    backup: str | None = field(default=None, repr=False)
    """The one that is live, or the one used last."""


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
        reason = self._unusable()
        if reason is None:
            return None
        with self._site.database.transaction(write=True):
            return self._refused(reason)

    def answer(self, typed: str, accepted: Callable[[], None]) -> Verdict:
        """Judge eight digits; spaces and dashes are ignored, anything else costs no try."""
        code = digits_of(typed)
        if not is_code(code, DIGITS):
            return not_compared("backup.incomplete")
        if (refused := self.begin()) is not None:
            return refused
        # Hashing stays outside every transaction: it takes as long as a hundred sign-ins write. What it found is told
        # only under the counters, so guesses at once learn no more than guesses one after another.
        compared = self._compare(code)
        with self._site.database.transaction(write=True):
            verdict = self._judge(compared, accepted)
        self._watchers.refresh()
        return verdict

    def cancel(self) -> None:
        """Nothing of this method outlives its page."""

    def _compare(self, code: str) -> _Compared:
        database, user_id = self._site.database, self._person.user_id
        with database.transaction(write=False):
            temporary = live_temporary(self._site, user_id, self._site.clock.now())
            backup, used = database.backup_codes.live(user_id), database.backup_codes.last_used(user_id)
        for kept in (temporary, backup, used):
            if kept is not None and self._site.hasher.verify(code, kept.code_hash, Secret.CODE):
                return _Compared(temporary=kept.id) if kept is temporary else _Compared(backup=kept.id)
        return _Compared()

    def _judge(self, compared: _Compared, accepted: Callable[[], None]) -> Verdict:
        """Count the try, then tell. The caller holds the transaction."""
        database, now, user_id = self._site.database, self._site.clock.now(), self._person.user_id
        attempt = self._person.claim(self.kind)
        if isinstance(attempt, Verdict):
            return attempt
        temporary = self._claimed_temporary(now)
        if compared.temporary is not None:
            # Used, expired or tried too often since it was compared.
            gone = temporary is None or temporary.id != compared.temporary
            if gone or not database.temporary_codes.consume(compared.temporary, now):
                return self._refused("backup.temporary_expired")
            return self._accept(MethodKind.TEMPORARY_CODE, accepted)
        if (trouble := backup_trouble(self._site, user_id, now)) is not None:
            # Without a temporary code it could be used a moment ago: another desk was faster.
            return self._refused(trouble) if temporary is None else self._wrong(attempt, compared)
        backup = database.backup_codes.live(user_id)
        assert backup is not None, "without one there is trouble"
        database.backup_codes.claim_try(backup.id, limit=self._site.policy.backup_code.disable_after)
        database.throttles.raise_(DAY_SCOPE, user_id, now=now, until=None, window_ms=DAY_MS)
        if compared.backup != backup.id or not database.backup_codes.consume(backup.id, now):
            return self._wrong(attempt, compared)
        database.throttles.clear(DAY_SCOPE, user_id)
        return self._accept(MethodKind.BACKUP_CODE, accepted)

    def _claimed_temporary(self, now: int) -> TemporaryCode | None:
        """The temporary code with one try counted; None when there is none. The caller holds the transaction."""
        code = live_temporary(self._site, self._person.user_id, now)
        if code is not None:
            limit = self._site.policy.temporary_code.tries
            self._site.database.temporary_codes.claim_try(code.id, limit=limit, now=now)
        return code

    def _wrong(self, attempt: Attempt, compared: _Compared) -> Verdict:
        left = self._site.policy.backup_code.tries_per_sign_in - attempt.in_sign_in
        verdict = self._person.wrong(self.kind, attempt, "backup.wrong", tries_left=left)
        if verdict.ends or compared.backup is None:
            return verdict
        return Verdict(why=Sentence("backup.used_before"), reference=verdict.reference, names_contact=True)

    def _accept(self, kind: MethodKind, accepted: Callable[[], None]) -> Verdict:
        self.used = kind
        self._person.right(kind)
        accepted()
        return Verdict(right=True)

    def _unusable(self) -> str | None:
        """Why no code at all could be right on this page, as the id of a sentence."""
        now = self._site.clock.now()
        if live_temporary(self._site, self._person.user_id, now) is not None:
            return None
        if self.kind is MethodKind.TEMPORARY_CODE:
            return "backup.temporary_expired"
        return backup_trouble(self._site, self._person.user_id, now)

    def _refused(self, text_id: str) -> Verdict:
        """Nothing was compared; the help desk finds it by the reference. The caller holds the transaction."""
        return self._person.refused(self.kind, text_id.rpartition(".")[2], text_id, names_contact=True)
