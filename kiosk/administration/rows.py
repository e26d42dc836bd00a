"""Judging one row of a list: what will happen, or which cell is wrong, why, and what would cure it."""

import difflib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum, unique
from typing import Final, TypeVar

from data.factors import FactorKind, FactorState
from data.imports import StagedPerson
from data.users import Role, User, name_key
from kiosk.accounts import NAME_LENGTH, NumberUnusable, normalised_number
from kiosk.administration.lists import Column, Row
from kiosk.language import LANGUAGES, printable
from kiosk.methods.totp import new_secret
from kiosk.site import Site

# So much of a wrong cell is shown.
SHOWN: Final = 40
CHANGE: Final = "change"
_YES: Final = "ja"
_FLAGS: Final = {"ja": True, "yes": True, "1": True, "x": True, "nee": False, "no": False, "0": False, "": False}
_ROLES: Final[Mapping[str, Role]] = {
    **{role.value: role for role in Role},
    "": Role.STAFF,
    "medewerker": Role.STAFF,
    "beheerder": Role.ADMINISTRATOR,
    "functioneel beheerder": Role.ADMINISTRATOR,
    "technicus": Role.TECHNICIAN,
}


@unique
class Wrong(StrEnum):
    """What can be wrong with a cell or a row."""

    CELLS = "cells"
    """More or fewer cells than columns."""
    MISSING = "missing"
    UNUSABLE = "unusable"
    """Too long, or with characters that nobody can type."""
    TWICE = "twice"
    """The same user name stands on another line."""
    EXISTS = "exists"
    ROLE = "role"
    LANGUAGE = "language"
    FLAG = "flag"
    NUMBER = "number"
    ZERO_LOST = "zero_lost"
    """A spreadsheet took the number for a quantity."""
    COUNTRY = "country"
    NO_FACTOR = "no_factor"
    NEEDS_APP = "needs_app"
    OTHER_ROLE = "other_role"
    """The person has another role; roles are changed on the card."""
    OTHER_PHONE = "other_phone"
    """The person has another number; numbers are changed on the card."""
    TAKEN_SINCE = "taken_since"
    """Somebody else changed this name between the trial and the import."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One cell that is wrong; `cure` is what would be put there, `detail` a line number or name that explains it."""

    line: int
    column: Column | None
    value: str = field(repr=False)
    wrong: Wrong
    cure: str | None = field(default=None, repr=False)
    detail: str = ""


Accepts = Callable[[Problem], bool]
T = TypeVar("T")


@unique
class Outcome(StrEnum):
    """What a row will do."""

    NEW = "new"
    CHANGE = "change"
    SAME = "same"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenRow:
    """One row as it stands in the list, without its number, and what will become of it.

    `was` is what somebody who is there already is called now.
    """

    line: int
    outcome: Outcome
    cells: Mapping[Column, str] = field(repr=False)
    was: str = field(repr=False)


def seen_row(row: Row, judged: "Judged") -> SeenRow:
    """A row for people to read."""
    return SeenRow(
        line=row.line,
        outcome=judged.outcome,
        cells={
            column: printable(text, maximum=SHOWN) for column, text in row.cells.items() if column is not Column.PHONE
        },
        was=printable(judged.was, maximum=SHOWN),
    )


@dataclass(slots=True)
class Judged:
    """One row after the check."""

    outcome: Outcome
    person: StagedPerson | None
    problems: list[Problem]
    cured: int
    was: str = field(default="", repr=False)
    """What somebody who is there already is called now."""


class RowCheck:
    """Judges the rows of one list, in their order; reads the database and changes nothing."""

    def __init__(self, site: Site, accepts: Accepts) -> None:
        self._site = site
        self._accepts = accepts
        self._lines: dict[str, int] = {}
        self._numbers: set[bytes] = set()
        self.shared_numbers = 0
        """Rows whose number stands on another line too: allowed, and worth a look."""

    def judge(self, row: Row) -> Judged:
        """What will become of this row; raises DataError."""
        cells = _Cells(row, self._accepts)
        if not row.whole:
            cells.wrong(None, "", Wrong.CELLS)
            return Judged(Outcome.WRONG, None, cells.problems, 0)
        name, display_name = self._name(cells), _text(cells, Column.DISPLAY_NAME)
        role = _choice(cells, Column.ROLE, _ROLES, Wrong.ROLE)
        language = _choice(cells, Column.LANGUAGE, {**{code: code for code in LANGUAGES}, "": "nl"}, Wrong.LANGUAGE)
        number = self._number(cells)
        user = None if name is None else self._site.database.users.by_name(name)
        if user is not None:
            return self._existing(cells, user, display_name=display_name, role=role, language=language, number=number)
        app = _choice(cells, Column.APP, _FLAGS, Wrong.FLAG)
        app = self._methods(cells, role, number, app=bool(app))
        if cells.problems or name is None or display_name is None or role is None or language is None:
            return Judged(Outcome.WRONG, None, cells.problems, cells.cured)
        person = StagedPerson(
            line=row.line,
            user_id=None,
            name=name,
            display_name=display_name,
            role=role,
            language=language,
            number=number,
            app_secret=new_secret() if app else None,
        )
        return Judged(Outcome.NEW, person, [], cells.cured)

    def _name(self, cells: "_Cells") -> str | None:
        name = _text(cells, Column.NAME)
        if name is None:
            return None
        first = self._lines.setdefault(name_key(name), cells.row.line)
        if first != cells.row.line:
            cells.wrong(Column.NAME, name, Wrong.TWICE, detail=str(first))
            return None
        return name

    def _number(self, cells: "_Cells") -> str | None:
        text = cells.text(Column.PHONE)
        if not text:
            return None
        countries = self._site.policy.sms.countries
        # A spreadsheet eats the zero or the plus at the beginning. What is left could be guessed, and is asked instead.
        bare = text.isascii() and text.isdigit() and not text.startswith("0")
        number = None if bare else _normalised(text, countries)
        if number is None:
            proposals = (f"+{text}", f"0{text}") if bare else ()
            cure = next((one for one in proposals if _normalised(one, countries)), None)
            kind = _why_not(text, countries) if cure is None else Wrong.ZERO_LOST
            taken = cells.wrong(Column.PHONE, text, kind, cure=cure)
            number = None if taken is None else _normalised(taken, countries)
        if number is not None:
            # By a hash, so that a long list does not lie in memory in clear.
            mark = self._site.vault.mac(number.encode(), purpose="list")[:8]
            self.shared_numbers += mark in self._numbers
            self._numbers.add(mark)
        return number

    @staticmethod
    def _methods(cells: "_Cells", role: Role | None, number: str | None, *, app: bool) -> bool:
        """Whether an app is offered; somebody needs one way at least, some roles another than SMS."""
        if app or role is None:
            return app
        if role is not Role.STAFF:
            return cells.wrong(Column.APP, cells.text(Column.APP), Wrong.NEEDS_APP, cure=_YES) is not None
        if number is None and not any(one.column is Column.PHONE for one in cells.problems):
            return cells.wrong(Column.APP, cells.text(Column.APP), Wrong.NO_FACTOR, cure=_YES) is not None
        return False

    def _existing(
        self,
        cells: "_Cells",
        user: User,
        *,
        display_name: str | None,
        role: Role | None,
        language: str | None,
        number: str | None,
    ) -> Judged:
        """Somebody who is there: name and language may change by a list; what lets people in may not."""
        if role is not None and cells.text(Column.ROLE) and role is not user.role:
            cells.wrong(Column.ROLE, cells.text(Column.ROLE), Wrong.OTHER_ROLE, detail=user.role.value)
        if number is not None and not self._has_number(user, number):
            cells.wrong(Column.PHONE, cells.text(Column.PHONE), Wrong.OTHER_PHONE)
        language = language if cells.text(Column.LANGUAGE) else user.language
        if (display_name, language) == (user.display_name, user.language) and not cells.problems:
            return Judged(Outcome.SAME, None, [], cells.cured, user.display_name)
        if not cells.problems:
            cells.wrong(Column.NAME, user.name, Wrong.EXISTS, cure=CHANGE, detail=user.display_name)
        if cells.problems or display_name is None or language is None:
            return Judged(Outcome.WRONG, None, cells.problems, cells.cured, user.display_name)
        person = StagedPerson(
            line=cells.row.line,
            user_id=user.id,
            name=user.name,
            display_name=display_name,
            role=user.role,
            language=language,
            number=None,
            app_secret=None,
        )
        return Judged(Outcome.CHANGE, person, [], cells.cured, user.display_name)

    def _has_number(self, user: User, number: str) -> bool:
        return any(
            one.user_id == user.id and one.kind is FactorKind.SMS and one.state is not FactorState.REVOKED
            for one in self._site.database.factors.by_phone(number)
        )


class _Cells:
    """The cells of one row, and what was found wrong with them."""

    def __init__(self, row: Row, accepts: Accepts) -> None:
        self.row = row
        self.problems: list[Problem] = []
        self.cured = 0
        self._accepts = accepts

    def text(self, column: Column) -> str:
        return self.row.cells.get(column, "")

    def wrong(
        self, column: Column | None, value: str, wrong: Wrong, *, cure: str | None = None, detail: str = ""
    ) -> str | None:
        """Note a problem, unless its cure is accepted: then that is the value."""
        problem = Problem(
            line=self.row.line,
            column=column,
            value=printable(value, maximum=SHOWN),
            wrong=wrong,
            cure=cure,
            detail=printable(detail, maximum=SHOWN),
        )
        if cure is not None and self._accepts(problem):
            self.cured += 1
            return cure
        self.problems.append(problem)
        return None


def _text(cells: _Cells, column: Column) -> str | None:
    text = cells.text(column)
    if not text:
        cells.wrong(column, "", Wrong.MISSING)
        return None
    if len(text) > NAME_LENGTH or printable(text) != text or not name_key(text):
        cells.wrong(column, text, Wrong.UNUSABLE)
        return None
    return text


def _choice(cells: _Cells, column: Column, known: Mapping[str, T], wrong: Wrong) -> T | None:
    text = " ".join(cells.text(column)[:NAME_LENGTH].casefold().split())
    if text not in known:
        nearest = next(iter(difflib.get_close_matches(text, [name for name in known if name], n=1)), None)
        taken = cells.wrong(column, cells.text(column), wrong, cure=nearest)
        if taken is None:
            return None
        text = taken
    return known[text]


def _normalised(text: str, countries: tuple[str, ...]) -> str | None:
    try:
        return normalised_number(text[:NAME_LENGTH], countries)
    except NumberUnusable:
        return None


def _why_not(text: str, countries: tuple[str, ...]) -> Wrong:
    try:
        normalised_number(text[:NAME_LENGTH], countries)
    except NumberUnusable as error:
        return Wrong.COUNTRY if error.reason == "country" else Wrong.NUMBER
    return Wrong.NUMBER
