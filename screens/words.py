"""From data to words: what a page says for a `Sentence`, a moment, a wait."""

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from kiosk.desk_status import DeskFacts
from kiosk.language import Language, WrongPlaceholders
from kiosk.sign_in.outcomes import NO_VALUES, Sentence, Value

# Placeholders that hold a moment in milliseconds UTC and are read as 12:03.
MOMENTS = frozenset({"time", "until"})

# Placeholders that hold a wait in seconds and are read with its word.
WAITS = frozenset({"seconds"})

# So many digits of a checksum are compared at a glance.
_CHECKSUM_GROUP = 8


class Words:
    """The words of one language at one desk."""

    def __init__(self, language: Language, facts: DeskFacts) -> None:
        self.language = language
        self._facts = facts
        self.zone = ZoneInfo(facts.time_zone)

    def say(self, sentence: Sentence) -> str:
        """Words of a sentence: waits with their unit, moments as 12:03, the values of this desk where they are asked for."""
        values = {name: self._value(name, value) for name, value in sentence.values.items()}
        try:
            return self.language.text(sentence.text_id, **values)
        except WrongPlaceholders as error:
            desk = self._desk_values()
            if error.extra or not error.missing <= desk.keys():
                raise
            return self.language.text(sentence.text_id, **values, **{name: desk[name] for name in error.missing})

    def text(self, text_id: str, values: Mapping[str, Value] = NO_VALUES) -> str:
        """Words of an id, as `say`."""
        return self.say(Sentence(text_id, values))

    def moment(self, at_ms: int) -> str:
        """A moment as 12:03 in the zone of the site."""
        return datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(self.zone).strftime("%H:%M")

    def day(self, at_ms: int, now_ms: int) -> str:
        """Today, yesterday, or the date in the zone of the site."""
        day, today = (datetime.fromtimestamp(ms / 1000, UTC).astimezone(self.zone).date() for ms in (at_ms, now_ms))
        if day == today:
            return self.text("home.day.today")
        if day == today - timedelta(days=1):
            return self.text("home.day.yesterday")
        return day.strftime("%d-%m-%Y" if self.language.code == "nl" else "%Y-%m-%d")

    def tenths(self, number: float) -> str:
        """A difference as +1,5, or +1.5 in English."""
        return f"{number:+.1f}".replace(".", self.text("reports.decimal"))

    def left(self, seconds: float) -> str:
        """A rest as 3:06 for `common.time_left.line`, never below 0:00."""
        whole = max(0, int(seconds + 0.999))
        return f"{whole // 60}:{whole % 60:02d}"

    def contact(self) -> str:
        """The line under every message that names the administrator."""
        named = self._facts.help_desk.name and self._facts.help_desk.phone
        return self.text("contact.line.number" if named else "contact.line.none")

    def _value(self, name: str, value: Value) -> str | int:
        if name in MOMENTS and isinstance(value, int):
            return self.moment(value)
        if name in WAITS and isinstance(value, int):
            return self.language.seconds(value)
        return value

    def _desk_values(self) -> dict[str, str]:
        desk = self._facts.help_desk
        return {
            "name": desk.name,
            "phone": desk.phone,
            "hours": desk.hours_in(self.language.code),
            "site": self._facts.site,
            "number": self._facts.desk_number,
        }


def checksum(digest: str) -> str:
    """A SHA-256 in hexadecimal digits as two lines of four groups, to be compared by eye."""
    groups = [digest[place : place + _CHECKSUM_GROUP] for place in range(0, len(digest), _CHECKSUM_GROUP)]
    return f"  {' '.join(groups[:4])}\n  {' '.join(groups[4:])}"


def thousands(number: int) -> str:
    """1 284."""
    return f"{number:,}".replace(",", " ")
