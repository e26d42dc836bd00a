"""What the lines of modems mean, in words."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.language import Language
from kiosk.technician.explaining import explain
from kiosk.technician.words import meaning_of

DUTCH, ENGLISH = (Language.load(code) for code in ("nl", "en"))


@pytest.mark.parametrize(
    ("line", "meaning"),
    [
        ('+CREG: 2,1,"00A1","01F3B2"', "ingeschreven op het eigen netwerk"),
        ("+CEREG: 0,5", "ingeschreven op het netwerk van een ander (roaming)"),
        ("+CGREG: 0,6", "ingeschreven, alleen voor SMS of zonder voorkeur"),
        ("+CREG: 0,3", "het netwerk weigert deze SIM hiervoor"),
        ("+CREG: 0,4", "onbekend, vaak buiten bereik"),
        ('+COPS: 0,2,"20408",7', "netwerk KPN, door het modem zelf gekozen"),
        ('+COPS: 1,0,"vodafone NL",7', "netwerk vodafone NL, met de hand vastgezet"),
        ("+COPS: 0", "geen netwerk"),
        ("+CSQ: 21,99", "-71 dBm: goed vanaf -85, redelijk vanaf -95, te zwak onder -105"),
        ("+CSQ: 99,99", "geen signaal, of het modem weet het niet"),
        ("+CPIN: SIM PUK", "de SIM is geblokkeerd en vraagt de pukcode"),
        ("+CPIN: PH-NET PIN", "er is een andere code nodig dan de pincode"),
        ('+CPMS: "SM",3,20,"SM",3,20,"SM",3,20', "3 van 20 plaatsen voor berichten bezet"),
        ('+CMTI: "SM",3', "ongevraagd: er kwam een SMS binnen, plaats 3"),
        ("+CFUN: 4", "de radio staat uit"),
        ("+CGSMS: 1", "SMS gaan alleen over de belkant"),
        ("+CMGF: 0", "berichten als PDU, zoals de kiosk ze verstuurt"),
        ("RING", "ongevraagd: iemand belt dit nummer"),
        ("ERROR", "het modem kent dit niet, of kan het nu niet"),
        ("+CMS ERROR: 28", "unidentified subscriber: het ligt aan het nummer"),
        ("+CME ERROR: 10", "SIM not inserted: SIM, abonnement of modem is niet in orde"),
    ],
)
def test_an_answer_is_explained(line: str, meaning: str) -> None:
    assert meaning_of(line, DUTCH) == meaning


@pytest.mark.parametrize(
    "line", ["OK", "Quectel", "+QIND: SMS DONE", "+CSQ: (0-31,99),(0-7,99)", "+CFUN: (0,1,4),(0,1)"]
)
def test_what_says_it_itself_and_what_nobody_knows_is_left_alone(line: str) -> None:
    assert meaning_of(line, DUTCH) == ""


PREFIXES = ("+CREG:", "+COPS:", "+CSQ:", "+CPIN:", "+CPMS:", "+CMTI:", "+CSCA:", "+CFUN:", "+CGSMS:", "+CMS ERROR:", "")


@given(st.sampled_from(PREFIXES), st.text(max_size=40))
def test_whatever_a_modem_says_is_explained_in_words_that_exist_or_not_at_all(prefix: str, rest: str) -> None:
    line = prefix + rest
    assert all((meaning_of(line, words) == "") == (explain(line) is None) for words in (DUTCH, ENGLISH))
