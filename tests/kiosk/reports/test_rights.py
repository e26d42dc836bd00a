"""The quarterly review of special rights (BIO2 8.02.01)."""

import pytest

from data.users import Role
from kiosk.administration.errors import ChangedMeanwhile, Forbidden, NumberInText
from kiosk.administration.free_text import Why
from kiosk.reports.report import Report
from kiosk.reports.rights import digest_of, holders, last_review, sign_off
from tests.kiosk.administration.office import BECAUSE, administrator, page, root, rows
from tests.kiosk.reports.reader import figure
from tests.kiosk.world import World


def test_a_sign_off_is_in_the_log_with_who_has_what(world: World) -> None:
    user = administrator(world)
    done = sign_off(page(world), BECAUSE)

    [(result, actor, _, facts)] = rows(world, "rights_reviewed")
    assert (result, actor, done.people) == ("ok", user.id, 1)
    assert facts["rights"] == [[user.id, "administrator"]]
    assert facts["reason"] == BECAUSE.reason
    assert world.recorded(done.reference) == ("users.rights_reviewed", "ok")


def test_nothing_is_due_until_a_quarter_is_over(world: World) -> None:
    administrator(world)
    assert figure(world, Report.RIGHTS).needs
    sign_off(root(world), BECAUSE)
    assert not figure(world, Report.RIGHTS).needs

    world.clock.pass_seconds(93 * 24 * 3600)
    assert figure(world, Report.RIGHTS).needs


def test_new_rights_want_a_new_look_at_once(world: World) -> None:
    administrator(world)
    sign_off(root(world), BECAUSE)
    world.invite("t.visser", role=Role.TECHNICIAN, app=True)

    assert figure(world, Report.RIGHTS).needs


def test_a_list_that_changed_since_it_was_looked_at_is_not_signed_off(world: World) -> None:
    administrator(world)
    seen = digest_of(holders(world.site))
    world.invite("t.visser", role=Role.TECHNICIAN, app=True)

    with pytest.raises(ChangedMeanwhile):
        sign_off(page(world), BECAUSE, seen=seen)
    assert last_review(world.site) is None


def test_whoever_showed_a_second_factor_too_long_ago_signs_nothing_off(world: World) -> None:
    administrator(world)
    with pytest.raises(Forbidden):
        sign_off(page(world, reauthenticated_at=0), BECAUSE)
    assert [result for result, *_ in rows(world, "rights_reviewed")] == ["refused"]


def test_no_number_of_a_person_gets_into_the_log(world: World) -> None:
    with pytest.raises(NumberInText):
        sign_off(root(world), Why("bel 06 12345678"))
