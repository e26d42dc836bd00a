"""What every widget of the kiosk shares: its app with a type, words that follow the language, the second hand."""

from typing import TYPE_CHECKING, Protocol, cast, runtime_checkable

from textual.content import Content
from textual.dom import DOMNode
from textual.widget import Widget
from textual.widgets import Static

from kiosk.sign_in.outcomes import Sentence

if TYPE_CHECKING:
    from screens.app import KioskApp


@runtime_checkable
class Worded(Protocol):
    """Something that shows words and can say them again in another language."""

    def refresh_words(self) -> None:
        """Say everything again in the language of the app; typed text, focus and countdowns stay."""


class Ticking:
    """Something that changes by the clock alone; to inherit from, because Python looks long whether a widget fits a protocol."""

    def tick(self) -> None:
        """Look at the clock; called once a second."""


def kiosk(node: DOMNode) -> "KioskApp":
    """The app of `node`, with its type."""
    return cast("KioskApp", node.app)


def is_shown(widget: Widget) -> bool:
    """Whether a widget is displayed, with everything that it stands in."""
    return all(node.display for node in widget.ancestors_with_self if isinstance(node, Widget))


class Plain(Static):
    """Text that is shown as it is: never markup."""

    def __init__(self, text: str = "", *, id: str | None = None, classes: str | None = None) -> None:  # noqa: A002  Textual's name
        super().__init__(Content(text), id=id, classes=classes, markup=False)

    def show(self, text: str) -> None:
        """Show `text` instead."""
        # Many do so every second with what stands there already.
        if str(self.content) != text:
            self.update(Content(text))


class Line(Plain):
    """One sentence of the catalogue, said again when the language changes; nothing while there is none."""

    def __init__(
        self,
        sentence: Sentence | str | None = None,
        *,
        id: str | None = None,  # noqa: A002  Textual's name
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.sentence: Sentence | None = None
        self.say(sentence)

    def on_mount(self) -> None:
        """Say it for the first time."""
        self.refresh_words()

    def say(self, sentence: Sentence | str | None) -> None:
        """Say another sentence (or a text without values, by its id)."""
        self.sentence = Sentence(sentence) if isinstance(sentence, str) else sentence
        self.display = sentence is not None
        if self.is_attached:
            self.refresh_words()

    def refresh_words(self) -> None:
        """Say it in the language of the app."""
        if self.sentence is not None:
            self.show(kiosk(self).say(self.sentence))
