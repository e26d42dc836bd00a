"""Everybody comes back from holiday: several people are unlocked with one reason, each with rows of their own."""

import pytest

from kiosk.administration.errors import Forbidden
from kiosk.administration.passwords import UnlockedMany, unlock_many
from tests.kiosk.administration.office import BECAUSE, administrator, page, rows
from tests.kiosk.world import World


def lock(world: World, *names: str) -> None:
    with world.site.database.transaction(write=True):
        for name in names:
            for _ in range(20):
                world.site.database.users.claim_second_factor_failure(world.user(name).id, limit=20)


def test_whoever_is_locked_is_open_again_and_the_others_do_not_stop_it(world: World) -> None:
    administrator(world)
    for name, phone in (("j.devries", "+31612345678"), ("m.visser", "+31687654321"), ("s.smit", "+31687654322")):
        world.person(name, phone=phone)
    lock(world, "a.bakker", "j.devries", "s.smit")
    marked = [world.user(name).id for name in ("a.bakker", "j.devries", "m.visser", "s.smit")]

    done = unlock_many(page(world), [*marked, "nobody"], BECAUSE)

    assert done == UnlockedMany(unlocked=2, nothing=2, forbidden=1)
    assert [world.user(name).second_factor_failures for name in ("a.bakker", "j.devries", "s.smit")] == [20, 0, 0]
    assert [(result, about) for result, _, about, _ in rows(world, "second_factor_unlocked")] == [
        ("refused", marked[0]),
        ("ok", marked[1]),
        ("ok", marked[3]),
    ]


def test_whoever_may_not_unlock_unlocks_nobody(world: World) -> None:
    administrator(world)
    world.person()
    lock(world, "j.devries")

    with pytest.raises(Forbidden):
        unlock_many(page(world, reauthenticated_at=0), [world.user().id], BECAUSE)
    assert world.user().second_factor_failures == 20
