"""What a key signed counts once, for one challenge, one person and one site; anything else is refused and counted."""

import multiprocessing
from collections.abc import Callable
from typing import Any

import pytest

from data.factors import FactorState
from hardware.simulator.yubikey import SimulatedYubiKey
from kiosk.methods.yubikey import YubikeyMethod
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import Moved, Stage
from kiosk.yubikey.asking import SignedAnswer
from kiosk.yubikey.ceremony import Phase
from kiosk.yubikey.relying_party import relying_party
from tests.kiosk.world import why
from tests.kiosk.yubikey.desk_with_keys import KeyDesk
from tests.kiosk.yubikey.judging_process import offer

PROCESSES = 8


def method_of(sign_in: SignIn) -> YubikeyMethod:
    method = sign_in._standing.method
    assert isinstance(method, YubikeyMethod)
    return method


def answered(desk: KeyDesk, key: SimulatedYubiKey) -> tuple[SignIn, dict[str, Any]]:
    """A sign-in whose key gave its assertion, which nobody has judged yet."""
    sign_in = desk.begun()
    desk.usb.plug(key)
    desk.until_phase(sign_in, Phase.TOUCH)
    key.touch()
    desk.until_phase(sign_in, Phase.ANSWERED)
    given = method_of(sign_in)._ceremony
    assert given is not None
    assert isinstance(given.result, SignedAnswer)
    desk.usb.unplug(key)
    return sign_in, dict(given.result.response)


def give(sign_in: SignIn, response: dict[str, Any]) -> None:
    """Put another answer in the place of what the key gave."""
    ceremony = method_of(sign_in)._ceremony
    assert ceremony is not None
    ceremony.result = SignedAnswer(response)


def altered(text: str) -> str:
    """The same length, one character in the middle different."""
    at = len(text) // 2
    return text[:at] + ("A" if text[at] != "A" else "B") + text[at + 1 :]


Change = Callable[[dict[str, Any]], dict[str, Any]]


def _inside(name: str) -> Change:
    return lambda response: {
        **response,
        "response": {**response["response"], name: altered(response["response"][name])},
    }


CHANGES: dict[str, Change] = {
    "signature": _inside("signature"),
    "authenticator data": _inside("authenticatorData"),
    "client data": _inside("clientDataJSON"),
    "credential": lambda response: {**response, "rawId": altered(response["rawId"]), "id": altered(response["id"])},
    "no signature": lambda response: {**response, "response": {**response["response"], "signature": ""}},
    "nothing": lambda _response: {},
    "not what it should be": lambda _response: {"response": [1, 2, 3], "rawId": None},
}


@pytest.mark.parametrize("what", CHANGES)
def test_an_altered_assertion_is_refused_and_counted(desk: KeyDesk, what: str) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    sign_in, response = answered(desk, key)
    give(sign_in, CHANGES[what](response))

    assert why(sign_in.answer("")) == "yubikey.wrong"
    assert desk.world.user().second_factor_failures == 1


def test_an_assertion_of_an_earlier_sign_in_is_worth_nothing(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    key.counter_frozen = True
    desk.enrol(key)
    first, old = answered(desk, key)
    assert first.answer("") == Moved(Stage.SIGNED_IN)
    first.cancel("person")
    second, _fresh = answered(desk, key)
    give(second, old)

    assert why(second.answer("")) == "yubikey.wrong"


def test_an_assertion_for_another_site_is_worth_nothing(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    sign_in, _response = answered(desk, key)
    method = method_of(sign_in)
    assert method._party is not None
    method._party = type(method._party)("kiosk.elsewhere-00000000.internal", "Elders")

    assert why(sign_in.answer("")) == "yubikey.wrong"


def test_a_key_that_is_revoked_while_it_blinks_lets_nobody_in(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    factor = desk.enrol(key)
    sign_in, _response = answered(desk, key)
    with desk.world.site.database.transaction(write=True):
        desk.world.site.database.factors.set_state(factor, FactorState.REVOKED)

    assert why(sign_in.answer("")) == "yubikey.wrong"


def test_an_answer_is_judged_once(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    sign_in, response = answered(desk, key)
    give(sign_in, CHANGES["signature"](response))
    sign_in.answer("")
    give(sign_in, response)

    assert why(sign_in.answer("")) == "yubikey.no_answer"
    assert desk.world.user().second_factor_failures == 1


def test_wrong_answers_end_the_sign_in_as_wrong_codes_do(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    sign_in, response = answered(desk, key)
    for _ in range(desk.world.site.policy.second_factor.failures_end_sign_in):
        method = method_of(sign_in)
        method._not_right = None
        give(sign_in, CHANGES["signature"](response))
        sign_in.answer("")

    assert sign_in.stage is Stage.ENDED


def test_eight_processes_that_offer_one_assertion_get_it_accepted_once(desk: KeyDesk) -> None:
    # Without a counter, which would tell the second one all the same.
    key = SimulatedYubiKey()
    key.counter_frozen = True
    desk.enrol(key)
    sign_in, response = answered(desk, key)
    method, world = method_of(sign_in), desk.world
    context = multiprocessing.get_context("spawn")
    barrier, results = context.Barrier(PROCESSES), context.Queue()
    arguments = (
        world.site.database.path.parent,
        world.user().id,
        method._person.sign_in_id,
        method._challenge_id,
        response,
        barrier,
        results,
    )
    processes = [context.Process(target=offer, args=arguments, daemon=True) for _ in range(PROCESSES)]
    for process in processes:
        process.start()
    said = [results.get(timeout=120) for _ in processes]
    for process in processes:
        process.join(60)

    assert sorted(right for right, _why in said) == [False] * (PROCESSES - 1) + [True]
    assert {text_id for right, text_id in said if not right} <= {"yubikey.wrong", "sms.code.used_up"}


def test_the_relying_party_of_a_site_stays_what_it_is(desk: KeyDesk) -> None:
    database = desk.world.site.database
    with database.transaction(write=True):
        first = relying_party(database, "Receptie Noord")
        second = relying_party(database, "Een andere naam")

    assert first.id == second.id
    assert "noord" in first.id
