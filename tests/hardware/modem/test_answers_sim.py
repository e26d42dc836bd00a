from typing import Any

import pytest
from hypothesis import given

from hardware.modem import answers_sim as sim
from hardware.modem.answers_sim import ServiceCentre
from tests.hardware.modem.recorded import recorded
from tests.hardware.modem.test_answers import LINE

ICCID = "8931080000000000019"
TRIES: list[tuple[str, list[str], int | None]] = [
    ("+CPINR", ["+CPINR: SIM PIN,3,3", "+CPINR: SIM PUK,10,10"], 3),
    ("+CPINR", ['+CPINR: "SIM PUK",10', '+CPINR: "SIM PIN",2'], 2),
    ("+CPINR", ["+CPINR: SIM PUK,10,10"], None),
    ("+CSIM", ['+CSIM: 4,"63C2"'], 2),
    ("+CSIM", ['+CSIM: 4,"63c0"'], 0),
    ("+CSIM", ['+CSIM: 4,"6983"'], 0),
    ("+CSIM", ['+CSIM: 4,"9840"'], 0),
    ("+CSIM", ['+CSIM: 4,"9000"'], None),
    ("+CSIM", ["+CSIM: 4"], None),
    ("^CPIN", ["^CPIN: SIM PIN,2,10,2,10,3"], 2),
    ("^CPIN", ["^CPIN: READY,,10,3,10,3"], 3),
    ("^SPIC", ["^SPIC: 3"], 3),
    ("+SPIC", ["+SPIC: 3,10,3,10"], 3),
    ("+QPINC", ['+QPINC: "SC",2,10'], 2),
    ("#PCT", ["#PCT: 1"], 1),
    ("+ZPINPUK", ["+ZPINPUK: 3,10"], 3),
    ("+EPINC", ["+EPINC: 3, 3, 10, 10"], 3),
    ("*EPIN", ["*EPIN: 2,10,3,10"], 2),
    ("*EPIN", ["+CREG: 1"], None),
]


@recorded("responses.json", "cpin")
def test_recorded_sim_states_are_read(vector: dict[str, Any]) -> None:
    assert (sim.sim_state(vector["response"].strip()) or None) == vector["expected"]["state"]


@recorded("responses.json", "csca")
def test_recorded_service_centres_are_read(vector: dict[str, Any]) -> None:
    found = sim.service_centre(vector["response"]) or ServiceCentre("", None)
    assert (found.number or None, found.type_octet) == (vector["expected"]["number"], vector["expected"]["toa"])


@recorded("responses.json", "cnum")
def test_recorded_own_numbers_are_read(vector: dict[str, Any]) -> None:
    assert sim.own_numbers(vector["response"].split("\r\n")) == vector["expected"]["numbers"]


@pytest.mark.parametrize(("prefix", "lines", "tries"), TRIES)
def test_pin_tries_are_read_from_every_maker(prefix: str, lines: list[str], tries: int | None) -> None:
    assert sim.pin_tries(lines, prefix) == tries


def test_every_way_to_ask_for_tries_is_covered_by_a_test() -> None:
    assert {prefix for _, prefix, _ in sim.TRIES_COMMANDS} == {prefix for prefix, _, _ in TRIES}


@pytest.mark.parametrize(
    ("prefix", "line"),
    [
        ("+CCID", f"+CCID: {ICCID}"),
        ("+CCID", f'+CCID: "{ICCID}"'),
        ("+CCID", f"{ICCID}"),
        ("+CCID", f"{ICCID}F"),
        ("+QCCID", f"+QCCID: {ICCID}F"),
        ("^ICCID", "^ICCID: 981380000000000010F9"),
        ("^ICCID", '^ICCID: "981380000000000010F9"'),
        ("+CRSM", '+CRSM: 144,0,"981380000000000010F9"'),
    ],
)
def test_iccid_is_read_from_every_maker(prefix: str, line: str) -> None:
    assert sim.iccid(["", line], prefix) == ICCID


@pytest.mark.parametrize("line", ["+CCID: ", "ERROR", "+CRSM: 106,130", "89310800", "+CCID: hello"])
def test_what_is_no_iccid_is_nothing(line: str) -> None:
    assert not sim.iccid([line], "+CCID")


def test_service_centre_stays_out_of_repr() -> None:
    assert "31653131313" not in repr(sim.service_centre('+CSCA: "+31653131313",145'))


@given(LINE)
def test_no_line_makes_a_parser_fail(line: str) -> None:
    sim.sim_state(line)
    sim.service_centre(line)
    sim.own_numbers([line])
    for _, prefix, _ in sim.TRIES_COMMANDS:
        sim.pin_tries([line, f"{prefix}: {line}"], prefix)
    for _, prefix, _ in sim.ICCID_COMMANDS:
        sim.iccid([line, f"{prefix}: {line}"], prefix)
