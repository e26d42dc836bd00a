"""Rubbish on the wire: no crash, no wait beyond its limit, no SMS called sent that was not, never a second Ctrl-Z."""

import dataclasses
import time
from pathlib import Path

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hardware.modem.jobs import NotSent, Sent, Unknown
from tests.hardware.modem.harness import QUICK, Harness
from tests.hardware.modem.scripted import PROMPT, ScriptedModem

# What modems say, cut up and in any order, between octets of any kind; nothing here is a +CMGS with a reference.
PIECE = st.one_of(
    st.binary(max_size=40),
    st.sampled_from(
        [
            b"\r\n",
            b"\r\nOK\r\n",
            b"\r\n> ",
            b"\r\nERROR\r\n",
            b"\r\n+CMGS",
            b"\r\n+CMGS: \r\n",
            b"\r\n+CMGS: 999\r\n",
            b"\r\n+CMS ERROR: ",
            b"\r\n+CDS: 25\r\n",
            b"0006D60B911326880736F4111011719551401110117195714000\r\n",
            b"\r\n+CREG: 1,\r\n",
            b"\r\nRING\r\n",
            b"\r\n+COPS: (((\r\n",
            b"\x1a\x1b\x00",
            b"\xff" * 50,
        ]
    ),
)
RUBBISH = st.lists(PIECE, max_size=8).map(b"".join).filter(lambda data: b"+CMGS:" not in data or b"999" in data)
LIMITS = dataclasses.replace(
    QUICK, basic=0.05, attention=0.02, prompt=0.05, final=0.05, after_ok=0.02, escape=0.02, quiet=0.005, late=0.0
)


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(before=RUBBISH, after=RUBBISH)
@example(before=b"\r\nOK\r\n> ", after=b"\r\nOK\r\n\r\nOK\r\n")
def test_rubbish_around_a_send_makes_no_sms_sent(before: bytes, after: bytes, tmp_path: Path) -> None:
    with ScriptedModem() as modem:
        with Harness(modem.port, tmp_path / "state", pace=LIMITS) as harness:
            harness.ready()
            modem.prompt = before + PROMPT
            modem.after_ctrl_z = after
            started = time.monotonic()
            result = harness.send()
            assert time.monotonic() - started < 3
        assert not isinstance(result, Sent)
        if isinstance(result, NotSent):
            assert modem.committed == []
        if isinstance(result, Unknown):
            assert len(modem.committed) <= 1


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rubbish=st.lists(PIECE, min_size=1, max_size=8).map(b"".join))
def test_a_modem_that_talked_rubbish_can_be_used_again(rubbish: bytes, tmp_path: Path) -> None:
    with ScriptedModem() as modem, Harness(modem.port, tmp_path / "state", pace=QUICK) as harness:
        harness.ready()
        modem.say(rubbish + b"\r\n")
        result = harness.send()
        if not isinstance(result, Sent):
            result = harness.ready().send()
        assert isinstance(result, Sent)
