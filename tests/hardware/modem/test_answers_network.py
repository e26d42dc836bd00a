from typing import Any

import pytest
from hypothesis import given

from hardware.modem import answers_network as network
from hardware.modem.answers_network import Charset, ExtendedSignal
from tests.hardware.modem.recorded import recorded
from tests.hardware.modem.test_answers import LINE


@recorded("creg.json")
def test_recorded_registrations_are_read(vector: dict[str, Any]) -> None:
    found = network.registration(vector["line"])
    lenient, expected = vector.get("lenient", []), vector["expected"]
    if found is None:
        assert "stat" in lenient
        return
    assert found.domain == vector["domain"]
    for field in ("stat", "lac", "ci", "act"):
        assert field in lenient or getattr(found, field) == expected[field], field


@recorded("cops.json")
def test_recorded_operators_are_read(vector: dict[str, Any]) -> None:
    charset, expected = Charset(vector["charset"]), vector["expected"]
    if vector["form"] == "read":
        serving = network.serving_operator(vector["response"], charset)
        assert serving is not None
        assert {field: getattr(serving, field) for field in expected} == expected
        return
    found = network.operators(vector["response"], charset)
    assert [(each.stat, each.long, each.short, each.numeric) for each in found] == [
        (each["stat"], each["long"], each["short"], each["numeric"]) for each in expected
    ]
    if "act" not in vector.get("lenient", []):
        allowed = [{each["act"], *vector.get("act_may_be", [])} for each in expected]
        assert all(each.act in acts for each, acts in zip(found, allowed, strict=True))


@recorded("responses.json", "cesq")
def test_recorded_extended_signals_are_read(vector: dict[str, Any]) -> None:
    found, expected = network.extended_signal(vector["response"]), vector["expected"]
    assert found is not None
    levels = expected.pop("dbm")
    assert {field: getattr(found, field) for field in expected} == expected
    assert (found.gsm_dbm, found.rscp_dbm, found.rsrp_dbm) == (levels["gsm"], levels["rscp"], levels["rsrp"])


@recorded("responses.json", "operator_id")
def test_recorded_network_codes_are_checked(vector: dict[str, Any]) -> None:
    assert bool(network.network_code(vector["response"])) == vector["expected"]["valid"]


@pytest.mark.parametrize("stat", range(12))
@pytest.mark.parametrize("domain", ["CREG", "CGREG", "CEREG"])
@pytest.mark.parametrize(
    "form", ["+{}: 0,{}", "+{}: {}", '+{}: 2,{},"00AB","01CEAD8F",7', '+{}: {},"00AB","01CEAD8F",7']
)
def test_every_stat_is_read_in_every_form(stat: int, domain: str, form: str) -> None:
    found = network.registration(form.format(domain, stat))
    assert found is not None
    assert (found.domain, found.stat) == (domain, stat)
    # 27.007 7.2: home, roaming, SMS only (home and roaming), CSFB not preferred (home and roaming).
    assert found.registered == (stat in {1, 5, 6, 7, 9, 10})


@pytest.mark.parametrize(
    ("line", "dbm"),
    [
        ("+CSQ: 0,0", -113),
        ("+CSQ: 1,99", -111),
        ("+CSQ: 20,99", -73),
        ("+CSQ:31,0", -51),
        ("+CSQ: 99,99", None),
        ("+CSQ: 131,99", -85),
        ("+CSQ: 199,99", None),
        ("+CSQ: ", None),
        ("+CSQ: 45,0", None),
    ],
)
def test_signal_is_read_in_dbm(line: str, dbm: int | None) -> None:
    assert network.signal_dbm(line) == dbm


@pytest.mark.parametrize(
    ("line", "network_name"),
    [
        ("+COPS: 0", None),
        ('+COPS: 0,0,"KPN NL",7', "KPN NL"),
        ('+COPS: 0,0,"\x1b[31mKPN\x07",7', "[31mKPN"),
        ("+COPS: 2,2,", None),
    ],
)
def test_operator_names_are_cleaned(line: str, network_name: str | None) -> None:
    serving = network.serving_operator(line)
    assert serving is not None
    assert serving.operator == network_name


@pytest.mark.parametrize(
    ("act", "generation"),
    [
        (0, "2G"),
        (3, "2G"),
        (2, "3G"),
        (6, "3G"),
        (7, "4G"),
        (9, "NB-IoT"),
        (11, "5G"),
        (13, "4G"),
        (99, ""),
        (None, ""),
    ],
)
def test_access_technology_is_named(act: int | None, generation: str) -> None:
    assert network.generation(act) == generation


def test_unknown_levels_are_none() -> None:
    unknown = ExtendedSignal(rxlev=99, ber=99, rscp=255, ecno=255, rsrq=255, rsrp=255)
    assert (unknown.gsm_dbm, unknown.rscp_dbm, unknown.rsrp_dbm) == (None, None, None)


@given(LINE)
def test_no_line_makes_a_parser_fail(line: str) -> None:
    network.registration(line)
    network.operators(line)
    network.operators(line, Charset.GSM)
    network.serving_operator(line)
    network.serving_operator(line, Charset.GSM)
    network.signal_dbm(line)
    network.extended_signal(line)
