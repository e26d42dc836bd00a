"""Words of the log: actions and results by their codes, facts, moments, what could not be done."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

from kiosk.audit.asking import local_time
from kiosk.audit.errors import AuditError, UnknownPlace, WrongReference, WrongTime, WrongValue
from kiosk.audit.reading import AuditLine
from kiosk.audit.room import MayNotRead
from kiosk.exchange import NoPlace, NotSaved
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence

if TYPE_CHECKING:
    from screens.app import KioskApp

# How it ended: what people need not look at, and what they should.
STYLE_OF_RESULT: Final = {
    "ok": "$good",
    "done": "$good",
    "queued": "",
    "wrong": "$here",
    "late": "$here",
    "cancelled": "$quiet",
}
_TYPED: Final[dict[type[Exception], str]] = {
    WrongTime: "audit.error.time",
    WrongReference: "audit.error.reference",
    UnknownPlace: "audit.error.place",
    WrongValue: "audit.error.value",
}
_PLAIN: Final[dict[type[Exception], str]] = {
    MayNotRead: "audit.error.may_not",
    NoPlace: "bench.save.no_place",
}
# Reports of the network: the result is its status octet in hexadecimal (3GPP TS 23.040, 9.2.3.15).
_DELIVERED: Final = "sms.delivered"
_UNDELIVERED: Final = "sms.undelivered"
_SHOWN: Final = 60
# Facts in milliseconds UTC.
_MOMENTS: Final = frozenset({"since", "until", "before", "expires_at"})


def sentence_of(error: Exception) -> Sentence:
    """Why something was not done, and what to do."""
    if isinstance(error, AuditError) and type(error) in _TYPED:
        return Sentence(_TYPED[type(error)], {"given": printable(error.given, maximum=_SHOWN)})
    if isinstance(error, NotSaved):
        return Sentence("bench.save.failed", {"why": error.why})
    return Sentence(_PLAIN.get(type(error), "audit.export.cancelled"))


def coded(app: "KioskApp", prefix: str, code: str) -> str:
    """The words of a code of the log; the code itself where there are none."""
    text_id = f"{prefix}.{code}"
    return app.text(text_id) if app.language.has(text_id) else printable(code)


def action_of(app: "KioskApp", line: AuditLine) -> str:
    """What happened."""
    if line.event is None:
        return app.text("audit.altered.short" if line.altered else "audit.pruned.short")
    return coded(app, "audit.action", line.event.action)


def result_of(app: "KioskApp", line: AuditLine) -> tuple[str, str]:
    """How it ended, and the token of its colour."""
    if line.event is None:
        return ("-", "$bad" if line.altered else "$quiet")
    if line.event.action == _DELIVERED:
        return app.text("audit.result.ok"), "$good"
    result = line.event.result
    if line.event.action == _UNDELIVERED:
        return app.text("audit.result_status", code=printable(result)), "$bad"
    return coded(app, "audit.result", result), STYLE_OF_RESULT.get(result, "$bad")


def who_of(line: AuditLine) -> str:
    """Who did it: a name, else as it stands."""
    return "-" if line.event is None else line.actor_name or line.event.actor or "-"


def whom_of(line: AuditLine) -> str:
    """To whom it was done; ids of things are left to the details."""
    return line.object_name or "-"


def where_of(line: AuditLine) -> str:
    """The desk, else another origin as it stands."""
    return "-" if line.event is None else line.desk or line.event.origin


def short_moment(at: int, zone: ZoneInfo) -> str:
    """Day, month and time to the second."""
    return f"{datetime.fromtimestamp(at / 1000, UTC).astimezone(zone):%d-%m %H:%M:%S}"


def details_of(app: "KioskApp", line: AuditLine, zone: ZoneInfo, value: str) -> list[str]:
    """All that a row says, in lines."""
    moment = local_time(line.at_wall, zone)
    marks = [app.text("command.audit.list.clock_uncertain")] if line.clock_uncertain else []
    event = line.event
    chain = app.text("audit.detail.value", seq=line.seq, value=value) if value else ""
    if event is None:
        gone = app.text("command.audit.list.altered" if line.altered else "command.audit.list.pruned")
        return [" ".join([moment, *marks]), gone, chain]
    if event.simulated:
        marks.append(app.text("command.audit.list.simulated"))
    first = [moment, *marks, who_of(line), where_of(line)]
    second = [action_of(app, line), result_of(app, line)[0]]
    if event.object is not None and event.object != event.actor:
        second.append(app.text("audit.detail.about", whom=printable(line.object_name or event.object)))
    facts = [
        f"{coded(app, 'audit.fact', name)} {_fact(app, name, fact, zone)}" for name, fact in event.parameters.items()
    ]
    return [" · ".join(map(printable, first)), " · ".join(second), ", ".join(facts) or "-", chain]


def _fact(app: "KioskApp", name: str, value: object, zone: ZoneInfo) -> str:
    if name in _MOMENTS and isinstance(value, int):
        return local_time(value, zone)
    if isinstance(value, str):
        for prefix in ("people.reason", "people.identified"):
            if app.language.has(f"{prefix}.{value}"):
                return app.text(f"{prefix}.{value}")
    return printable(str(value), maximum=200)
