"""BrandBar: the top of every page: brand, site, language, clock, and SIMULATIE when a part is simulated."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from kiosk.language import LANGUAGES, printable
from screens.look import GLYPHS
from screens.widgets.base import Plain, Ticking, kiosk


class Languages(Static):
    """NL EN with the present one marked; a touch switches."""

    def refresh_words(self) -> None:
        """Mark the present language."""
        present = kiosk(self).language.code
        marks = [
            Content.styled(f" {code.upper()} ", "$brand-mark on $brand-mark-fill" if code == present else "")
            for code in LANGUAGES
        ]
        self.update(Content("").join(marks))

    async def on_click(self, event: events.Click) -> None:
        """Mouse or touch."""
        event.stop()
        kiosk(self).action_language()


class BrandBar(Horizontal, Ticking):
    """One row below 28 rows, three above."""

    def compose(self) -> ComposeResult:
        """From left to right."""
        yield Plain(id="brand")
        yield Plain(id="simulated")
        yield Languages(id="languages", markup=False)
        yield Plain(id="clock")

    def on_mount(self) -> None:
        """Follow what the desk says about simulated parts."""
        self.refresh_words()
        self.watch(self.app, "status", self.refresh_words, init=False)

    def refresh_words(self) -> None:
        """Say everything in the language of the app."""
        app = kiosk(self)
        glyphs = GLYPHS[app.look.glyphs]
        name, site = app.text("page.brand"), printable(app.facts.site)
        self.query_one("#brand", Plain).update(
            Content.assemble(f" {glyphs.brand} ", (name, "$strong"), f" {glyphs.separator} {site}")
        )
        simulated = self.query_one("#simulated", Plain)
        simulated.display = app.status is not None and app.status.simulated
        simulated.show(f" {app.text('page.simulated.label')} ")
        self.query_one(Languages).refresh_words()
        self.tick()

    def tick(self) -> None:
        """The clock of the site."""
        app = kiosk(self)
        self.query_one("#clock", Plain).show(f"  {app.words.moment(app.clock.wall_ms())} ")
