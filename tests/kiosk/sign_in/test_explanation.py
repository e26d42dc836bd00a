"""UITLEG: what each step says in situations made of real rows, reports and the evidence of others; it never guesses."""

from collections.abc import Callable
from contextlib import closing
from datetime import time
from pathlib import Path

import pytest

from data.factors import FactorKind, FactorState
from data.modems import ModemState
from kiosk.config import HelpDesk, OpeningHours, Words
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Sentence
from tests.kiosk.world import World

# The clock of the world stands at 12:53 on a Wednesday in Amsterdam.
OFFICE_HOURS = OpeningHours(days=frozenset(range(5)), start=time(8), end=time(17))
EVENING = OpeningHours(days=frozenset(range(5)), start=time(18), end=time(22))


def help_desk(*hours: OpeningHours) -> HelpDesk:
    return HelpDesk(name="Servicedesk", phone="030 555 01 23", hours=Words(nl="ma-vr", en="Mon-Fri"), open=hours)


def steps(sign_in: SignIn, *, seen: bool = True) -> list[Sentence]:
    view = sign_in.explanation(alternatives_seen=seen)
    assert [step.title.text_id for step in view.steps] == [f"explain.step{number}.title" for number in range(1, 7)]
    return [step.text for step in view.steps]


def step(number: int, sign_in: SignIn) -> Sentence:
    return steps(sign_in)[number - 1]


def others(world: World, modem: str, times: int, *, delivered: bool | None, after: float = 0) -> None:
    """SMS of other people over one modem, with what the network reported of each after so many seconds."""
    for _ in range(times):
        number = len(world.table("users"))
        phone = f"+316123400{number:02d}"
        world.person(f"p{number}", phone=phone)
        world.begun(f"p{number}")
        world.transmit(world.modems[modem], reference=number)
        if delivered is not None:
            world.later(after)
            world.report(world.modems[modem], delivered=delivered, reference=number, number=phone)


def set_modem(world: World, name: str, state: ModemState) -> None:
    network = world.modems[name].network
    assert network is not None
    world.modem(name, network, state)


@pytest.fixture
def sign_in(world: World) -> SignIn:
    """Somebody on the SMS page whose SMS the first network has taken."""
    world.person()
    begun = world.begun()
    world.transmit(world.modems["noord"], reference=200)
    return begun


# 1. Switch your phone off and on


def test_while_nothing_was_sent_the_phone_is_not_the_cause(world: World) -> None:
    world.person()

    assert step(1, world.begun()) == Sentence("explain.step1.not_sent")


def test_once_it_was_sent_the_phone_may_be_the_cause(world: World, sign_in: SignIn) -> None:
    assert step(1, sign_in) == Sentence("explain.step1.default")


def test_when_the_network_says_that_it_arrived_the_time_is_told(world: World, sign_in: SignIn) -> None:
    world.clock.pass_seconds(9)
    world.report(world.modems["noord"], delivered=True, reference=200)

    assert step(1, sign_in) == Sentence("explain.step1.delivered", {"time": world.clock.now()})


# 2. Choose another way


def test_step_two_knows_whether_it_was_done(world: World, sign_in: SignIn) -> None:
    assert steps(sign_in, seen=False)[1] == Sentence("explain.step2.default")
    assert steps(sign_in, seen=True)[1] == Sentence("explain.step2.here")


# 3. Send the SMS again


def test_another_network_is_named(world: World, sign_in: SignIn) -> None:
    assert step(3, sign_in) == Sentence("explain.step3.other_network", {"other": "Vodafone"})


def test_that_there_is_no_other_network_is_said(world: World, sign_in: SignIn) -> None:
    set_modem(world, "zuid", ModemState.GONE)

    assert step(3, sign_in) == Sentence("explain.step3.no_other", {"network": "KPN"})


def test_that_another_network_would_be_looked_for_is_said(world: World, sign_in: SignIn) -> None:
    world.modem("noord", may_roam=True)
    assert step(3, sign_in) == Sentence("explain.step3.other_network", {"other": "Vodafone"})
    set_modem(world, "zuid", ModemState.GONE)

    assert step(3, sign_in) == Sentence("explain.step3.search", {"network": "KPN"})


def test_a_resend_that_went_out_is_told_with_its_network(world: World, sign_in: SignIn) -> None:
    world.later(31)
    sign_in.resend()
    world.transmit(world.modems["zuid"])

    assert step(3, sign_in) == Sentence("explain.step3.done", {"other": "Vodafone"})


def test_after_three_sends_that_did_not_arrive_there_are_no_more(world: World, sign_in: SignIn) -> None:
    for reference in (201, 202):
        world.later(121)
        sign_in.resend(confirmed=True)
        world.transmit(world.modems["noord"], reference=reference)
    world.report(world.modems["noord"], delivered=False, reference=202)

    assert step(3, sign_in) == Sentence("explain.step3.limit")


def test_without_any_modem_nothing_can_be_sent_again(world: World, sign_in: SignIn) -> None:
    set_modem(world, "noord", ModemState.DOWN)
    set_modem(world, "zuid", ModemState.GONE)

    assert step(3, sign_in) == Sentence("explain.step3.down")


def test_who_has_no_sms_under_way_is_told_over_which_network_one_would_go(world: World) -> None:
    created = world.person(app=True)
    with world.site.database.transaction(write=True):
        world.site.database.users.set_preferred_factor(created.user.id, FactorKind.TOTP)
    begun = world.begun()

    assert step(3, begun).text_id == "explain.step3.no_other"
    assert step(4, begun).text_id == "explain.step4.unknown"


# 4. See whether there is an outage


@pytest.mark.parametrize(("times", "expected"), [(0, "unknown"), (2, "unknown"), (3, "failing_other")])
def test_fewer_than_three_lost_sms_are_no_outage(world: World, times: int, expected: str) -> None:
    others(world, "noord", times, delivered=False)
    others(world, "zuid", 1, delivered=True)
    world.person()
    begun = world.begun()
    world.transmit(world.modems["noord"], reference=200)

    assert step(4, begun).text_id == f"explain.step4.{expected}"


def test_one_s_own_sms_says_nothing_about_others(world: World) -> None:
    others(world, "noord", 2, delivered=False)
    world.person()
    begun = world.begun()
    for reference in (200, 201):
        world.transmit(world.modems["noord"], reference=reference)
        world.report(world.modems["noord"], delivered=False, reference=reference)
        world.later(121)
        begun.resend(confirmed=True)

    assert step(4, begun).text_id == "explain.step4.unknown"


def test_one_s_own_sms_that_arrived_does_not_stand_for_others_either(world: World, sign_in: SignIn) -> None:
    world.report(world.modems["noord"], delivered=True, reference=200)

    assert step(4, sign_in) == Sentence("explain.step4.unknown", {"network": "KPN"})


def test_an_sms_that_reached_somebody_else_shows_that_the_network_works(world: World) -> None:
    others(world, "noord", 4, delivered=False)
    others(world, "noord", 1, delivered=True)
    world.person()
    begun = world.begun()
    world.transmit(world.modems["noord"], reference=200)

    assert step(4, begun) == Sentence("explain.step4.normal", {"network": "KPN"})


@pytest.mark.parametrize(
    ("times", "expected"), [(1, "arriving"), (2, "arriving"), (3, "arriving_median"), (4, "arriving_median")]
)
def test_a_network_that_works_is_told_with_its_last_sms_and_from_three_on_with_its_usual_time(
    world: World, times: int, expected: str
) -> None:
    others(world, "noord", times - 1, delivered=True, after=5.2)
    others(world, "noord", 1, delivered=True, after=3.9)
    at = world.clock.now()
    world.later(60)
    world.person()
    begun = world.begun()
    world.transmit(world.modems["noord"], reference=200)
    world.report(world.modems["noord"], delivered=True, reference=200)

    said = step(4, begun)
    assert said.text_id == f"explain.step4.{expected}"
    usual = {"median": 6} if times >= 3 else {}
    assert said.values == {"network": "KPN", "time": at, "seconds": 4} | usual


@pytest.mark.parametrize(("after", "lost", "expected"), [(60, 0, "arriving"), (61, 0, "normal"), (5, 1, "normal")])
def test_what_is_slow_or_often_lost_is_not_called_normal(world: World, after: float, lost: int, expected: str) -> None:
    others(world, "noord", lost, delivered=False)
    others(world, "noord", 2, delivered=True, after=after)
    world.person()
    begun = world.begun()
    world.transmit(world.modems["noord"], reference=200)

    assert step(4, begun).text_id == f"explain.step4.{expected}"


def test_an_sms_that_was_there_at_once_took_no_single_second(world: World) -> None:
    others(world, "noord", 1, delivered=True)
    world.person()
    begun = world.begun()
    world.transmit(world.modems["noord"], reference=200)

    assert step(4, begun).values["seconds"] == 2


def test_an_outage_without_another_network_that_works_is_told_as_such(world: World) -> None:
    others(world, "noord", 3, delivered=False)
    world.person()
    begun = world.begun()
    world.transmit(world.modems["noord"], reference=200)

    assert step(4, begun) == Sentence("explain.step4.failing", {"network": "KPN"})


def test_an_outage_beside_a_network_that_works_names_both(world: World) -> None:
    others(world, "noord", 3, delivered=False)
    others(world, "zuid", 1, delivered=True)
    world.person()
    begun = world.begun()
    world.transmit(world.modems["noord"], reference=200)

    assert step(4, begun) == Sentence("explain.step4.failing_other", {"network": "KPN", "other": "Vodafone"})


def test_what_is_older_than_an_hour_does_not_count(world: World) -> None:
    others(world, "noord", 3, delivered=False)
    world.later(3601)
    world.person()
    begun = world.begun()
    world.transmit(world.modems["noord"], reference=200)

    assert step(4, begun).text_id == "explain.step4.unknown"


def test_sms_of_which_nothing_was_reported_say_nothing(world: World) -> None:
    others(world, "noord", 5, delivered=None)
    world.person()
    begun = world.begun()
    world.transmit(world.modems["noord"], reference=200)

    assert step(4, begun).text_id == "explain.step4.unknown"


def test_without_a_network_of_the_kiosk_only_the_provider_is_left_to_look_at(world: World) -> None:
    set_modem(world, "noord", ModemState.GONE)
    set_modem(world, "zuid", ModemState.GONE)
    world.person()

    assert step(4, world.begun()) == Sentence("explain.step4.no_network")


# 5. Use the back-up code


def add_yubikey(world: World) -> None:
    with world.site.database.transaction(write=True):
        world.site.database.factors.add(
            world.user().id,
            kind=FactorKind.YUBIKEY_FIDO2,
            label="sleutel",
            state=FactorState.ACTIVE,
            secret=b"x",
            index=None,
            now=world.clock.now(),
        )


@pytest.mark.parametrize(
    ("backup", "yubikey", "app", "text", "also"),
    [
        (True, False, False, "backup", None),
        (True, True, False, "backup", "yubikey"),
        (True, False, True, "backup", "app"),
        (True, True, True, "backup", "both"),
        (False, False, False, "no_backup.none", None),
        (False, True, False, "no_backup.yubikey", None),
        (False, False, True, "no_backup.app", None),
        (False, True, True, "no_backup.both", None),
    ],
)
def test_step_five_names_what_the_person_has(
    world: World, backup: bool, yubikey: bool, app: bool, text: str, also: str | None
) -> None:
    world.person(app=app)
    if backup:
        world.give_backup_code()
    if yubikey:
        add_yubikey(world)
    begun = world.begun()
    begun.take(MethodKind.SMS)

    fifth = begun.explanation(alternatives_seen=True).steps[4]

    assert fifth.text == Sentence(f"explain.step5.{text}")
    assert fifth.also == (None if also is None else Sentence(f"explain.step5.also.{also}"))


def test_a_back_up_code_that_was_tried_too_often_is_not_advised(world: World, sign_in: SignIn) -> None:
    world.give_backup_code()
    [row] = world.table("backup_codes")
    with world.site.database.transaction(write=True):
        for _ in range(20):
            world.site.database.backup_codes.claim_try(row["id"], limit=20)

    assert step(5, sign_in) == Sentence("explain.step5.no_backup.none")


# 6. Call the administrator


@pytest.fixture
def called(tmp_path: Path) -> Callable[[HelpDesk | None], Sentence]:
    """Step 6 at a site with this help desk."""

    def at(desk: HelpDesk | None) -> Sentence:
        with closing(World.make(tmp_path, help_desk=desk)) as world:
            world.person()
            return step(6, world.begun())

    return at


@pytest.mark.parametrize(
    ("desk", "expected"),
    [
        (None, "no_contact"),
        (help_desk(), "open"),
        (help_desk(OFFICE_HOURS), "open"),
        (help_desk(EVENING), "closed"),
    ],
)
def test_step_six_knows_whether_somebody_answers(
    called: Callable[[HelpDesk | None], Sentence], desk: HelpDesk | None, expected: str
) -> None:
    assert called(desk) == Sentence(f"explain.step6.{expected}")
