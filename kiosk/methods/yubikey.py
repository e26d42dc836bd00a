"""The person's security key: FIDO2 (or U2F) over HID, or HMAC-SHA1 challenge-response where a site wants that.

The challenge is a row like that of an SMS: claimed before anything is compared, used once, by whichever process is first. The
signature counter moves in the same transaction as the sign-in.
"""

import hmac
import secrets
from collections.abc import Callable
from typing import Final

from data.challenges import Challenge
from data.factors import Factor, FactorKind, FactorState
from kiosk.delivery.alarms import AlarmCause, raise_alarm
from kiosk.methods.method import ENDED, RIGHT, Attempt, Person, Verdict, not_compared
from kiosk.methods.yubikey_words import key_view
from kiosk.sign_in.outcomes import MethodKind, Sentence
from kiosk.sign_in.views import KeyView
from kiosk.watch import Subscription, Watchers
from kiosk.yubikey import relying_party as rp
from kiosk.yubikey.asking import HmacAnswer, KeyAnswer, KeyQuestion, SignedAnswer, ask
from kiosk.yubikey.ceremony import Ceremony, Phase, Progress
from kiosk.yubikey.kept import kept_key
from kiosk.yubikey.means import KeyMeans

# A page that nobody touches goes back to the login page long before.
LIFE_MS: Final = 10 * 60_000
# An answer that was not right is not tried again: the next one signs another challenge.
MAX_TRIES: Final = 1
CHALLENGE_KIND: Final = "yubikey"


class YubikeyMethod:
    """One try with the keys of a person; `answer` takes what a key gave, or the PIN while one waits for it."""

    kind = MethodKind.YUBIKEY

    def __init__(self, person: Person, means: KeyMeans) -> None:
        self._person = person
        self._site = person.site
        self._means = means
        self._ceremony: Ceremony | None = None
        self._challenge_id: str | None = None
        self._party: rp.RelyingParty | None = None
        self._not_right: Sentence | None = None
        self._until: int | None = None
        self._watchers = Watchers(self.state)

    def begin(self) -> Verdict | None:
        """Make the challenge and begin to look for the key."""
        database, now = self._site.database, self._site.clock.now()
        challenge = secrets.token_bytes(rp.CHALLENGE_BYTES)
        with database.transaction(write=True):
            user = database.users.get(self._person.user_id)
            if user is None:
                return Verdict(why=ENDED, ends=True)
            self._party = rp.relying_party(database, self._site.name)
            row = database.challenges.open(
                sign_in_id=self._person.sign_in_id,
                user_id=user.id,
                factor_id=None,
                kind=CHALLENGE_KIND,
                code_mac=self._mac(challenge),
                code=challenge,
                max_tries=MAX_TRIES,
                expires_at=now + LIFE_MS,
                last_expires_at=now + LIFE_MS,
                epoch=user.epoch,
                now=now,
            )
        self._challenge_id = row.id
        question = self._question(self._party, challenge)
        bus = self._means.bus
        self._ceremony = Ceremony(
            self._means,
            lambda key, conversation: ask(bus, key, question, conversation),
            touch_seconds=self._site.policy.yubikey.touch_seconds,
        )
        self._ceremony.look()
        return None

    def watch(self, callback: Callable[[KeyView], None]) -> Subscription:
        """Call back now and after every change."""
        return self._watchers.watch(callback)

    def refresh(self) -> None:
        """Look at the ports and at what the keys said."""
        if self._ceremony is not None:
            self._ceremony.look()
        self._watchers.refresh()

    def state(self) -> KeyView:
        """What to do now."""
        assert self._ceremony is not None, "begin() comes first"
        why = self._not_right
        progress = self._ceremony.progress() if why is None else Progress(phase=Phase.REFUSED)
        return key_view(progress, self._touch_until(progress), self._person.tries_left(), why=why)

    def give_pin(self, pin: str) -> bool:
        """Hand the PIN to the key that waits for it, and to nothing else; False when none does."""
        given = self._ceremony is not None and self._ceremony.give_pin(pin)
        self._watchers.refresh()
        return given

    def answer(self, typed: str, accepted: Callable[[], None]) -> Verdict:  # noqa: ARG002  a key types nothing here
        """Judge what the key gave; asked for when `KeyView.answered` says that it did."""
        given = None if self._ceremony is None else self._ceremony.result
        if not isinstance(given, SignedAnswer | HmacAnswer) or self._not_right is not None:
            return not_compared("yubikey.no_answer")
        return self.judge(given, accepted)

    def judge(self, given: KeyAnswer, accepted: Callable[[], None]) -> Verdict:
        """Claim, check, consume and audit in one transaction."""
        with self._site.database.transaction(write=True):
            attempt = self._person.claim(self.kind)
            if isinstance(attempt, Verdict):
                return attempt
            verdict = self._judged(given, attempt, accepted)
        # The challenge is spent: the next try begins anew.
        self._not_right = None if verdict.right else verdict.why or Sentence("yubikey.wrong")
        return verdict

    def let_go(self) -> None:
        """Let go of every key; needs no database."""
        if self._ceremony is not None:
            self._ceremony.close()

    def cancel(self) -> None:
        """Let go of every key and forget the challenge."""
        self.let_go()
        if (challenge_id := self._challenge_id) is not None:
            self._challenge_id = None
            with self._site.database.transaction(write=True):
                self._site.database.challenges.wipe(challenge_id, self._site.clock.now())

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _touch_until(self, progress: Progress) -> int | None:
        """Kiosk time of the end of the touch: taken once per touch, so that looking again changes nothing."""
        if progress.seconds_left is None:
            self._until = None
        elif self._until is None:
            self._until = self._site.clock.now() + round(progress.seconds_left * 1000)
        return self._until

    def _question(self, party: rp.RelyingParty, challenge: bytes) -> KeyQuestion:
        credentials, serials = [], set()
        for factor in self._factors():
            kept = kept_key(self._site.database.factors.secret(factor))
            if factor.kind is FactorKind.YUBIKEY_FIDO2:
                credentials.append(rp.credential_id(kept.credential))
            elif kept.papers.serial is not None and not self._site.policy.yubikey.verify_user:
                # Challenge-response knows neither PIN nor finger.
                serials.add(kept.papers.serial)
        return KeyQuestion(
            relying_party=party.id,
            origin=party.origin,
            challenge=challenge,
            credentials=credentials,
            serials=frozenset(serials),
            verify_user=self._site.policy.yubikey.verify_user,
        )

    def _judged(self, given: KeyAnswer, attempt: Attempt, accepted: Callable[[], None]) -> Verdict:
        database, now = self._site.database, self._site.clock.now()
        challenge = None if self._challenge_id is None else database.challenges.get(self._challenge_id)
        claimed = None if challenge is None else database.challenges.claim(challenge.id, now=now)
        if challenge is None or claimed is None:
            return self._wrong(attempt)
        asked = database.challenges.code(challenge)
        if not hmac.compare_digest(self._mac(asked), claimed.code_mac):
            return self._wrong(attempt)
        found = self._signed_by(given, asked) if isinstance(given, SignedAnswer) else self._made_by(given, asked)
        if found is None:
            return self._wrong(attempt)
        factor, counter = found
        if counter is not None and not database.factors.raise_counter(factor.id, counter):
            return self._suspect(factor, challenge)
        if not database.challenges.consume(challenge.id, now=now):
            return self._wrong(attempt)
        database.factors.used(factor.id, now)
        self._person.right(self.kind)
        accepted()
        return RIGHT

    def _signed_by(self, given: SignedAnswer, asked: bytes) -> tuple[Factor, int] | None:
        """Whose credential signed, with its counter; None when none of them did."""
        assert self._party is not None
        factors = self._factors(FactorKind.YUBIKEY_FIDO2)
        kept = {factor.id: kept_key(self._site.database.factors.secret(factor)).credential for factor in factors}
        verify_user = self._site.policy.yubikey.verify_user
        try:
            asserted = rp.check_assertion(
                self._party, asked, list(kept.values()), given.response, verify_user=verify_user
            )
            for factor in factors:
                if rp.credential_id(kept[factor.id]) == asserted.credential_id:
                    return factor, asserted.counter
        except rp.BadResponse:
            # Counted and logged by the caller, as any wrong answer.
            return None
        return None

    def _made_by(self, given: HmacAnswer, asked: bytes) -> tuple[Factor, None] | None:
        """Whose shared secret made the answer; every one of this serial number is compared, in constant time."""
        found = None
        for factor in self._factors(FactorKind.YUBIKEY_HMAC):
            kept = kept_key(self._site.database.factors.secret(factor))
            right = hmac.compare_digest(hmac.digest(kept.credential, asked, "sha1"), given.answer)
            if right and kept.papers.serial == given.serial and found is None:
                found = factor
        return None if found is None else (found, None)

    def _wrong(self, attempt: Attempt) -> Verdict:
        return self._person.wrong(self.kind, attempt, "yubikey.wrong", says_left=False)

    def _suspect(self, factor: Factor, challenge: Challenge) -> Verdict:
        """The counter did not rise: somebody has a copy, and nobody can tell who. Neither may go on."""
        database, now = self._site.database, self._site.clock.now()
        database.factors.set_state(factor.id, FactorState.SUSPENDED)
        database.challenges.wipe(challenge.id, now)
        # Whoever came in by a key before may have been the copy.
        for session in database.sessions.live(user_id=self._person.user_id):
            if session.method == self.kind.value:
                database.sessions.end(session.id, "key_copied", now)
        if self._means.alarms is not None and self._means.alarms.phones:
            raise_alarm(database, self._means.alarms, AlarmCause.KEY_COPIED, factor.id, now)
        return self._person.refused(self.kind, "suspect", "yubikey.suspect", names_contact=True)

    def _factors(self, kind: FactorKind | None = None) -> list[Factor]:
        kinds = {FactorKind.YUBIKEY_FIDO2, FactorKind.YUBIKEY_HMAC} if kind is None else {kind}
        rows = self._site.database.factors.of_user(self._person.user_id)
        return [row for row in rows if row.kind in kinds and row.state is FactorState.ACTIVE]

    def _mac(self, challenge: bytes) -> bytes:
        # Bound to the sign-in and the person, so that a challenge copied to another row accepts nothing there.
        message = f"{self._person.sign_in_id}|{self._person.user_id}|".encode() + challenge
        return self._site.vault.mac(message, purpose="yubikey")
