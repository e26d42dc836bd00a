"""Over which modem an SMS goes: pure functions of what is known of the modems.

A first SMS takes the healthiest modem. A resend takes a modem whose serving network belongs to another group than those
that carried the same code, and the same network only when the person said so. A modem that failed at this message gets it
again only when nothing else is left, and never after a definite no.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum, unique
from typing import Final

from data.messages import Message
from data.modems import Modem, ModemState
from kiosk.delivery.networks import UNKNOWN_GROUP
from kiosk.policy import SmsPolicy

# Fewer results than this say nothing about a network: one phone that is off is not an outage.
SEVERAL: Final = 3
# A modem without a signal value may still send, but any known signal is better.
_NO_SIGNAL_DBM: Final = -200
# A difference of a few dB comes and goes with people walking by; the modems would change places all the time.
_SIGNAL_STEP_DB: Final = 10
# Above this a signal cannot make an SMS any surer.
_GOOD_SIGNAL_DBM: Final = -85


@unique
class Reason(StrEnum):
    """Why this modem, or why none now; the message then waits."""

    HEALTHIEST = "healthiest"
    OTHER_NETWORK = "other_network"
    SAME_NETWORK = "same_network"
    """A resend over a network that was used before, because the person wants that and there is no other."""
    BUSY = "busy"
    """A modem that may take it is busy with another message, starting, or resting after a failure."""
    NO_OTHER_NETWORK = "no_other_network"
    NO_NETWORK = "no_network"
    SIM_GUARD = "sim_guard"
    MODEM_DOWN = "modem_down"
    REFUSED = "refused"
    """Every modem that could take it has been given a definite no by its network."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """How SMS over one network fared lately."""

    arrived: int = 0
    """Accepted by the network, and not reported as undelivered."""
    lost: int = 0
    """Refused, reported as undelivered, or of unknown fate."""

    @property
    def trouble(self) -> int:
        """0 nothing against it, 1 some are lost, 2 most are; several results are needed for more than 0."""
        total = self.arrived + self.lost
        if total < SEVERAL or self.lost * 4 < total:
            return 0
        return 1 if self.lost * 2 < total else 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Candidate:
    """One modem with all that routing of one message looks at."""

    modem: Modem
    busy: bool = False
    resting: bool = False
    """It failed at this message a moment ago and gets a pause."""
    failed: bool = False
    """It gave up this message before Ctrl-Z; another try may go better."""
    refused: bool = False
    """Modem or network refused this message and would again."""
    failures_in_a_row: int = 0
    """Messages lately that this modem failed at, none succeeding in between."""
    sent_hour: int = 0
    """SMS that this SIM sent, or may have sent, in the last hour."""
    sent_day: int = 0
    evidence: Evidence = Evidence()


@dataclass(frozen=True, slots=True)
class Choice:
    """The modem that takes the message, or None; either way why."""

    modem: Modem | None
    reason: Reason


def guarded(sent_hour: int, sent_day: int, policy: SmsPolicy, *, reserved: bool) -> bool:
    """Whether the SIM has sent what it may; operators block SIMs that send like a spammer.

    The reserve is kept for `reserved` messages: those of administrators and technicians, and the kiosk's own.
    """
    return sent_hour >= allowance(policy.per_sim_hour, policy, reserved=reserved) or sent_day >= allowance(
        policy.per_sim_day, policy, reserved=reserved
    )


def allowance(limit: int, policy: SmsPolicy, *, reserved: bool) -> int:
    """What `limit` leaves for a message, with the reserve or without; at least one."""
    return limit if reserved else max(1, limit * (100 - policy.reserve_percent) // 100)


def choose(message: Message, candidates: Sequence[Candidate], policy: SmsPolicy, *, reserved: bool) -> Choice:
    """Choose among `candidates`, all modems of this machine, the one that takes `message` now."""
    if message.only_modem is not None:
        candidates = [one for one in candidates if one.modem.name == message.only_modem]
    ready = [one for one in candidates if one.modem.state is ModemState.READY]
    within = [one for one in ready if not guarded(one.sent_hour, one.sent_day, policy, reserved=reserved)]
    willing = [one for one in within if not one.refused]
    used = frozenset(message.avoid_groups)
    for pool, reason in _pools(willing, used, same_network_allowed=message.same_network_allowed):
        if pool:
            free = [one for one in pool if not (one.busy or one.resting)]
            return Choice(min(free, key=_health).modem, reason) if free else Choice(None, Reason.BUSY)
    if any(one.modem.state is ModemState.STARTING for one in candidates):
        return Choice(None, Reason.BUSY)
    if willing:
        return Choice(None, Reason.NO_OTHER_NETWORK)
    if within:
        return Choice(None, Reason.REFUSED)
    if ready:
        return Choice(None, Reason.SIM_GUARD)
    no_network = any(one.modem.state is ModemState.NO_NETWORK for one in candidates)
    return Choice(None, Reason.NO_NETWORK if no_network else Reason.MODEM_DOWN)


def movable(message: Message, candidates: Sequence[Candidate], policy: SmsPolicy, *, reserved: bool) -> Modem | None:
    """The modem whose SIM may look for a network that has not carried this code yet, where none of the others serves one."""
    used = frozenset(message.avoid_groups)
    usable = [
        one
        for one in candidates
        if one.modem.state is ModemState.READY
        and not (one.busy or one.resting or one.refused)
        and not guarded(one.sent_hour, one.sent_day, policy, reserved=reserved)
    ]
    if not used or UNKNOWN_GROUP in used or message.only_modem or any(is_other(one.modem, used) for one in usable):
        return None
    roaming = [one for one in usable if one.modem.may_roam]
    return min(roaming, key=_health).modem if roaming else None


def may_look_around(modems: Iterable[Modem], used_groups: Collection[str]) -> bool:
    """Whether one of the modems could look for a network that was not used yet."""
    known = bool(used_groups) and UNKNOWN_GROUP not in used_groups
    return known and any(one.may_roam and one.state is ModemState.READY for one in modems)


def other_network(modems: Iterable[Modem], used_groups: Collection[str]) -> Modem | None:
    """The modem that a resend would take now over another network than those used; None when there is none."""
    ready = [modem for modem in modems if modem.state is ModemState.READY and is_other(modem, used_groups)]
    return max(ready, key=_signal, default=None)


def same_network(modems: Iterable[Modem], used_groups: Collection[str]) -> Modem | None:
    """The modem that would send again over a network that was used before, or over one that is not known."""
    ready = [modem for modem in modems if modem.state is ModemState.READY and not is_other(modem, used_groups)]
    return max(ready, key=_signal, default=None)


def is_other(modem: Modem, used_groups: Collection[str]) -> bool:
    """Whether the modem's serving network is certainly none of the used ones; all are while none has been used."""
    if not used_groups:
        return True
    group = modem.network_group or UNKNOWN_GROUP
    return UNKNOWN_GROUP not in {group, *used_groups} and group not in used_groups


def _pools(
    willing: Sequence[Candidate], used: frozenset[str], *, same_network_allowed: bool
) -> Iterable[tuple[list[Candidate], Reason]]:
    """Best pool first: another network before the same one, and who failed at this message after all who did not."""
    other_reason = Reason.OTHER_NETWORK if used else Reason.HEALTHIEST
    for failed in (False, True):
        tried = [one for one in willing if one.failed is failed]
        yield [one for one in tried if is_other(one.modem, used)], other_reason
        if same_network_allowed:
            yield [one for one in tried if not is_other(one.modem, used)], Reason.SAME_NETWORK


def _health(one: Candidate) -> tuple[int, int, int, int, str]:
    """Smaller is healthier: results first, then signal; among equals the SIM that sent less, so that both stay proven."""
    return (min(one.failures_in_a_row, 3), one.evidence.trouble, -_signal(one.modem), one.sent_hour, one.modem.name)


def _signal(modem: Modem) -> int:
    dbm = _NO_SIGNAL_DBM if modem.signal_dbm is None else modem.signal_dbm
    return min(dbm, _GOOD_SIGNAL_DBM) // _SIGNAL_STEP_DB
