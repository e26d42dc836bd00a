"""Logboek exporteren: what is shown, to the exchange folder or a stick, with its checksum on screen."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.content import Content

from kiosk.audit.periods import LogFilter
from kiosk.audit.room import Form, HandedOver
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.audit.room_page import RoomPage
from screens.dense import Order
from screens.widgets.bar import Bar
from screens.widgets.base import Line, Plain
from screens.widgets.choices import Choice, Choices
from screens.words import checksum


class HandOverPage(RoomPage):
    """A digit chooses the form and begins."""

    title_id = "audit.export.title"
    path = ("home.title", "audit.title")
    AUTO_FOCUS = "#form"
    ORDERS: ClassVar = (
        Order(key="s", label="bench.key.stop", does="stop", when="running"),
        Order(key="enter", label="audit.key.export", does="export", when="ready"),
        Order(key="escape", label="audit.title", does="action_back"),
    )

    def __init__(self, chosen: LogFilter, text: str, count: int) -> None:
        super().__init__()
        self._chosen = chosen
        self._text = text
        self._count = count
        self._done: HandedOver | None = None

    def compose_body(self) -> ComposeResult:
        """What, in which form, how far, what came of it."""
        yield Line(Sentence("audit.export.what", {"count": self._count}), classes="gap")
        yield Choices(
            "audit.export.form.label",
            [Choice(one.value, f"audit.export.form.{one.value}") for one in Form],
            id="form",
            classes="gap",
        )
        yield Bar("audit.check.progress", id="bar", classes="gap")
        yield Plain(id="done", classes="gap")

    def on_mount(self) -> None:
        """Nothing goes on yet."""
        self.query_one(Bar).display = False

    @property
    def ready(self) -> bool:
        """Whether it can begin."""
        return not self.running

    @on(Choices.Chosen, "#form")
    def _form_chosen(self, event: Choices.Chosen) -> None:
        if event.by_digit:
            self.export()

    def export(self) -> None:
        """Enter, or the digit."""
        form = self.query_one("#form", Choices).value
        if form is None or self.running:
            return
        self._done = None
        app = self.kiosk
        zone = ZoneInfo(app.facts.time_zone)
        asked = self._chosen.asked(self._text, now=app.clock.now_ms(), zone=zone)
        self.ask_long(lambda room, progress, cancelled: room.export(asked, Form(form), progress, cancelled), self._take)

    def _take(self, done: HandedOver) -> None:
        self._done = done
        self.message.success(Sentence("bench.save.done", {"file": printable(done.name)}))

    def refresh_words(self) -> None:
        """What came of it."""
        self.retitle()
        done, app = self._done, self.kiosk
        if done is None:
            self.query_one("#done", Plain).show("")
            return
        lines = [
            Content(app.text("audit.export.rows", count=done.exported.rows)),
            Content(app.text("audit.export.checksum")),
            Content.styled(checksum(done.exported.sha256), "$strong"),
        ]
        if done.exported.found is None:
            lines.append(Content.styled(app.text("audit.export.table"), "$quiet"))
        elif done.exported.sealed:
            lines.append(Content.styled(app.text("audit.export.signed"), "$good"))
        else:
            lines.append(Content.styled(app.text("audit.export.unsealed"), "$bad"))
        self.query_one("#done", Plain).update(Content("\n").join(lines))
