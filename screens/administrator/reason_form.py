"""A form that asks nothing but why: what will happen, the reason, the number of the help desk."""

from textual.app import ComposeResult

from screens.administrator.asking import FormPage
from screens.widgets.base import Plain


class ReasonForm(FormPage):
    """A subclass says what will happen by `explained`, and does it in `submit`."""

    AUTO_FOCUS = "#reasons"

    def compose_body(self) -> ComposeResult:
        """The form."""
        yield Plain(id="explained", classes="gap")
        yield from self.compose_more()
        yield self.reasons()
        yield self.words_field()
        yield self.ticket_field()

    def compose_more(self) -> ComposeResult:
        """What this one asks besides."""
        yield from ()

    def on_mount(self) -> None:
        """Say it."""
        self.refresh_words()

    def refresh_words(self) -> None:
        """What will happen."""
        self.query_one("#explained", Plain).show(self.explained())

    def explained(self) -> str:
        """What will happen, in the language of the app."""
        raise NotImplementedError
