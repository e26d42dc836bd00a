"""Action: everything that a person can choose, as a flat fill or a link."""

from dataclasses import dataclass
from typing import ClassVar, Literal

from textual import events
from textual.binding import Binding, BindingType
from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from kiosk.sign_in.outcomes import Sentence
from screens.widgets.base import is_shown, kiosk

Kind = Literal["primary", "side", "link"]


class Action(Widget, can_focus=True):
    """A button: `primary` is the next step, `side` another way, `link` the way back.

    `label` is the id of its words; `key` a letter that presses it from everywhere on the page outside a text field
    (after 60 ms of silence). One row high below 28 rows, three above; a link is always one.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("enter,space", "press", show=False)]

    @dataclass
    class Pressed(Message):
        """The action was chosen by key, letter, mouse or touch."""

        action: "Action"

        @property
        def control(self) -> "Action":
            """The action, so that `@on(Action.Pressed, "#id")` works."""
            return self.action

    def __init__(
        self,
        label: Sentence | str,
        *,
        id: str | None = None,  # noqa: A002  Textual's name
        kind: Kind = "side",
        key: str | None = None,
        classes: str | None = None,
    ) -> None:
        super().__init__(id=id, classes=classes)
        self.label = Sentence(label) if isinstance(label, str) else label
        self.kind: Kind = kind
        self.key = key
        self.add_class(f"-{kind}", update=False)

    def render(self) -> Content:
        """The words, with the letter before them that presses it: whoever sees it once needs no Tab."""
        return Content(self.words if self.key is None else f"{self.key.upper()}  {self.words}")

    @property
    def words(self) -> str:
        """The label in the language of the app."""
        return kiosk(self).say(self.label)

    def relabel(self, label: Sentence | str) -> None:
        """Give it other words."""
        self.label = Sentence(label) if isinstance(label, str) else label
        self.refresh(layout=True)

    def refresh_words(self) -> None:
        """Say the label in the language of the app."""
        self.refresh(layout=True)

    @property
    def available(self) -> bool:
        """Whether a person can choose it: it is shown and switched on, with everything that it stands in."""
        return is_shown(self) and not self.is_disabled

    def press(self) -> None:
        """Choose it, if it can be chosen."""
        if self.available:
            self.post_message(self.Pressed(self))

    def action_press(self) -> None:
        """Enter or space while it has the focus."""
        self.press()

    def on_click(self, event: events.Click) -> None:
        """Mouse or touch."""
        event.stop()
        self.press()
