"""Help (F1) and the menu that Esc opens on an empty login page."""

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from screens.desk_words import desk_state
from screens.page import Dialog, Page
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain


class HelpPage(Dialog[None]):
    """Whom to call, what to tell them, what this desk can do now, and every key of the page below."""

    title_id = "help.title"

    def compose_card(self) -> ComposeResult:
        """Help desk, site, state, keys, in the order in which they are said on the phone."""
        desk = self.kiosk.facts.help_desk
        if desk.phone:
            yield Line("help.call")
            if desk.hours:
                yield Line("help.hours.line")
        else:
            yield Line("contact.line.none")
        yield Line("help.site.line", classes="gap")
        yield Line("help.kiosk.line")
        yield Plain(id="desk-state", classes="gap")
        yield Line("help.say", classes="gap")
        yield Line("help.keys.line.move", classes="gap")
        yield Line("help.keys.line.view")
        yield Plain(id="page-keys")
        yield Action("common.close.button", id="close", kind="primary", classes="gap")

    def on_mount(self) -> None:
        """Follow the state of the desk while the page is open."""
        self.refresh_words()
        self.watch(self.app, "status", self.refresh_words, init=False)

    def refresh_words(self) -> None:
        """State and keys, in the language of the app."""
        self.query_one("#desk-state", Plain).show(" ".join(self._state()))
        below = self.app.screen_stack[-2] if len(self.app.screen_stack) > 1 else None
        keys = list(below.key_lines()) if isinstance(below, Page) else []
        lines = self.query_one("#page-keys", Plain)
        lines.display = bool(keys)
        lines.show("\n".join(f"{key}: {words}" for key, words in keys))

    def _state(self) -> list[str]:
        """Three sentences to read to the help desk."""
        return desk_state(self.kiosk.words, self.kiosk.status)

    @on(Action.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)


class Menu(Dialog[None]):
    """Help, language and contrast, for whoever has no F-keys."""

    title_id = "page.menu.title"

    def compose_card(self) -> ComposeResult:
        """The three, and the way back."""
        yield Action("help.title", id="menu-help", key="h", classes="gap")
        yield Action("language.button", id="menu-language", key="t", classes="gap")
        yield Action("contrast.button", id="menu-contrast", key="c", classes="gap")
        with Center(classes="gap"):
            yield Action("common.close.button", id="close", kind="link")

    @on(Action.Pressed, "#menu-help")
    def _help(self) -> None:
        self.kiosk.action_help()

    @on(Action.Pressed, "#menu-language")
    def _language(self) -> None:
        self.kiosk.action_language()

    @on(Action.Pressed, "#menu-contrast")
    def _contrast(self) -> None:
        self.kiosk.action_contrast()

    @on(Action.Pressed, "#close")
    def _close(self) -> None:
        self.dismiss(None)
