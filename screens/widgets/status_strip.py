"""StatusStrip: the bottom of every page: modems with network and signal, YubiKey, clock, and the keys that work everywhere."""

from textual import events
from textual.app import ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.widgets import Static

from kiosk.desk_status import DeskStatus, ModemHealth, ModemStrip, SmsHealth
from kiosk.language import printable
from screens.look import GLYPHS, Glyphs
from screens.widgets.base import Ticking, kiosk

# A short-lived line ("Hoog contrast staat aan") stands for so many seconds.
NOTE_SECONDS = 4.0

# Names of networks are cut to these lengths, one after another, until everything fits.
NAME_LENGTHS = (14, 9, 5, 3)

BARS = 4


class StripKey(Static, can_focus=False):
    """One of the keys that work everywhere; also a target for mouse and touch."""

    def __init__(self, key: str, text_id: str, action: str) -> None:
        super().__init__(id=f"key-{key.lower().replace('+', '-')}", markup=False)
        self.key, self.text_id, self.action = key, text_id, action

    def refresh_words(self) -> None:
        """Say what it does in the language of the app."""
        self.update(Content.assemble((self.key, "$here $strong"), f" {kiosk(self).text(self.text_id)}"))

    async def on_click(self, event: events.Click) -> None:
        """Mouse or touch."""
        event.stop()
        await self.app.run_action(self.action)


class StatusStrip(Horizontal, Ticking):
    """One row; what does not fit is left out, the least important first."""

    def __init__(self) -> None:
        super().__init__()
        self._note_id: str | None = None
        self._note_ends = 0.0

    def compose(self) -> ComposeResult:
        """State on the left, keys on the right."""
        yield Static(id="state", markup=False)
        if kiosk(self).gate is not None:
            yield StripKey("Ctrl+C", "gate.leave.button", "app.leave_gate")
        yield StripKey("F1", "help.title", "app.help")
        yield StripKey("F2", "language.button", "app.language")
        yield StripKey("F3", "contrast.button", "app.contrast")

    def on_mount(self) -> None:
        """Follow the state of the desk."""
        self.refresh_words()
        self.watch(self.app, "status", self._refresh_state, init=False)

    def on_resize(self) -> None:
        """Another width: other parts fit."""
        self._refresh_state()

    def note(self, text_id: str) -> None:
        """Show a line for a few seconds in place of the state."""
        self._note_id = text_id
        self._note_ends = kiosk(self).clock.monotonic() + NOTE_SECONDS
        self._refresh_state()

    def tick(self) -> None:
        """Take the note away when its time is over."""
        if self._note_id is not None and kiosk(self).clock.monotonic() >= self._note_ends:
            self._note_id = None
            self._refresh_state()

    def refresh_words(self) -> None:
        """Say everything in the language of the app."""
        for key in self.query(StripKey):
            key.refresh_words()
        self._refresh_state()

    def _refresh_state(self) -> None:
        self.query_one("#state", Static).update(self._state())

    def _state(self) -> Content:
        app = kiosk(self)
        if self._note_id is not None:
            return Content.assemble(" ", (app.text(self._note_id), "$on-strip $strong"))
        if app.status is None:
            return Content("")
        keys = sum(len(str(key.visual)) + 2 for key in self.query(StripKey))
        room = self.size.width - keys
        options = self._options(app.status)
        return next((option for option in options if option.cell_length <= room), options[-1])

    def _options(self, status: DeskStatus) -> list[Content]:
        """From everything to the shortest that still says whether SMS works."""
        app = kiosk(self)
        extra = self._clock_and_key(status)
        sms = Content(f" {app.text(f'strip.modem.line.{status.sms}')}")
        # No picture of a modem tells that it works and may not send any more.
        if not status.modems or status.sms in {SmsHealth.NONE, SmsHealth.USED_UP}:
            return [sms + extra, sms]
        lists = [self._modems(status.modems, GLYPHS[app.look.glyphs], length) for length in NAME_LENGTHS]
        with_extra = [modems + extra for modems in lists]
        # A whole name matters less than a wrong clock, and the clock replaces the key when it is wrong.
        return [*with_extra, *lists, sms + extra, sms]

    def _clock_and_key(self, status: DeskStatus) -> Content:
        app = kiosk(self)
        if status.clock_wrong:
            return Content.assemble("  ", (f"! {app.text('strip.clock.line.wrong')}", "$bad"))
        if status.yubikey_present is None:
            return Content("")
        word = "present" if status.yubikey_present else "none"
        return Content(f"  {app.text(f'strip.yubikey.line.{word}')}")

    @staticmethod
    def _modems(modems: tuple[ModemStrip, ...], glyphs: Glyphs, length: int) -> Content:
        parts: list[Content] = []
        for modem in modems:
            ready = modem.health is ModemHealth.READY
            sign, style = (glyphs.good_sign, "$good") if ready else ("!", "$bad")
            name = printable(modem.network or modem.name, maximum=length)
            bars = modem.bars if ready else 0
            parts.append(
                Content.assemble(
                    " ",
                    (sign, style),
                    f" {name} ",
                    ("".join(glyphs.signal[:bars]), style),
                    (glyphs.signal_off * (BARS - bars), "$strip-quiet"),
                )
            )
        return Content(" ").join(parts)
