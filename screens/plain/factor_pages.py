"""The second factor in lines: codes, YubiKey, the other ways and UITLEG."""

import math
from collections.abc import Iterator
from typing import ClassVar, Final

from kiosk.sign_in.outcomes import MethodKind, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.views import AlternativesView, KeyView, SignInView, SmsView, WayView
from screens.plain.page import MS_PER_SECOND, OverPage, PlainPage
from screens.plain.talk import Back, Choice, Elsewhere, Talk
from screens.sign_in.way_labels import WAYS

# Said once when the code has so long to go: nobody sees the line that shortens.
LITTLE_LEFT_SECONDS: Final = 60
# CTAP 2.1 §6.5.1: at most 63 bytes.
PIN_LENGTH: Final = 63
GROUP: Final = 4

RESEND, EXPLAIN, CLOSE = "resend", "explain", "close"


def say_app_key(talk: Talk, secret: str) -> None:
    """What to type into an authenticator app, in groups of four."""
    groups = " ".join(secret[start : start + GROUP] for start in range(0, len(secret), GROUP))
    talk.line(talk.words.text("plain.app.type"))
    talk.line(f"{talk.words.text('first.app.key.label')}: {groups}")


class FactorPage(PlainPage):
    """A page of the second factor, with the other ways behind A."""

    has_alternatives: ClassVar[bool] = True

    def keys(self) -> Iterator[str]:
        """The other ways, and the way back."""
        if self.has_alternatives:
            yield self.named("A", "sms.alternatives.button")
        yield self.named("Esc", "common.back.button")

    def back(self) -> Outcome | None:
        """To the SMS page when a code is under way, else to the login page."""
        if self.view.sms is not None and self.stage is not Stage.SMS_CODE:
            return self.do(lambda sign_in: sign_in.back_to_sms())
        raise Back

    def turn(self) -> Outcome | None:
        """The code, or a letter."""
        typed = self.talk.ask(self.label, self)
        if typed.strip().lower() == "a" and self.has_alternatives:
            return self.other_ways()
        return self.do(lambda sign_in: sign_in.answer(typed))

    @property
    def label(self) -> str:
        """What is asked for."""
        return self.text(self.title_id)

    # Geen SMS ontvangen

    def other_ways(self) -> Outcome | None:
        """What was sent, what to do, the ways; Esc or S leads back to the code."""
        while True:
            alternatives = self.look(lambda sign_in: sign_in.alternatives())
            choices = list(self._choices(alternatives))
            self._introduce_ways(alternatives, choices)
            try:
                chosen = self.talk.choose(self.text("plain.choose.label"), choices, OverPage(self))
            except Back:
                return None
            if chosen == CLOSE:
                return None
            if chosen == EXPLAIN:
                self.explain()
                continue
            outcome = self._take(chosen, alternatives)
            if outcome is not None and not (isinstance(outcome, Refused) and outcome.stage is self.stage):
                return outcome
            if isinstance(outcome, Refused):
                self.talk.refused(outcome)

    def _introduce_ways(self, alternatives: AlternativesView, choices: list[Choice[str | WayView]]) -> None:
        sent = alternatives.sent
        self.talk.line(self.text("no_sms.title" if sent is not None else "sign_in.choose.title"))
        if sent is not None:
            self.talk.say(sent)
            self.talk.say(alternatives.advice)
        elif alternatives.names_contact:
            self.talk.say(alternatives.advice)
        self.talk.offer(choices)

    def _choices(self, alternatives: AlternativesView) -> Iterator[Choice[str | WayView]]:
        if alternatives.resend:
            again = "no_sms.resend.button" if alternatives.sent is not None else "sign_in.page.choose.sms.button"
            line = self._resend_line(alternatives)
            yield Choice(RESEND, self.text(again) + ("" if line is None else f". {self.talk.words.say(line)}"), "r")
        for way in alternatives.ways:
            label, letter = WAYS[way.kind]
            yield Choice(way, self.text(label), letter)
        yield Choice(EXPLAIN, self.text("no_sms.explain.button"), "u")
        yield Choice(CLOSE, self.text("common.close.button"), "s")

    def _resend_line(self, alternatives: AlternativesView) -> Sentence | None:
        if (seconds := self._cooldown_seconds(alternatives)) > 0:
            return Sentence("resend.line.cooldown", {"seconds": seconds})
        if alternatives.resend_searches:
            return Sentence("resend.line.search")
        if alternatives.resend_over is not None:
            return Sentence("resend.line.over", {"network": alternatives.resend_over})
        return None

    def _cooldown_seconds(self, alternatives: AlternativesView) -> int:
        return max(0, math.ceil((alternatives.resend_from - self.here.now_ms) / MS_PER_SECOND))

    def _take(self, chosen: str | WayView, alternatives: AlternativesView) -> Outcome | None:
        if not isinstance(chosen, WayView):
            if (seconds := self._cooldown_seconds(alternatives)) > 0:
                return Refused(Sentence("resend.line.cooldown", {"seconds": seconds}), self.stage)
            return self.do(lambda sign_in: sign_in.resend(), confirmed=lambda sign_in: sign_in.resend(confirmed=True))
        if chosen.why_not is not None:
            return Refused(chosen.why_not, self.stage)
        return self.do(lambda sign_in: sign_in.take(chosen.kind))

    def explain(self) -> None:
        """UITLEG, a step at a time, each with what is known when it is said."""
        number = 1
        self.talk.line(self.text("explain.title"))
        while True:
            steps = self.look(lambda sign_in: sign_in.explanation(alternatives_seen=True)).steps
            if number > len(steps):
                return
            step = steps[number - 1]
            for sentence in (step.title, step.text, step.also):
                if sentence is not None:
                    self.talk.line(self.talk.words.say(sentence))
            try:
                typed = self.talk.ask(self.text("plain.explain.label"), OverPage(self)).strip().lower()
            except Back:
                return
            if typed == "s":
                return
            number = int(typed) if typed in {"1", "2", "3", "4", "5", "6"} else number + 1


class SmsCodePage(FactorPage):
    """Six digits, and what is known of the SMS, a line per change."""

    stage = Stage.SMS_CODE
    title_id = "sms.title"

    _little_left_said = False
    _expired_said = False

    def introduce(self) -> None:
        """What to type, how the SMS goes, how long the code is good."""
        self.title()
        view = self.view
        self.talk.line(self.text("first.phone.enter" if view.confirming_phone else "sms.intro.line"))
        if view.sms is not None:
            self.talk.lines(self._of(view.sms))
            self.talk.line(self.text("sms.valid.line", {"until": view.sms.valid_until}))
        self.talk.lines(self.keys())

    def _of(self, sms: SmsView, before: SmsView | None = None) -> Iterator[str]:
        say = self.talk.words.say
        yield say(sms.status_line)
        told = before is not None and before.sender_tail == sms.sender_tail
        if sms.sender_tail is not None and sms.network is not None and not told:
            yield say(Sentence("sign_in.page.sender.line", {"tail": sms.sender_tail}))
        yield say(sms.status_next)

    def changed(self, before: SignInView, now: SignInView) -> Iterator[str]:
        """Another state of the SMS, a longer life of the code, its last minute, its end."""
        if now.sms is None or before.sms is None:
            return
        if now.sms.status_line != before.sms.status_line:
            yield from self._of(now.sms, before.sms)
        if now.sms.valid_until != before.sms.valid_until:
            self._little_left_said = self._expired_said = False
            yield self.text("sms.valid.line", {"until": now.sms.valid_until})
        if now.sms.both_work and not before.sms.both_work:
            yield self.text("sign_in.page.resent.line")
        yield from self._time_left()

    def _time_left(self) -> Iterator[str]:
        left = self.code_left_seconds
        if left <= 0 and not self._expired_said:
            self._expired_said = True
            yield self.text("sms.code.expired")
        elif 0 < left <= LITTLE_LEFT_SECONDS and not self._little_left_said:
            self._little_left_said = True
            yield self.text("plain.code.little_left", {"seconds": math.ceil(left)})


class EightDigitPage(FactorPage):
    """Back-up code; a temporary code is fine too."""

    stage = Stage.BACKUP_CODE
    title_id = "backup.title"

    def introduce(self) -> None:
        """Which code."""
        self.title()
        self.talk.line(self.text("backup.intro"))
        self.talk.line(self.text("backup.temporary.hint"))
        self.talk.lines(self.keys())


class TemporaryCodePage(FactorPage):
    """The code that an administrator gave."""

    stage = Stage.TEMPORARY_CODE
    title_id = "temporary.title"

    def introduce(self) -> None:
        """Which code."""
        self.title()
        self.talk.line(self.text("temporary.intro"))
        self.talk.lines(self.keys())


class TotpPage(FactorPage):
    """The code of the authenticator app."""

    stage = Stage.TOTP
    title_id = "app.title"

    def introduce(self) -> None:
        """Which code."""
        self.title()
        self.talk.line(self.text("app.intro"))
        self.talk.lines(self.keys())

    @property
    def label(self) -> str:
        """What is asked for."""
        return self.text("app.code.label")


class EnrolAppPage(FactorPage):
    """First sign-in with an app: its key in groups, then its first code."""

    stage = Stage.ENROL_TOTP
    title_id = "first.app.title"
    has_alternatives = False

    def introduce(self) -> None:
        """What to type into the app."""
        self.title()
        enrol = self.view.enrol_totp
        if enrol is None:
            return
        say_app_key(self.talk, enrol.secret)
        self.talk.lines(self.keys())

    @property
    def label(self) -> str:
        """What is asked for."""
        return self.text("app.code.label")


class YubikeyPage(FactorPage):
    """Follows the key: nothing needs to be typed while all goes well."""

    stage = Stage.YUBIKEY
    title_id = "yubikey.title"

    _judged = False
    """The answer of the key was handed in; once, whatever comes of it."""
    _unsaid: tuple[str, ...] = ()
    """What is to be said before the next question, since the one before did not fit any more."""

    def introduce(self) -> None:
        """What to do now."""
        self.title()
        if self.view.key is not None:
            self.talk.lines(self._of(self.view.key))
        self.talk.lines(self.keys())

    def keys(self) -> Iterator[str]:
        """Once more, where that helps."""
        if self.view.key is not None and self.view.key.may_retry:
            yield self.named("H", "common.again.button")
        yield from super().keys()

    def _of(self, key: KeyView) -> Iterator[str]:
        for sentence in (key.line, key.problem):
            if sentence is not None:
                yield self.talk.words.say(sentence)
        if key.may_retry:
            yield self.named("H", "common.again.button")

    def changed(self, before: SignInView, now: SignInView) -> Iterator[str]:
        """What the key needs; a PIN or an answer ends the question."""
        key = now.key
        if key is None:
            return
        news: tuple[str, ...] = ()
        if before.key is None or (key.line, key.problem, key.may_retry) != (
            before.key.line,
            before.key.problem,
            before.key.may_retry,
        ):
            news = tuple(self._of(key))
        if key.asks_pin is not (before.key is not None and before.key.asks_pin) or (key.answered and not self._judged):
            self._unsaid = news
            raise Elsewhere
        yield from news

    def turn(self) -> Outcome | None:
        """Judge what the key answered, ask for its PIN, or wait."""
        self.talk.lines(self._unsaid)
        self._unsaid = ()
        key = self.view.key
        if key is not None and key.answered and not self._judged:
            self._judged = True
            return self.do(lambda sign_in: sign_in.answer(""))
        self._judged = key is not None and key.answered
        if key is not None and key.asks_pin:
            pin = self.talk.ask(self.text("yubikey.pin.label"), self, secret=True, maximum=PIN_LENGTH)
            return self.do(lambda sign_in: sign_in.give_pin(pin))
        typed = self.talk.ask(self.text("plain.letter.label"), self).strip().lower()
        if typed == "a":
            return self.other_ways()
        if typed == "h" and self.view.key is not None and self.view.key.may_retry:
            return self.do(lambda sign_in: sign_in.take(MethodKind.YUBIKEY))
        return None
