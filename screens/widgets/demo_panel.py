"""What the demonstration adds to every page: who may sign in, the phone and the plugs of the modems.

Beside the kiosk from 130 columns, else the newest SMS in one line above the status strip. Neither takes the focus.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from textual import events
from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content
from textual.widgets import Static

from kiosk.language import printable
from screens.look import GLYPHS
from screens.widgets.base import Plain, kiosk

if TYPE_CHECKING:
    from kiosk.demo import DemoKey, DemoModem, DemoPerson, DemoSms, DemoState

# At least so much of the newest SMS stays readable; the code stands at its end.
DOTS = "... "


class DemoLine(Static):
    """The newest SMS in one line: its end, because there the code stands."""

    def __init__(self) -> None:
        super().__init__(id="demo-line", markup=False)

    def on_mount(self) -> None:
        """Follow the phone."""
        self.refresh_words()
        self.watch(self.app, "demo_state", self.refresh_words, init=False)

    def on_resize(self, _event: events.Resize) -> None:
        """Another width: more or less of it."""
        self.refresh_words()

    def refresh_words(self) -> None:
        """Say it in the language of the app."""
        app = kiosk(self)
        state = app.demo_state
        head = f" F9 {app.text('demo.phone.label')} "
        if state is None or not state.messages:
            self.update(Content.assemble((head, "$here"), app.text("demo.phone.empty")))
            return
        newest = state.messages[0]
        about = f"{printable(newest.network)} {app.words.moment(newest.at)} *{newest.number_tail}: "
        room = max(10, self.size.width - len(head) - len(about) - 1)
        text = printable(newest.text)
        if len(text) > room:
            text = DOTS + text[-(room - len(DOTS)) :]
        self.update(Content.assemble((head, "$here"), (about, "$strip-quiet"), text))


class DemoPanel(VerticalScroll, can_focus=False):
    """People, phone and plugs."""

    def compose(self) -> ComposeResult:
        """One text, so that it can be as long as it likes."""
        yield Plain(id="demo-text")

    def on_mount(self) -> None:
        """Follow the simulated world."""
        self.refresh_words()
        self.watch(self.app, "demo_state", self.refresh_words, init=False)

    def refresh_words(self) -> None:
        """Say everything in the language of the app."""
        state = kiosk(self).demo_state
        if state is not None:
            self.query_one("#demo-text", Plain).update(Content("\n").join(self._lines(state)))

    def _lines(self, state: "DemoState") -> Iterator[Content]:
        text = kiosk(self).text
        if self.has_class("beside"):
            yield Content.assemble(("F9 ", "$here $strong"), text("demo.keys.beside"))
        yield Content.styled(text("demo.modems.title"), "$brand-ink $strong")
        yield from (self._modem(number, modem) for number, modem in enumerate(state.modems, 1))
        yield from (self._key(number, key) for number, key in enumerate(state.keys, len(state.modems) + 1))
        if state.keys:
            yield Content.assemble(("T ", "$here $strong"), text("demo.key.touch"))
        yield Content.assemble(("X ", "$here $strong"), text("demo.losing.on" if state.losing else "demo.losing.off"))
        yield Content("")
        yield Content.styled(text("demo.people.title"), "$brand-ink $strong")
        for person in state.people:
            yield from self._person(person)
        yield from (Content(printable(line)) for line in state.extra)
        yield Content("")
        yield Content.styled(text("demo.phone.title"), "$brand-ink $strong")
        if not state.messages:
            yield Content(text("demo.phone.empty"))
        for message in state.messages:
            yield from self._sms(message)

    def _modem(self, number: int, modem: "DemoModem") -> Content:
        app = kiosk(self)
        glyphs = GLYPHS[app.look.glyphs]
        sign, style = (glyphs.good_sign, "$good") if modem.plugged else ("!", "$bad")
        word = app.text("demo.modem.in" if modem.plugged else "demo.modem.out")
        name = printable(f"{modem.name} {modem.network}")
        return Content.assemble((f"{number} ", "$here $strong"), (sign, style), f" {name}: {word}")

    def _key(self, number: int, key: "DemoKey") -> Content:
        app = kiosk(self)
        glyphs = GLYPHS[app.look.glyphs]
        sign, style = (glyphs.good_sign, "$good") if key.plugged else ("·", "$quiet")
        word = "demo.key.blinking" if key.blinking else "demo.modem.in" if key.plugged else "demo.modem.out"
        pin = "" if key.pin is None else f", PIN {key.pin}"
        name = printable(f"{key.name} {key.model}{pin}")
        style = "$here" if key.blinking else style
        return Content.assemble((f"{number} ", "$here $strong"), (sign, style), f" {name}: {app.text(word)}")

    def _sms(self, message: "DemoSms") -> Iterator[Content]:
        moment = kiosk(self).words.moment(message.at)
        head = f"{moment} *{message.number_tail} {printable(message.network)} {printable(message.sender)}"
        yield Content.styled(head, "$quiet")
        yield Content(printable(message.text))

    def _person(self, person: "DemoPerson") -> Iterator[Content]:
        text = kiosk(self).text
        yield Content.assemble((printable(person.name), "$strong"), "  ", (printable(person.password), "$here"))
        codes = [
            f"{text(label)} {printable(code)}"
            for label, code in (("demo.person.app", person.totp_code), ("demo.person.backup", person.backup_code))
            if code
        ]
        yield Content.styled("  " + ", ".join([text(person.note_id), *codes]), "$quiet")
