"""What the demonstration adds to every question: a line that begins with = is about the simulated world."""

from collections.abc import Callable, Iterator
from typing import Final

from kiosk.demo import Demo, DemoKey, DemoPerson, DemoSms, DemoState
from kiosk.language import printable
from kiosk.watch import Subscription
from screens.words import Words

SIGN: Final = "="
TOUCH, LOSE, STOP = "t", "x", "q"


class Demonstration:
    """People, phones and plugs in lines; `ring` wakes whoever waits for a key, `type_in` types as a keyboard does."""

    def __init__(
        self, demo: Demo, *, ring: Callable[[], None], type_in: Callable[[str], None], stop: Callable[[], None]
    ) -> None:
        self._demo = demo
        self._ring, self._type_in, self._stop = ring, type_in, stop
        self._heard: tuple[DemoSms, ...] = demo.state().messages

    def follow(self) -> Subscription:
        """Ring from now on when something happens."""
        return self._demo.watch(lambda _state: self._ring())

    def news(self, words: Words) -> Iterator[str]:
        """The SMS that came to a phone since the last look."""
        messages = self._demo.state().messages
        new = len(messages) - len(self._heard)
        self._heard = messages
        for message in reversed(messages[:new]):
            yield f"{words.text('demo.phone.label')}, {_sms(words, message)}"

    def answer(self, typed: str, words: Words) -> Iterator[str]:
        """Do what a line that begins with `SIGN` asks; alone it tells everything."""
        wanted, state = typed.removeprefix(SIGN).strip().lower(), self._demo.state()
        plugs = [*(modem.name for modem in state.modems), *(key.name for key in state.keys)]
        if wanted == TOUCH:
            self._type_in(self._demo.touch_key())
        elif wanted == LOSE:
            self._demo.lose_next_sms()
            yield words.text("demo.losing.off" if state.losing else "demo.losing.on")
        elif wanted == STOP:
            self._stop()
        elif wanted.isdecimal() and 1 <= int(wanted) <= len(plugs):
            yield self._pull(state, int(wanted), words)
        else:
            yield from _everything(state, words)

    def _pull(self, state: DemoState, number: int, words: Words) -> str:
        if number <= len(state.modems):
            plug: tuple[str, bool] = (state.modems[number - 1].name, state.modems[number - 1].plugged)
            self._demo.toggle_modem(plug[0])
        else:
            key = state.keys[number - 1 - len(state.modems)]
            plug = (key.name, key.plugged)
            self._demo.toggle_key(key.name)
        name, was_in = plug
        return f"{printable(name)}: {words.text('demo.modem.out' if was_in else 'demo.modem.in')}"


def _everything(state: DemoState, words: Words) -> Iterator[str]:
    yield words.text("demo.people.title")
    for person in state.people:
        yield _person(person, words)
    yield words.text("demo.phone.title")
    if not state.messages:
        yield words.text("demo.phone.empty")
    for message in state.messages:
        yield _sms(words, message)
    yield words.text("demo.modems.title")
    for number, modem in enumerate(state.modems, start=1):
        word = words.text("demo.modem.in" if modem.plugged else "demo.modem.out")
        yield printable(f"{number} {modem.name} {modem.network}: {word}")
    for number, key in enumerate(state.keys, start=len(state.modems) + 1):
        yield printable(f"{number} {_key(key, words)}")
    yield words.text("plain.demo.keys", {"last": len(state.modems) + len(state.keys)})


def _person(person: DemoPerson, words: Words) -> str:
    codes = [
        f"{words.text(label)} {code}"
        for label, code in (("demo.person.app", person.totp_code), ("demo.person.backup", person.backup_code))
        if code
    ]
    return printable(", ".join([f"{person.name}: {person.password}", words.text(person.note_id), *codes]))


def _sms(words: Words, message: DemoSms) -> str:
    return printable(f"{words.moment(message.at)} *{message.number_tail} {message.network}: {message.text}")


def _key(key: DemoKey, words: Words) -> str:
    word = "demo.key.blinking" if key.blinking else "demo.modem.in" if key.plugged else "demo.modem.out"
    pin = "" if key.pin is None else f", PIN {key.pin}"
    return f"{key.name} {key.model}{pin}: {words.text(word)}"
