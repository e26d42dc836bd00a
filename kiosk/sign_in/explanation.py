"""UITLEG: the six steps, each with what this kiosk knows right now and nothing that it guesses."""

from dataclasses import dataclass
from typing import Final

from kiosk.sign_in.outcomes import Sentence
from kiosk.sign_in.views import ExplanationStep, ExplanationView, SmsState

# Fewer messages than this say nothing about a network.
SEVERAL: Final = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkEvidence:
    """What became of SMS over one network in the last hour, those of this sign-in left out."""

    delivered: int
    not_delivered: int
    """Reported as not delivered, or refused by the network."""

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
    if evidence is not None and evidence.delivered > 0:
        return Sentence("explain.step4.normal", {"network": network})
    return Sentence("explain.step4.unknown", {"network": network})


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
