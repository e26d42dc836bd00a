"""Page: the frame that every page and every dialog stands in."""

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar, cast

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical, VerticalScroll
from textual.content import Content
from textual.geometry import Size
from textual.screen import ModalScreen, Screen
from textual.widget import Widget

from kiosk.sign_in.outcomes import Sentence
from screens.widgets.action import Action
from screens.widgets.base import Plain, Ticking, Worded, is_shown
from screens.widgets.brand_bar import BrandBar
from screens.widgets.code_boxes import CodeBoxes
from screens.widgets.demo_panel import DemoLine, DemoPanel
from screens.widgets.keypad import Keypad
from screens.widgets.message import Message
from screens.widgets.status_strip import StatusStrip

if TYPE_CHECKING:
    from screens.app import KioskApp

Result = TypeVar("Result")

# Below this there is no page but a sentence.
SMALLEST = (80, 24)

# From these on a page is -wide, and -high.
WIDE_FROM = 96
HIGH_FROM = 28

# From this size on the card is the wide one.
VAST = Size(110, 40)

# A keypad has room beside the boxes from this size on.
KEYPAD_ROOM = Size(96, 28)

# The panel of the demonstration stands beside the kiosk from this width on.
PANEL_FROM = 130
# And is so wide (kiosk.tcss).
PANEL_COLUMNS = 46


class Card(VerticalScroll, can_focus=False):
    """The one card of a page: its title in the frame, the step below it on the right."""


class Page(Screen[Result]):
    """A page with brand bar, card and status strip.

    A subclass sets `title_id`, gives the inside of the card by `compose_card` and its first focus by `AUTO_FOCUS`
    (a selector). `self.message` stands at the end of the card, or where `compose_card` yields it. Widgets say their
    words again by themselves when the language changes; words of the page's own go into `refresh_words`.
    """

    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f1", "app.help", show=False),
        Binding("f2", "app.language", show=False),
        Binding("f3", "app.contrast", show=False),
        Binding("f9", "app.demo_panel", show=False),
        Binding("escape", "back", show=False),
        Binding("enter", "first_action", show=False),
        Binding("tab,down", "app.focus_next", show=False),
        Binding("shift+tab,up", "app.focus_previous", show=False),
    ]
    title_id: str = ""
    """Id of the title in the frame of the card."""

    step: tuple[int, int] | None = None
    """This step and how many there are."""

    idle_text_id: str = "idle.sign_in"
    """What the warning says will happen."""

    idle_silent: bool = False
    """Whether `idle_ended` comes without a warning, because there is nothing to lose."""

    is_there: bool = False
    """Whether the page has been made and has its focus."""

    takes_code_typed_ahead: bool = False
    """Whether the person may know the code before the page is there."""

    def __init__(self) -> None:
        super().__init__()
        self.message = Message(id="message")

    # What a subclass gives

    @property
    def closing_name(self) -> str:
        """What somebody loses whose session ends while this page is open; empty for nothing."""
        return self.kiosk.text(self.title_id) if self.title_id else ""

    def compose_card(self) -> ComposeResult:
        """The inside of the card."""
        yield from ()

    def refresh_words(self) -> None:
        """Say again what this page says by itself; its widgets do so on their own."""

    @property
    def idle_seconds(self) -> int | None:
        """Seconds without any key, touch or mouse until the warning has run out; None: this page waits for ever."""
        return self.kiosk.facts.sign_in_idle_seconds

    async def idle_ended(self) -> None:
        """Nobody is there any more."""
        await self.kiosk.show_login(Sentence("signed_out.idle_sign_in"), reason="idle")

    def action_back(self) -> None:
        """Esc: one step back. A page without one does nothing."""

    def key_lines(self) -> Iterator[tuple[str, str]]:
        """Letter and words of each action of this page, for the help page."""
        for action in self.query(Action):
            if action.key is not None and action.available:
                yield action.key.upper(), action.words

    # The frame

    @property
    def kiosk(self) -> "KioskApp":
        """The app, with its type."""
        return cast("KioskApp", self.app)

    def compose(self) -> ComposeResult:
        """Brand bar, card, strip; and the sentence that stands there when the window is too small."""
        yield BrandBar()
        with Card(id="card"):
            placed = False
            for widget in self.compose_card():
                placed = placed or widget is self.message
                yield widget
            if not placed:
                yield self.message
        if self.kiosk.demo is not None:
            yield DemoPanel(classes="beside")
        with Vertical(id="foot"):
            if self.kiosk.demo is not None:
                yield DemoLine()
            yield StatusStrip()
        yield Plain(id="too-small")

    def on_compose(self) -> None:
        """The classes that the sheets go by; each that changes once there are widgets has all of them styled anew."""
        self.add_class(f"-{self.kiosk.look.glyphs}")
        self._fit(self.app.size)

    def on_mount(self) -> None:
        """The title in the frame."""
        self.retitle()

    def on_unmount(self) -> None:
        """Nothing of a closed page stays in memory."""
        # Later: the widgets of this page are closed only after it.
        self.app.call_later(self.kiosk.forget_closed)

    @on(events.ScreenResume)
    def _is_styled(self, event: events.ScreenResume) -> None:
        # Of a page that is new, every widget has just been styled: Textual need not do so once more before it is painted.
        event.refresh_styles = event.refresh_styles and self.is_there

    def on_screen_resume(self) -> None:
        """The first focus is set by what Textual does with the same event, after this."""
        self.call_later(self._say_that_it_is_there)

    def _say_that_it_is_there(self) -> None:
        self.is_there = True
        self.kiosk.keys.page_is_there()

    def retitle(self, title_id: str | None = None, step: tuple[int, int] | None = None) -> None:
        """Write title and step into the frame, other ones if given."""
        self.query_one("#too-small", Plain).show(self.kiosk.text("screen.too_small"))
        self.title_id = title_id or self.title_id
        self.step = step or self.step
        card = self.query_one("#card", Card)
        card.border_title = Content(self.kiosk.text(self.title_id)) if self.title_id else None
        if self.step is not None:
            number, total = self.step
            line = self.kiosk.say(Sentence("common.step.line", {"step": number, "total": total}))
            card.border_subtitle = Content(line)

    def reword(self) -> None:
        """Say everything on the page again; typed text, focus and countdowns stay."""
        self.retitle()
        for node in self.walk_children(Widget):
            if isinstance(node, Worded):
                node.refresh_words()
        self.refresh_words()

    def tick(self) -> None:
        """Once a second: let everything that follows the clock follow it."""
        if not self.is_mounted:
            return
        for node in self.walk_children(Widget):
            if isinstance(node, Ticking):
                node.tick()

    def on_resize(self, event: events.Resize) -> None:
        """Another size has other room."""
        self._fit(event.size)
        self.place_keypad()

    def _fit(self, size: Size) -> None:
        wide, high = size.width >= WIDE_FROM, size.height >= HIGH_FROM
        self.update_classes(
            {
                "-narrow": not wide,
                "-wide": wide,
                "-low": not high,
                "-high": high,
                "-vast": self._has_room(VAST),
                # One sentence instead of a broken page.
                "-too-small": size.width < SMALLEST[0] or size.height < SMALLEST[1],
                "-panel": self._has_panel(size.width),
            },
            animate=False,
        )

    @property
    def room(self) -> Size:
        """Columns and rows that the page has for itself: the panel of the demonstration takes some."""
        width, height = self.app.size
        return Size(width - PANEL_COLUMNS if self._has_panel(width) else width, height)

    def _has_panel(self, width: int) -> bool:
        return self.kiosk.demo is not None and width >= PANEL_FROM

    def _has_room(self, needed: Size) -> bool:
        room = self.room
        return room.width >= needed.width and room.height >= needed.height

    def place_keypad(self) -> None:
        """Beside the boxes where a code is typed now, for whoever points, where there is room."""
        boxes = self.kiosk.pointer and bool(self.query(Keypad)) and any(map(is_shown, self.query(CodeBoxes)))
        self.set_class(boxes and self._has_room(KEYPAD_ROOM), "-keypad")

    # What a person does

    def letter(self, letter: str) -> bool:
        """Press the action of a letter; False when this page has none."""
        if letter == "?":
            self.kiosk.action_help()
            return True
        for action in self.query(Action):
            if action.key is not None and action.key.lower() == letter.lower() and action.available:
                action.press()
                return True
        return False

    def action_first_action(self) -> None:
        """Enter where nothing else takes it: the first action of the page."""
        for action in self.query(Action):
            if action.kind == "primary" and action.available:
                action.press()
                return

    def typed_by_key(self, *, in_field: bool) -> None:
        """A YubiKey typed its letters; they are gone again. A page that offers YubiKeys says more."""
        self.message.failure(Sentence("yubikey.typed_no_key" if in_field else "page.typed_by_key"))

    @on(CodeBoxes.NoDigit)
    def _keypad_gave_no_digit(self) -> None:
        self.message.note(Sentence("num_lock.off"))


class Dialog(Page[Result], ModalScreen[Result]):
    """A page over another page: its card takes the accent, bar and strip stay bright because their keys work.

    Esc closes it with None. Idleness is that of the page below.
    """

    def action_back(self) -> None:
        """Esc closes it."""
        self.dismiss(None)

    @property
    def page_below(self) -> Page[Any]:
        """The page that this dialog stands on, over however many other dialogs."""
        stack = self.app.screen_stack
        below = stack[: stack.index(self)] if self in stack else stack
        pages = (screen for screen in reversed(below) if isinstance(screen, Page) and not isinstance(screen, Dialog))
        return next(pages, self)


def on_screen(page: Page[Any]) -> bool:
    """Whether it can show something: a page gets its first messages before its widgets, and its last ones after them."""
    return page.is_mounted and page.kiosk.is_running and page in page.app.screen_stack
