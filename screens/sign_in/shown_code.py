"""ShownCodePage: a page with a back-up code in large digits that can be covered when somebody looks on."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Center, Vertical

from screens.page import Page
from screens.widgets.base import Line, Plain
from screens.widgets.block_digits import BlockDigits

# The code is read and written in two groups of four.
GROUP = 4
COVERED = "-"


class ShownCodePage(Page[None]):
    """Gives the digits and their hints by `compose_code`; every key that does nothing else covers the code, or shows it."""

    covered = False

    @property
    def shown_code(self) -> str | None:
        """The eight digits; None when there are none."""
        return None

    def compose_code(self) -> ComposeResult:
        """The digits, the same as text, what to do with them."""
        with Center(id="digits-place", classes="gap"):
            yield BlockDigits("", id="digits")
        yield Plain(id="plain-code", classes="center gap")
        with Vertical(id="hints"):
            yield Line("success.once.line", classes="quiet center")
            yield Line(id="cover-hint", classes="quiet center")

    def show_code(self) -> None:
        """Show the code as it is now, or nothing."""
        code = self.shown_code
        for part in ("#digits-place", "#plain-code"):
            self.query_one(part).display = code is not None
        self.set_class(code is None, "-without-code")
        if code is None:
            return
        spaced = f"{code[:GROUP]} {code[GROUP:]}"
        masked = "".join(COVERED if digit != " " else " " for digit in spaced)
        self.query_one("#digits", BlockDigits).show(" " * len(spaced) if self.covered else spaced)
        title = self.kiosk.text("backup.title")
        self.query_one("#plain-code", Plain).show(f"{title} {masked if self.covered else spaced}")
        hint = "sign_in.page.covered.hint" if self.covered else "sign_in.page.cover.hint"
        self.query_one("#cover-hint", Line).say(hint)

    def letter(self, letter: str) -> bool:
        """Every letter that does nothing else covers the code, and shows it again."""
        if super().letter(letter):
            return True
        self.toggle_cover()
        return True

    def on_key(self, event: events.Key) -> None:
        """So does every digit."""
        if event.character is not None and event.is_printable:
            event.stop()
            self.toggle_cover()

    def toggle_cover(self) -> None:
        """Cover the code, or show it again."""
        self.covered = not self.covered
        self.show_code()
