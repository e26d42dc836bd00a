"""What technicians are told by SMS, and what the log says of modems that leave, come back or are exchanged."""

from dataclasses import replace
from pathlib import Path
from typing import Any, NamedTuple

import pytest

from data.messages import Message, MessageKind
from hardware.modem.status import ModemState, ModemStatus
from kiosk.delivery import vigil as vigil_module
from kiosk.delivery.alarms import AlarmCause, AlarmMeans, raise_alarm
from kiosk.delivery.records import Records
from kiosk.delivery.vigil import Vigil
from kiosk.language import Language
from tests.kiosk.delivery.house import MINUTE, House

TECHNICIAN = "+31611111111"
OTHER = "+31622222222"
GOOD = ModemStatus(name="noord", port="p", state=ModemState.READY)
SECOND = 1000


def means(*phones: str) -> AlarmMeans:
    return AlarmMeans(phones=phones, words=Language.load("nl"), site="Receptie Noord", down_minutes=10)


class Watched(NamedTuple):
    house: House
    vigil: Vigil
    records: Records

    def see(self, **changes: Any) -> None:
        self.vigil.look([replace(GOOD, **changes)], self.records, self.house.clock.now())

    def later(self, milliseconds: int) -> None:
        self.house.clock.ahead += milliseconds

    def alarms(self) -> list[str]:
        return [self.house.db.messages.text(one) for one in queued(self.house)]

    def log(self) -> list[tuple[str, str]]:
        events = [row.event for row in self.house.db.audit.rows()]
        return [(event.action, event.result) for event in events if event and event.action.startswith("modem.")]


def queued(house: House) -> list[Message]:
    found = house.db.messages.next_queued(house.clock.now(), limit=100)
    return [one for one in found if one.kind is MessageKind.ALARM]


@pytest.fixture
def watched(still: House) -> Watched:
    return Watched(still, Vigil(means(TECHNICIAN)), Records(still.db, still.clock))


def test_a_modem_that_stays_down_is_told_after_ten_minutes_and_once_a_day(watched: Watched) -> None:
    watched.see(state=ModemState.DOWN, reason="silent")
    watched.later(9 * MINUTE)
    watched.see(state=ModemState.GONE, reason="port_missing")
    assert watched.alarms() == []
    watched.later(MINUTE)
    for _ in range(3):
        watched.see(state=ModemState.DOWN, reason="silent")
    assert [text.partition(":")[0] for text in watched.alarms()] == ["Receptie Noord"]
    assert "noord" in watched.alarms()[0]


def test_a_modem_that_comes_back_in_time_is_no_alarm(watched: Watched) -> None:
    for _ in range(5):
        watched.see(state=ModemState.DOWN, reason="silent")
        watched.later(9 * MINUTE)
        watched.see()
    assert watched.alarms() == []


@pytest.mark.parametrize("reason", ["puk_required", "pin_refused", "pin_last_try", "other_sim", "other_modem"])
def test_what_does_not_mend_by_itself_is_told_at_once(watched: Watched, reason: str) -> None:
    state = ModemState.DOWN if reason == "other_modem" else ModemState.SIM_PROBLEM
    watched.see(state=state, reason=reason)
    assert len(watched.alarms()) == 1


def test_a_renumbering_of_seconds_is_no_removal(watched: Watched) -> None:
    watched.see()
    watched.see(state=ModemState.GONE, reason="port_gone")
    watched.later(20 * SECOND)
    watched.see(state=ModemState.STARTING, reason="opening")
    watched.see()
    assert watched.log() == []


def test_a_modem_that_is_removed_and_returned_is_in_the_log_once_each(watched: Watched) -> None:
    watched.see()
    for _ in range(4):
        watched.see(state=ModemState.GONE, reason="port_missing")
        watched.later(20 * SECOND)
    watched.see(state=ModemState.STARTING, reason="opening")
    watched.see()
    assert watched.log() == [("modem.removed", "port_missing"), ("modem.returned", "ready")]


def test_a_modem_that_was_exchanged_is_in_the_log_once_until_it_is_right_again(watched: Watched) -> None:
    for _ in range(3):
        watched.see(state=ModemState.SIM_PROBLEM, reason="other_sim")
    watched.see()
    watched.see(state=ModemState.SIM_PROBLEM, reason="other_sim")
    assert watched.log() == [("modem.replaced", "other_sim")] * 2


def test_the_next_day_it_is_told_again(still: House) -> None:
    told = [raise_alarm(still.db, means(TECHNICIAN), AlarmCause.DISK, "", still.clock.now())]
    told.append(raise_alarm(still.db, means(TECHNICIAN), AlarmCause.DISK, "", still.clock.now()))
    still.clock.ahead += 24 * 60 * MINUTE
    told.append(raise_alarm(still.db, means(TECHNICIAN), AlarmCause.DISK, "", still.clock.now()))
    assert told == [True, False, True]


def test_every_technician_gets_it_and_it_holds_no_number(still: House) -> None:
    raise_alarm(still.db, means(TECHNICIAN, OTHER), AlarmCause.SIM_BLOCKED, "noord", still.clock.now())
    assert {still.db.messages.number(one) for one in queued(still)} == {TECHNICIAN, OTHER}
    assert not any(character.isdigit() for one in queued(still) for character in still.db.messages.text(one))


def test_without_technicians_nothing_is_queued(still: House) -> None:
    quiet = Vigil(means())
    quiet.look(
        [replace(GOOD, state=ModemState.SIM_PROBLEM, reason="puk_required")],
        Records(still.db, still.clock),
        still.clock.now(),
    )
    assert queued(still) == []


def test_a_disk_that_is_nearly_full_is_told(watched: Watched, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(vigil_module, "_FREE_BYTES", 1 << 62)
    watched.vigil.look_at_disk(tmp_path, watched.records, watched.house.clock.now())
    watched.vigil.look_at_disk(tmp_path, watched.records, watched.house.clock.now())
    assert len(watched.alarms()) == 1
