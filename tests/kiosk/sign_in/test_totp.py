"""The authenticator app: RFC 6238, each step once and only upwards, and words for clocks that are wrong."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from urllib.parse import parse_qs, urlsplit

import pyotp
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kiosk.accounts import Created
from kiosk.clock import ClockHealth
from kiosk.methods.totp import STEP_SECONDS, code_at, matching_step, new_secret, uri_of
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Refused, Stage
from tests.kiosk.world import World, other_than, why

# RFC 6238 Appendix B, SHA-1: seconds and the last six of its eight digits.
RFC_SECRET = "GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"
RFC_CODES = [
    (59, "287082"),
    (1111111109, "081804"),
    (1111111111, "050471"),
    (1234567890, "005924"),
    (2000000000, "279037"),
    (20000000000, "353130"),
]

# RFC 4226 Appendix D: the codes of the counters 0 to 9, of the same secret.
HOTP_CODES = ["755224", "287082", "359152", "969429", "338314", "254676", "287922", "162583", "399871", "520489"]


@pytest.mark.parametrize(("counter", "code"), list(enumerate(HOTP_CODES)))
def test_a_step_is_the_counter_of_the_older_norm(counter: int, code: str) -> None:
    assert code_at(RFC_SECRET, counter * STEP_SECONDS * 1000) == code


@pytest.mark.parametrize(("seconds", "code"), RFC_CODES)
def test_codes_are_those_of_the_norm(seconds: int, code: str) -> None:
    step = seconds // STEP_SECONDS

    assert code_at(RFC_SECRET, seconds * 1000) == code
    assert matching_step(RFC_SECRET, code, step, 0) == step
    assert matching_step(RFC_SECRET, other_than(code), step, 0) is None


@given(st.integers(100, 10**8), st.integers(-3, 3), st.integers(0, 2))
def test_a_code_is_found_within_the_window_and_not_beyond(step: int, offset: int, window: int) -> None:
    code = code_at(RFC_SECRET, (step + offset) * STEP_SECONDS * 1000)

    found = matching_step(RFC_SECRET, code, step, window)

    if abs(offset) <= window:
        assert found is not None
        assert code_at(RFC_SECRET, found * STEP_SECONDS * 1000) == code
    else:
        assert found is None or code_at(RFC_SECRET, found * STEP_SECONDS * 1000) == code


def test_a_secret_has_160_bits_and_its_address_is_one_that_apps_read() -> None:
    secret = new_secret()

    address = urlsplit(uri_of(secret, account="j.devries", site="Receptie Noord"))

    assert len(secret) * 5 == 160
    assert (address.scheme, address.netloc, address.path) == ("otpauth", "totp", "/Receptie%20Noord:j.devries")
    assert parse_qs(address.query) == {"secret": [secret], "issuer": ["Receptie Noord"]}
    assert isinstance(pyotp.parse_uri(address.geturl()), pyotp.TOTP)


def at_the_page(world: World) -> SignIn:
    sign_in = world.begun()
    assert sign_in.stage is Stage.TOTP
    return sign_in


@pytest.fixture
def app(world: World) -> Created:
    """Somebody with an authenticator app and no phone."""
    return world.person(phone=None, app=True)


@pytest.mark.parametrize("steps", [-1, 0, 1])
def test_a_code_signs_in_from_one_step_before_to_one_after(world: World, app: Created, steps: int) -> None:
    sign_in = at_the_page(world)

    assert sign_in.answer(world.app_code(app, steps=steps)) == Moved(Stage.SUCCESS)


def test_spaces_in_the_code_are_ignored_and_too_few_digits_cost_no_try(world: World, app: Created) -> None:
    sign_in = at_the_page(world)
    code = world.app_code(app)

    assert why(sign_in.answer(code[:5])) == "sms.code.incomplete"
    assert world.user().second_factor_failures == 0
    assert isinstance(sign_in.answer(f"{code[:3]} {code[3:]}"), Moved)


def test_a_wrong_code_says_how_many_tries_are_left_and_the_fifth_ends(world: World, app: Created) -> None:
    sign_in = at_the_page(world)
    wrong = other_than(world.app_code(app))

    outcomes = [sign_in.answer(wrong) for _ in range(5)]

    assert [why(outcome) for outcome in outcomes] == ["app.wrong"] * 4 + ["sms.code.used_up"]
    assert [outcome.why.values.get("left") for outcome in outcomes if isinstance(outcome, Refused)] == [
        4,
        3,
        2,
        1,
        None,
    ]


def test_a_code_is_good_once(world: World, app: Created) -> None:
    code = world.app_code(app)
    at_the_page(world).answer(code)

    again = at_the_page(world).answer(code)

    assert why(again) == "app.used_before"
    assert isinstance(again, Refused)
    assert world.recorded(again.reference) == ("sign_in.totp", "used_before")


def test_after_a_code_no_earlier_one_is_good(world: World, app: Created) -> None:
    earlier, later = world.app_code(app), world.app_code(app, steps=1)
    at_the_page(world).answer(later)

    assert why(at_the_page(world).answer(earlier)) == "app.used_before"


def test_the_same_code_in_two_sign_ins_at_once_is_taken_once(world: World, app: Created) -> None:
    together, code = threading.Barrier(4), world.app_code(app)

    def use(number: int) -> Outcome:
        with closing(world.neighbour(f"balie {number}")) as desk:
            sign_in = at_the_page(desk)
            together.wait(30)
            return sign_in.answer(code)

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(use, range(4)))
    world.neighbours.clear()

    assert len([outcome for outcome in outcomes if isinstance(outcome, Moved)]) == 1
    assert {why(outcome) for outcome in outcomes if isinstance(outcome, Refused)} == {"app.used_before"}


@pytest.mark.parametrize("steps", [-10, -2, 2, 10])
def test_a_code_of_a_phone_whose_clock_is_wrong_says_so(world: World, app: Created, steps: int) -> None:
    sign_in = at_the_page(world)

    outcome = sign_in.answer(world.app_code(app, steps=steps))

    assert why(outcome) == "app.phone_clock"
    assert world.user().second_factor_failures == 1


def test_a_code_that_was_told_to_be_early_does_not_become_good_later(world: World, app: Created) -> None:
    early = world.app_code(app, steps=3)
    at_the_page(world).answer(early)
    world.later(90)

    assert why(at_the_page(world).answer(early)) == "app.used_before"
    assert isinstance(at_the_page(world).answer(world.app_code(app, steps=1)), Moved)


@pytest.mark.parametrize("steps", [-11, 11])
def test_a_code_from_further_away_is_only_wrong(world: World, app: Created, steps: int) -> None:
    assert why(at_the_page(world).answer(world.app_code(app, steps=steps))) == "app.wrong"


@pytest.mark.parametrize("health", [ClockHealth.BEFORE_BUILD, ClockHealth.WENT_BACK, ClockHealth.JUMPED])
def test_while_the_clock_of_the_kiosk_is_wrong_the_app_is_refused_with_words(
    world: World, app: Created, health: ClockHealth
) -> None:
    world.clock.believed = health
    sign_in = world.begun()

    outcome = sign_in.take(MethodKind.TOTP)

    assert sign_in.stage is Stage.CHOOSE
    assert why(outcome) == "app.kiosk_clock"
    assert isinstance(outcome, Refused)
    assert outcome.names_contact
    choose = sign_in.view().choose
    assert choose is not None
    assert {way.kind: way.why_not and way.why_not.text_id for way in choose.ways}[MethodKind.TOTP] == "app.kiosk_clock"


def test_a_clock_that_goes_wrong_on_the_page_costs_no_try(world: World, app: Created) -> None:
    sign_in = at_the_page(world)
    world.clock.believed = ClockHealth.JUMPED

    assert why(sign_in.answer(world.app_code(app))) == "app.kiosk_clock"
    assert world.user().second_factor_failures == 0


def test_who_has_no_app_cannot_choose_it(world: World) -> None:
    world.person()
    sign_in = world.begun()

    assert why(sign_in.take(MethodKind.TOTP)) == "no_sms.try_other"
    assert sign_in.stage is Stage.SMS_CODE


def test_the_way_that_was_used_last_comes_first(world: World) -> None:
    created = world.person(app=True)
    first = world.begun()
    assert first.stage is Stage.SMS_CODE
    first.take(MethodKind.TOTP)
    first.answer(world.app_code(created))
    first.confirm_backup_code()

    assert world.begun().stage is Stage.TOTP


def test_the_secret_is_kept_only_sealed(world: World, app: Created) -> None:
    at_the_page(world).answer(world.app_code(app))

    assert app.totp_secret is not None
    assert app.totp_secret.encode() not in world.everything_kept()
