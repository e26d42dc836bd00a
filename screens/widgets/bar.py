"""Bar: how far something is, with a line of words: done, of how many, time left."""

from textual.content import Content
from textual.geometry import Size
from textual.widget import Widget

from kiosk.sign_in.outcomes import Sentence
from screens.widgets.base import kiosk
from screens.words import thousands

# The rest is guessed from what was done; before that nobody would believe it.
GUESS_AFTER_SECONDS = 1.0


class Bar(Widget):
    """Two rows. `words` are asked for `done`, `total` and `left_time`."""

    def __init__(self, words: str, *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id, classes=classes)
        self._words = words
        self._done = self._total = 0
        self._began = 0.0

    def start(self) -> None:
        """From nothing."""
        self._began = kiosk(self).clock.monotonic()
        self.show(0, 0)

    def show(self, done: int, total: int) -> None:
        """So much is done; `total` 0: nobody knows of how much."""
        self._done, self._total = done, max(done, total)
        self.refresh()

    def refresh_words(self) -> None:
        """In the language of the app."""
        self.refresh()

    def get_content_height(self, container: Size, viewport: Size, width: int) -> int:  # noqa: ARG002  Textual's signature
        """Bar and words."""
        return 2

    def render(self) -> Content:
        """Bar and words."""
        width = max(1, self.size.width)
        filled = width * self._done // self._total if self._total else 0
        bar = Content.assemble(("■" * filled, "$good"), ("·" * (width - filled), "$quiet"))
        values = {"done": thousands(self._done), "total": thousands(self._total), "left_time": self._left()}
        return Content("\n").join([bar, Content.styled(kiosk(self).say(Sentence(self._words, values)), "$quiet")])

    def _left(self) -> str:
        app = kiosk(self)
        spent = app.clock.monotonic() - self._began
        if self._done and self._done >= self._total:
            return app.words.left(0)
        if not self._done or spent < GUESS_AFTER_SECONDS:
            return "-"
        return app.words.left(spent * (self._total - self._done) / self._done)
