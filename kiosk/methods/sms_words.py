"""What a person is told of an SMS: from what is known of it to the ids of the texts."""

from typing import Final

from kiosk.delivery.outbox import Delivery, Limit, LimitScope
from kiosk.sign_in.outcomes import Sentence, Value
from kiosk.sign_in.views import SmsState

# `sms.status.next.other_way` serves all that will not come.
_NEXT_OF: Final = {SmsState.REFUSED: "other_way", SmsState.MODEM_DOWN: "other_way"}
_VALUES: Final = {
    "sms.status.line.queue": ("count",),
    "sms.status.line.accepted": ("time", "network"),
    "sms.status.line.delivered": ("time",),
    "sms.status.next.delivered": ("tail",),
    "resend.sent": ("network",),
}


def status(delivery: Delivery, *, resent: bool, tail: str, now: int) -> tuple[Sentence, Sentence]:
    """How the SMS stands, and what to do about it; `tail` are the last two digits of its number."""
    state = delivery.state
    known: dict[str, Value] = {
        "count": delivery.position,
        "time": delivery.at or now,
        "network": delivery.network_name or "",
        "tail": tail,
    }

    def sentence(text_id: str) -> Sentence:
        return Sentence(text_id, {name: known[name] for name in _VALUES.get(text_id, ())})

    following = f"sms.status.next.{_NEXT_OF.get(state, state.value)}"
    if resent and state is SmsState.ACCEPTED:
        following = "resend.sent"
    return sentence(f"sms.status.line.{state.value}"), sentence(following)


def limit_sentence(limit: Limit) -> Sentence:
    """What a limit on SMS means for the person: when again, or what else."""
    if limit.scope is LimitScope.USER_DAY:
        return Sentence("resend.limit.day")
    if limit.scope is LimitScope.USER_HOUR:
        return Sentence("resend.limit.hour", {"time": limit.again_at})
    return Sentence("resend.limit.kiosk", {"time": limit.again_at})
