"""Both catalogues hold every word, fit their place, and are what the code asks for.

`python -m tests.kiosk.test_catalogue` prints the ids that no code seems to use.
"""

import ast
import re
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from kiosk.config.sections import (
    DESK_NUMBER,
    HELP_DESK_HOURS,
    HELP_DESK_NAME,
    HELP_DESK_PHONE,
    NETWORK_LABEL,
    SITE_NAME,
)
from kiosk.language import LANGUAGES, SMS_SEPTETS, SMS_TEXTS, Language, sms_septets
from kiosk.language.catalogue import FOLDER, PLACEHOLDER

ROOT = Path(__file__).parents[2]
TEXTS = ROOT.parent / "shared" / "TEXTS.md"
PACKAGES = ("kiosk", "screens", "hardware", "data")

# The card at 80 by 24.
COLUMNS = 54
ONE_LINE = {"title", "label", "button", "line", "hint"}

# Each placeholder at its longest. One that is not here is taken to be as long as the name of a site.
LONGEST = {
    "seconds": "120 seconden",
    "n": "120",
    "left": "20",
    "count": "120",
    "minutes": "10",
    "time": "12:03",
    "until": "12:03",
    "tail": "99",
    "network": "n" * NETWORK_LABEL,
    "other": "n" * NETWORK_LABEL,
    "number": "n" * DESK_NUMBER,
    "name": "n" * HELP_DESK_NAME,
    "phone": "0" * HELP_DESK_PHONE,
    "hours": "n" * HELP_DESK_HOURS,
    "site": "n" * SITE_NAME,
    "step": "2",
    "total": "5",
    "left_time": "59:59",
    "reference": "K482",
    "min": "64",
    "max": "256",
    "code": "0000 0000",
    "day": "31 december 2026",
    "method": "authenticator app",
}

# Every console font draws these beside ASCII; the letters are those of code page 437 that Dutch names use.
BASIC_GLYPHS = set("éèëêïîíöôóòüûúùäâáàåçñÄÅÉÖÜÑæÆ" + "─│┌┐└┘├┤■·•→←↑↓▲▼")


@cache
def catalogue(code: str) -> dict[str, str]:
    """The entries of a `.po`, read by hand: each is two lines, and a double shows."""
    entries: dict[str, str] = {}
    for section in sections(code):
        for text_id, words in section:
            assert text_id not in entries, f"{text_id} stands twice in {code}.po"
            entries[text_id] = words
    return entries


@cache
def sections(code: str) -> list[list[tuple[str, str]]]:
    content = (FOLDER / f"{code}.po").read_text(encoding="utf-8")
    entry = re.compile(r'^msgid "(.+)"\nmsgstr "(.*)"$', re.MULTILINE)
    parts = content.split("\n# == ")
    assert content.count("\nmsgid ") == sum(len(entry.findall(part)) for part in parts) + 1, "an entry is not two lines"
    return [[(text_id, re.sub(r"\\(.)", r"\1", words)) for text_id, words in entry.findall(part)] for part in parts]


def test_both_languages_have_the_same_ids() -> None:
    dutch, english = map(catalogue, LANGUAGES)
    assert dutch.keys() ^ english.keys() == set()


@pytest.mark.parametrize("code", LANGUAGES)
def test_no_text_is_empty_or_has_blanks_around_it(code: str) -> None:
    assert [text_id for text_id, words in catalogue(code).items() if not words or words != words.strip()] == []


def test_both_languages_ask_for_the_same_values() -> None:
    dutch, english = map(catalogue, LANGUAGES)
    asked = {
        i: (set(PLACEHOLDER.findall(dutch[i])), set(PLACEHOLDER.findall(english[i])))
        for i in dutch.keys() & english.keys()
    }
    assert {text_id: values for text_id, values in asked.items() if values[0] != values[1]} == {}


@pytest.mark.parametrize("code", LANGUAGES)
def test_braces_are_only_those_of_placeholders(code: str) -> None:
    left = {text_id: PLACEHOLDER.sub("", words) for text_id, words in catalogue(code).items()}
    assert [text_id for text_id, words in left.items() if set("{}") & set(words)] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_ids_stand_in_order_within_their_section(code: str) -> None:
    ids = [[text_id for text_id, _ in section] for section in sections(code)]
    assert ids == [sorted(section) for section in ids]


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_compiled_catalogue_is_that_of_the_source(code: str) -> None:
    language = Language.load(code)
    stale = [
        i
        for i, words in catalogue(code).items()
        if not language.has(i) or filled(language.code, i) != language.text(i, **values(words))
    ]
    assert stale == [], "type `make setup`, which compiles the words"


def test_no_id_is_the_beginning_of_another() -> None:
    ids = catalogue("nl").keys()
    beginnings = {text_id.rsplit(".", dots)[0] for text_id in ids for dots in range(1, text_id.count(".") + 1)}
    assert ids & beginnings == set()


def test_an_id_is_lower_case_words_joined_by_dots() -> None:
    assert [i for i in catalogue("nl") if not re.fullmatch(r"[a-z0-9_]+(\.[a-z0-9_]+)+", i)] == []


@pytest.mark.skipif(not TEXTS.exists(), reason="the agreed wording lies beside the checkout of its makers only")
def test_every_agreed_text_is_here_word_by_word() -> None:
    agreed = re.findall(r"^\| ([a-z0-9_.]+) \| (.*?) \| (.*?) \|$", TEXTS.read_text(encoding="utf-8"), re.MULTILINE)
    agreed = [row for row in agreed if row[0] != "id"]
    assert len(agreed) > 250
    assert [row for row in agreed if row[1:] != (catalogue("nl").get(row[0]), catalogue("en").get(row[0]))] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_fixed_line_fits_the_card(code: str) -> None:
    fixed = [text_id for text_id in catalogue(code) if ONE_LINE & set(text_id.split("."))]
    assert {i: len(filled(code, i)) for i in fixed if len(filled(code, i)) > COLUMNS} == {}


@pytest.mark.parametrize("code", LANGUAGES)
@pytest.mark.parametrize("text_id", SMS_TEXTS)
def test_every_sms_is_one_part_at_its_longest(code: str, text_id: str) -> None:
    septets = sms_septets(filled(code, text_id))
    assert septets is not None
    assert septets <= SMS_SEPTETS


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_texts_sent_as_sms_are_those_that_are_checked(code: str) -> None:
    assert {text_id for text_id in catalogue(code) if text_id.startswith("text.")} == set(SMS_TEXTS)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_text_can_be_drawn_on_any_console(code: str) -> None:
    strange = {
        i: {c for c in words if not (c.isascii() and c.isprintable()) and c not in BASIC_GLYPHS}
        for i, words in catalogue(code).items()
    }
    assert {text_id: glyphs for text_id, glyphs in strange.items() if glyphs} == {}


def test_every_text_that_the_code_asks_for_exists() -> None:
    ids = catalogue("nl").keys()
    assert [(place, text_id) for place, text_id, _ in asked() if text_id not in ids] == []


def test_every_text_is_asked_for_with_its_values() -> None:
    words = catalogue("nl")
    wrong = [
        (place, text_id, given)
        for place, text_id, given in asked()
        if given is not None and text_id in words and not fits(given, set(PLACEHOLDER.findall(words[text_id])))
    ]
    assert wrong == []


def test_every_text_built_from_parts_begins_as_some_id() -> None:
    ids = catalogue("nl").keys()
    assert [(place, start) for place, start in built() if not any(text_id.startswith(start) for text_id in ids)] == []


def test_the_code_is_really_searched() -> None:
    assert "unit.minutes" in {text_id for _, text_id, _ in asked()}
    assert "configuration.problem." in {start for _, start in built()}


def values(words: str) -> dict[str, str]:
    return {name: LONGEST.get(name, "n" * SITE_NAME) for name in PLACEHOLDER.findall(words)}


def filled(code: str, text_id: str) -> str:
    words = catalogue(code)[text_id]
    longest = values(words)
    return PLACEHOLDER.sub(lambda found: longest[found[1]], words)


def calls() -> Iterator[tuple[str, ast.Call]]:
    """Every call of `.text(…)`, `.sms(…)` and `.has(…)` in the product, with its place."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_bytes())):
                if (
                    isinstance(node, ast.Call)
                    and isinstance(node.func, ast.Attribute)
                    and node.func.attr in {"text", "sms", "has"}
                ):
                    yield f"{path.relative_to(ROOT)}:{node.lineno}", node


def asked() -> Iterator[tuple[str, str, set[str] | None]]:
    """Place, id, and names of the values (None when they cannot be seen) of each call with a written id."""
    for place, call in calls():
        for text_id in written(call.args[0] if call.args else None):
            yield place, text_id, given_names(call)


def given_names(call: ast.Call) -> set[str] | None:
    assert isinstance(call.func, ast.Attribute)
    names: set[object] = {keyword.arg for keyword in call.keywords}
    if len(call.args) > 1:
        table = call.args[1]
        names |= {getattr(key, "value", None) for key in table.keys} if isinstance(table, ast.Dict) else {None}
    return None if None in names or call.func.attr == "has" else {name for name in names if isinstance(name, str)}


def fits(given: set[str], wanted: set[str]) -> bool:
    """Pages add the values of the desk themselves; nothing else may be missing, nothing at all too much."""
    return given <= wanted and wanted - given <= {"name", "phone", "hours", "site", "number"}


def written(argument: ast.expr | None) -> Iterator[str]:
    """The ids in an argument: a constant with a dot, or either side of `… if … else …`."""
    if isinstance(argument, ast.Constant) and isinstance(argument.value, str) and "." in argument.value:
        yield argument.value
    if isinstance(argument, ast.IfExp):
        yield from written(argument.body)
        yield from written(argument.orelse)


def built() -> Iterator[tuple[str, str]]:
    """Place and beginning of each call whose id is an f-string."""
    for place, call in calls():
        if call.args and isinstance(call.args[0], ast.JoinedStr):
            first = call.args[0].values[0]
            if isinstance(first, ast.Constant) and isinstance(first.value, str) and "." in first.value:
                yield place, first.value


def unused() -> list[str]:
    """Ids that no string in the product is, and no f-string begins as; a hint, since ids may be put together elsewhere."""
    strings: set[str] = set()
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            strings |= {
                n.value
                for n in ast.walk(ast.parse(path.read_bytes()))
                if isinstance(n, ast.Constant) and isinstance(n.value, str)
            }
    starts = tuple(text for text in strings if re.fullmatch(r"[a-z0-9_.]+\.", text))
    return [text_id for text_id in catalogue("nl") if text_id not in strings and not text_id.startswith(starts)]


if __name__ == "__main__":
    sys.stdout.writelines(f"{text_id}\n" for text_id in unused())
