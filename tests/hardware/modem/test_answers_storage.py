from typing import Any

import pytest
from hypothesis import given

from hardware.modem import answers_storage as storage
from hardware.modem.answers import after_prefix
from hardware.modem.answers_storage import Storage, Ussd
from tests.hardware.modem.recorded import recorded
from tests.hardware.modem.test_answers import LINE


@recorded("responses.json", "cpms_test")
def test_recorded_memories_are_listed(vector: dict[str, Any]) -> None:
    lists = storage.possible_values(after_prefix(vector["response"], "+CPMS") or "")
    expected = [vector["expected"][each] for each in ("mem1", "mem2", "mem3")]
    assert vector.get("lenient") or [*lists, [], [], []][:3] == expected


@recorded("responses.json", "cnmi_test")
def test_recorded_indication_settings_are_listed(vector: dict[str, Any]) -> None:
    lists = storage.possible_values(after_prefix(vector["response"], "+CNMI") or "")
    expected = [vector["expected"][each] for each in ("mode", "mt", "bm", "ds", "bfr")]
    assert [[int(value) for value in values] for values in lists] == expected


@recorded("responses.json", "cscs_test")
def test_recorded_character_sets_are_listed(vector: dict[str, Any]) -> None:
    lists = storage.possible_values(after_prefix(vector["response"], "+CSCS") or "")
    assert [value for values in lists for value in values] == vector["expected"]["charsets"]


@recorded("responses.json", "cpms_read")
def test_recorded_memories_are_read(vector: dict[str, Any]) -> None:
    found = storage.storages(vector["response"])
    assert [[each.memory, each.used, each.total] for each in found] == vector["expected"]["mems"]


@recorded("responses.json", "cpms_set")
def test_recorded_memory_counts_are_read(vector: dict[str, Any]) -> None:
    expected = Storage("", vector["expected"]["used"], vector["expected"]["total"])
    assert storage.storages(vector["response"])[0] == expected


@recorded("responses.json", "cmgl", "cmgr")
def test_recorded_messages_are_listed(vector: dict[str, Any]) -> None:
    found = storage.stored_messages(vector["response"])
    assert [(each.index, each.status, each.pdu) for each in found] == [
        (each.get("index"), each["stat"], each["pdu"]) for each in vector["expected"]["messages"]
    ]


@recorded("responses.json", "cusd")
def test_recorded_ussd_answers_are_read(vector: dict[str, Any]) -> None:
    found, expected = storage.ussd(vector["response"]), vector["expected"]
    assert found is not None
    assert (found.mode, found.data_coding) == (expected["m"], expected["dcs"])
    assert expected["text"] is None or found.text == expected["text"]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("+CUSD: 4", Ussd(4, None, None)),
        ('+CUSD: 0,"12345678",15', Ussd(0, "12345678", 15)),
        ("+CUSD: x", None),
        ("+CREG: 1", None),
    ],
)
def test_ussd_without_text_and_plain_digits_are_read(line: str, expected: Ussd | None) -> None:
    assert storage.ussd(line) == expected


def test_a_memory_is_full_when_nothing_fits_in() -> None:
    assert (Storage("SM", 20, 20).full, Storage("SM", 19, 20).full, Storage("SM", 0, 0).full) == (True, False, False)


@given(LINE)
def test_no_line_makes_a_parser_fail(line: str) -> None:
    storage.storages(line)
    storage.possible_values(line)
    storage.stored_messages(line)
    storage.ussd(line)
