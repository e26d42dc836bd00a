"""From INLOGGEN to Ctrl-Z on the wire: the desk, the dispatcher and the journal of a terminal, and a modem outside it."""

import dataclasses
import re
import statistics
import time
from collections.abc import Callable, Iterator
from typing import Final

from kiosk.commands.backstage import Backstage, modem_settings
from kiosk.commands.site import Premises
from kiosk.commands.terminal import Terminal, facts_of
from kiosk.desk import Desk
from kiosk.passwords import PASSWORD_COST, Hasher, Secret
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import Moved, Stage
from kiosk.sign_in.views import SmsState
from tests.bench.measurement import Baseline, Measurement, Of, Target, milliseconds
from tests.bench.modem import ModemProcess
from tests.bench.place import PASSWORD, Place, name_of, temporary_directory
from tests.bench.start import LOGIN_PAGE
from tests.bench.terminal import TerminalProgram, kiosk_program

SIGN_INS: Final = 25
# One each, so that nobody's limit of unanswered codes is reached.
TYPED_SIGN_INS: Final = 8
DEADLINE: Final = 30.0
# Of the title of the page with the code.
CODE_PAGE: Final = "SMS code"
TAKEN: Final = frozenset({SmsState.ACCEPTED, SmsState.DELIVERED})
_CODE: Final = re.compile(r"\b[0-9]{6}\b")
_LOOK_SECONDS: Final = 0.01
# Until a page that was left has gone to rest.
_REST_SECONDS: Final = 0.5


def measure() -> Iterator[Measurement]:
    """The domain alone with argon2 taken off exactly; the same typed at the terminal."""
    with temporary_directory() as directory, ModemProcess(directory) as modem:
        place = Place.make(directory, {"noord": modem.port}, people=TYPED_SIGN_INS)
        above, hashing = _by_desk(place, modem)
        yield _measurement("INLOGGEN → Ctrl-Z on the wire: desk, dispatcher, modem", above, hashing)
    with temporary_directory() as directory, ModemProcess(directory) as modem:
        place = Place.make(directory, {"noord": modem.port}, people=TYPED_SIGN_INS)
        whole = [seconds - statistics.median(hashing) for seconds in _typed(place, modem)]
        yield _measurement("INLOGGEN → Ctrl-Z on the wire: typed at kiosk run", whole, hashing)


def _measurement(what: str, above: list[float], hashing: list[float]) -> Measurement:
    hashed = milliseconds(statistics.median(hashing))
    return Measurement(
        what=what,
        value=hashed + milliseconds(statistics.median(above)),
        unit="ms",
        target=Target(80, Of.EXCESS),
        baseline=Baseline(hashed, "argon2"),
        note=f"median of {len(above)}; longest {milliseconds(max(above)):.0f} ms above argon2",
    )


class _TimedHasher(Hasher):
    """Notes how long each comparison took."""

    def __init__(self, premises: Premises, seconds: list[float]) -> None:
        super().__init__(premises.vault, password_cost=PASSWORD_COST)
        self._seconds = seconds

    def _verify(self, text: str, stored: str | None, what: Secret) -> bool:
        before = time.monotonic()
        try:
            return super()._verify(text, stored, what)
        finally:
            self._seconds.append(time.monotonic() - before)


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class _TimedPremises(Premises):
    """Premises whose hashing is timed."""

    seconds: list[float]

    def hasher(self) -> Hasher:
        """As the terminal of this site hashes."""
        return _TimedHasher(self, self.seconds)


def _by_desk(place: Place, modem: ModemProcess) -> tuple[list[float], list[float]]:
    parts = {field.name: getattr(place.premises, field.name) for field in dataclasses.fields(Premises)}
    premises = _TimedPremises(**parts, seconds=[])
    terminal = Terminal(
        facts_of(premises.config, "balie 1"), lambda: Backstage(premises, modem_settings(premises.config))
    )
    terminal.start()
    try:
        _wait(lambda: terminal.thread.call(lambda desk: desk.status().sms.value).result(DEADLINE) == "ready")
        above = [_one(terminal, modem, premises.seconds) for _ in range(SIGN_INS)]
        return above, premises.seconds
    finally:
        terminal.stop()


def _one(terminal: Terminal, modem: ModemProcess, hashing: list[float]) -> float:
    sign_in = terminal.thread.call(lambda desk: desk.sign_in("nl")).result(DEADLINE)
    hashed, sent = len(hashing), len(modem.sent)
    pressed = time.monotonic()
    future = terminal.thread.call(lambda _desk: sign_in.begin(name_of(0), PASSWORD))
    if future.result(DEADLINE) != Moved(Stage.SMS_CODE):
        raise RuntimeError(future.result())
    above = modem.wait_for_ctrl_z(pressed) - pressed - sum(hashing[hashed:])
    _answer(terminal, sign_in, modem, sent)
    return above


def _answer(terminal: Terminal, sign_in: SignIn, modem: ModemProcess, sent: int) -> None:
    """Get in: codes that nobody answers are limited."""

    def accepted(_desk: Desk) -> bool:
        sms = sign_in.view().sms
        return sms is not None and sms.state in TAKEN

    _wait(lambda: len(modem.sent) > sent and terminal.thread.call(accepted).result(DEADLINE))
    code = _CODE.findall(modem.sent[-1]["text"])[-1]
    outcome = terminal.thread.call(lambda _desk: sign_in.answer(code)).result(DEADLINE)
    if outcome != Moved(Stage.SIGNED_IN):
        raise RuntimeError(outcome)
    terminal.thread.call(lambda _desk: sign_in.cancel("sign_out")).result(DEADLINE)


def _typed(place: Place, modem: ModemProcess) -> Iterator[float]:
    with TerminalProgram([kiosk_program(), "run", "--config", str(place.file)]) as terminal:
        terminal.wait_for(LOGIN_PAGE)
        # The name of the network stands in the strip once the modem is ready.
        terminal.wait_for("KPN")
        terminal.settle(_REST_SECONDS)
        for number in range(TYPED_SIGN_INS):
            for keys in (name_of(number), "\t", PASSWORD):
                terminal.type(keys)
                terminal.settle(_REST_SECONDS)
            terminal.forget()
            pressed = terminal.type("\r")
            yield modem.wait_for_ctrl_z(pressed) - pressed
            terminal.wait_for(CODE_PAGE)
            terminal.settle(_REST_SECONDS)
            terminal.forget()
            terminal.type("\x1b")
            terminal.wait_for(LOGIN_PAGE)
            terminal.settle(_REST_SECONDS)


def _wait(done: Callable[[], bool]) -> None:
    deadline = time.monotonic() + DEADLINE
    while not done():
        if time.monotonic() > deadline:
            raise TimeoutError("that did not happen")
        time.sleep(_LOOK_SECONDS)
