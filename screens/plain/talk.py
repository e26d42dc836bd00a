"""Talk: says lines, asks for one, and lets news through between two keys.

What stops a question:
Back          Esc, Ctrl+C or Ctrl+D: one step back
SaidAgain     the language changed: say the page again
Elsewhere     what is asked is over: the sign-in stands elsewhere, or the page needs something else now
NobodyThere   see `patience`
TerminalGone  see `console`
"""

import math
import textwrap
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, Protocol, TypeVar

from kiosk.language import printable
from kiosk.sign_in.outcomes import Refused, Sentence
from screens.capitals import only_capitals
from screens.clock import Clock
from screens.linux_console import CAPS_LOCK
from screens.plain.console import BACK, BACKSPACE, ENTER, WIPE, Console
from screens.plain.demonstration import SIGN, Demonstration
from screens.plain.patience import AGAIN_AT, Patience
from screens.sign_in.contact import asks_administrator
from screens.typed_burst import TypedBurst, Verdict, without
from screens.words import Words

T = TypeVar("T")

# News waits until who types has paused for so long: it would tear the line that their finger or voice is on.
PAUSE_SECONDS: Final = 3.0
LOOK_SECONDS: Final = 1.0
# As many lines are said again; more is what scrolling back is for.
REMEMBERED: Final = 12
LONGEST: Final = 256
# A Braille line of this width reads every line whole, however wide the window is.
WIDEST: Final = 80

# Alone on a line, also where a password is asked: none is so short.
HELP, REPEAT, LANGUAGE = "?", "!", "#"


class Back(Exception):
    """One step back."""


class SaidAgain(Exception):
    """Everything that stands there is in the wrong language."""


class Elsewhere(Exception):
    """What was asked for is not wanted any more."""


class Page(Protocol):
    """What a question stands on: looked at once a second and whenever the domain rings."""

    idle_text_id: str
    idle_silent: bool

    @property
    def idle_seconds(self) -> int | None:
        """Time without any key that is allowed; None: for ever."""

    def news(self) -> Iterable[str]:
        """Lines to say now; raises Elsewhere when what is asked is over."""

    def help(self) -> Iterable[str]:
        """Lines for who asks for help."""

    def other_language(self) -> None:
        """Speak the other language from now on."""


@dataclass(frozen=True, slots=True)
class Choice(Generic[T]):
    """One of several, chosen by its number or by the letter that it has on the pages."""

    value: T
    words: str
    letter: str = ""


class Talk:
    """Words out, lines in."""

    def __init__(
        self,
        console: Console,
        words: Words,
        patience: Patience,
        clock: Clock,
        lights: Callable[[], int | None] = lambda: None,
    ) -> None:
        self._lights = lights
        self.console = console
        self.words = words
        self.patience = patience
        self._clock = clock
        self._burst = TypedBurst()
        self._recent: list[str] = []
        self._silence_from = 0.0
        self.demonstration: Demonstration | None = None
        self.capitals_typed = False
        """The last secret looked typed with Caps Lock on."""

    @property
    def now(self) -> float:
        """Seconds that never go back."""
        return self._clock.monotonic()

    # Saying

    def line(self, text: str) -> None:
        """One line, broken between words where the terminal ends."""
        shown = printable(text)
        self._recent = [*self._recent, shown][-REMEMBERED:]
        self._put(shown)

    def lines(self, texts: Iterable[str]) -> None:
        """Several."""
        for text in texts:
            self.line(text)

    def say(self, sentence: Sentence) -> None:
        """A sentence; below it whom to call, where it tells to call."""
        self.line(self.words.say(sentence))
        if asks_administrator(sentence):
            self.line(self.words.contact())

    def refused(self, refused: Refused) -> None:
        """Why not, whom to call, and the reference to tell them."""
        self.line(self.words.say(refused.why))
        if refused.names_contact or asks_administrator(refused.why):
            self.line(self.words.contact())
        if refused.reference is not None:
            self.line(self.words.text("error.reference.line", {"reference": refused.reference}))

    def clear(self) -> None:
        """Nothing that was said or typed stays."""
        self._recent.clear()
        self._burst.forget()
        self.console.forget()
        self.console.clear()

    def busy(self) -> None:
        """It takes longer than a moment."""
        self.line(self.words.text("common.busy.line"))

    def _put(self, shown: str) -> None:
        width = max(20, min(self.console.columns, WIDEST) - 1)
        for part in textwrap.wrap(shown, width, break_long_words=True, break_on_hyphens=False) or [""]:
            self.console.write(f"{part}\n")

    # Asking

    def ask(
        self,
        label: str,
        page: Page,
        *,
        secret: bool = False,
        maximum: int = LONGEST,
        look_seconds: float = LOOK_SECONDS,
    ) -> str:
        """One line of what somebody types; `secret` shows none of it. `look_seconds` is how long news may wait that rings no bell."""
        question = _Question(label=label, secret=secret, maximum=maximum)
        if secret and (self._lights() or 0) & CAPS_LOCK:
            self.line(self.words.text("caps_lock.line"))
        self._prompt(question)
        while True:
            self._look(question, page)
            key = self.console.key(look_seconds)
            if key is None:
                continue
            if self.patience.key():
                self._answer_warning(question)
                continue
            if key == BACK:
                self._turn_back(question)
            elif key == ENTER:
                typed = self._entered(question, page)
                if typed is not None:
                    return typed
            else:
                self._edit(question, key)

    def count_down(self, seconds: int, text_id: str, page: Page) -> bool:
        """Say how long it still is, as of idleness; whether a key was pressed before that was over."""
        self.patience.begin()
        self.console.forget()
        said: int | None = None
        while (left := math.ceil(seconds - self.patience.since_seconds)) > 0:
            if said is None or any(left <= mark < said for mark in AGAIN_AT):
                said = left
                self.line(self.words.text(text_id, {"seconds": left}))
            self.lines(page.news())
            if self.console.key(LOOK_SECONDS) is not None:
                self.console.forget()
                self.patience.begin()
                return True
        return False

    def choose(self, label: str, choices: Sequence[Choice[T]], page: Page) -> T:
        """One of several by number or letter; 0 is one step back."""
        while True:
            typed = self.ask(label, page).strip().lower()
            if typed == "0":
                raise Back
            for number, choice in enumerate(choices, start=1):
                if typed in {str(number), choice.letter} - {""}:
                    return choice.value
            self.line(self.words.text("plain.choose.wrong"))

    def offer(self, choices: Sequence[Choice[T]], back: str | None = None) -> None:
        """Say what can be chosen."""
        for number, choice in enumerate(choices, start=1):
            letter = f" ({choice.letter.upper()})" if choice.letter else ""
            self.line(f"{number} {choice.words}{letter}")
        if back is not None:
            self.line(f"0 {back}")

    # Inside a question

    def _prompt(self, question: "_Question") -> None:
        shown = "" if question.secret else question.typed
        self.console.write(f"{question.label}: {shown}")

    def _look(self, question: "_Question", page: Page) -> None:
        """Let news through, unless somebody is in the middle of a line."""
        warning = self.patience.look(page.idle_seconds, page.idle_text_id, silent=page.idle_silent)
        if warning is not None:
            self._interrupt(question, [self.words.say(warning)])
        if question.typed and self._clock.monotonic() < self._silence_from:
            return
        news = list(page.news())
        if self.demonstration is not None:
            news += self.demonstration.news(self.words)
        if news:
            self._interrupt(question, news)

    def _answer_warning(self, question: "_Question") -> None:
        # The rest of what was pasted, or typed without waiting, would be half a password.
        self.console.forget()
        given = self.patience.extendable
        self._interrupt(question, [self.words.text("plain.time_given")] if given else [])

    def _interrupt(self, question: "_Question", texts: Iterable[str]) -> None:
        self.console.write("\n")
        self.lines(texts)
        self._prompt(question)

    def _turn_back(self, question: "_Question") -> None:
        self.console.write("\n")
        question.typed = ""
        raise Back

    def _edit(self, question: "_Question", key: str) -> None:
        self._silence_from = self._clock.monotonic() + PAUSE_SECONDS
        if key == BACKSPACE:
            self._rub_out(question, 1)
        elif key == WIPE:
            self._rub_out(question, len(question.typed))
        else:
            self._burst.judge(key, key, self._clock.monotonic(), in_field=True)
            if len(question.typed) < question.maximum:
                question.typed += key
                if not question.secret:
                    self.console.write(key)

    def _rub_out(self, question: "_Question", count: int) -> None:
        gone = min(count, len(question.typed))
        self._burst.forget()
        question.typed = question.typed[: len(question.typed) - gone]
        if not question.secret:
            self.console.write("\b \b" * gone)

    def _entered(self, question: "_Question", page: Page) -> str | None:
        """What was typed, or None when it was for this talk itself."""
        typed_by_key = self._burst.judge("enter", None, self._clock.monotonic(), in_field=True) is Verdict.TYPED_BY_KEY
        typed, question.typed = question.typed, ""
        if typed_by_key:
            question.typed, _cursor = without(self._burst.letters, typed, len(typed))
            self._burst.forget()
            self._interrupt(question, [self.words.text("yubikey.typed_no_key")])
            return None
        self.console.write("\n")
        if typed == LANGUAGE:
            page.other_language()
            raise SaidAgain
        if typed in {HELP, REPEAT}:
            if typed == HELP:
                self.lines(page.help())
            else:
                for shown in self._recent:
                    self._put(shown)
            self._prompt(question)
            return None
        if self.demonstration is not None and typed.startswith(SIGN):
            self.lines(self.demonstration.answer(typed, self.words))
            self._prompt(question)
            return None
        self.capitals_typed = question.secret and only_capitals(typed)
        return typed


@dataclass(slots=True)
class _Question:
    label: str
    secret: bool
    maximum: int
    typed: str = ""

    def __repr__(self) -> str:
        # What is typed into it may be a password, and a traceback shows the names of things.
        return f"_Question({self.label!r})"
