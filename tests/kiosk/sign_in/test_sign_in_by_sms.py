"""The main road: name, password, a code by SMS."""

import pytest

from data.messages import MessageState
from data.modems import ModemState
from kiosk.sign_in.outcomes import AskFirst, MethodKind, Moved, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.views import SmsState
from tests.kiosk.world import PASSWORD, World, why


def test_a_right_password_queues_one_sms_with_a_code_that_signs_in(world: World) -> None:
    world.person()
    sign_in = world.sign_in()

    assert sign_in.begin("J.deVries ", PASSWORD) == Moved(Stage.SMS_CODE)
    text = world.text_of_queued()
    world.transmit(world.modems["noord"])

    assert text.startswith("Receptie Noord: met deze code logt u in.")
    assert "5 minuten geldig" in text
    assert isinstance(sign_in.answer(text[-6:]), Moved)


def test_the_first_sign_in_by_sms_shows_a_back_up_code_and_the_next_one_goes_home(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    assert sign_in.answer(world.code_of_queued()) == Moved(Stage.SUCCESS)
    success = sign_in.view().success
    assert success is not None
    assert success.first
    assert success.backup_code is not None
    assert len(success.backup_code) == 8
    assert sign_in.confirm_backup_code() == Moved(Stage.SIGNED_IN)
    sign_in.cancel("sign_out")

    again = world.sign_in()
    again.begin("j.devries", PASSWORD)

    assert again.answer(world.code_of_queued()) == Moved(Stage.SIGNED_IN)
    home = again.view().home
    assert home is not None
    assert home.last_method is MethodKind.SMS


def test_a_back_up_code_that_nobody_confirmed_is_replaced_at_the_next_sign_in(world: World) -> None:
    world.person()
    first = world.sign_in()
    first.begin("j.devries", PASSWORD)
    first.answer(world.code_of_queued())
    shown = first.view().success
    first.cancel("idle")

    second = world.sign_in()
    second.begin("j.devries", PASSWORD)
    second.answer(world.code_of_queued())
    shown_again = second.view().success

    assert shown is not None
    assert shown_again is not None
    assert shown_again.backup_code not in {None, shown.backup_code}


def test_a_wrong_code_says_how_many_tries_are_left_and_the_fifth_ends_the_sign_in(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    code = world.code_of_queued()
    wrong = f"{(int(code) + 1) % 1_000_000:06d}"

    outcomes = [sign_in.answer(wrong) for _ in range(5)]

    left = [outcome.why.values.get("left") for outcome in outcomes if isinstance(outcome, Refused)]
    assert left == [4, 3, 2, 1, None]
    assert why(outcomes[-1]) == "sms.code.used_up"
    assert sign_in.stage is Stage.ENDED
    assert world.messages()[0].state is MessageState.CANCELLED


def test_twenty_wrong_codes_over_several_sign_ins_lock_the_second_factor(world: World) -> None:
    world.person()
    last: Outcome = Moved(Stage.LOGIN)
    for _ in range(4):
        sign_in = world.sign_in()
        sign_in.begin("j.devries", PASSWORD)
        code = world.code_of_queued()
        for _ in range(5):
            last = sign_in.answer(f"{(int(code) + 1) % 1_000_000:06d}")
        world.clock.pass_seconds(3600)

    assert why(last) == "sign_in.login.factor_locked"
    assert why(world.sign_in().begin("j.devries", PASSWORD)) == "sign_in.login.factor_locked"


def test_incomplete_codes_and_back_up_codes_cost_no_try(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)

    assert why(sign_in.answer("12345")) == "sms.code.incomplete"
    assert why(sign_in.answer("")) == "sms.code.incomplete"
    assert why(sign_in.answer("١٢٣٤٥٦")) == "sms.code.incomplete"
    assert why(sign_in.answer("1753 2256")) == "sms.code.looks_like_backup"
    sms = sign_in.view().sms
    assert sms is not None
    assert sms.tries_left == 5


def test_a_code_is_good_once(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    code = world.code_of_queued()
    other_view_of_the_same = sign_in._standing

    assert isinstance(sign_in.answer(code), Moved)
    sign_in._standing = other_view_of_the_same

    assert why(sign_in.answer(code)) == "sms.code.used_before"


def test_a_code_expires_five_minutes_after_it_was_sent(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    code = world.code_of_queued()

    world.clock.pass_seconds(301)

    assert why(sign_in.answer(code)) == "sms.code.expired"


def test_a_resend_carries_the_same_code_over_the_other_network(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    code = world.code_of_queued()
    world.transmit(world.modems["noord"])
    world.clock.pass_seconds(31)
    world.modem("noord", "20408")
    world.modem("zuid", "20404")

    outcome = sign_in.resend()

    assert isinstance(outcome, Moved)
    assert outcome.notice is not None
    assert outcome.notice.values == {"network": "Vodafone"}
    assert world.code_of_queued() == code
    assert "(2): dezelfde code" in world.text_of_queued()
    assert world.messages()[-1].avoid_groups == ("204-kpn",)


def test_the_sms_is_in_the_person_s_own_language_whatever_the_page_speaks(world: World) -> None:
    world.person()
    with world.site.database.transaction(write=True):
        world.site.database.users.set_language(world.user().id, "en")
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    sign_in.set_language("nl")

    assert "this code signs you in" in world.text_of_queued()
    assert sign_in.view().language == "nl"


def test_a_limit_that_is_reached_has_a_row_in_the_log(world: World) -> None:
    world.person()
    for _ in range(5):
        sign_in = world.begun()
        world.transmit(world.modems["noord"])
        sign_in.cancel("person")

    world.begun()

    assert world.actions()[-2:] == [("sign_in.password", "ok"), ("sign_in.sms", "limited")]


def test_a_resend_waits_for_the_cooldown(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    world.transmit(world.modems["noord"])
    world.clock.pass_seconds(10)

    outcome = sign_in.resend()

    assert why(outcome) == "resend.line.cooldown"
    assert isinstance(outcome, Refused)
    assert outcome.why.values == {"seconds": 20}


def test_without_another_network_the_person_is_asked_first(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    world.transmit(world.modems["noord"])
    world.clock.pass_seconds(31)
    world.modem("noord", "20408")
    world.modem("zuid", "20404", ModemState.GONE)

    asked = sign_in.resend()
    confirmed = sign_in.resend(confirmed=True)

    assert isinstance(asked, AskFirst)
    assert asked.question.text_id == "resend.no_other"
    assert asked.question.values == {"network": "KPN"}
    assert isinstance(confirmed, Moved)
    assert world.messages()[-1].same_network_allowed


def test_where_a_sim_may_roam_the_person_is_asked_whether_to_look_for_another_network(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    world.transmit(world.modems["noord"])
    world.clock.pass_seconds(31)
    world.modem("noord", "20408", may_roam=True)
    world.modem("zuid", "20404", ModemState.GONE)

    assert sign_in.alternatives().resend_searches
    asked = sign_in.resend()
    confirmed = sign_in.resend(confirmed=True)

    assert isinstance(asked, AskFirst)
    assert asked.question == Sentence("resend.search", {"network": "KPN"})
    assert isinstance(confirmed, Moved)
    assert confirmed.notice == Sentence("resend.line.search")
    assert (world.messages()[-1].avoid_groups, world.messages()[-1].same_network_allowed) == (("204-kpn",), True)


def test_three_sends_are_all_there_are(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    for _ in range(2):
        world.transmit(world.modems["noord"])
        world.clock.pass_seconds(121)
        world.modem("noord", "20408")
        assert isinstance(sign_in.resend(confirmed=True), Moved)
    world.transmit(world.modems["noord"])
    world.clock.pass_seconds(121)

    assert why(sign_in.resend(confirmed=True)) == "resend.limit.sign_in"


def test_a_resend_makes_the_code_good_for_five_minutes_more_but_never_beyond_ten(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    began = world.clock.now()
    ends = []
    for _ in range(2):
        world.transmit(world.modems["noord"])
        world.clock.pass_seconds(240)
        world.modem("noord", "20408")
        sign_in.resend(confirmed=True)
        sms = sign_in.view().sms
        assert sms is not None
        ends.append((sms.valid_until - began) // 1000)

    assert ends == [540, 600]


def test_pressing_resend_twice_sends_one_more_sms(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    world.transmit(world.modems["noord"])
    world.clock.pass_seconds(31)

    sign_in.resend(confirmed=True)
    sign_in.resend(confirmed=True)

    assert len(world.messages()) == 2


def test_a_wrong_code_count_survives_a_resend_and_another_method(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    code = world.code_of_queued()
    world.transmit(world.modems["noord"])
    for _ in range(3):
        sign_in.answer(f"{(int(code) + 1) % 1_000_000:06d}")
    world.clock.pass_seconds(31)
    world.modem("noord", "20408")
    sign_in.resend(confirmed=True)

    outcome = sign_in.answer(f"{(int(code) + 1) % 1_000_000:06d}")

    assert isinstance(outcome, Refused)
    assert outcome.why.values == {"left": 1}


def test_leaving_cancels_what_has_not_been_sent_and_wipes_the_code(world: World) -> None:
    world.person()
    sign_in = world.sign_in()
    sign_in.begin("j.devries", PASSWORD)
    challenge_id = world.messages()[0].challenge_id

    sign_in.cancel("person")

    assert world.messages()[0].state is MessageState.CANCELLED
    challenge = world.site.database.challenges.get(challenge_id or "")
    assert challenge is not None
    assert challenge.sealed_code is None
    assert sign_in.stage is Stage.ENDED


def test_the_sixth_code_in_an_hour_that_nobody_answered_is_not_sent(world: World) -> None:
    world.person()
    for _ in range(5):
        sign_in = world.sign_in()
        sign_in.begin("j.devries", PASSWORD)
        world.transmit(world.modems["noord"])
        sign_in.cancel("person")

    outcome = world.sign_in().begin("j.devries", PASSWORD)

    assert isinstance(outcome, Moved)
    assert outcome.stage is Stage.CHOOSE
    assert outcome.notice is not None
    assert outcome.notice.text_id == "resend.limit.hour"
    assert len(world.messages()) == 5


@pytest.mark.parametrize(
    ("state", "expected"), [(ModemState.NO_NETWORK, SmsState.NO_NETWORK), (ModemState.GONE, SmsState.MODEM_DOWN)]
)
def test_the_page_tells_that_no_modem_can_send(world: World, state: ModemState, expected: SmsState) -> None:
    world.person()
    world.modem("noord", "20408", state)
    world.modem("zuid", "20404", state)
    sign_in = world.sign_in()

    sign_in.begin("j.devries", PASSWORD)

    sms = sign_in.view().sms
    assert sms is not None
    assert sms.state is expected
