"""Keten controleren: every row of the log, with time left; the value for paper, and that of the last visit."""

from typing import ClassVar
from zoneinfo import ZoneInfo

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content

from kiosk.audit.asking import local_time
from kiosk.audit.checking import in_groups
from kiosk.audit.findings import WHOM, Verification, fault_of, remarks_on
from kiosk.audit.room import AuditRoom
from kiosk.sign_in.outcomes import Sentence
from screens.audit.room_page import RoomPage
from screens.dense import Order
from screens.widgets.bar import Bar
from screens.widgets.base import Line, Plain
from screens.widgets.field import Field


class CheckPage(RoomPage):
    """Begins at once; goes on behind the lock."""

    title_id = "audit.check.title"
    path = ("home.title", "audit.title")
    AUTO_FOCUS = ""
    ORDERS: ClassVar = (
        Order(key="enter", label="audit.key.compare", does="compare", when="whole"),
        Order(key="s", label="bench.key.stop", does="stop", when="running"),
        Order(key="h", label="bench.key.again", does="again", when="ended"),
        Order(key="escape", label="audit.title", does="action_back"),
    )

    def __init__(self) -> None:
        super().__init__()
        self.verified: Verification | None = None
        self._compared: Sentence | None = None
        self._other = False

    def compose_body(self) -> ComposeResult:
        """How far it is, then what was found."""
        yield Bar("audit.check.progress", id="bar", classes="gap")
        with Vertical(id="findings", classes="gap"):
            yield Plain(id="verdict")
            yield Plain(id="remarks", classes="here gap")
            yield Line("audit.check.write_down", id="write-down", classes="quiet gap")
            yield Plain(id="value", classes="center")
            yield Line("audit.check.last_visit", id="last-visit", classes="quiet gap")
            yield Field("audit.check.noted.label", id="noted", maximum_length=96, classes="compact inline")
            yield Plain(id="compared")

    def on_mount(self) -> None:
        """Nothing is found yet."""
        self.refresh_words()

    @property
    def whole(self) -> bool:
        """Whether a value can be compared."""
        return self.verified is not None and self.verified.ok and self.verified.rows > 0

    @property
    def ended(self) -> bool:
        """Whether it can be done again."""
        return not self.running

    def entered(self) -> None:
        """Check."""
        self.verified, self._compared, self._other = None, None, False
        self.ask_long(AuditRoom.verify, self._take)

    def _take(self, found: Verification) -> None:
        self.verified = found
        if found.cancelled:
            self.message.note(Sentence("command.audit.verify.cancelled", {"rows": found.rows}))
        elif self.whole:
            self.call_later(self.query_one("#noted", Field).focus)

    def refresh_words(self) -> None:
        """What was found."""
        self.retitle()
        found, app = self.verified, self.kiosk
        known = found is not None and not found.cancelled
        self.query_one("#findings", Vertical).display = known
        if found is None or not known:
            return
        fault = fault_of(found)
        verdict = self.query_one("#verdict", Plain)
        if fault is None:
            values = {"rows": found.rows, "pruned": found.pruned}
            verdict.update(Content.styled(app.text("command.audit.verify.whole", **values), "$good"))
        else:
            verdict.update(Content("\n").join(self._broken(found, fault)))
        remarks = [app.say(remark) for remark in remarks_on(found)]
        self.query_one("#remarks", Plain).display = bool(remarks)
        self.query_one("#remarks", Plain).show("\n".join(remarks))
        for name in ("#write-down", "#value", "#last-visit", "#noted", "#compared"):
            self.query_one(name).display = self.whole
        if self.whole:
            shown = app.text("audit.check.value", row=found.last_seq, value=in_groups(found.mac))
            self.query_one("#value", Plain).update(Content.styled(shown, "$strong"))
            self._show_compared()

    def _broken(self, found: Verification, fault: Sentence) -> list[Content]:
        app = self.kiosk
        lines = [Content.styled(app.text("audit.check.broken"), "$bad $strong"), Content.styled(app.say(fault), "$bad")]
        if found.good_until is not None:
            until = local_time(found.good_until, ZoneInfo(app.facts.time_zone))
            lines.append(Content(app.text("command.audit.verify.good_until", row=found.last_seq, time=until)))
        return [*lines, Content(app.say(WHOM)), Content(app.text("audit.check.export_works"))]

    def _show_compared(self) -> None:
        compared = self.query_one("#compared", Plain)
        words = "" if self._compared is None else self.kiosk.say(self._compared)
        compared.update(Content.styled(words, "$bad" if self._other else "$good"))

    # What a person does

    @on(Field.Submitted, "#noted")
    def _submitted(self, event: Field.Submitted) -> None:
        event.stop()
        self.compare()

    def compare(self) -> None:
        """Enter: whether it is the log of the last visit."""
        typed, found = self.query_one("#noted", Field).value.strip(), self.verified
        if not typed or found is None:
            self.query_one("#noted", Field).focus()
            return
        self.message.clear()
        self.ask_aside(lambda room: room.row_with(typed, found), self._take_compared)

    def _take_compared(self, row: int | None) -> None:
        self._other = row is None
        self._compared = (
            Sentence("command.audit.verify.fault.unexpected")
            if row is None
            else Sentence("command.audit.verify.expected", {"row": row})
        )
        self._show_compared()

    def again(self) -> None:
        """H."""
        self.entered()
