"""From "put your key in" to its answer: which key is the right one, what the person should do now, what went wrong.

LOOKING ─┬─ TOUCH · FINGER · PIN ─ ANSWERED
INSERT ──┘  and from everywhere to what is wrong, from where another key, the same key put in again or `again` goes on

Lives in the domain thread and is moved by `look`; each key is talked to in a thread of its own, so that a key that never
answers holds up neither the page nor the other keys.
"""

from collections.abc import Callable, Hashable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final

from hardware.yubikey import errors
from hardware.yubikey.bus import PluggedKey, plugged_keys
from hardware.yubikey.conversation import Conversation, Ended, Event_, Finger, Matched, PinAsked, Touch
from kiosk.yubikey.means import KeyMeans

# Nodes of one key appear one after another; a key is asked when nothing has changed for so long.
SETTLE_SECONDS: Final = 0.3
# A key answers a silent question in a tenth of this; one that uses its other interface may need half of it.
ANSWER_SECONDS: Final = 6.0
# After a key was told to stop it does so within 0.1 s, or it never will.
STOP_SECONDS: Final = 1.0


@unique
class Phase(StrEnum):
    """What the page says; the first ones are the way of a key that works."""

    INSERT = "insert"
    LOOKING = "looking"
    TOUCH = "touch"
    FINGER = "finger"
    PIN = "pin"
    ANSWERED = "answered"
    NO_PERMISSION = "no_permission"
    OTHER_KEY = "other_key"
    SEVERAL = "several"
    REMOVED = "removed"
    TOO_LATE = "too_late"
    NO_ANSWER = "no_answer"
    NOT_SUITABLE = "not_suitable"
    PIN_REINSERT = "pin_reinsert"
    PIN_BLOCKED = "pin_blocked"
    ALREADY_THERE = "already_there"
    SLOT_USED = "slot_used"
    REFUSED = "refused"
    IN_USE = "in_use"
    FINGER_WRONG = "finger_wrong"


# Phases in which a key that vanishes was pulled out too early.
_BUSY: Final = frozenset({Phase.TOUCH, Phase.FINGER, Phase.PIN})
_OF_TROUBLE: Final[dict[type[errors.KeyTrouble], Phase]] = {
    errors.KeyGone: Phase.REMOVED,
    errors.KeyForbidden: Phase.NO_PERMISSION,
    errors.NotThisKey: Phase.OTHER_KEY,
    errors.AlreadyThere: Phase.ALREADY_THERE,
    errors.KeyUnfit: Phase.NOT_SUITABLE,
    errors.TouchMissed: Phase.TOO_LATE,
    errors.PinNeedsReinsertion: Phase.PIN_REINSERT,
    errors.PinBlocked: Phase.PIN_BLOCKED,
    errors.SlotInUse: Phase.SLOT_USED,
    errors.KeyBusy: Phase.IN_USE,
    errors.FingerWrong: Phase.FINGER_WRONG,
    # Broken off without us having asked for it, such as by the person's own button on the key.
    errors.Cancelled: Phase.TOO_LATE,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Progress:
    """What the page shows."""

    phase: Phase
    seconds_left: float | None = None
    """In TOUCH and FINGER: so long the key waits."""
    pin_left: int | None = None
    pin_wrong: bool = False


@dataclass(slots=True)
class _Talk:
    """One key and how far its conversation is."""

    key: PluggedKey
    conversation: Conversation | None
    since: float
    phase: Phase = Phase.LOOKING
    holds: bool = False
    deadline: float | None = None
    pin: PinAsked | None = None
    stopped: bool = field(default=False)


class Ceremony:
    """One wish of one person, such as to sign in by key.

    `talk` runs in a thread per key: it tells `Matched`, waits for the word where that was true, and returns the answer.
    """

    def __init__(
        self,
        means: KeyMeans,
        talk: Callable[[PluggedKey, Conversation], object],
        *,
        touch_seconds: float,
        one_key_only: bool = False,
        forbidden_too: bool = False,
    ) -> None:
        self._means = means
        self._talk = talk
        self._touch_seconds = touch_seconds
        self._one_key_only = one_key_only
        self._forbidden_too = forbidden_too
        self._talks: dict[str, _Talk] = {}
        self._chosen: str | None = None
        self._signature: Hashable = None
        self._changed_at = float("-inf")
        self._pulled_out = False
        self._closed = False
        self.result: object = None
        """What the key gave, in ANSWERED."""

    @property
    def key(self) -> PluggedKey | None:
        """The key that was chosen."""
        return None if self._chosen is None or self._chosen not in self._talks else self._talks[self._chosen].key

    def look(self) -> None:
        """Take in what happened on the USB ports and in the conversations; cheap enough for four times a second."""
        if self._closed:
            return
        now = self._means.monotonic()
        self._look_at_ports(now)
        for talk in list(self._talks.values()):
            if talk.conversation is not None:
                for event in talk.conversation.events():
                    self._take(talk, event, now)
            self._heed_deadlines(talk, now)
        if not self._closed:
            self._choose(now)

    def progress(self) -> Progress:
        """What to show now."""
        if self.result is not None:
            return Progress(phase=Phase.ANSWERED)
        if self._chosen is not None and (talk := self._talks.get(self._chosen)) is not None:
            left = None if talk.deadline is None else max(0.0, talk.deadline - self._means.monotonic())
            pin = talk.pin if talk.phase is Phase.PIN else None
            return Progress(
                phase=talk.phase,
                seconds_left=left if talk.phase in {Phase.TOUCH, Phase.FINGER} else None,
                pin_left=None if pin is None else pin.left,
                pin_wrong=pin is not None and pin.wrong,
            )
        return Progress(phase=self._nothing_chosen())

    def give_pin(self, pin: str) -> bool:
        """The PIN that the person typed; False when no key waits for one."""
        talk = None if self._chosen is None else self._talks.get(self._chosen)
        if talk is None or talk.phase is not Phase.PIN or talk.conversation is None:
            return False
        talk.phase, talk.pin = Phase.LOOKING, None
        talk.since = self._means.monotonic()
        talk.conversation.give_pin(pin)
        return True

    def close(self) -> None:
        """Break off every conversation; at any time, more than once."""
        self._closed = True
        for talk in self._talks.values():
            if talk.conversation is not None:
                talk.conversation.cancel()

    # ── inside ────────────────────────────────────────────────────────────────────────────────────────────────────

    def _look_at_ports(self, now: float) -> None:
        signature = self._means.bus.signature()
        if signature != self._signature:
            self._signature, self._changed_at = signature, now
            self._forget_what_left()
        if now - self._changed_at < SETTLE_SECONDS:
            return
        keys = plugged_keys(self._means.bus.nodes())
        if self._one_key_only and len(keys) > 1:
            self._stop_all()
            return
        for key in keys:
            present = self._talks.get(key.key)
            if present is not None and (present.key == key or key.key == self._chosen):
                continue
            if present is not None and present.conversation is not None:
                # Its other interface came later.
                present.stopped = True
                present.conversation.cancel()
            self._begin(key, now)

    def _begin(self, key: PluggedKey, now: float) -> None:
        self._pulled_out = False
        if key.forbidden and not self._forbidden_too:
            self._talks[key.key] = _Talk(key, None, now, Phase.NO_PERMISSION)
            return
        before = self._means.talking.get(key.key)
        if before is not None and before.alive:
            if before.cancelled.is_set() and now - self._changed_at < STOP_SECONDS:
                return
            if before.cancelled.is_set():
                # It was told to stop and did not: asking once more would only hold one more thread.
                self._talks[key.key] = _Talk(key, None, now, Phase.NO_ANSWER)
                return
        for name in [name for name, one in self._means.talking.items() if not one.alive]:
            del self._means.talking[name]
        conversation = Conversation(lambda own: self._talk(key, own), self._means.woken)
        self._means.talking[key.key] = conversation
        self._talks[key.key] = _Talk(key, conversation, now)
        conversation.start()

    def _forget_what_left(self) -> None:
        present = {key.key for key in plugged_keys(self._means.bus.nodes())}
        for name in [name for name in self._talks if name not in present]:
            talk = self._talks.pop(name)
            self._means.talking.pop(name, None)
            if talk.conversation is not None:
                talk.conversation.cancel()
            if name == self._chosen:
                self._chosen = None
                self._pulled_out = talk.phase in _BUSY | {Phase.REMOVED}

    def _take(self, talk: _Talk, event: Event_, now: float) -> None:
        match event:
            case Matched(holds=holds) if not talk.stopped:
                talk.holds = holds
                if not holds:
                    talk.phase = Phase.OTHER_KEY
            case Touch():
                talk.phase, talk.deadline = Phase.TOUCH, now + self._touch_seconds
            case Finger():
                talk.phase, talk.deadline = Phase.FINGER, now + self._touch_seconds
            case PinAsked():
                talk.phase, talk.pin, talk.deadline = Phase.PIN, event, None
            case Ended(result=result, trouble=None):
                if talk.key.key == self._chosen and not talk.stopped:
                    self.result = result
                    self.close()
            case Ended(trouble=trouble):
                if not talk.stopped:
                    talk.since = now
                    self._chosen = talk.key.key if talk.holds else self._chosen
                    talk.phase = _OF_TROUBLE.get(type(trouble) if trouble else errors.KeyTrouble, Phase.REFUSED)

    def _heed_deadlines(self, talk: _Talk, now: float) -> None:
        conversation = talk.conversation
        if talk.phase is Phase.REMOVED and now - talk.since >= STOP_SECONDS:
            # It is still listed, so nobody pulled it out.
            talk.phase = Phase.NO_ANSWER
        if talk.phase is Phase.IN_USE and now - talk.since >= STOP_SECONDS:
            self._forget(talk)
        if conversation is None or not conversation.alive or talk.stopped:
            return
        if talk.deadline is not None and talk.phase in {Phase.TOUCH, Phase.FINGER} and now >= talk.deadline:
            talk.phase, talk.stopped = Phase.TOO_LATE, True
            conversation.cancel()
        elif (
            talk.phase is Phase.LOOKING
            and (not talk.holds or talk.key.key == self._chosen)
            and now - talk.since >= ANSWER_SECONDS
        ):
            talk.phase, talk.stopped = Phase.NO_ANSWER, True
            conversation.cancel()

    def _forget(self, talk: _Talk) -> None:
        """Ask it once more at the next look."""
        self._talks.pop(talk.key.key, None)
        if self._chosen == talk.key.key:
            self._chosen = None

    def _choose(self, now: float) -> None:
        if self._chosen is not None:
            return
        for name, talk in self._talks.items():
            if talk.holds and talk.phase is Phase.LOOKING and talk.conversation is not None:
                self._chosen, talk.since = name, now
                talk.conversation.go_on()
                return

    def _stop_all(self) -> None:
        for talk in self._talks.values():
            if talk.conversation is not None:
                talk.stopped = True
                talk.conversation.cancel()
        self._talks.clear()
        self._chosen = None

    def _nothing_chosen(self) -> Phase:
        keys = plugged_keys(self._means.bus.nodes())
        if self._pulled_out:
            # Until another key comes, whatever else is still in.
            return Phase.REMOVED
        if not keys:
            return Phase.INSERT
        if self._one_key_only and len(keys) > 1:
            return Phase.SEVERAL
        phases = [talk.phase for talk in self._talks.values()]
        if not phases or Phase.LOOKING in phases:
            return Phase.LOOKING
        return _worst(phases, several=len(keys) > 1)


def _worst(phases: Iterable[Phase], *, several: bool) -> Phase:
    """What to say of keys none of which will do: of one key what is wrong with it, of several that they are several."""
    known = set(phases)
    for phase in (Phase.NO_PERMISSION, Phase.NO_ANSWER, Phase.IN_USE):
        if phase in known:
            return phase
    if several:
        return Phase.SEVERAL
    return next(iter(known))
