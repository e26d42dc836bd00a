"""What administrators type stays in the log for years: no number that identifies a person gets in."""

import unicodedata
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.administration.errors import NumberInText, TextUnusable
from kiosk.administration.free_text import Why, checked_why, is_bsn, number_in


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("BSN 111222333", "bsn"),
        ("111.222.333", "bsn"),
        ("1112 22 333", "bsn"),
        ("bsn:123456782", "bsn"),
        # Eight digits: the leading zero was left out.
        ("10000008", "bsn"),
        ("paspoort NPC1B2C34", "document"),
        ("id-kaart specI2014", "document"),
        ("belde 06 12345678", "phone"),
        ("belde +31 (0)6-12345678", "phone"),
        ("belde 0031612345678", "phone"),
        ("030-5550123", "phone"),
        ("", None),
        ("TD-4411", None),
        ("INC0012345", None),
        ("telefoon kwijt sinds 12-11-2026", None),
        ("111222334", None),
        ("2 methoden, 1 nummer", None),
        ("verhuizing naar Groningen", None),
        ("ingevoerd", None),
    ],
)
def test_numbers_of_people_are_seen_however_they_are_written(text: str, kind: str | None) -> None:
    assert number_in(text) == kind


@pytest.mark.parametrize("form", ["%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y", "%Y-%m-%d"])
def test_no_day_is_taken_for_a_number_of_somebody(form: str) -> None:
    days = (date(2026, 1, 1) + timedelta(days=number) for number in range(730))

    assert [day for day in days if number_in(f"kwijt sinds {day.strftime(form)}, 09:12") is not None] == []


@given(st.integers(0, 10**8 - 1))
def test_exactly_what_passes_the_elfproef_is_a_bsn(stem: int) -> None:
    first = f"{stem:08d}"
    passing = [last for last in range(10) if is_bsn(f"{first}{last}")]
    rest = sum(weight * int(digit) for weight, digit in zip(range(9, 1, -1), first, strict=True)) % 11
    assert passing == ([rest] if rest < 10 and (stem or rest) else [])


@pytest.mark.parametrize(
    ("why", "field", "what"),
    [
        (Why("  "), "reason", "missing"),
        (Why("x" * 201), "reason", "long"),
        (Why("x\x1b[2J"), "reason", "unprintable"),
        (Why("\u202ex"), "reason", "unprintable"),
        (Why("x", "y" * 41), "ticket", "long"),
        (Why("x", "\n y"), "ticket", None),
        (Why("x", "y\nz"), "ticket", "unprintable"),
    ],
)
def test_a_reason_is_there_short_and_readable(why: Why, field: str, what: str | None) -> None:
    if what is None:
        assert checked_why(why).ticket == "y"
        return
    with pytest.raises(TextUnusable) as caught:
        checked_why(why)
    assert (caught.value.field, caught.value.what) == (field, what)


def test_the_error_does_not_hold_the_number() -> None:
    with pytest.raises(NumberInText) as caught:
        checked_why(Why("BSN 111222333"))

    assert "111" not in str(caught.value) + repr(caught.value)


@given(st.text(max_size=300))
def test_whatever_is_typed_is_kept_clean_or_refused(text: str) -> None:
    try:
        kept = checked_why(Why(text)).reason
    except (TextUnusable, NumberInText):
        return
    assert kept == text.strip()
    assert not {"Cc", "Cf", "Cs", "Zl", "Zp"} & set(map(unicodedata.category, kept))
