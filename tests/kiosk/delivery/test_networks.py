from hypothesis import given
from hypothesis import strategies as st

from hardware.simulator.operators import OPERATORS
from kiosk.delivery.networks import UNKNOWN_GROUP, group_of, name_of

codes = st.from_regex(r"[2-7][0-9]{4,5}", fullmatch=True)


def test_the_codes_of_one_operator_are_one_group() -> None:
    assert group_of("20408") == group_of("20410") == group_of("20412") == group_of("20469")
    assert group_of("20416") == group_of("20420") == group_of("20402")


def test_the_three_dutch_operators_are_three_groups() -> None:
    assert len({group_of("20404"), group_of("20408"), group_of("20416")}) == 3


@given(codes, codes)
def test_unknown_networks_are_groups_of_their_own(one: str, other: str) -> None:
    if one.startswith("204") or other.startswith("204"):
        return
    assert (group_of(one) == group_of(other)) == (one == other)


def test_no_network_has_no_group_and_no_name() -> None:
    assert group_of(None) == group_of("") == UNKNOWN_GROUP
    assert name_of(None) == name_of("", "") == ""


def test_a_dutch_network_is_called_by_its_short_name_whatever_the_modem_says() -> None:
    assert name_of("20404", "vodafone NL") == "Vodafone"
    assert name_of("20420", "T-Mobile NL 2023") == "Odido"


def test_an_unknown_network_is_called_what_the_modem_calls_it_else_by_its_digits() -> None:
    assert name_of("26201", "Telekom.de") == "Telekom.de"
    assert name_of("26201") == "26201"
    assert name_of(None, "Telekom.de") == "Telekom.de"


@given(codes, st.text())
def test_a_name_fits_its_place_and_holds_nothing_that_steers_a_terminal(network: str, reported: str) -> None:
    name = name_of(network, reported)
    assert 0 < len(name) <= 14
    assert not set(name) & {"\x1b", "\x9b", "\r", "\n", "\u202e"}


def test_every_operator_that_the_simulator_knows_has_a_name_that_fits() -> None:
    for operator in OPERATORS:
        assert 0 < len(name_of(operator.mccmnc, operator.long_name)) <= 14
