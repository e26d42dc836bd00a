import dataclasses
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.messages import Message, MessageKind, MessageState
from data.modems import Modem, ModemState
from kiosk.delivery.routing import (
    Candidate,
    Choice,
    Evidence,
    Reason,
    choose,
    guarded,
    is_other,
    may_look_around,
    movable,
    other_network,
    same_network,
)
from kiosk.policy import SmsPolicy

POLICY = SmsPolicy()
GROUPS = ("KPN", "Vodafone", "Odido", None)


def modem(
    name: str = "north",
    *,
    state: ModemState = ModemState.READY,
    group: str | None = "KPN",
    dbm: int | None = -80,
    may_roam: bool = False,
) -> Modem:
    return Modem(
        id=name,
        key=name,
        name=name,
        imei=None,
        iccid=None,
        usb_path=None,
        state=state,
        reason="",
        network=None,
        network_name=group,
        network_group=group,
        signal_dbm=dbm,
        number_tail=None,
        simulated=True,
        first_seen_at=0,
        seen_at=0,
        facts="{}",
        may_roam=may_roam,
    )


def candidate(
    name: str = "north",
    *,
    group: str | None = "KPN",
    state: ModemState = ModemState.READY,
    dbm: int | None = -80,
    may_roam: bool = False,
    **facts: Any,
) -> Candidate:
    return Candidate(modem=modem(name, state=state, group=group, dbm=dbm, may_roam=may_roam), **facts)


def message(*avoid_groups: str, same_network_allowed: bool = True) -> Message:
    return Message(
        id="m",
        kind=MessageKind.CODE,
        state=MessageState.QUEUED,
        user_id=None,
        desk_id=None,
        sign_in_id=None,
        challenge_id=None,
        sealed_number=None,
        number_tail="78",
        sealed_text=None,
        priority=0,
        not_after=1,
        attempt_number=1,
        avoid_groups=avoid_groups,
        same_network_allowed=same_network_allowed,
        report=True,
        language="nl",
        charged=True,
        only_modem=None,
        error=None,
        queued_at=0,
        committed_at=None,
        final_at=None,
    )


def route(wanted: Message, *candidates: Candidate, reserved: bool = False) -> Choice:
    return choose(wanted, candidates, POLICY, reserved=reserved)


def name(choice: Choice) -> str:
    assert choice.modem is not None, choice.reason
    return choice.modem.name


candidates_of_a_site = st.lists(
    st.builds(
        candidate,
        st.sampled_from(["a", "b", "c", "d"]),
        group=st.sampled_from(GROUPS),
        state=st.sampled_from(ModemState),
        dbm=st.none() | st.integers(-113, -51),
        may_roam=st.booleans(),
        busy=st.booleans(),
        resting=st.booleans(),
        failed=st.booleans(),
        refused=st.booleans(),
        failures_in_a_row=st.integers(0, 5),
        sent_hour=st.integers(0, 70),
        sent_day=st.integers(0, 210),
        evidence=st.builds(Evidence, arrived=st.integers(0, 9), lost=st.integers(0, 9)),
    ),
    max_size=4,
    unique_by=lambda one: one.modem.name,
)
messages = st.builds(
    lambda groups, allowed: message(*sorted(groups), same_network_allowed=allowed),
    st.sets(st.sampled_from(["KPN", "Vodafone", "Odido", ""])),
    st.booleans(),
)


def chosen(choice: Choice, candidates: Sequence[Candidate]) -> Candidate | None:
    return next((one for one in candidates if choice.modem is one.modem), None)


@given(messages, candidates_of_a_site, st.booleans())
def test_a_modem_that_is_chosen_is_ready_free_and_never_said_a_definite_no(
    wanted: Message, candidates: list[Candidate], reserved: bool
) -> None:
    one = chosen(choose(wanted, candidates, POLICY, reserved=reserved), candidates)
    if one is not None:
        assert one.modem.state is ModemState.READY
        assert not any((one.busy, one.resting, one.refused))


@given(messages, candidates_of_a_site, st.booleans())
def test_a_resend_takes_a_used_network_only_when_the_person_allowed_it(
    wanted: Message, candidates: list[Candidate], reserved: bool
) -> None:
    one = chosen(choose(wanted, candidates, POLICY, reserved=reserved), candidates)
    if one is not None and wanted.avoid_groups and not wanted.same_network_allowed:
        assert one.modem.network_group
        assert one.modem.network_group not in wanted.avoid_groups
        assert "" not in wanted.avoid_groups


@given(messages, candidates_of_a_site, st.booleans())
def test_a_sim_that_has_sent_what_it_may_is_never_chosen(
    wanted: Message, candidates: list[Candidate], reserved: bool
) -> None:
    one = chosen(choose(wanted, candidates, POLICY, reserved=reserved), candidates)
    if one is not None:
        assert one.sent_hour < (60 if reserved else 48)
        assert one.sent_day < (200 if reserved else 160)


@given(messages, candidates_of_a_site, st.booleans())
def test_a_modem_that_failed_at_the_message_waits_for_all_that_did_not(
    wanted: Message, candidates: list[Candidate], reserved: bool
) -> None:
    one = chosen(choose(wanted, candidates, POLICY, reserved=reserved), candidates)
    if one is not None and one.failed:
        without = [other for other in candidates if not other.failed]
        assert choose(wanted, without, POLICY, reserved=reserved).modem is None


@given(messages, candidates_of_a_site)
def test_the_order_in_which_modems_are_listed_does_not_matter(wanted: Message, candidates: list[Candidate]) -> None:
    forwards = choose(wanted, candidates, POLICY, reserved=False)
    assert choose(wanted, candidates[::-1], POLICY, reserved=False) == forwards


@given(messages, candidates_of_a_site, st.booleans())
def test_no_modem_means_a_reason_to_wait_and_a_modem_a_reason_to_send(
    wanted: Message, candidates: list[Candidate], reserved: bool
) -> None:
    choice = choose(wanted, candidates, POLICY, reserved=reserved)
    sends = choice.reason in {Reason.HEALTHIEST, Reason.OTHER_NETWORK, Reason.SAME_NETWORK}
    assert sends == (choice.modem is not None)


def test_a_first_message_takes_the_modem_without_failures_before_the_one_with_the_better_signal() -> None:
    assert name(route(message(), candidate("a", dbm=-60, failures_in_a_row=1), candidate("b", dbm=-100))) == "b"


def test_a_first_message_avoids_a_network_over_which_most_is_lost() -> None:
    failing = Evidence(arrived=1, lost=5)
    assert name(route(message(), candidate("a", dbm=-60, evidence=failing), candidate("b", dbm=-100))) == "b"


def test_one_lost_message_says_nothing_about_a_network() -> None:
    assert Evidence(arrived=0, lost=2).trouble == 0
    assert Evidence(arrived=10, lost=1).trouble == 0


def test_a_first_message_takes_the_clearly_better_signal() -> None:
    assert name(route(message(), candidate("a", dbm=-105), candidate("b", dbm=-75))) == "b"
    assert name(route(message(), candidate("a", dbm=None), candidate("b", dbm=-105))) == "b"


def test_equal_modems_take_turns() -> None:
    assert name(route(message(), candidate("a", sent_hour=3), candidate("b", sent_hour=2))) == "b"


def test_a_resend_takes_another_network_even_with_a_worse_signal() -> None:
    choice = route(message("KPN"), candidate("a", dbm=-60), candidate("b", group="Vodafone", dbm=-105))
    assert name(choice) == "b"
    assert choice.reason is Reason.OTHER_NETWORK


def test_a_resend_waits_for_the_other_network_while_its_modem_is_busy() -> None:
    choice = route(message("KPN"), candidate("a"), candidate("b", group="Vodafone", busy=True))
    assert choice == Choice(None, Reason.BUSY)


def test_a_resend_takes_the_same_network_when_that_is_allowed_and_all_there_is() -> None:
    choice = route(message("KPN"), candidate("a"), candidate("b", state=ModemState.GONE, group="Vodafone"))
    assert name(choice) == "a"
    assert choice.reason is Reason.SAME_NETWORK


def test_a_resend_that_was_not_allowed_the_same_network_waits() -> None:
    choice = route(message("KPN", same_network_allowed=False), candidate("a"))
    assert choice == Choice(None, Reason.NO_OTHER_NETWORK)


def test_nothing_is_certainly_another_network_when_one_of_them_is_not_known() -> None:
    assert route(message("", same_network_allowed=False), candidate("a")).modem is None
    assert route(message("KPN", same_network_allowed=False), candidate("a", group=None)).modem is None


def test_a_modem_that_failed_is_tried_again_after_its_rest_when_it_is_the_only_one() -> None:
    assert route(message(), candidate("a", failed=True, resting=True)) == Choice(None, Reason.BUSY)
    assert name(route(message(), candidate("a", failed=True))) == "a"


def test_a_message_that_every_modem_was_refused_is_refused() -> None:
    assert route(message(), candidate("a", refused=True)) == Choice(None, Reason.REFUSED)


@pytest.mark.parametrize(
    ("states", "reason"),
    [
        ([], Reason.MODEM_DOWN),
        ([ModemState.GONE, ModemState.DOWN, ModemState.SIM_PROBLEM], Reason.MODEM_DOWN),
        ([ModemState.GONE, ModemState.NO_NETWORK], Reason.NO_NETWORK),
        ([ModemState.NO_NETWORK, ModemState.STARTING], Reason.BUSY),
    ],
)
def test_why_nothing_can_be_sent_is_told_truly(states: list[ModemState], reason: Reason) -> None:
    candidates = [candidate(str(number), state=state) for number, state in enumerate(states)]
    assert route(message(), *candidates) == Choice(None, reason)


def test_the_last_fifth_of_a_sim_is_kept_for_administrators_and_technicians() -> None:
    assert route(message(), candidate("a", sent_hour=48)) == Choice(None, Reason.SIM_GUARD)
    assert name(route(message(), candidate("a", sent_hour=48), reserved=True)) == "a"
    assert route(message(), candidate("a", sent_hour=60), reserved=True) == Choice(None, Reason.SIM_GUARD)
    assert guarded(0, 160, POLICY, reserved=False)
    assert not guarded(0, 160, POLICY, reserved=True)


def test_when_one_sim_is_used_up_the_other_one_sends() -> None:
    assert name(route(message(), candidate("a", dbm=-60, sent_hour=48), candidate("b", dbm=-105))) == "b"


def test_what_a_resend_could_take_is_known_before_it_is_asked_for() -> None:
    kpn, vodafone = modem("a"), modem("b", group="Vodafone")
    assert other_network([kpn, vodafone], {"KPN"}) is vodafone
    assert same_network([kpn, vodafone], {"KPN"}) is kpn
    gone = dataclasses.replace(vodafone, state=ModemState.NO_NETWORK)
    assert other_network([kpn, gone], {"KPN"}) is None
    assert same_network([gone], {"Vodafone"}) is None
    assert other_network([kpn, vodafone], set()) in {kpn, vodafone}


@given(messages, candidates_of_a_site, st.booleans())
def test_only_a_free_modem_whose_sim_may_roam_looks_around_and_only_where_no_other_network_serves(
    wanted: Message, candidates: list[Candidate], reserved: bool
) -> None:
    moved = movable(wanted, candidates, POLICY, reserved=reserved)
    if moved is not None:
        [one] = [each for each in candidates if each.modem is moved]
        assert moved.may_roam
        assert not any((one.busy, one.resting, one.refused))
        assert not guarded(one.sent_hour, one.sent_day, POLICY, reserved=reserved)
        assert wanted.avoid_groups
        assert not is_other(moved, wanted.avoid_groups)
        assert choose(wanted, candidates, POLICY, reserved=reserved).reason is not Reason.HEALTHIEST
        assert may_look_around([moved], wanted.avoid_groups)


@pytest.mark.parametrize(
    ("given", "groups", "found"),
    [
        ({"may_roam": True}, ("KPN",), True),
        ({"may_roam": False}, ("KPN",), False),
        ({"may_roam": True}, (), False),
        ({"may_roam": True}, ("KPN", ""), False),
        ({"may_roam": True, "busy": True}, ("KPN",), False),
        ({"may_roam": True, "refused": True}, ("KPN",), False),
        ({"may_roam": True, "state": ModemState.NO_NETWORK}, ("KPN",), False),
    ],
)
def test_who_may_look_for_another_network(given: dict[str, Any], groups: tuple[str, ...], found: bool) -> None:
    one = candidate(**given)
    assert (movable(message(*groups), [one], POLICY, reserved=False) is one.modem) == found


def test_nobody_looks_around_while_another_modem_serves_another_network() -> None:
    ours, other = candidate("a", may_roam=True), candidate("b", group="Vodafone")
    assert movable(message("KPN"), [ours, other], POLICY, reserved=False) is None
