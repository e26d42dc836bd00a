"""What the technician sees of all modems, from the tables alone."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from data.ids import new_id
from kiosk.clock import EVIDENCE_KEY, ClockEvidence, TimeSource, evidence_to_text
from kiosk.language import Language
from kiosk.technician.overview import POINTS, Health, ModemOverview, Result, look
from kiosk.technician.words import clock_line, do_of, what_of
from tests.kiosk.delivery.house import MINUTE, House, TestClock

NOW = 1_795_000_000_000


@pytest.fixture
def house(tmp_path: Path) -> Iterator[House]:
    made = House.make(tmp_path, clock=TestClock(fixed=NOW))
    yield made
    made.close()


def seen(house: House, name: str = "noord") -> ModemOverview:
    return next(one for one in look(house.db, house.clock, house.policy.sms).modems if one.name == name)


def send(house: House, modem_id: str, *, reference: int | None = 7, error: str | None = None) -> None:
    """One SMS over this modem: sent, unknown with an `error` that says so, or refused with a code."""
    message, tried = house.queue(), new_id()
    db, now = house.db, house.clock.now()
    with db.transaction(write=True):
        db.messages.commit(
            message.id, transmission_id=tried, modem_id=modem_id, network="20408", network_name="KPN", now=now
        )
        if error is None:
            db.messages.sent(message.id, tried, reference=reference, now=now)
        elif error in {"cms_42", "bad_line"}:
            db.messages.refused(tried, error, now, final=True)
        else:
            db.messages.unknown(message.id, tried, reason=error, now=now)


def test_a_modem_that_is_well_has_nothing_to_be_done(house: House) -> None:
    house.modem()
    one = seen(house)
    assert (one.health, one.findings, one.bars) == (Health.GOOD, (), 4)


@pytest.mark.parametrize(
    ("given", "cause"),
    [
        ({"state": "sim_problem", "reason": "pin_required"}, "pin_required"),
        ({"state": "gone", "reason": "port_missing"}, "port_missing"),
        ({"state": "no_network", "reason": "searching", "signal_dbm": None}, "no_signal"),
        ({"state": "no_network", "reason": "denied", "facts": json.dumps({"selection": 1})}, "manual_operator"),
    ],
)
def test_a_modem_that_cannot_send_says_the_true_cause(house: House, given: dict[str, Any], cause: str) -> None:
    house.modem(**given)
    one = seen(house)
    assert (one.health, one.findings[0].cause) == (Health.FAULT, cause)


@pytest.mark.parametrize(
    ("error", "cause"), [("cms_500", "sms_needs_cs"), ("bad_line", "bad_line"), ("error", "unexplained_error")]
)
def test_the_last_sms_is_put_down_to_its_true_cause(house: House, error: str, cause: str) -> None:
    modem = house.modem(facts=json.dumps({"technology": "4G", "sms_service": 3}))
    send(house, modem.id, error=error)
    assert [finding.cause for finding in seen(house).findings] == [cause]


def test_a_weak_signal_is_worth_attention(house: House) -> None:
    house.modem(signal_dbm=-101)
    assert (seen(house).health, seen(house).findings[0].cause) == (Health.ATTENTION, "weak_signal")


def test_the_last_hour_is_counted_and_the_last_results_stand_one_by_one(house: House) -> None:
    modem = house.modem()
    send(house, modem.id)
    house.clock.ahead += MINUTE
    send(house, modem.id, error="no_answer")
    house.clock.ahead += MINUTE
    send(house, modem.id, error="cms_42")
    house.modem()
    one = seen(house)
    assert (one.on_time, one.failed, one.unknown) == (1, 1, 1)
    assert one.results == (Result.FAILED, Result.UNKNOWN, Result.GOOD)
    assert one.last_sent_at is not None
    assert one.last_unknown_at is not None
    assert one.findings[0].cause == "refused_network"


def test_what_was_an_hour_ago_is_not_counted_any_more(house: House) -> None:
    modem = house.modem()
    send(house, modem.id)
    house.clock.ahead += 61 * MINUTE
    house.modem()
    one = seen(house)
    assert (one.on_time, one.results) == (0, (Result.GOOD,))


def test_a_sim_that_has_sent_what_it_may_is_not_in_order_and_says_what_to_do(house: House) -> None:
    house.policy = house.policy_with(per_sim_hour=2)
    modem = house.modem()
    send(house, modem.id)
    one = seen(house)
    assert one.health is Health.USED_UP
    assert Language.load("nl").text("bench.health.used_up") == "MAXIMUM"
    assert "1 SMS in het laatste uur" in what_of(one.findings[0], Language.load("nl"))
    assert "tweede SIM" in do_of(one.findings[0], Language.load("nl"))

    house.clock.ahead += 61 * MINUTE
    house.modem()
    assert seen(house).health is Health.GOOD


def test_when_every_sim_is_used_up_no_code_goes_out(house: House) -> None:
    house.policy = house.policy_with(per_sim_hour=2)
    send(house, house.modem().id)
    assert look(house.db, house.clock, house.policy.sms).worst is Health.FAULT


def test_a_good_sms_takes_the_warning_of_the_one_before_away(house: House) -> None:
    modem = house.modem()
    send(house, modem.id, error="no_answer")
    house.clock.ahead += MINUTE
    send(house, modem.id)
    house.modem()
    assert seen(house).health is Health.GOOD


def tell_time(house: House, *evidence: tuple[str, TimeSource, float]) -> None:
    here = house.clock.moment()
    kept = [
        ClockEvidence(
            modem=modem,
            source=source,
            offset_seconds=offset,
            wall_ms=here.wall_ms,
            boot_ms=here.boot_ms,
            boot_id=here.boot_id,
        )
        for modem, source, offset in evidence
    ]
    with house.db.transaction(write=True):
        house.db.meta.set(EVIDENCE_KEY, evidence_to_text(kept))


def test_a_clock_that_is_wrong_by_the_network_is_told_of_the_machine_and_of_no_modem(house: House) -> None:
    house.modem()
    tell_time(house, ("noord", TimeSource.SERVICE_CENTRE, 600.0), ("noord", TimeSource.MODEM, 601.0))
    house.clock.ahead += 5 * MINUTE
    house.modem()
    found = look(house.db, house.clock, house.policy.sms)
    assert found.clock_off is not None
    line = clock_line(found.clock_off, Language.load("en"))
    assert "+600 s" in line
    assert "over noord, 5 min ago" in line
    assert (seen(house).findings, found.worst) == ((), Health.ATTENTION)


@pytest.mark.parametrize("others", [(), (("zuid", TimeSource.SERVICE_CENTRE, 0.0),)])
def test_a_modem_whose_clock_alone_disagrees_is_told_of_that_modem(
    house: House, others: tuple[tuple[str, TimeSource, float], ...]
) -> None:
    house.modem()
    tell_time(house, ("noord", TimeSource.MODEM, -600.0), *others)
    found = look(house.db, house.clock, house.policy.sms)
    assert (seen(house).health, [one.cause for one in seen(house).findings]) == (Health.ATTENTION, ["modem_clock_off"])
    assert found.clock_off is None


def test_who_has_a_modem_and_why_it_is_out_is_told(house: House) -> None:
    house.modem()
    house.vodafone()
    with house.db.transaction(write=True):
        house.db.loans.ask(modem="noord", purpose="test", borrower="balie 3", actor="a", now=NOW)
        house.db.loans.take_out(modem="zuid", reason="another SIM", actor="a", now=NOW)
    assert (seen(house).health, seen(house).lent_to) == (Health.LENT, "balie 3")
    assert (seen(house, "zuid").health, seen(house, "zuid").out_reason) == (Health.OUT, "another SIM")


def test_the_signal_of_the_last_day_has_the_best_of_each_half_hour(house: House) -> None:
    modem = house.modem()
    with house.db.transaction(write=True):
        house.db.modems.heard(modem.id, -90, NOW - 20 * MINUTE)
        house.db.modems.heard(modem.id, -80, NOW - 10 * MINUTE)
        house.db.modems.heard(modem.id, -100, NOW - 24 * 60 * MINUTE + 1)
        house.db.modems.heard(modem.id, None, NOW - 60 * MINUTE)
    history = seen(house).history
    assert (len(history), history[-1], history[0], history[-3]) == (POINTS, -80, -100, None)


def test_no_whole_identity_is_in_the_overview(house: House) -> None:
    house.modem(imei="866325047507649", iccid="8931080006367051172")
    text = repr(look(house.db, house.clock, house.policy.sms))
    assert "866325047507649" not in text
    assert "8931080006367051172" not in text
