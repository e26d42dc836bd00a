"""What an operator's answer says of the credit."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.technician.credit import read_credit

TODAY = date(2026, 11, 27)


@pytest.mark.parametrize(
    ("text", "cents", "expires_on"),
    [
        ("Uw tegoed is EUR 12,34 en is geldig tot 31-12-2026.", 1234, date(2026, 12, 31)),
        ("Je beltegoed: € 5,-", 500, None),
        ("Tegoed 7.50 euro, geldig tot 2027-01-02", 750, date(2027, 1, 2)),
        ("Saldo: -0,25 EUR", -25, None),
        ("Balance EUR 10. Valid until 05/02/2027", 1000, date(2027, 2, 5)),
        ("Bel 1200 voor uw tegoed", None, None),
        ("EUR 5,00 beltegoed en EUR 2,00 bonus", None, None),
        ("EUR 5,00, dus 5,00 euro", 500, None),
        ("Geldig tot 31-02-2027", None, None),
        ("Van 01-01-2027 tot 01-02-2027", None, None),
        ("", None, None),
    ],
)
def test_amount_and_day_are_read_only_when_they_are_sure(text: str, cents: int | None, expires_on: date | None) -> None:
    read = read_credit(text)
    assert (read.cents, read.expires_on) == (cents, expires_on)


@pytest.mark.parametrize(
    ("text", "low"),
    [
        ("EUR 1,99", True),
        ("EUR 2,00", False),
        ("EUR 20,00 geldig tot 27-12-2026", True),
        ("EUR 20,00 geldig tot 28-12-2026", False),
        ("niets te lezen", False),
    ],
)
def test_a_technician_is_told_of_little_credit_and_of_its_end_thirty_days_ahead(text: str, low: bool) -> None:
    assert read_credit(text).is_low(TODAY) is low


@given(st.text(alphabet="EUR €0123456789.,-/ euro", max_size=60))
def test_any_answer_can_be_read(text: str) -> None:
    read_credit(text)
