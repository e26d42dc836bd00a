import pytest

from tests.data.racing import KINDS, race


@pytest.mark.parametrize("kind", KINDS)
def test_eight_processes_get_each_code_accepted_exactly_once_and_no_error(kind: str) -> None:
    result = race(kind, processes=8, codes=100)
    assert (result.accepted, result.doubles, result.errors) == (100, 0, {})


def test_the_race_would_catch_a_code_that_is_looked_at_before_it_is_written() -> None:
    assert race("careless", processes=8, codes=100).doubles > 0


def test_eight_processes_that_offer_one_code_of_an_app_a_thousand_times_get_it_accepted_once() -> None:
    result = race("one app code", processes=8, codes=1_000)
    assert (result.accepted, result.doubles, result.errors) == (1, 0, {})
