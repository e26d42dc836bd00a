"""The success page: the new back-up code, by SMS once, confirmed before it counts."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest

from data.ids import new_id
from data.messages import MessageKind
from data.modems import ModemState
from kiosk.policy import BackupCodePolicy, Policy
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Refused, Stage
from kiosk.sign_in.views import SuccessView
from tests.kiosk.world import BACKUP_CODE, PHONE, World, notice, why


def page(sign_in: SignIn) -> SuccessView:
    success = sign_in.view().success
    assert success is not None
    return success


def sms(sign_in: SignIn) -> str | None:
    sentence = page(sign_in).sms
    return None if sentence is None else sentence.text_id


@pytest.fixture
def sign_in(world: World) -> SignIn:
    """Somebody on the success page."""
    world.person()
    return world.signed_in()


def commit(world: World) -> str:
    modem, transmission = world.modems["noord"], new_id()
    with world.site.database.transaction(write=True):
        assert world.site.database.messages.commit(
            world.messages()[-1].id,
            transmission_id=transmission,
            modem_id=modem.id,
            network=modem.network,
            network_name=modem.network_name,
            network_group=modem.network_group,
            now=world.clock.now(),
        )
    return transmission


def test_the_code_is_shown_until_it_is_confirmed_and_never_again(world: World, sign_in: SignIn) -> None:
    shown = page(sign_in).backup_code

    assert shown is not None
    assert page(sign_in).backup_code == shown
    sign_in.confirm_backup_code()
    assert sign_in.view().success is None
    assert [row["state"] for row in world.table("backup_codes")] == ["confirmed"]
    assert ("backup_code.confirmed", "ok") in world.actions()


def test_the_sms_carries_the_code_in_two_groups_and_is_sent_once(world: World, sign_in: SignIn) -> None:
    code = page(sign_in).backup_code
    assert code is not None
    assert page(sign_in).may_send_sms

    first = sign_in.send_backup_code_by_sms()
    second = sign_in.send_backup_code_by_sms()

    assert first == Moved(Stage.SUCCESS)
    assert why(second) == "success.sms.failed"
    assert not page(sign_in).may_send_sms
    assert f"Code: {code[:4]} {code[4:]}" in world.text_of_queued()
    assert "1 keer" in world.text_of_queued()
    assert [message.kind for message in world.messages()].count(MessageKind.BACKUP) == 1
    assert ("backup_code.sms", "queued") in world.actions()


def test_how_the_sms_goes_is_told_state_by_state(world: World, sign_in: SignIn) -> None:
    asked = sms(sign_in)
    sign_in.send_backup_code_by_sms()
    waiting = sms(sign_in)
    transmission = commit(world)
    sending = sms(sign_in)
    with world.site.database.transaction(write=True):
        world.site.database.messages.sent(world.messages()[-1].id, transmission, reference=77, now=world.clock.now())
    sent = page(sign_in).sms
    world.report(world.modems["noord"], delivered=True, reference=77)

    assert asked is None
    assert (waiting, sending) == ("success.sms.sending.line", "success.sms.sending.line")
    assert sent is not None
    assert (sent.text_id, sent.values) == ("success.sms.sent", {"tail": PHONE[-2:]})
    assert sms(sign_in) == "success.sms.sent"


def test_an_sms_that_may_have_gone_out_is_told_as_unsure(world: World, sign_in: SignIn) -> None:
    sign_in.send_backup_code_by_sms()
    transmission = commit(world)
    with world.site.database.transaction(write=True):
        world.site.database.messages.unknown(world.messages()[-1].id, transmission, reason="x", now=world.clock.now())

    assert sms(sign_in) == "success.sms.unknown"


def test_an_sms_that_was_refused_is_told_as_not_sent(world: World, sign_in: SignIn) -> None:
    sign_in.send_backup_code_by_sms()
    transmission = commit(world)
    with world.site.database.transaction(write=True):
        world.site.database.messages.refused(transmission, "cms_28", world.clock.now(), final=True)

    assert sms(sign_in) == "success.sms.failed"


def test_without_a_modem_the_person_is_told_to_write_the_code_down(world: World, sign_in: SignIn) -> None:
    for name, row in world.modems.items():
        assert row.network is not None
        world.modem(name, row.network, ModemState.GONE)

    sign_in.send_backup_code_by_sms()

    assert sms(sign_in) == "success.sms.failed"


def test_those_who_watch_are_told_how_the_sms_goes(world: World, sign_in: SignIn) -> None:
    seen: list[str | None] = []
    sign_in.watch(lambda view: seen.append(None if view.success is None or view.success.sms is None else "sms"))

    sign_in.send_backup_code_by_sms()

    assert seen == [None, "sms"]


def test_a_limit_on_sms_is_told_and_may_be_tried_again_later(world: World) -> None:
    world.person()
    for _ in range(5):
        sign_in = world.signed_in()
        sign_in.send_backup_code_by_sms()
        world.transmit(world.modems["noord"])
        sign_in.cancel("person")
    world.give_temporary_code()
    sign_in = world.begun()
    sign_in.answer("04821937")

    outcome = sign_in.send_backup_code_by_sms()

    assert why(outcome) == "resend.limit.hour"
    assert sms(sign_in) == "resend.limit.hour"
    assert page(sign_in).may_send_sms
    world.later(3601)
    assert sign_in.send_backup_code_by_sms() == Moved(Stage.SUCCESS)


def with_policy(directory: Path, **policy: bool) -> World:
    world = World.make(directory, Policy(backup_code=BackupCodePolicy(**policy)))
    world.modem()
    return world


@pytest.fixture
def switched_off(tmp_path: Path) -> Iterator[World]:
    with closing(with_policy(tmp_path, by_sms=False)) as world:
        yield world


@pytest.fixture
def not_for_only_sms(tmp_path: Path) -> Iterator[World]:
    with closing(with_policy(tmp_path, by_sms_when_only_sms=False)) as world:
        yield world


def test_a_site_may_switch_it_off(switched_off: World) -> None:
    switched_off.person()
    sign_in = switched_off.signed_in()

    assert not page(sign_in).may_send_sms
    assert why(sign_in.send_backup_code_by_sms()) == "success.sms.failed"
    assert len(switched_off.messages()) == 1


def test_a_site_may_switch_it_off_for_who_has_only_sms(not_for_only_sms: World) -> None:
    not_for_only_sms.person()
    not_for_only_sms.person("a.bakker", phone="+31612345679", app=True)

    only_sms, with_app = not_for_only_sms.signed_in(), not_for_only_sms.signed_in("a.bakker")

    assert not page(only_sms).may_send_sms
    assert page(with_app).may_send_sms


def test_who_has_no_phone_is_not_offered_an_sms(world: World) -> None:
    created = world.person(phone=None, app=True)
    sign_in = world.begun()
    sign_in.answer(world.app_code(created))

    assert not page(sign_in).may_send_sms


def test_one_that_was_replaced_at_another_desk_is_told_to_be_worth_nothing(world: World, sign_in: SignIn) -> None:
    elsewhere = world.neighbour()
    there = elsewhere.begun()
    there.answer(elsewhere.code_of_queued())
    there.confirm_backup_code()

    outcome = sign_in.confirm_backup_code()

    assert notice(outcome) == "success.not_made"
    assert isinstance(outcome, Moved)
    assert outcome.warning
    assert sign_in.stage is Stage.SIGNED_IN


def test_one_that_was_used_before_it_was_confirmed_is_replaced_and_says_so(world: World, sign_in: SignIn) -> None:
    code = page(sign_in).backup_code
    assert code is not None
    sign_in.cancel("idle")
    again = world.begun()
    again.take(MethodKind.BACKUP_CODE)

    assert again.answer(code) == Moved(Stage.SUCCESS)
    assert not page(again).first


def test_who_confirmed_one_goes_home_at_once(world: World) -> None:
    world.person()
    world.give_backup_code()

    assert world.signed_in().stage is Stage.SIGNED_IN


def test_home_tells_what_an_administrator_changed(world: World) -> None:
    world.person()
    world.give_backup_code()
    with world.site.database.transaction(write=True):
        world.site.database.changes.add(
            world.user().id, what="factor_added", actor="beheer", reason="x", proof="y", now=world.clock.now()
        )

    home = world.signed_in().view().home

    assert home is not None
    assert [(change.what, change.by) for change in home.changes] == [("factor_added", "beheer")]
    assert home.last_sign_in_at is None


def test_the_sms_of_a_sign_in_that_succeeded_does_not_count_for_the_limits(world: World) -> None:
    world.person()
    world.give_backup_code()
    for _ in range(12):
        sign_in = world.begun()
        code = world.code_of_queued()
        world.transmit(world.modems["noord"])
        assert not isinstance(sign_in.answer(code), Refused)
        sign_in.cancel("sign_out")

    assert BACKUP_CODE not in repr(world.messages())
