"""The compare-and-set between PDU and Ctrl-Z."""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from typing import Any

import pytest

from data.errors import DatabaseUnavailable
from data.messages import MessageState
from hardware.modem.status import ModemState, ModemStatus
from kiosk.delivery.jobs import Flight, Journals, ModemLabel, network_name
from tests.kiosk.delivery.house import MINUTE, House, open_database

KPN = ModemStatus(
    name="noord", port="/dev/null", state=ModemState.READY, network="20408", network_name="NL KPN", imsi_network="20408"
)
ROAMING = replace(KPN, network="26201", network_name="Telekom.de")


@pytest.fixture
def journals(still: House) -> Iterator[Journals]:
    directory, now = still.directory, still.clock.now()
    journals = Journals(lambda: open_database(directory, now, busy_ms=20), still.clock, still.doorbell.ring)
    yield journals
    journals.close()


def flight(house: House, **given: Any) -> Flight:
    return Flight(message=house.queue(**given), modem=house.modem(), label=ModemLabel())


def test_the_journal_says_yes_once_and_the_row_says_over_which_network(still: House, journals: Journals) -> None:
    one = flight(still)
    assert journals.commit(one, KPN)
    assert not journals.commit(one, KPN)
    [attempt] = still.tries(one.message)
    assert (attempt.id, attempt.network, attempt.network_name, attempt.network_group) == (
        one.transmission_id,
        "20408",
        "KPN",
        "KPN",
    )
    assert still.state(one.message) is MessageState.COMMITTED


@pytest.mark.parametrize(("told", "kept"), [("8931440400000000008", "8931440400000000008"), ("", None)])
def test_the_journal_keeps_the_sim_that_is_in_the_modem_at_this_moment(
    still: House, journals: Journals, told: str, kept: str | None
) -> None:
    one = flight(still)
    assert journals.commit(one, replace(KPN, iccid=told))
    assert [attempt.iccid for attempt in still.tries(one.message)] == [kept]


def test_of_two_modems_with_the_same_sms_one_hears_yes(still: House, journals: Journals) -> None:
    one = flight(still)
    other = replace(one, transmission_id="b" * 26)
    assert [journals.commit(one, KPN), journals.commit(other, KPN)] == [True, False]
    assert len(still.tries(one.message)) == 1


def test_watchers_are_woken_when_an_sms_is_committed(still: House, journals: Journals) -> None:
    one = flight(still)
    still.doorbell.clear()
    journals.commit(one, KPN)
    assert still.doorbell.wait(0)


def test_an_sms_that_was_taken_back_is_not_sent(still: House, journals: Journals) -> None:
    one = flight(still)
    assert one.message.sign_in_id is not None
    with still.db.transaction(write=True):
        still.outbox.cancel(one.message.sign_in_id, now=still.clock.now())
    assert not journals.commit(one, KPN)
    assert still.state(one.message) is MessageState.CANCELLED


def test_an_sms_whose_code_is_over_is_not_sent(still: House, journals: Journals) -> None:
    one = flight(still)
    still.clock.ahead = 5 * MINUTE
    assert not journals.commit(one, KPN)


def test_a_resend_is_not_sent_when_the_modem_has_moved_to_a_used_network(still: House, journals: Journals) -> None:
    one = flight(still, avoid_groups=("KPN",), same_network_allowed=False)
    assert not journals.commit(one, KPN)
    assert not journals.commit(one, replace(KPN, network=""))
    assert still.state(one.message) is MessageState.QUEUED
    assert journals.commit(one, replace(KPN, network="20404"))


def test_a_journal_that_cannot_write_says_nothing_and_works_again_later(still: House, journals: Journals) -> None:
    one = flight(still)
    with closing(sqlite3.connect(still.directory / "kiosk.db", isolation_level=None)) as locker:
        locker.execute("BEGIN IMMEDIATE")
        with pytest.raises(DatabaseUnavailable):
            journals.commit(one, KPN)
    assert still.state(one.message) is MessageState.QUEUED
    assert journals.commit(one, KPN)


def test_a_network_is_called_by_its_own_name_or_by_the_label_of_the_site() -> None:
    label = ModemLabel(network_label="KPN Zakelijk")
    assert network_name(KPN, ModemLabel()) == "KPN"
    assert network_name(KPN, label) == "KPN Zakelijk"
    assert network_name(replace(KPN, imsi_network=""), label) == "KPN Zakelijk"
    assert network_name(ROAMING, label) == "Telekom.de"
