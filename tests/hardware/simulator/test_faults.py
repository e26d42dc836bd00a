import pytest

from hardware.simulator import BadFaultValue, Fault, InjectedFault, UnknownFault
from hardware.simulator.faults import ActiveFaults


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("answer_lost", InjectedFault(Fault.ANSWER_LOST, None, None)),
        ("answer_lost:once", InjectedFault(Fault.ANSWER_LOST, None, 1)),
        ("cms_error", InjectedFault(Fault.CMS_ERROR, 42.0, None)),
        ("cms_error=38", InjectedFault(Fault.CMS_ERROR, 38.0, None)),
        ("cms_error=38:3", InjectedFault(Fault.CMS_ERROR, 38.0, 3)),
        ("sim_busy=2.5", InjectedFault(Fault.SIM_BUSY, 2.5, None)),
    ],
)
def test_a_fault_is_named_with_value_and_count(text: str, expected: InjectedFault) -> None:
    assert InjectedFault.of(text) == expected


def test_an_unknown_fault_names_the_nearest_one() -> None:
    with pytest.raises(UnknownFault) as unknown:
        InjectedFault.of("answer_los")

    assert unknown.value.nearest == "answer_lost"


@pytest.mark.parametrize(
    "text",
    ["answer_lost=3", "cms_error=many", "cms_error=-1", "cms_error=nan", "cms_error:0", "cms_error:x", "deaf:once"],
)
def test_a_value_or_count_that_a_fault_does_not_take_is_refused(text: str) -> None:
    with pytest.raises(BadFaultValue):
        InjectedFault.of(text)


def test_every_fault_has_a_line_for_people_and_a_name_for_the_command_line() -> None:
    assert [fault for fault in Fault if not fault.description or not fault.value.replace("_", "").isalnum()] == []


def test_a_default_value_belongs_to_a_fault_that_takes_one() -> None:
    assert [fault for fault in Fault if fault.default is not None and not fault.unit] == []


def test_a_counted_fault_ends_by_itself() -> None:
    faults = ActiveFaults(["answer_lost:2"], lambda fault, active: None)

    taken = [faults.take(Fault.ANSWER_LOST) is not None for _ in range(3)]

    assert taken == [True, True, False]


def test_injecting_and_clearing_are_told() -> None:
    told: list[tuple[Fault, bool]] = []
    faults = ActiveFaults([], lambda fault, active: told.append((fault, active)))

    faults.inject(InjectedFault.of("deaf"))
    faults.clear()
    faults.clear(Fault.DEAF)

    assert told == [(Fault.DEAF, True), (Fault.DEAF, False)]
