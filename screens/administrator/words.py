"""Words of the administrator's pages: errors, people, moments."""

from typing import TYPE_CHECKING, Final

from kiosk.accounts import AccountError, NameTaken, NeedsOtherFactor, NumberUnusable
from kiosk.administration.errors import (
    AdministrationError,
    ChangedMeanwhile,
    CodeTried,
    Contradiction,
    DateUnusable,
    Forbidden,
    MethodUnknown,
    MinutesUnusable,
    NothingToDo,
    NumberInText,
    PersonUnknown,
    RequestOver,
    TextUnusable,
)
from kiosk.administration.import_room import ListChanged, StillWrong
from kiosk.administration.importing import NotAllRight, StagedLost, Stopped
from kiosk.administration.lists import HeaderUnusable, ListUnreadable
from kiosk.administration.people import Standing
from kiosk.administration.proving import ClockUnbelieved, CodeRefused, SmsLimited
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence

if TYPE_CHECKING:
    from screens.app import KioskApp

STYLE_OF_STANDING: Final = {
    Standing.OFF: "$quiet",
    Standing.LOCKED_FACTOR: "$bad",
    Standing.LOCKED_PASSWORD: "$bad",
    Standing.OFF_SOON: "$here",
    Standing.INVITED: "$here",
    Standing.NO_METHOD: "$here",
    Standing.GOOD: "$good",
}
STYLE_OF_STATE: Final = {"active": "$good", "offered": "$here", "suspended": "$bad"}

_PLAIN: Final[dict[type[Exception], str]] = {
    PersonUnknown: "people.error.person_unknown",
    MethodUnknown: "people.error.method_unknown",
    NothingToDo: "people.error.nothing_to_do",
    ChangedMeanwhile: "people.error.changed_meanwhile",
    Contradiction: "people.temporary.contradiction",
    DateUnusable: "people.error.date",
    ClockUnbelieved: "app.kiosk_clock",
    SmsLimited: "people.error.sms_limit",
    StagedLost: "command.people.error.staged_lost",
    Stopped: "import.error.stopped",
    ListChanged: "import.error.changed",
    StillWrong: "import.error.still_wrong",
    NotAllRight: "import.error.taken_since",
}


def sentence_of(error: AdministrationError | AccountError) -> Sentence:
    """Why something was not done, and what to do."""
    if isinstance(error, AccountError):
        return _of_account(error)
    match error:
        case Forbidden():
            return Sentence(f"people.forbidden.{error.rule.value}")
        case RequestOver() | CodeTried():
            return _of_four_eyes(error)
        case TextUnusable():
            values = {"max": error.maximum} if error.what == "long" else {}
            return Sentence(f"people.text.{error.what}", values)
        case NumberInText():
            return Sentence(f"people.number.{error.kind}")
        case ListUnreadable():
            return Sentence(f"import.list.{error.why}", {} if error.line is None else {"line": error.line})
        case HeaderUnusable():
            return _of_header(error)
        case MinutesUnusable():
            return Sentence("people.error.minutes", {"max": error.maximum})
        case CodeRefused():
            values = {"left": error.tries_left} if error.wrong.value == "wrong" else {}
            return Sentence(f"people.code.{error.wrong.value}", values)
        case _:
            return Sentence(_PLAIN[type(error)])


def _of_four_eyes(error: RequestOver | CodeTried) -> Sentence:
    if isinstance(error, RequestOver):
        return Sentence(f"approval.over.{error.over.value}")
    if error.until is not None:
        return Sentence("break_glass.wait", {"until": error.until})
    return Sentence("break_glass.locked" if error.locked else "break_glass.wrong")


def _of_header(error: HeaderUnusable) -> Sentence:
    if error.nearest is not None:
        return Sentence("import.header.nearest", {"column": error.column, "nearest": error.nearest})
    return Sentence(f"command.people.header.{error.problem}", {"column": error.column})


def _of_account(error: AccountError) -> Sentence:
    match error:
        case NameTaken():
            return Sentence("people.error.name_taken", {"user": printable(error.name)})
        case NeedsOtherFactor():
            return Sentence("people.error.needs_other_factor")
        case NumberUnusable():
            return Sentence(f"account.phone.{error.reason}")
        case _:
            return Sentence("people.error.name_unusable")


def surname_first(name: str) -> str:
    """As the list of people is read: Vries, Jan de."""
    given, *rest = name.split()
    family = next((place for place, word in enumerate(rest) if word[:1].isupper()), None)
    if family is None:
        return name
    return f"{' '.join(rest[family:])}, {' '.join((given, *rest[:family]))}"


def moment(app: "KioskApp", at: int | None) -> str:
    """Day and time; a dash for never."""
    if at is None:
        return "-"
    return f"{app.words.day(at, app.clock.now_ms())} {app.words.moment(at)}"


def day(app: "KioskApp", at: int | None) -> str:
    """The day; a dash for never."""
    return "-" if at is None else app.words.day(at, app.clock.now_ms())


def method_words(app: "KioskApp", kind: str, tail: str | None) -> str:
    """A method with the end of its number."""
    name = app.text(f"people.method.{kind}")
    return name if tail is None else f"{name} ({tail})"
