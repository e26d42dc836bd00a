"""A security key that is being added, by its owner or beside an administrator: it signs once before it counts."""

from typing import Final

from data.factors import Factor
from kiosk.account.views import NewKeyView
from kiosk.clock import Clock
from kiosk.methods.yubikey_words import key_view
from kiosk.sign_in.outcomes import Sentence
from kiosk.yubikey.enrolment import Enrolment, EnrolStage, EnrolState

# As long as the key of an app may stand on the screen: whoever walked away has not added what lies there.
KEY_LIFE_MS: Final = 10 * 60_000
# A second touch proves what the first one made; the words say that it is another one.
_TEST_LINES: Final = {"touch": "yubikey.enrol.test.line"}


class NewKey:
    """Lives while its page does; moved by `look`."""

    def __init__(self, enrolment: Enrolment, clock: Clock) -> None:
        self._enrolment = enrolment
        self._clock = clock
        self._until: int | None = None
        self._ends = clock.now() + KEY_LIFE_MS

    def __repr__(self) -> str:
        return "NewKey()"

    def look(self) -> None:
        """Take in what the key said; nothing any more when its time is over."""
        if self._clock.now() >= self._ends:
            self._enrolment.expire()
        else:
            self._enrolment.look()

    def view(self) -> NewKeyView:
        """What the page shows."""
        state = self._enrolment.state()
        return shown(state, self._touch_until(state))

    def give_pin(self, pin: str) -> None:
        """The PIN for the key, and for nothing else."""
        self._enrolment.give_pin(pin)

    def again(self) -> None:
        """Begin anew, also when its time was over."""
        self._ends = self._clock.now() + KEY_LIFE_MS
        self._enrolment.again()

    def silence(self) -> None:
        """It shall type no letters any more."""
        self._enrolment.silence()

    def made(self, name: str) -> Factor | None:
        """Make it a method of the person; None before it proved itself and when its time is over. Raises DataError.

        The caller holds the write transaction, and tells the person and the log.
        """
        if self._clock.now() >= self._ends:
            self._enrolment.expire()
        return self._enrolment.keep(name)

    def leave(self) -> None:
        """Let go of the key."""
        self._enrolment.close()

    def _touch_until(self, state: EnrolState) -> int | None:
        """Taken once per touch, so that looking again changes nothing."""
        left = None if state.progress is None else state.progress.seconds_left
        if left is None:
            self._until = None
        elif self._until is None:
            self._until = self._clock.now() + round(left * 1000)
        return self._until


def shown(state: EnrolState, touch_until: int | None) -> NewKeyView:
    """The enrolment as its page shows it, whoever adds the key."""
    key = None if state.progress is None else key_view(state.progress, touch_until, 0)
    line = None if key is None else key.line
    if key is not None and state.stage is EnrolStage.TEST and key.phase in _TEST_LINES and not state.one_touch:
        line = Sentence(_TEST_LINES[key.phase])
    facts = state.facts
    return NewKeyView(
        stage=state.stage.value,
        key=key,
        one_touch=state.one_touch,
        line=line,
        why=state.why,
        model="" if facts is None else facts.model,
        serial=None if facts is None else facts.serial,
        firmware=None if facts is None or facts.firmware is None else ".".join(map(str, facts.firmware)),
        flawed=facts is not None and facts.flawed_firmware,
        types=facts is not None and bool(facts.types_letters),
        attested=None if state.attested is None else state.attested.value,
    )
