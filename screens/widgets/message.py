"""Message: what happened and what to do next, with a sign and in words."""

from typing import Literal

from textual.content import Content
from textual.widgets import Static

from kiosk.sign_in.outcomes import Refused, Sentence
from screens.look import GLYPHS
from screens.widgets.base import Ticking, kiosk

Tone = Literal["success", "failure", "note"]


class Message(Static, Ticking):
    """One sentence with a sign; below it the contact line and the reference, when they are wanted.

    A sentence with `seconds` counts down by itself and goes away at the end: the wait is over.
    """

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes, markup=False)
        self.sentence: Sentence | None = None
        self.tone: Tone = "note"
        self.reference: str | None = None
        self.contact = False
        self._ends_at: float | None = None

    def on_mount(self) -> None:
        """Show what was set before there was a page."""
        self.refresh_words()

    def refused(self, refused: Refused) -> None:
        """A failure as the domain tells it."""
        self.failure(refused.why, reference=refused.reference, contact=refused.names_contact)

    def failure(self, sentence: Sentence, *, reference: str | None = None, contact: bool = False) -> None:
        """Something did not work."""
        self._show(sentence, "failure", reference=reference, contact=contact)

    def success(self, sentence: Sentence) -> None:
        """Something worked."""
        self._show(sentence, "success")

    def note(self, sentence: Sentence) -> None:
        """Something to know."""
        self._show(sentence, "note")

    def clear(self) -> None:
        """Nothing to say, and no row for it."""
        self._show(None, "note")

    @property
    def waiting(self) -> bool:
        """Whether a countdown runs in it."""
        return self._ends_at is not None

    def _show(
        self, sentence: Sentence | None, tone: Tone, *, reference: str | None = None, contact: bool = False
    ) -> None:
        self.sentence, self.tone, self.reference, self.contact = sentence, tone, reference, contact
        seconds = sentence.values.get("seconds") if sentence is not None else None
        self._ends_at = None
        if isinstance(seconds, int):
            self._ends_at = kiosk(self).clock.monotonic() + seconds
        if self.is_attached:
            self.refresh_words()

    def tick(self) -> None:
        """Count down."""
        if self._ends_at is None:
            return
        if kiosk(self).clock.monotonic() >= self._ends_at:
            self.clear()
        else:
            self.refresh_words()

    def refresh_words(self) -> None:
        """Say it in the language of the app."""
        self.display = self.sentence is not None
        self.set_class(self.tone == "failure", "-failure")
        self.set_class(self.tone == "success", "-success")
        if self.sentence is not None:
            self.update(self._content(self.sentence))

    def _content(self, sentence: Sentence) -> Content:
        app = kiosk(self)
        glyphs = GLYPHS[app.look.glyphs]
        sign = {"success": glyphs.good, "failure": glyphs.bad, "note": glyphs.note}[self.tone]
        if self._ends_at is not None:
            left = self._ends_at - app.clock.monotonic()
            sentence = Sentence(sentence.text_id, {**sentence.values, "seconds": max(1, int(left + 0.999))})
        lines = [Content(f"{sign} {app.say(sentence)}")]
        if self.contact:
            lines.append(Content.styled(app.words.contact(), "$ink"))
        if self.reference is not None:
            line = app.say(Sentence("error.reference.line", {"reference": self.reference}))
            lines.append(Content.styled(line, "$ink"))
        return Content("\n").join(lines)
