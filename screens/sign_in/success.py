"""U bent succesvol ingelogd: the new back-up code, once, until it was noted."""

from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.containers import Center, Vertical

from kiosk.sign_in.outcomes import Moved, Refused, Stage
from kiosk.sign_in.views import SuccessView
from screens.sign_in.contact import say_failure
from screens.sign_in.noted import NotedDialog
from screens.sign_in.stage_page import StagePage
from screens.widgets.action import Action
from screens.widgets.base import Line, Plain
from screens.widgets.block_digits import BlockDigits

# The code is read and written in two groups of four.
GROUP = 4
COVERED = "-"


class SuccessPage(StagePage):
    """The code can be covered when somebody looks on; it is gone after DOORGAAN, and when nobody does anything."""

    stage: ClassVar[Stage] = Stage.SUCCESS
    AUTO_FOCUS = "#continue"
    title_id = "success.title"
    idle_text_id = "idle.backup_code"

    covered = False

    def __repr__(self) -> str:
        return "SuccessPage()"

    def compose_card(self) -> ComposeResult:
        """What it is, the digits, the SMS, the next step."""
        with Vertical(id="about"):
            yield Line(id="intro")
        with Center(id="digits-place", classes="gap"):
            yield BlockDigits("", id="digits")
        yield Plain(id="plain-code", classes="center gap")
        with Vertical(id="hints"):
            yield Line("success.once.line", classes="quiet center")
            yield Line(id="cover-hint", classes="quiet center")
        yield Line(id="sms")
        yield self.message
        yield Action("success.sms.button", id="send", key="s", classes="gap")
        yield Action("common.continue.button", id="continue", kind="primary", classes="gap")

    @property
    def _success(self) -> SuccessView:
        empty = SuccessView(backup_code=None, first=False, notice=None, may_send_sms=False, sms=None)
        return self.view.success or empty

    def show_view(self) -> None:
        """The code and how its SMS goes."""
        success = self._success
        code = success.backup_code
        for part in ("#digits-place", "#plain-code"):
            self.query_one(part).display = code is not None
        self.set_class(code is None, "-without-code")
        if code is None:
            self.query_one("#intro").display = False
            if success.notice is not None and self.message.sentence is None:
                say_failure(self.message, success.notice)
        else:
            self.query_one("#intro", Line).say("success.first" if success.first else "success.new")
            self._show_code(code)
        self.query_one("#send").display = success.may_send_sms
        self.query_one("#sms", Line).say(None if success.sms == self.message.sentence else success.sms)
        self.make_room()

    def _show_code(self, code: str) -> None:
        spaced = f"{code[:GROUP]} {code[GROUP:]}"
        masked = "".join(COVERED if digit != " " else " " for digit in spaced)
        self.query_one("#digits", BlockDigits).show(" " * len(spaced) if self.covered else spaced)
        title = self.kiosk.text("backup.title")
        self.query_one("#plain-code", Plain).show(f"{title} {masked if self.covered else spaced}")
        hint = "sign_in.page.covered.hint" if self.covered else "sign_in.page.cover.hint"
        self.query_one("#cover-hint", Line).say(hint)

    def refresh_words(self) -> None:
        """The name of the code is in the language of the page."""
        self.show_view()

    # What a person does

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
        self.show_view()

    @on(Action.Pressed, "#send")
    def _send(self) -> None:
        self.do(lambda sign_in: sign_in.send_backup_code_by_sms())

    @on(Action.Pressed, "#continue")
    def _continue(self) -> None:
        if self._success.backup_code is None:
            self._go_on(noted=True)
        elif not self.attempt.busy:
            self.app.push_screen(NotedDialog(), self._go_on)

    def _go_on(self, noted: bool | None) -> None:
        if noted:
            self.do(lambda sign_in: sign_in.confirm_backup_code())

    def tell(self, news: Moved) -> None:
        """That no code was made stays there."""
        super().tell(news)
        self.show_view()

    def refuse(self, refused: Refused) -> None:
        """Why no SMS goes is said once."""
        super().refuse(refused)
        self.show_view()

    @property
    def idle_seconds(self) -> int | None:
        """A code that nobody looks at does not stay."""
        return self.kiosk.facts.success_idle_seconds
