"""UITLEG: the six steps, each with what this kiosk knows right now and nothing that it guesses."""

import math
from dataclasses import dataclass
from typing import Final

from kiosk.sign_in.outcomes import Sentence, Value
from kiosk.sign_in.views import ExplanationStep, ExplanationView, SmsState

# Fewer messages than this say nothing about a network.
SEVERAL: Final = 3
# Whoever waits longer for an SMS does not call it normal.
SOON_SECONDS: Final = 60.0
# "Within 1 seconds" is not said.
_LEAST_SECONDS: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkEvidence:
    """What became of SMS over one network in the last hour, those of this sign-in left out."""

    delivered: int
    not_delivered: int
    """Reported as not delivered, or refused by the network."""
    median_seconds: float | None = None
    """From sending to arriving, of those that arrived."""
    last_arrived_at: int | None = None
    """When the last one arrived, in kiosk milliseconds; `last_seconds` after it was sent."""
    last_seconds: float | None = None

    @property
    def normal(self) -> bool:
        """Hardly any is lost and the last one was there soon; a phone that was off is no measure."""
        few_lost = self.not_delivered * 4 < self.delivered + self.not_delivered
        return few_lost and self.last_seconds is not None and self.last_seconds <= SOON_SECONDS

    @property
    def failing(self) -> bool:
        """Several messages and none of them arrived."""
        return self.delivered == 0 and self.not_delivered >= SEVERAL


@dataclass(frozen=True, slots=True, kw_only=True)
class Situation:
    """What step 1 to 6 depend on."""

    state: SmsState | None
    """None when no SMS belongs to this sign-in."""
    left: bool
    """Some SMS of this sign-in left the kiosk, or may have."""
    delivered_at: int | None
    network: str | None
    """Name of the network that the latest SMS took or, before that, would take."""
    other: str | None
    """Name of the network that a resend would take, when it is another one."""
    resent_over: str | None
    """Name of the network that the latest resend took, when there was one."""
    may_resend: bool
    searches: bool
    """A resend would first look for another network."""
    sms_works: bool
    alternatives_seen: bool
    has_backup: bool
    has_yubikey: bool
    has_app: bool
    evidence: NetworkEvidence | None
    other_evidence: NetworkEvidence | None
    help_desk: bool
    """The site named somebody to call."""
    help_desk_open: bool | None
    """Whether they answer now; None when nobody knows."""


def explain(situation: Situation) -> ExplanationView:
    """The six steps for this situation."""
    texts = (
        _restart(situation),
        Sentence("explain.step2.here" if situation.alternatives_seen else "explain.step2.default"),
        _resend(situation),
        _outage(situation),
        _backup(situation),
        _call(situation),
    )
    return ExplanationView(
        steps=tuple(
            ExplanationStep(
                title=Sentence(f"explain.step{number}.title"),
                text=text,
                also=_also(situation) if number == 5 else None,
            )
            for number, text in enumerate(texts, start=1)
        )
    )


def _restart(situation: Situation) -> Sentence:
    if situation.state is SmsState.DELIVERED and situation.delivered_at is not None:
        return Sentence("explain.step1.delivered", {"time": situation.delivered_at})
    return Sentence("explain.step1.default" if situation.left else "explain.step1.not_sent")


def _resend(situation: Situation) -> Sentence:
    if situation.resent_over is not None and situation.state in {SmsState.ACCEPTED, SmsState.DELIVERED}:
        return Sentence("explain.step3.done", {"other": situation.resent_over})
    if not situation.may_resend:
        return Sentence("explain.step3.limit")
    if not situation.sms_works:
        return Sentence("explain.step3.down")
    if situation.other is not None:
        return Sentence("explain.step3.other_network", {"other": situation.other})
    if situation.network is None:
        return Sentence("explain.step3.down")
    if situation.searches:
        return Sentence("explain.step3.search", {"network": situation.network})
    return Sentence("explain.step3.no_other", {"network": situation.network})


def _outage(situation: Situation) -> Sentence:
    network = situation.network
    if network is None:
        # Without a modem there is no network of ours to name; the person's own provider may still be down.
        return Sentence("explain.step4.no_network")
    evidence, other = situation.evidence, situation.other_evidence
    if evidence is not None and evidence.failing:
        if situation.other is not None and other is not None and other.delivered > 0 and situation.may_resend:
            return Sentence("explain.step4.failing_other", {"network": network, "other": situation.other})
        return Sentence("explain.step4.failing", {"network": network})
    if evidence is not None and evidence.normal:
        return _arriving(network, evidence)
    if evidence is not None and evidence.delivered > 0:
        return Sentence("explain.step4.normal", {"network": network})
    return Sentence("explain.step4.unknown", {"network": network})


def _arriving(network: str, evidence: NetworkEvidence) -> Sentence:
    """What is known is how SMS fare over a network of ours. Which one serves the person's own number nobody here knows: numbers are ported."""
    values: dict[str, Value] = {"network": network, "time": evidence.last_arrived_at or 0}
    values["seconds"] = _whole(evidence.last_seconds)
    if evidence.delivered < SEVERAL:
        return Sentence("explain.step4.arriving", values)
    return Sentence("explain.step4.arriving_median", values | {"median": _whole(evidence.median_seconds)})


def _whole(seconds: float | None) -> int:
    return max(math.ceil(seconds or 0), _LEAST_SECONDS)


def _backup(situation: Situation) -> Sentence:
    if situation.has_backup:
        return Sentence("explain.step5.backup")
    if situation.has_yubikey and situation.has_app:
        return Sentence("explain.step5.no_backup.both")
    if situation.has_yubikey:
        return Sentence("explain.step5.no_backup.yubikey")
    if situation.has_app:
        return Sentence("explain.step5.no_backup.app")
    return Sentence("explain.step5.no_backup.none")


def _also(situation: Situation) -> Sentence | None:
    if not situation.has_backup:
        return None
    if situation.has_yubikey and situation.has_app:
        return Sentence("explain.step5.also.both")
    if situation.has_yubikey:
        return Sentence("explain.step5.also.yubikey")
    return Sentence("explain.step5.also.app") if situation.has_app else None


def _call(situation: Situation) -> Sentence:
    # Name, phone and hours are those of the desk: whoever words the sentence has them.
    if not situation.help_desk:
        return Sentence("explain.step6.no_contact")
    return Sentence("explain.step6.closed" if situation.help_desk_open is False else "explain.step6.open")
