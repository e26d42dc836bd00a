import logging

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.modem.wire_log import LOGGER, TRAFFIC, log_traffic, redact

PDU = "0031000B911316325476F800000111D53B68FC269741E939888693E56233"


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ('AT+CPIN="1234"', "AT+CPIN=***"),
        ("AT+CPIN=12345678", "AT+CPIN=***"),
        ('at+cpwd="SC","1234","5678"', "at+cpwd=***"),
        (PDU, "<30 octets>"),
        ('+CSCA: "+31653131313",145', '+CSCA: "+<..13>",145'),
        ("354237065082227", "<..27>"),
        ('+CUSD: 0,"saldo 10",15', '+CUSD: 0,"***'),
        ("AT+COPS?", "AT+COPS?"),
        ('+COPS: 0,2,"20408",7', '+COPS: 0,2,"20408",7'),
        ("a\x1b[31m", "a\\x1b[31m"),
    ],
)
def test_secrets_are_masked_and_the_rest_is_kept(text: str, shown: str) -> None:
    assert redact(text) == shown


@given(st.from_regex(r"\A[0-9]{4,8}\Z"))
def test_no_pin_gets_through(pin: str) -> None:
    assert pin not in redact(f'AT+CPIN="{pin}"')


@given(st.from_regex(r"\A\+?[0-9]{7,15}\Z"), st.text(max_size=20))
def test_no_whole_number_gets_through(number: str, before: str) -> None:
    assert number.lstrip("+") not in redact(f'{before}"{number}"')


@given(st.text(max_size=60))
def test_what_is_logged_is_printable(text: str) -> None:
    assert redact(text).isprintable()


def test_traffic_is_off_unless_its_level_is_asked_for(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG, logger=LOGGER.name):
        log_traffic("noord", ">", "AT")
    assert not caplog.records


def test_traffic_has_its_own_level(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(TRAFFIC, logger=LOGGER.name):
        log_traffic("noord", ">", 'AT+CPIN="1234"')
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        ("TRAFFIC", "noord > AT+CPIN=***")
    ]
