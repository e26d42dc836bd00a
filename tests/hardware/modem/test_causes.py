import pytest

from hardware.modem import causes
from hardware.modem.causes import ErrorClass, ErrorFamily

# The judgement of which cause means what, as data beside the table that the product uses.
CLASSES: dict[ErrorClass, dict[ErrorFamily, list[int]]] = {
    ErrorClass.MODEM_DOWN: {
        "cms": [*range(310, 319), 320, 321, 322, 8, 10, 21, 29, 50, 69, 193],
        "cme": list(range(10, 17)),
    },
    ErrorClass.OTHER_MODEM: {"cms": [17, 22, 27, 38, 41, 42, 47, 192, 194, 331, 332]},
    ErrorClass.PERMANENT_NUMBER: {"cms": [1, 28, 30, 195, 196]},
    ErrorClass.OUR_BUG: {"cms": [304, 305, *range(95, 100), 111, *range(128, 176), 198, 199, 549, 553]},
    ErrorClass.UNKNOWN: {"cms": [500, 127, 255, 512, 9999], "cme": [100, 0, 9999]},
}
CASES = [
    (family, code, error_class)
    for error_class, families in CLASSES.items()
    for family, codes in families.items()
    for code in codes
]


@pytest.mark.parametrize(("family", "code", "error_class"), CASES)
def test_cause_falls_into_its_class(family: ErrorFamily, code: int, error_class: ErrorClass) -> None:
    assert causes.classify(family, code) is error_class


def test_error_without_a_code_is_unknown() -> None:
    assert causes.classify("cms", None) is ErrorClass.UNKNOWN


@pytest.mark.parametrize(
    ("family", "code", "certain"),
    [
        ("cms", 42, True),
        ("cms", 38, True),
        ("cms", 304, True),
        ("cms", 330, True),
        ("cme", 30, True),
        ("cms", 500, False),
        ("cms", 255, False),
        ("cms", 512, False),
        ("cms", None, False),
        # The network did not answer in time: its answer may be what was lost.
        ("cms", 332, False),
        ("cme", 31, False),
    ],
)
def test_only_a_clear_refusal_proves_that_nothing_was_sent(
    family: ErrorFamily, code: int | None, certain: bool
) -> None:
    assert causes.certainly_not_sent(family, code) is certain


@pytest.mark.parametrize(
    ("family", "words", "code"),
    [
        ("cms", "SMSC address unknown", 330),
        ("cms", "Network timeout", 332),
        ("cms", "unknown error", 500),
        ("cms", "congestion", 22),
        ("cme", "operationnotallowed", 3),
        ("cme", "SIM PUK required", 12),
        ("cme", "SIM busy", 14),
        ("cme", "incorrect password", 16),
        ("cme", "arratsaldeon", None),
        ("cme", "", None),
    ],
)
def test_errors_in_words_have_their_code(family: ErrorFamily, words: str, code: int | None) -> None:
    assert causes.code_of(family, words) == code


def test_every_known_code_has_a_name_for_technicians() -> None:
    assert all(
        causes.name(family, code) for family, code, error_class in CASES if code < 512 and error_class is not None
    )
