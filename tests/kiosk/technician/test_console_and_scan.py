"""Which commands are asked about first, and what a search means for this SIM."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hardware.modem.answers_network import Operator
from kiosk.language import LANGUAGES, Language
from kiosk.technician.console import Danger, dangerous
from kiosk.technician.scanning import NetworkState, networks_of


@pytest.mark.parametrize(
    ("line", "danger"),
    [
        ("AT", None),
        ("ATI", None),
        ("AT+CSQ", None),
        ("AT+CFUN?", None),
        ("AT+CFUN=?", None),
        ("AT+COPS?", None),
        ("AT+COPS=?", None),
        ("AT+CMGF=0", None),
        ("AT+CFUN=1,1", Danger.RESTART),
        ("at + cfun = 1 , 1", Danger.RESTART),
        ("AT+CSQ;+CFUN=1,1", Danger.RESTART),
        ("AT+CFUN=0", Danger.RADIO),
        ('AT+CPIN="1234"', Danger.PIN),
        ('AT+CPWD="SC","1234","0000"', Danger.PIN),
        ('AT+CLCK="SC",0,"1234"', Danger.LOCK),
        ('AT+COPS=1,2,"20408"', Danger.OPERATOR),
        ("AT+COPS=0", Danger.OPERATOR),
        ("AT&F", Danger.DEFAULTS),
        ("ATZ", Danger.DEFAULTS),
        ("AT&W", Danger.DEFAULTS),
        ("AT+CMGD=1,4", Danger.DELETE),
        ("AT+CMGS=29", Danger.SMS),
        ("ATD0612345678;", Danger.CALL),
        ("ATE0D112;", Danger.CALL),
        ("ATH0S0=0D06", Danger.CALL),
        ("AT&C1DT06", Danger.CALL),
        ("AT&D2", None),
        ("ATX4", None),
        ("A/", Danger.CALL),
        ('AT+CSIM=26,"0020000108"', Danger.PIN),
        ("AT+CSIM=?", None),
        ("AT+CRSM=214,28486,0,0,1", Danger.PIN),
        ("AT+CRSM=176,12258,0,0,10", None),
        ("AT+CRSM=?", None),
        ("AT+IPR=9600", Danger.DEFAULTS),
        ('AT+CSCA="+31653131313"', Danger.DEFAULTS),
        ('AT+EGMR=1,7,"490154203237518"', Danger.DEFAULTS),
    ],
)
def test_what_can_do_harm_is_asked_about(line: str, danger: Danger | None) -> None:
    assert dangerous(line) is danger


@given(st.text(max_size=60))
def test_any_text_can_be_looked_at(line: str) -> None:
    dangerous(line)


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_danger_and_every_state_of_a_network_has_words(code: str) -> None:
    words = Language.load(code)
    ids = [f"bench.danger.{each.value}" for each in Danger]
    ids += [f"bench.{kind}.{each.value}" for kind in ("network", "network_use") for each in NetworkState]
    assert [text_id for text_id in ids if not words.has(text_id)] == []


def test_one_network_over_two_technologies_is_one_row_and_the_one_in_use_comes_first() -> None:
    found = networks_of(
        [
            Operator(stat=3, long="KPN", short="KPN", numeric="20408", act=7),
            Operator(stat=3, long="KPN", short="KPN", numeric="20408", act=0),
            Operator(stat=2, long="vodafone NL", short="voda", numeric="20404", act=7),
        ]
    )
    assert [(one.name, one.code, one.technologies, one.state) for one in found] == [
        ("Vodafone", "204-04", "4G", NetworkState.CURRENT),
        ("KPN", "204-08", "4G 2G", NetworkState.FORBIDDEN),
    ]
