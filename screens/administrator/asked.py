"""What a second administrator approves, in words: the act, on whom, and what exactly."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, cast

from kiosk.administration.authority import Act
from kiosk.administration.requests import RequestLine
from kiosk.language import printable
from screens.administrator.words import method_words

if TYPE_CHECKING:
    from screens.app import KioskApp

_AN_HOUR = 60
# So much of the digest of a list is read aloud and compared.
_DIGITS = 8


def asked_in_words(app: "KioskApp", act: Act, who: str) -> str:
    """The act and whom it is about."""
    own = f"approval.act.{act.value}"
    what = app.text(own if app.language.has(own) else f"people.act.{act.value}")
    return f"{what}, {printable(who)}" if who else what


def request_in_words(app: "KioskApp", line: RequestLine, *, who: bool = True) -> str:
    """A request in one line: how it stands, what it is, who asked it."""
    what = asked_in_words(app, line.act, line.who if who else "")
    return app.text(f"approval.card.{line.state.value}", what=what, by=printable(line.asked_by))


def reason_in_words(app: "KioskApp", reason: str) -> str:
    """Why, as it was chosen or typed."""
    known = (f"{prefix}.{reason}" for prefix in ("people.reason", "people.temporary.reason"))
    return next((app.text(text_id) for text_id in known if app.language.has(text_id)), printable(reason))


def content_in_words(app: "KioskApp", shown: Mapping[str, object]) -> list[str]:
    """What exactly, a line for each thing; none for an act that says it all."""
    return [printable(line, maximum=200) for line in _lines(app, shown)]


def _lines(app: "KioskApp", shown: Mapping[str, object]) -> Iterator[str]:
    text = app.text
    if "display_name" in shown:
        yield text("approval.what.person", name=_said(shown, "display_name"), user=_said(shown, "name"))
    if "to" in shown:
        was = shown.get("from")
        to = text(f"home.role.{shown['to']}")
        yield (
            text("approval.what.role", role=to)
            if was is None
            else text("approval.what.other_role", was=text(f"home.role.{was}"), role=to)
        )
    if shown.get("kind"):
        tail = shown.get("of") or (shown.get("tail") if "method" not in shown else None)
        yield text("approval.what.method", method=_method(app, shown, tail))
    elif shown.get("tail"):
        yield text("approval.what.phone", tail=_said(shown, "tail"))
    if "old" in shown:
        yield text("approval.what.other_phone", tail=_said(shown, "tail"))
    if shown.get("here"):
        yield text("approval.what.here")
    if "minutes" in shown:
        yield from _temporary(app, shown)
    if "slips" in shown:
        yield text("approval.what.slips", count=int(str(shown["slips"])))
    if "sha256" in shown:
        counts = {name: int(str(shown[name])) for name in ("rows", "new", "changed", "cured")}
        yield text("approval.what.list", **counts)
        yield text("approval.what.digest", digest=_said(shown, "sha256")[:_DIGITS])


def _temporary(app: "KioskApp", shown: Mapping[str, object]) -> Iterator[str]:
    text = app.text
    identified, _, detail = _said(shown, "proof").partition(": ")
    how = text(f"people.identified.{identified}")
    yield text("approval.what.identified", how=f"{how} ({detail})" if detail else how)
    minutes = int(str(shown["minutes"]))
    whole_hours = minutes >= _AN_HOUR and not minutes % _AN_HOUR
    length = (
        text("people.temporary.hours", count=minutes // _AN_HOUR)
        if whole_hours
        else text("people.temporary.minutes", count=minutes)
    )
    yield text("approval.what.valid", length=length)
    if shown["unlock"]:
        yield text("approval.what.unlock")
    if shown["add_app"]:
        yield text("people.temporary.add_app")
    for one in cast("list[Mapping[str, object]]", shown["revoke"]):
        yield text("people.temporary.revoke", method=_method(app, one, one.get("of")))
    if shown["contradiction"]:
        yield text("approval.what.contradiction")


def _method(app: "KioskApp", shown: Mapping[str, object], tail: object) -> str:
    return method_words(app, _said(shown, "kind"), None if tail is None else str(tail))


def _said(shown: Mapping[str, object], key: str) -> str:
    return str(shown[key])
