"""What lies on the SIM: read in every form, and deleted only on order."""

import dataclasses
from collections.abc import Iterator
from pathlib import Path

import pytest

from hardware.modem.errands import inbox
from hardware.modem.errands.waiting import Refusal
from hardware.modem.errors import AtTimeout
from hardware.modem.jobs import Sent
from hardware.modem.session import ModemSession
from hardware.modem.status import ModemState
from hardware.simulator import SimulatedModem, SimulatedNetwork
from tests.hardware.modem.harness import QUICK, Harness
from tests.hardware.modem.scripted import ERROR, OK, ScriptedModem

SECONDS = 5
# "hellohello" of 23.040's common example, from +27838890001.
RECEIVED = "07917283010010F5040BC87238880900F10000993092516195800AE8329BFD4697D9EC37"
REPORT = "07911326040000F006070B911316325476F8629011200000806290112010008000"
LISTED = (
    f'\r\n+CMGL: 1,0,"",28\r\n{RECEIVED}\r\n+CMGL: 2,1,,25\r\n{REPORT}\r\n+CMGL: 7,1,,12\r\n0791FF00FF00FF00\r\n\r\nOK\r\n'
).encode()
MEMORY = b'\r\n+CPMS: "SM",3,10,"SM",3,10,"SM",3,10\r\n\r\nOK\r\n'


@pytest.fixture
def harness(scripted: ScriptedModem, state: Path) -> Iterator[Harness]:
    scripted.answers |= {"AT+CPMS?": MEMORY, "AT+CMGL=4": LISTED}
    with Harness(scripted.port, state) as harness:
        yield harness.ready()


def test_every_kind_of_message_is_listed(harness: Harness) -> None:
    found = harness.ask(inbox.inbox).result(SECONDS)
    assert [(one.index, one.kind.value, one.unread) for one in found.messages] == [
        (1, "received", True),
        (2, "report", False),
        (7, "unreadable", False),
    ]
    assert found.messages[0].text == "hellohello"
    assert found.memory is not None
    assert (found.memory.memory, found.memory.used, found.memory.total) == ("SM", 3, 10)


def test_a_line_in_between_is_no_message(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+CMGL=4"] = LISTED.replace(b"+CMGL: 2", b"^RSSI: 12\r\n+CMGL: 2")
    assert len(harness.ask(inbox.inbox).result(SECONDS).messages) == 3


def test_one_message_is_read_by_its_place(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+CMGR=5"] = f"\r\n+CMGR: 1,,28\r\n{RECEIVED}\r\n\r\nOK\r\n".encode()
    found = harness.ask(lambda session: inbox.message(session, 5)).result(SECONDS)
    assert (found.index, found.text) == (5, "hellohello")


@pytest.mark.parametrize(
    ("answer", "refused"), [(OK, None), (b"\r\n+CMS ERROR: 321\r\n", Refusal(family="cms", code=321))]
)
def test_an_empty_place_is_told(
    harness: Harness, scripted: ScriptedModem, answer: bytes, refused: Refusal | None
) -> None:
    scripted.answers["AT+CMGR"] = answer

    def read(session: ModemSession) -> inbox.InboxMessage:
        return inbox.message(session, 9)

    with pytest.raises(inbox.NoSuchMessage) as missing:
        harness.ask(read).result(SECONDS)
    assert (missing.value.index, missing.value.refused) == (9, refused)


def test_one_message_is_deleted_and_no_other(harness: Harness, scripted: ScriptedModem) -> None:
    assert harness.ask(lambda session: inbox.delete(session, 2)).result(SECONDS).refused is None
    assert [one for one in scripted.heard if one.startswith("AT+CMGD")] == ["AT+CMGD=2"]


def test_a_modem_that_cannot_delete_all_at_once_does_it_one_by_one(harness: Harness, scripted: ScriptedModem) -> None:
    scripted.answers["AT+CMGD=1,4"] = ERROR
    assert harness.ask(inbox.delete_all).result(SECONDS).refused is None
    assert [one for one in scripted.heard if one.startswith("AT+CMGD")] == [
        "AT+CMGD=1,4",
        "AT+CMGD=1",
        "AT+CMGD=2",
        "AT+CMGD=7",
    ]


def test_the_parts_of_a_long_message_are_told_apart(harness: Harness, scripted: ScriptedModem) -> None:
    part = "07911326040000F0440B911316325476F80000629011200000800C050003A70201D06536FB0D"
    scripted.answers["AT+CMGR=5"] = f"\r\n+CMGR: 1,,29\r\n{part}\r\n\r\nOK\r\n".encode()
    found = harness.ask(lambda session: inbox.message(session, 5)).result(SECONDS)
    assert found.part is not None
    assert (found.part.reference, found.part.total, found.part.number) == (0xA7, 2, 1)


def test_a_modem_that_hangs_while_it_lists_is_silent_and_serves_again_once_it_was_plugged_in_anew(
    air: SimulatedNetwork, state: Path
) -> None:
    pace = dataclasses.replace(QUICK, list_messages=0.2, basic=0.1, attention=0.02)
    with (
        SimulatedModem(air=air, faults=["cmgl_hangs:once"]) as modem,
        Harness(modem.port, state, pace=pace) as harness,
    ):
        harness.ready()
        with pytest.raises(AtTimeout):
            harness.ask(inbox.inbox).result(SECONDS)
        harness.wait_for_state(ModemState.DOWN, "silent")
        modem.unplug()
        harness.wait_for_state(ModemState.GONE)
        modem.plug()
        assert isinstance(harness.ready().send(), Sent)
