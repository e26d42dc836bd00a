"""TimeLeft: a line that becomes shorter, with the rest in words."""

from dataclasses import dataclass

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from kiosk.sign_in.outcomes import Sentence
from screens.look import GLYPHS
from screens.widgets.base import Ticking, kiosk


class TimeLeft(Widget, Ticking):
    """Counts down to the end of something, once a second; posts `TimeLeft.Ended` when it is reached."""

    @dataclass
    class Ended(Message):
        """Nothing is left."""

        time_left: "TimeLeft"

        @property
        def control(self) -> "TimeLeft":
            """The countdown, so that `@on(TimeLeft.Ended, "#id")` works."""
            return self.time_left

    def __init__(self, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self._ends_at: float | None = None
        self._whole = 1.0

    def start(self, *, left_seconds: float, whole_seconds: float) -> None:
        """Begin anywhere: `left_seconds` of `whole_seconds` are left now; calling it again corrects it."""
        self._ends_at = kiosk(self).clock.monotonic() + max(0.0, left_seconds)
        self._whole = max(1.0, whole_seconds)
        self.refresh()

    def stop(self) -> None:
        """Show nothing and end nothing."""
        self._ends_at = None
        self.refresh()

    @property
    def left_seconds(self) -> float:
        """Seconds left; 0 when it does not run."""
        if self._ends_at is None:
            return 0.0
        return max(0.0, self._ends_at - kiosk(self).clock.monotonic())

    def tick(self) -> None:
        """Draw the rest; say once that it ended."""
        if self._ends_at is None:
            return
        if self.left_seconds == 0:
            self.stop()
            self.post_message(self.Ended(self))
        self.refresh()

    def refresh_words(self) -> None:
        """Say the rest in the language of the app."""
        self.refresh()

    def render(self) -> Content:
        """The line and the words beside it."""
        if self._ends_at is None:
            return Content("")
        app = kiosk(self)
        glyphs = GLYPHS[app.look.glyphs]
        words = app.say(Sentence("common.time_left.line", {"left_time": app.words.left(self.left_seconds)}))
        cells = max(0, self.size.width - len(words) - 1)
        lit = min(cells, round(cells * self.left_seconds / self._whole))
        return Content.assemble(
            (glyphs.time_left * lit, "$card-frame"),
            (glyphs.time_gone * (cells - lit), "$frame"),
            " ",
            (words, "$here $strong"),
        )
