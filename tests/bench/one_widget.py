"""The least that Textual can show: what our start and memory are compared with."""

from textual.app import App, ComposeResult
from textual.widgets import Static

TEXT = "One widget"


class OneWidget(App[None]):
    """One line of text."""

    def compose(self) -> ComposeResult:
        """Show the line."""
        yield Static(TEXT)


if __name__ == "__main__":
    OneWidget().run()
