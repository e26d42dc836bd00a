"""ChoiceDialog: one of a few, by its digit."""

from collections.abc import Sequence
from dataclasses import dataclass

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.sign_in.outcomes import Sentence
from screens.page import Dialog
from screens.sign_in.contact import say_failure
from screens.widgets.action import Action


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """One choice: `value` is what the dialog returns, `why_not` what is said instead."""

    value: str
    label: Sentence
    why_not: Sentence | None = None


class ChoiceDialog(Dialog[str]):
    """The likeliest first; Esc closes it with None."""

    AUTO_FOCUS = "Action"

    def __init__(self, title_id: str, entries: Sequence[Entry]) -> None:
        super().__init__()
        self.title_id = title_id
        self._entries = {str(number): entry for number, entry in enumerate(entries, start=1)}

    def compose_card(self) -> ComposeResult:
        """The choices and the way back."""
        for digit, entry in self._entries.items():
            yield Action(
                entry.label, id=f"choice-{digit}", kind="primary" if digit == "1" else "side", key=digit, classes="gap"
            )
        yield self.message
        with Center(classes="gap"):
            yield Action("common.close.button", id="close", kind="link")

    def on_key(self, event: events.Key) -> None:
        """A digit chooses."""
        if event.character in self._entries:
            event.stop()
            self._choose(event.character)

    @on(Action.Pressed)
    def _pressed(self, event: Action.Pressed) -> None:
        event.stop()
        if event.action.id == "close":
            self.dismiss(None)
        else:
            self._choose(str(event.action.key))

    def _choose(self, digit: str) -> None:
        entry = self._entries[digit]
        if entry.why_not is not None:
            say_failure(self.message, entry.why_not)
        else:
            self.dismiss(entry.value)
