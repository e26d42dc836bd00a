"""YubiKey: put it in, touch it, in; each thing that can be wrong in words, live."""

from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.sign_in.outcomes import MethodKind, Moved, Refused, Stage
from kiosk.sign_in.views import KeyView
from screens.sign_in.contact import say_failure
from screens.sign_in.factor_page import FactorPage
from screens.sign_in.stage_page import MS_PER_SECOND
from screens.widgets.action import Action
from screens.widgets.base import Line
from screens.widgets.field import Field
from screens.widgets.key_picture import KeyPicture
from screens.widgets.time_left import TimeLeft

# CTAP 2.1 §6.5.1: at most 63 bytes.
PIN_LENGTH: Final = 63


class YubikeyPage(FactorPage):
    """Follows the key; nothing needs to be pressed while all goes well."""

    stage: ClassVar[Stage] = Stage.YUBIKEY
    title_id = "yubikey.title"
    AUTO_FOCUS = ""

    _touch_until: int | None = None
    _phase = ""
    _judging = False
    """The answer of the key was handed in; once, whatever comes of it."""

    def compose_card(self) -> ComposeResult:
        """What to do now, the time for it, what is wrong, and the ways out."""
        with Center(id="picture-place"):
            yield KeyPicture(id="picture")
        yield Line(id="key-line", classes="center")
        yield TimeLeft(id="time-left")
        yield Field("yubikey.pin.label", id="pin", secret=True, toggle=False, maximum_length=PIN_LENGTH)
        yield self.message
        yield Action("common.again.button", id="again", kind="primary", key="h", classes="gap")
        yield from self.compose_ways_out()

    def show_view(self) -> None:
        """How it stands with the key."""
        key = self.view.key
        if key is None:
            return
        self.query_one("#picture", KeyPicture).show(key.phase)
        self.query_one("#key-line", Line).say(key.line)
        self._show_time(key)
        self._show_pin(key)
        again = self.query_one("#again", Action)
        had_focus = again.has_focus
        again.display = key.may_retry
        if key.phase != self._phase:
            self._phase = key.phase
            self._say(key)
            self._place_focus(key, had_focus=had_focus)
        self.make_room()
        if key.answered and not self._judging:
            self._judging = True
            self.do(lambda sign_in: sign_in.answer(""))
        self._judging = key.answered

    def _say(self, key: KeyView) -> None:
        """A problem takes the place of the last one; the first news of a page stays until something else is to be said."""
        if key.problem is None:
            if self.is_attached and self._phase not in {"insert", "looking"}:
                self.message.clear()
        else:
            say_failure(self.message, key.problem)

    def _place_focus(self, key: KeyView, *, had_focus: bool) -> None:
        if key.asks_pin:
            self.query_one("#pin", Field).focus()
        elif key.may_retry:
            self.query_one("#again", Action).focus()
        elif had_focus or self.focused is None or not self.focused.display:
            self.query_one("#alternatives", Action).focus()

    def _show_time(self, key: KeyView) -> None:
        time_left = self.query_one("#time-left", TimeLeft)
        if key.touch_until is None:
            self._touch_until = None
            time_left.stop()
        elif self._touch_until is None:
            # Once per touch: the domain tells the end again at each look, a few milliseconds apart.
            self._touch_until = key.touch_until
            left = (key.touch_until - self.now_ms) / MS_PER_SECOND
            time_left.start(left_seconds=left, whole_seconds=left)
        time_left.display = key.touch_until is not None

    def _show_pin(self, key: KeyView) -> None:
        field = self.query_one("#pin", Field)
        if field.display and not key.asks_pin:
            field.clear()
        field.display = key.asks_pin

    @on(Field.Submitted, "#pin")
    def _pin_typed(self) -> None:
        field = self.query_one("#pin", Field)
        pin = field.value
        field.clear()
        self.do(lambda sign_in: sign_in.give_pin(pin))

    @on(Action.Pressed, "#again")
    def _again(self) -> None:
        self.message.clear()
        self.do(lambda sign_in: sign_in.take(MethodKind.YUBIKEY))

    def refuse(self, refused: Refused) -> None:
        """What the domain said stands until the key's next news, and may be tried again."""
        if self.view.key is not None:
            self._phase = "refused" if self._judging else self.view.key.phase
        super().refuse(refused)
        again = self.query_one("#again", Action)
        again.display = True
        again.focus()

    def tell(self, news: Moved) -> None:
        """As `refuse`; a new beginning says what the key needs now."""
        if news.notice is None:
            self._phase = ""
            self.show_view()
        else:
            super().tell(news)
