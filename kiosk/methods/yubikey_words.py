"""What a person is told of their key: from how far it is to the ids of the texts."""

from typing import Final

from kiosk.sign_in.outcomes import Sentence
from kiosk.sign_in.views import KeyView
from kiosk.yubikey.ceremony import Phase, Progress

# What to do now. Where something is wrong the same line says what to do about it, as far as there is one thing to do.
_LINE: Final = {
    Phase.INSERT: "yubikey.insert.line",
    Phase.LOOKING: "yubikey.looking.line",
    Phase.TOUCH: "yubikey.touch.line",
    Phase.FINGER: "yubikey.fingerprint.line",
    Phase.PIN: "yubikey.pin.line",
    Phase.ANSWERED: "yubikey.done.line",
    Phase.REMOVED: "yubikey.insert.line",
    Phase.PIN_REINSERT: "yubikey.reinsert.line",
    Phase.NO_ANSWER: "yubikey.reinsert.line",
    Phase.OTHER_KEY: "yubikey.other.line",
    Phase.SEVERAL: "yubikey.other.line",
}
_PROBLEM: Final = {
    Phase.NO_PERMISSION: "yubikey.no_permission",
    Phase.OTHER_KEY: "yubikey.other_key",
    Phase.SEVERAL: "yubikey.several",
    Phase.REMOVED: "yubikey.removed",
    Phase.TOO_LATE: "yubikey.too_late",
    Phase.NO_ANSWER: "yubikey.no_answer",
    Phase.NOT_SUITABLE: "yubikey.not_suitable",
    Phase.PIN_REINSERT: "yubikey.pin.reinsert",
    Phase.PIN_BLOCKED: "yubikey.pin.blocked",
    Phase.ALREADY_THERE: "yubikey.already_there",
    Phase.SLOT_USED: "yubikey.slot_used",
    Phase.REFUSED: "yubikey.wrong",
    Phase.IN_USE: "yubikey.in_use",
    Phase.FINGER_WRONG: "yubikey.finger_wrong",
}
# The key is still in, and only a new beginning asks it again.
_AGAIN: Final = frozenset({Phase.TOO_LATE, Phase.NO_ANSWER, Phase.REFUSED, Phase.NOT_SUITABLE, Phase.FINGER_WRONG})


def key_view(progress: Progress, touch_until: int | None, tries_left: int, *, why: Sentence | None = None) -> KeyView:
    """How it stands with the key; `touch_until` is kiosk time in milliseconds, `why` what was wrong with its answer."""
    phase = progress.phase
    line, problem = _LINE.get(phase), _PROBLEM.get(phase)
    said = why if why is not None else None if problem is None else Sentence(problem)
    if phase is Phase.PIN and progress.pin_wrong:
        left = progress.pin_left
        said = Sentence("yubikey.pin.wrong_unknown") if left is None else Sentence("yubikey.pin.wrong", {"left": left})
    return KeyView(
        phase=phase.value,
        line=None if line is None else Sentence(line),
        problem=said,
        touch_until=touch_until,
        asks_pin=phase is Phase.PIN,
        answered=phase is Phase.ANSWERED,
        may_retry=phase in _AGAIN,
        tries_left=tries_left,
    )
