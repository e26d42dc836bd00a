"""What becomes of an SMS, from the outbox through a real port to the phone."""

import pytest

from data.messages import MessageKind, MessageState
from data.modems import ModemState
from data.users import Role
from hardware.simulator.faults import Fault
from hardware.simulator.sim_card import SimulatedSim
from kiosk.delivery import sending
from kiosk.delivery.outbox import DeliveryState
from tests.kiosk.delivery.house import MINUTE, PHONE
from tests.kiosk.delivery.stage import DEADLINE, Stage

CTRL_Z = b"\x1a"
ESCAPE = b"\x1b"


def test_an_sms_goes_out_and_what_is_known_of_it_is_true(stage: Stage) -> None:
    stage.modem()
    stage.ready()
    message = stage.house.queue()
    stage.until_sent(message)
    assert stage.texts == ("Uw code is 482913",)
    delivery = stage.house.delivery(message)
    assert (delivery.network_name, delivery.sender_tail, delivery.tries) == ("KPN", "01", 1)


def test_a_delivery_report_turns_accepted_into_delivered(stage: Stage) -> None:
    stage.modem()
    stage.ready()
    message = stage.house.queue()
    delivery = stage.until_shown(message, DeliveryState.DELIVERED)
    assert delivery.at is not None
    assert stage.house.audit() == [("sms.sent", "ok"), ("sms.delivered", "00")]


def test_a_phone_that_cannot_be_reached_shows_as_not_delivered(stage: Stage) -> None:
    stage.modem()
    stage.air.fail_delivery(PHONE)
    stage.ready()
    message = stage.house.queue()
    stage.until_shown(message, DeliveryState.NOT_DELIVERED)
    assert [action for action, _ in stage.house.audit()] == ["sms.sent", "sms.undelivered"]


def test_a_phone_that_is_off_shows_as_accepted_until_it_is_on(stage: Stage) -> None:
    stage.modem()
    stage.phone.off()
    stage.ready()
    message = stage.house.queue()
    stage.until_shown(message, DeliveryState.ACCEPTED)
    stage.phone.on()
    stage.until_shown(message, DeliveryState.DELIVERED)


def test_the_validity_of_the_sms_is_the_rest_of_the_life_of_the_code(stage: Stage) -> None:
    stage.modem()
    stage.ready()
    challenge = stage.house.challenge(stage.house.sign_in(), minutes=4.5)
    stage.until_sent(stage.house.queue(challenge))
    assert stage.air.accepted[0].submit.validity_minutes == 5


def test_a_resend_goes_over_the_other_network_with_the_same_code(stage: Stage) -> None:
    stage.modem("noord", "20408")
    stage.modem("zuid", "20404")
    stage.ready()
    first = stage.house.queue()
    stage.until_sent(first)
    second = stage.house.resend(first)
    stage.until_sent(second)
    assert sorted(stage.networks_used()) == ["20404", "20408"]
    assert stage.texts == ("Uw code is 482913", "(2) Uw code is 482913")
    assert stage.house.delivery(second).network_group != stage.house.delivery(first).network_group


def test_two_modems_on_codes_of_the_same_operator_are_not_another_network(stage: Stage) -> None:
    stage.modem("noord", "20408")
    stage.modem("zuid", "20410")
    stage.ready()
    first = stage.house.queue()
    stage.until_sent(first)
    second = stage.house.resend(first)
    stage.until_shown(second, DeliveryState.NO_NETWORK)
    assert len(stage.texts) == 1


def test_a_resend_over_the_same_network_goes_out_when_the_person_wants_that(stage: Stage) -> None:
    stage.modem()
    stage.ready()
    first = stage.house.queue()
    stage.until_sent(first)
    stage.until_sent(stage.house.resend(first, same_network_allowed=True))
    assert stage.networks_used() == ["20408", "20408"]


def test_what_one_network_refuses_goes_over_the_other_one_at_once(stage: Stage) -> None:
    stage.modem("noord", "20408")
    stage.modem("zuid", "20404")
    stage.air.refuse("20408", 42)
    stage.ready()
    message = stage.house.queue()
    stage.until_sent(message)
    # Equal modems are taken in the order of their names.
    assert [(one.network_group, one.state, one.error) for one in stage.house.tries(message)] == [
        ("KPN", "failed", "cms_42"),
        ("Vodafone", "sent", None),
    ]
    assert len(stage.texts) == 1


def test_an_sms_that_every_network_refuses_is_shown_as_refused(stage: Stage) -> None:
    stage.modem()
    stage.air.refuse("20408", 42)
    stage.ready()
    message = stage.house.queue()
    delivery = stage.until_shown(message, DeliveryState.REFUSED)
    stage.until_state(message, MessageState.FAILED)
    assert (delivery.network_name, stage.house.message(message).error) == ("KPN", "cms_42")
    assert stage.house.audit() == [("sms.failed", "cms_42")]
    assert stage.written().count(CTRL_Z) == 1


def test_a_number_that_does_not_exist_is_not_tried_over_the_other_network(stage: Stage) -> None:
    stage.modem("noord", "20408")
    stage.modem("zuid", "20404")
    for network in ("20404", "20408"):
        stage.air.refuse(network, 1)
    stage.ready()
    message = stage.house.queue()
    stage.until_state(message, MessageState.FAILED)
    assert len(stage.house.tries(message)) == 1


def test_a_lost_answer_is_shown_as_unknown_and_nothing_is_sent_again(stage: Stage) -> None:
    modem = stage.modem()
    modem.inject(Fault.ANSWER_LOST, times=1)
    stage.ready()
    message = stage.house.queue(report=False)
    stage.until_shown(message, DeliveryState.UNKNOWN)
    other = stage.house.queue(text="another")
    stage.until_sent(other)
    assert stage.texts == ("Uw code is 482913", "another")
    assert stage.house.state(message) is MessageState.UNKNOWN


def test_a_late_answer_turns_unknown_into_accepted(stage: Stage) -> None:
    modem = stage.modem()
    modem.inject(Fault.ANSWER_LATE, 2.5, times=1)
    stage.ready()
    message = stage.house.queue(report=False)
    stage.until_shown(message, DeliveryState.UNKNOWN)
    stage.until_shown(message, DeliveryState.ACCEPTED)
    assert stage.texts == ("Uw code is 482913",)
    assert stage.house.audit() == [("sms.unknown", "no_answer"), ("sms.sent", "late")]


def test_a_report_that_is_quicker_than_the_answer_counts(stage: Stage) -> None:
    modem = stage.modem()
    modem.inject(Fault.ANSWER_LATE, 0.4, times=1)
    stage.ready()
    message = stage.house.queue()
    stage.until_shown(message, DeliveryState.DELIVERED)
    assert stage.house.audit() == [("sms.sent", "ok"), ("sms.delivered", "00")]


def test_a_report_that_is_quicker_than_the_answer_is_not_taken_for_that_of_an_earlier_sms(stage: Stage) -> None:
    modem = stage.modem()
    modem.inject(Fault.NEVER_SENT, times=1)
    stage.ready()
    lost = stage.house.queue()
    stage.until_shown(lost, DeliveryState.UNKNOWN)
    modem.inject(Fault.ANSWER_LATE, 0.4, times=1)
    message = stage.house.queue()
    stage.until_shown(message, DeliveryState.DELIVERED)
    assert stage.house.state(lost) is MessageState.UNKNOWN


def test_a_report_tells_what_the_lost_answer_did_not(stage: Stage) -> None:
    modem = stage.modem()
    modem.inject(Fault.ANSWER_LOST, times=1)
    stage.phone.off()
    stage.ready()
    message = stage.house.queue()
    stage.until_shown(message, DeliveryState.UNKNOWN, DeliveryState.ACCEPTED)
    stage.phone.on()
    stage.until_shown(message, DeliveryState.DELIVERED)
    assert len(stage.texts) == 1


def test_an_sms_that_is_taken_back_before_the_prompt_frees_the_modem_at_once(stage: Stage) -> None:
    modem = stage.modem()
    # Within the engine's own patience with a prompt.
    modem.inject(Fault.PROMPT_LATE, 1.2, times=1)
    stage.ready()
    message = stage.house.queue(text="never")
    stage.until_written(b"AT+CMGS")
    assert message.sign_in_id is not None
    with stage.house.db.transaction(write=True):
        assert stage.house.outbox.cancel(message.sign_in_id, now=stage.house.clock.now()) == 1
    # ESC instead of waiting for the prompt and writing the PDU.
    assert modem.wait_for(lambda: ESCAPE in after_command(modem.received), DEADLINE)
    assert len(after_command(modem.received).partition(ESCAPE)[0]) < len("AT+CMGS=159\r")
    other = stage.house.queue(text="another")
    stage.until_sent(other)
    assert stage.texts == ("another",)
    assert stage.house.state(message) is MessageState.CANCELLED


def after_command(received: bytes) -> bytes:
    """What was written from the first AT+CMGS on."""
    return received[received.index(b"AT+CMGS") :]


def test_an_sms_whose_code_has_died_goes_nowhere(stage: Stage) -> None:
    message = stage.house.queue()
    assert message.challenge_id is not None
    with stage.house.db.transaction(write=True):
        stage.house.db.challenges.wipe(message.challenge_id, stage.house.clock.now())
    stage.modem()
    stage.dispatcher()
    assert stage.until_state(message, MessageState.FAILED).error == "code_gone"
    assert stage.texts == ()


def test_what_nobody_could_send_in_time_expires(stage: Stage) -> None:
    modem = stage.modem()
    modem.inject(Fault.NOT_REGISTERED)
    stage.dispatcher()
    stage.until_modem("noord", ModemState.NO_NETWORK)
    message = stage.house.queue()
    stage.until_shown(message, DeliveryState.NO_NETWORK)
    stage.house.clock.ahead = 6 * MINUTE
    stage.until_state(message, MessageState.EXPIRED)
    assert stage.house.audit() == [("sms.expired", "too_late")]
    assert stage.texts == ()


def test_an_sms_waits_for_the_network_and_goes_out_when_it_is_back(stage: Stage) -> None:
    stage.modem()
    stage.air.outage("20408")
    stage.dispatcher()
    stage.until_modem("noord", ModemState.NO_NETWORK)
    message = stage.house.queue()
    stage.until_shown(message, DeliveryState.NO_NETWORK)
    stage.air.restore("20408")
    stage.until_sent(message)
    assert len(stage.texts) == 1


def test_both_modems_pulled_out_and_one_put_back_sends_what_waited(stage: Stage) -> None:
    noord, zuid = stage.modem("noord", "20408"), stage.modem("zuid", "20404")
    stage.ready()
    noord.unplug()
    zuid.unplug()
    stage.until_modem("noord", ModemState.GONE)
    stage.until_modem("zuid", ModemState.GONE)
    message = stage.house.queue()
    stage.until_shown(message, DeliveryState.MODEM_DOWN)
    zuid.plug()
    stage.until_sent(message)
    assert stage.networks_used() == ["20404"]


def test_a_modem_pulled_out_before_the_prompt_loses_nothing(stage: Stage) -> None:
    noord = stage.modem("noord", "20408")
    noord.inject(Fault.GONE_BEFORE_PROMPT, times=1)
    stage.ready()
    message = stage.house.queue()
    stage.until_modem("noord", ModemState.GONE, ModemState.STARTING)
    noord.plug()
    stage.until_sent(message)
    assert len(stage.texts) == 1


@pytest.mark.parametrize("went_out", [0, 1])
def test_a_modem_pulled_out_after_ctrl_z_leaves_one_sms_at_most(stage: Stage, went_out: int) -> None:
    noord = stage.modem("noord", "20408")
    stage.modem("zuid", "20404")
    stage.ready()
    noord.inject(Fault.GONE_DURING_SEND, went_out, times=1)
    stage.air.outage("20404")
    stage.until_modem("zuid", ModemState.NO_NETWORK)
    message = stage.house.queue(report=False)
    stage.until_shown(message, DeliveryState.UNKNOWN)
    stage.air.restore("20404")
    noord.plug()
    stage.until_modem("noord", ModemState.READY)
    stage.until_modem("zuid", ModemState.READY)
    other = stage.house.queue(text="another")
    stage.until_sent(other)
    assert stage.texts.count("Uw code is 482913") == went_out


@pytest.mark.parametrize("fault", [Fault.PROMPT_REFUSED, Fault.PROMPT_MISSING])
def test_a_modem_without_a_prompt_hands_the_sms_to_the_other(stage: Stage, fault: Fault) -> None:
    stage.modem("noord", "20408").inject(fault)
    stage.modem("zuid", "20404")
    stage.ready()
    message = stage.house.queue()
    stage.until_sent(message)
    assert [one.state for one in stage.house.tries(message)] == ["not_sent", "sent"]
    assert stage.networks_used() == ["20404"]


def test_the_only_modem_gets_the_sms_again_after_a_failure_before_ctrl_z(stage: Stage) -> None:
    stage.modem().inject(Fault.PROMPT_REFUSED, 500, times=1)
    stage.ready()
    message = stage.house.queue()
    stage.until_sent(message)
    assert [(one.state, one.error) for one in stage.house.tries(message)] == [("not_sent", "cms_500"), ("sent", None)]
    assert len(stage.texts) == 1


def test_a_modem_that_refuses_again_and_again_is_given_up(stage: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending, "FIRST_REST", 0.01)
    stage.modem().inject(Fault.PROMPT_REFUSED, 500)
    stage.ready()
    message = stage.house.queue()
    stage.until_state(message, MessageState.FAILED)
    assert len(stage.house.tries(message)) == sending.MOST_TRIES
    delivery = stage.house.delivery(message)
    assert (delivery.state, delivery.network_name, delivery.error) == (DeliveryState.REFUSED, "KPN", "cms_500")


def test_a_slow_modem_does_not_hold_up_the_other(stage: Stage) -> None:
    stage.modem("noord", "20408").inject(Fault.PROMPT_LATE, 1.0)
    stage.modem("zuid", "20404")
    stage.ready()
    slow = stage.house.queue(text="slow")
    stage.until_written(b"AT+CMGS", "noord")
    quick = stage.house.queue(text="quick")
    stage.until_sent(quick)
    assert stage.house.state(slow) is MessageState.QUEUED
    stage.until_sent(slow)
    assert stage.texts == ("quick", "slow")


def test_a_modem_that_another_configuration_had_gets_nothing(stage: Stage) -> None:
    stage.modem("noord", "20408")
    stage.house.vodafone("a modem of yesterday", signal_dbm=-51)
    stage.dispatcher()
    message = stage.house.queue()
    stage.until_sent(message)
    assert stage.networks_used() == ["20408"]


def test_people_who_wait_go_before_notices(stage: Stage) -> None:
    stage.modem()
    notices = [stage.house.queue(kind=MessageKind.NOTICE, text=f"notice {n}", priority=5) for n in range(2)]
    code = stage.house.queue(text="code")
    stage.ready()
    for message in (*notices, code):
        stage.until_sent(message)
    assert stage.texts == ("code", "notice 0", "notice 1")


def test_when_one_sim_has_sent_what_it_may_the_other_one_goes_on(stage: Stage) -> None:
    stage.modem("noord", "20408")
    stage.modem("zuid", "20404")
    stage.ready(stage.house.policy_with(per_sim_hour=5))
    messages = [stage.house.queue() for _ in range(9)]
    for message in messages[:8]:
        stage.until_sent(message)
    assert sorted(stage.networks_used()) == ["20404"] * 4 + ["20408"] * 4
    technician = stage.house.queue(
        stage.house.challenge(stage.house.sign_in("technician", role=Role.TECHNICIAN)), text="technician"
    )
    stage.until_sent(technician)
    assert stage.house.state(messages[8]) is MessageState.QUEUED


def test_a_sim_that_moves_to_another_modem_brings_along_what_it_has_sent(stage: Stage) -> None:
    card, fresh = (
        SimulatedSim(network="20408", number="+31611111111"),
        SimulatedSim(network="20408", number="+31622222222"),
    )
    first, second = stage.modem(sim=card), stage.modem("zuid", sim=card)
    third = stage.modem("oost", sim=fresh)
    second.unplug()
    third.unplug()
    stage.dispatcher(stage.house.policy_with(per_sim_hour=1))
    stage.until_modem("noord", ModemState.READY)
    stage.until_sent(stage.house.queue())
    first.unplug()
    second.plug()
    stage.until_modem("zuid", ModemState.READY)
    waits = stage.house.queue(text="Uw code is 555555")
    third.plug()
    stage.until_sent(waits)
    assert [len(modem.sent) for modem in (first, second, third)] == [1, 0, 1]


def test_no_row_and_no_log_line_holds_a_code_or_a_number(stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(0, "kiosk.delivery")
    stage.modem()
    stage.ready()
    stage.until_shown(stage.house.queue(), DeliveryState.DELIVERED)
    told = [record.getMessage() for record in caplog.records]
    told += [str(row.event) for row in stage.house.db.audit.rows()]
    assert told
    assert not [line for line in told if "482913" in line or "612345678" in line]


def test_a_simulated_modem_marks_the_rows_of_the_log(stage: Stage) -> None:
    stage.modem()
    stage.ready()
    stage.until_sent(stage.house.queue())
    events = [row.event for row in stage.house.db.audit.rows() if row.event]
    assert [event.simulated for event in events if event.action == "sms.sent"] == [True]


def test_an_sms_refused_for_a_lost_service_centre_goes_out_over_the_same_modem_once_it_is_written_back(
    stage: Stage,
) -> None:
    modem = stage.modem()
    stage.ready()
    modem.inject(Fault.CSCA_LOST)
    message = stage.house.queue()
    stage.until_sent(message)
    assert [one.error for one in stage.house.tries(message)] == ["cms_330", None]
    assert stage.texts == ("Uw code is 482913",)


def test_a_modem_that_loses_its_service_centre_again_and_again_is_given_up(stage: Stage) -> None:
    stage.modem().inject(Fault.CMS_ERROR, 330.0)
    stage.ready()
    message = stage.house.queue()
    stage.until_state(message, MessageState.FAILED)
    assert len(stage.house.tries(message)) == 2
