"""Signing in by key: the way that works, and each thing that a person can do wrong or that can happen to a key."""

import pytest

from data.factors import FactorState
from hardware.simulator.yubikey import MODELS, SimulatedYubiKey
from hardware.yubikey.conversation import Ended
from hardware.yubikey.errors import KeyGone
from kiosk.sign_in.outcomes import MethodKind, Moved, Refused, Stage
from kiosk.yubikey.ceremony import ANSWER_SECONDS, Phase
from tests.kiosk.world import why
from tests.kiosk.yubikey.desk_with_keys import KeyDesk

PIN = "12345678"


@pytest.mark.parametrize("model", sorted(MODELS))
def test_a_key_of_each_model_is_enrolled_and_signs_in(desk: KeyDesk, model: str) -> None:
    # What always asks for a PIN or a finger has to know one.
    pin = PIN if model in {"yubikey_5_fips", "yubikey_bio"} else None
    key = SimulatedYubiKey(model, pin=pin)
    desk.enrol(key, pin=pin)
    sign_in = desk.begun()
    desk.usb.plug(key)

    def answered() -> bool | None:
        sign_in.refresh()
        view = sign_in.view().key
        assert view is not None
        if view.asks_pin:
            sign_in.give_pin(PIN)
        if key.blinking:
            key.touch()
        return view.answered or None

    desk.until(answered)
    outcome = sign_in.answer("")

    assert outcome == Moved(Stage.SIGNED_IN)
    assert ("sign_in.yubikey", "ok") in desk.world.actions()
    home = sign_in.view().home
    assert home is not None
    assert home.method is MethodKind.YUBIKEY


def test_whoever_has_a_key_and_a_phone_is_sent_no_sms_unasked(desk: KeyDesk) -> None:
    desk.enrol(SimulatedYubiKey())
    sign_in = desk.world.begun()

    assert sign_in.stage is Stage.YUBIKEY
    assert desk.world.messages() == []


def test_challenge_response_signs_in_with_a_touch(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.allow(challenge_response=True)
    desk.enrol(key)
    sign_in = desk.begun()
    desk.usb.plug(key)

    assert desk.touched(sign_in, key) == Moved(Stage.SIGNED_IN)


def test_a_key_that_is_in_before_the_password_is_asked_at_once(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    desk.usb.plug(key)
    sign_in = desk.begun()

    assert desk.touched(sign_in, key) == Moved(Stage.SIGNED_IN)


def test_without_a_key_the_page_asks_to_put_it_in(desk: KeyDesk) -> None:
    desk.enrol(SimulatedYubiKey())
    sign_in = desk.begun()

    view = desk.until_phase(sign_in, Phase.INSERT)

    assert view.line is not None
    assert (view.line.text_id, view.problem) == ("yubikey.insert.line", None)


def test_somebody_elses_key_never_blinks(desk: KeyDesk) -> None:
    desk.world.person("b.bakker")
    own, other = SimulatedYubiKey(), SimulatedYubiKey()
    desk.enrol(own)
    desk.enrol(other, "b.bakker")
    sign_in = desk.begun()
    desk.usb.plug(other)

    view = desk.until_phase(sign_in, Phase.OTHER_KEY)

    assert view.problem is not None
    assert view.problem.text_id == "yubikey.other_key"
    assert not other.blinking


def test_the_right_key_after_the_wrong_one_goes_on_by_itself(desk: KeyDesk) -> None:
    own, other = SimulatedYubiKey(), SimulatedYubiKey()
    desk.enrol(own)
    sign_in = desk.begun()
    desk.usb.plug(other)
    desk.until_phase(sign_in, Phase.OTHER_KEY)
    desk.usb.unplug(other)
    desk.usb.plug(own)

    assert desk.touched(sign_in, own) == Moved(Stage.SIGNED_IN)


def test_of_several_keys_only_the_persons_own_blinks(desk: KeyDesk) -> None:
    own, others = SimulatedYubiKey(), [SimulatedYubiKey(), SimulatedYubiKey("foreign_key")]
    desk.enrol(own)
    sign_in = desk.begun()
    for key in (others[0], own, others[1]):
        desk.usb.plug(key)

    assert desk.touched(sign_in, own) == Moved(Stage.SIGNED_IN)
    assert not any(key.blinking for key in others)


def test_several_keys_that_are_not_the_persons_are_told_as_several(desk: KeyDesk) -> None:
    desk.enrol(SimulatedYubiKey())
    sign_in = desk.begun()
    desk.usb.plug(SimulatedYubiKey())
    desk.usb.plug(SimulatedYubiKey())

    desk.until_phase(sign_in, Phase.SEVERAL)


def test_a_key_pulled_out_while_it_blinks_can_be_put_in_again(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    sign_in = desk.begun()
    desk.usb.plug(key)
    desk.until_phase(sign_in, Phase.TOUCH)
    desk.usb.unplug(key)
    desk.until_phase(sign_in, Phase.REMOVED)
    desk.usb.plug(key)

    assert desk.touched(sign_in, key) == Moved(Stage.SIGNED_IN)


def test_a_touch_that_does_not_come_is_told_and_can_be_tried_again(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    sign_in = desk.begun()
    desk.usb.plug(key)
    desk.until_phase(sign_in, Phase.TOUCH)
    desk.monotonic.leapt += desk.world.site.policy.yubikey.touch_seconds
    view = desk.until_phase(sign_in, Phase.TOO_LATE)
    assert view.may_retry
    sign_in.take(MethodKind.YUBIKEY)

    assert desk.touched(sign_in, key) == Moved(Stage.SIGNED_IN)


def test_no_touch_in_time_counts_no_failure(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    sign_in = desk.begun()
    desk.usb.plug(key)
    desk.until_phase(sign_in, Phase.TOUCH)
    desk.monotonic.leapt += desk.world.site.policy.yubikey.touch_seconds
    desk.until_phase(sign_in, Phase.TOO_LATE)

    assert desk.world.user().second_factor_failures == 0


def test_taking_another_way_lets_the_key_stop_blinking(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    sign_in = desk.begun()
    desk.usb.plug(key)
    desk.until_phase(sign_in, Phase.TOUCH)

    sign_in.take(MethodKind.BACKUP_CODE)

    assert desk.until(lambda: True if not key.blinking else None)


def test_leaving_lets_the_key_stop_blinking(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    sign_in = desk.begun()
    desk.usb.plug(key)
    desk.until_phase(sign_in, Phase.TOUCH)

    sign_in.cancel("person")

    assert desk.until(lambda: True if not key.blinking else None)


def test_a_wedged_key_is_told_as_one_that_does_not_answer(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    key.wedged = True
    sign_in = desk.begun()
    desk.usb.plug(key)
    desk.until_asked(sign_in)
    desk.monotonic.leapt += ANSWER_SECONDS

    view = desk.until_phase(sign_in, Phase.NO_ANSWER)

    assert view.problem is not None
    assert view.problem.text_id == "yubikey.no_answer"
    desk.usb.unplug(key)


def test_trying_a_wedged_key_again_holds_no_second_thread(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    key.wedged = True
    sign_in = desk.begun()
    desk.usb.plug(key)
    desk.until_asked(sign_in)
    first = dict(desk.means.talking)
    desk.monotonic.leapt += ANSWER_SECONDS
    desk.until_phase(sign_in, Phase.NO_ANSWER)
    sign_in.take(MethodKind.YUBIKEY)
    desk.monotonic.leapt += ANSWER_SECONDS

    desk.until_phase(sign_in, Phase.NO_ANSWER)

    assert desk.means.talking == first
    desk.usb.unplug(key)


def test_a_wedged_key_beside_the_persons_own_holds_nothing_up(desk: KeyDesk) -> None:
    own, dead = SimulatedYubiKey(), SimulatedYubiKey()
    desk.enrol(own)
    dead.wedged = True
    sign_in = desk.begun()
    desk.usb.plug(dead)
    desk.usb.plug(own)

    assert desk.touched(sign_in, own) == Moved(Stage.SIGNED_IN)
    desk.usb.unplug(dead)


def test_a_key_that_this_account_may_not_open_is_told_as_that(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    sign_in = desk.begun()
    desk.usb.plug(key, permitted=False)

    desk.until_phase(sign_in, Phase.NO_PERMISSION)


def test_a_wrong_pin_says_how_many_tries_are_left(desk: KeyDesk) -> None:
    key = SimulatedYubiKey("yubikey_5_fips", pin=PIN)
    desk.enrol(key, pin=PIN)
    sign_in = desk.begun()
    desk.usb.plug(key)
    desk.until_phase(sign_in, Phase.PIN)
    sign_in.give_pin("87654321")

    def told() -> int | str | None:
        sign_in.refresh()
        view = sign_in.view().key
        assert view is not None
        return view.problem.values["left"] if view.problem is not None else None

    assert desk.until(told) == 7


def test_three_wrong_pins_ask_for_the_key_to_be_put_in_again(desk: KeyDesk) -> None:
    key = SimulatedYubiKey("yubikey_5_fips", pin=PIN)
    desk.enrol(key, pin=PIN)
    sign_in = desk.begun()
    desk.usb.plug(key)

    def wrong_until_refused() -> bool | None:
        sign_in.refresh()
        view = sign_in.view().key
        assert view is not None
        if view.asks_pin:
            sign_in.give_pin("87654321")
        return True if view.phase == Phase.PIN_REINSERT else None

    desk.until(wrong_until_refused)
    assert desk.world.user().second_factor_failures == 0


def test_a_copy_of_a_key_is_refused_alarmed_and_locked(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    factor = desk.enrol(key)
    copy = key.cloned(counter_lag=5)
    sign_in = desk.begun()
    desk.usb.plug(copy)

    outcome = desk.touched(sign_in, copy)

    assert why(outcome) == "yubikey.suspect"
    assert isinstance(outcome, Refused)
    assert outcome.names_contact
    kept = desk.world.site.database.factors.get(factor)
    assert kept is not None
    assert kept.state is FactorState.SUSPENDED
    assert ("sign_in.yubikey", "suspect") in desk.world.actions()
    assert [message.kind.value for message in desk.world.messages()] == ["alarm"]


def test_after_a_copy_was_seen_the_key_itself_is_refused_too(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    copy = key.cloned(counter_lag=5)
    sign_in = desk.begun()
    desk.usb.plug(copy)
    desk.touched(sign_in, copy)
    sign_in.cancel("person")

    again = desk.world.begun()

    assert again.stage is Stage.SMS_CODE
    assert why(again.take(MethodKind.YUBIKEY)) == "no_sms.yubikey_none"


def test_a_key_without_a_counter_is_no_copy(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    key.counter_frozen = True
    desk.enrol(key)
    for _ in range(2):
        sign_in = desk.begun()
        desk.usb.plug(key)
        assert desk.touched(sign_in, key) == Moved(Stage.SIGNED_IN)
        sign_in.cancel("person")
        desk.usb.unplug(key)


def test_no_pin_and_no_challenge_is_kept_in_clear(desk: KeyDesk) -> None:
    key = SimulatedYubiKey("yubikey_5_fips", pin="geheim-pin-7")
    desk.enrol(key, pin="geheim-pin-7")

    assert b"geheim-pin-7" not in desk.world.everything_kept()


def test_when_a_copy_is_seen_sessions_that_began_by_key_end(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    copy = key.cloned(counter_lag=5)
    thief = desk.begun()
    desk.usb.plug(key)
    assert desk.touched(thief, key) == Moved(Stage.SIGNED_IN)
    desk.usb.unplug(key)
    owner = desk.begun()
    desk.usb.plug(copy)
    assert why(desk.touched(owner, copy)) == "yubikey.suspect"

    thief.refresh()
    assert thief.stage is Stage.ENDED


def test_what_was_wrong_with_an_answer_stays_said_until_another_try(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    copy = key.cloned(counter_lag=5)
    sign_in = desk.begun()
    desk.usb.plug(copy)
    desk.touched(sign_in, copy)

    view = desk.until_phase(sign_in, Phase.REFUSED)

    assert view.problem is not None
    assert view.problem.text_id == "yubikey.suspect"


def test_a_key_that_vanished_for_the_kernel_and_is_still_listed_does_not_answer(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    sign_in = desk.begun()
    desk.usb.plug(key)
    desk.until_phase(sign_in, Phase.TOUCH)
    ceremony = sign_in._standing.method._ceremony  # type: ignore[union-attr]  # the page of the key stands there
    assert ceremony is not None
    (talk,) = ceremony._talks.values()
    ceremony._take(talk, Ended(trouble=KeyGone()), desk.monotonic())
    desk.monotonic.leapt += 2.0

    desk.until_phase(sign_in, Phase.NO_ANSWER)


def test_challenge_response_is_no_way_in_where_a_pin_or_finger_is_asked(desk: KeyDesk) -> None:
    desk.allow(challenge_response=True)
    desk.enrol(SimulatedYubiKey())
    desk.allow(verify_user=True)
    sign_in = desk.begun()
    desk.usb.plug(SimulatedYubiKey())

    desk.until_phase(sign_in, Phase.OTHER_KEY)
