"""The same modem that people try the kiosk with, in bad weather: the air counts what really went out."""

import dataclasses
from pathlib import Path

import pytest

from hardware.modem.jobs import NotSent, Refused, SendResult, Sent, Unknown
from hardware.modem.status import ModemState
from hardware.simulator import PROFILES, SimulatedModem, SimulatedNetwork
from tests.hardware.modem.harness import NUMBER, QUICK, TEXT, Harness

BEFORE_CTRL_Z = [
    "prompt_without_space",
    "prompt_crlf",
    "prompt_late=0.2",
    "pdu_echo",
    "echo_stuck",
    "double_cr",
    "lf_only",
    "nul_bytes",
    "one_byte_at_a_time=0.1",
    "rssi_flood=20",
    "unknown_urc_flood=20",
    "verbose_errors",
    "urc_during_send",
    "incoming_call",
    "urc_in_answer",
    "slow=20",
]


@pytest.mark.parametrize("fault", BEFORE_CTRL_Z)
def test_bad_manners_stop_no_sms(fault: str, air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air, faults=[fault]) as modem, Harness(modem.port, state) as harness:
        assert isinstance(harness.ready().send(), Sent)
    assert [(sms.recipient, sms.submit.text) for sms in air.accepted] == [(NUMBER, TEXT)]


@pytest.mark.parametrize("family", sorted(PROFILES))
def test_every_family_sends_and_reports(family: str, air: SimulatedNetwork, state: Path) -> None:
    phone = air.phone(NUMBER)
    with SimulatedModem(family, air=air) as modem, Harness(modem.port, state) as harness:
        sent = harness.ready().send()
        harness.wait_for(lambda: bool(harness.reports))
    assert isinstance(sent, Sent)
    assert (harness.reports[0].reference, harness.reports[0].delivered) == (sent.reference, True)
    assert [message.text for message in phone.messages] == [TEXT]


@pytest.mark.parametrize(
    ("fault", "kind", "accepted"),
    [
        ("answer_lost:once", Unknown, 1),
        ("never_sent:once", Unknown, 0),
        ("cmgs_takes=1.0:once", Unknown, 1),
        ("error_after_send:once", Unknown, 1),
        ("error_after_send=500:once", Unknown, 1),
        ("generic_error:once", Unknown, 0),
        ("reference_missing:once", Unknown, 1),
        ("reset_during_send:once", Unknown, 1),
        ("reset_during_send=0:once", Unknown, 0),
        ("gone_during_send:once", Unknown, 1),
        ("cms_error=42:once", Refused, 0),
        ("cms_error=38:once", Refused, 0),
        ("cms_error=500:once", Unknown, 0),
        ("prompt_refused:once", NotSent, 0),
        ("prompt_missing:once", NotSent, 0),
        ("gone_before_prompt:once", NotSent, 0),
    ],
)
def test_what_is_said_of_a_failed_send_is_true(
    fault: str, kind: type[SendResult], accepted: int, air: SimulatedNetwork, state: Path
) -> None:
    pace = dataclasses.replace(QUICK, final=0.4, prompt=0.3)
    with SimulatedModem(air=air) as modem, Harness(modem.port, state, pace=pace) as harness:
        harness.ready()
        modem.inject(fault)
        result = harness.send()
        assert isinstance(result, kind)
        assert len(air.accepted) == accepted
        if fault.startswith("gone"):
            assert modem.wait_for(lambda: not modem.plugged)
            harness.wait_for_state(ModemState.GONE)
            modem.plug()
        # The next message goes out as if nothing had been, and exactly once.
        assert isinstance(harness.ready().send(text="next"), Sent)
    assert [sms.submit.text for sms in air.accepted].count("next") == 1
    assert [sms.submit.text for sms in air.accepted].count(TEXT) == accepted


def test_a_late_answer_turns_unknown_into_sent(air: SimulatedNetwork, state: Path) -> None:
    pace = dataclasses.replace(QUICK, final=0.1)
    with (
        SimulatedModem(air=air, faults=["answer_late=0.5:once"]) as modem,
        Harness(modem.port, state, pace=pace) as harness,
    ):
        assert isinstance(harness.ready().send(), Unknown)
        harness.wait_for(lambda: bool(harness.late))
        assert harness.late == [air.accepted[0].reference]


def test_a_write_that_blocks_sends_nothing_and_the_modem_comes_back(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air) as modem, Harness(modem.port, state) as harness:
        harness.ready()
        modem.inject("write_blocked")
        assert isinstance(harness.send(), NotSent)
        assert air.accepted == ()
        modem.clear()
        harness.ready()


def test_a_stick_pulled_out_in_every_state_comes_back(air: SimulatedNetwork, state: Path) -> None:
    pace = dataclasses.replace(QUICK, sim_busy=0.3)
    with SimulatedModem(air=air) as modem, Harness(modem.port, state, pace=pace) as harness:
        for fault, expected in (
            ("not_registered", ModemState.NO_NETWORK),
            ("sim_absent", ModemState.SIM_PROBLEM),
            ("text_mode_only", ModemState.DOWN),
            ("slow=20", ModemState.READY),
        ):
            modem.inject(fault)
            modem.unplug()
            harness.wait_for_state(ModemState.GONE)
            modem.plug()
            harness.wait_for_state(expected)
            modem.clear()
        assert isinstance(harness.ready().send(), Sent)


def test_a_prompt_left_by_a_killed_program_swallows_nothing(air: SimulatedNetwork, state: Path) -> None:
    with SimulatedModem(air=air) as modem:
        with open(modem.port, "r+b", buffering=0) as killed:  # noqa: PTH123  raw, as another program would
            killed.write(b"AT+CMGF=0\rAT+CMGS=29\r")
            assert modem.wait_for(lambda: any(b">" in entry.octets for entry in modem.transcript))
        with Harness(modem.port, state) as harness:
            assert isinstance(harness.ready().send(), Sent)
    assert len(air.accepted) == 1
