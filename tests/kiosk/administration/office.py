"""An office in which people are administered, at a page or in root's name."""

from data.factors import FactorKind, FactorState
from data.users import Role, User
from kiosk.administration.authority import PageAuthority, RootAuthority
from kiosk.administration.changing import Office
from kiosk.administration.free_text import Why
from kiosk.administration.temporary import Identification, TemporaryReason, TemporaryRequest
from tests.kiosk.world import World

BECAUSE = Why("telefoon kwijt", "TD-4411")
NO_SMS = TemporaryRequest(reason=TemporaryReason.NO_SMS, identified=Identification.IN_PERSON)


def root(world: World, login: str = "beheer") -> Office:
    return Office(world.site, world.trail, RootAuthority(actor=f"unix:{login}"))


def administrator(world: World, name: str = "a.bakker") -> User:
    """An administrator with a password and an app of their own."""
    world.person(name, phone=None, app=True)
    with world.site.database.transaction(write=True):
        world.site.database.users.set_role(world.user(name).id, Role.ADMINISTRATOR)
    return world.user(name)


def page(world: World, name: str = "a.bakker", *, reauthenticated_at: int | None = None) -> Office:
    """A session of an administrator who has just shown a second factor."""
    user = world.user(name)
    with world.site.database.transaction(write=True):
        session = world.site.database.sessions.start(user.id, world.desk_id, "totp", user.epoch, world.clock.now())
    at = world.clock.now() if reauthenticated_at is None else reauthenticated_at
    authority = PageAuthority(administrator_id=user.id, session_id=session.id, reauthenticated_at=at)
    return Office(world.site, world.trail, authority)


def factor_id(world: World, kind: FactorKind, name: str = "j.devries") -> str:
    factors = world.site.database.factors.of_user(world.user(name).id)
    [found] = [one for one in factors if one.kind is kind and one.state is not FactorState.REVOKED]
    return found.id


def numbers_told(world: World) -> list[str]:
    """Whole numbers to which something waits to be sent."""
    messages = world.site.database.messages
    return sorted(messages.number(one) for one in messages.next_queued(world.clock.now(), limit=20))


def rows(world: World, action: str) -> list[tuple[str, str | None, str | None, dict[str, object]]]:
    """Result, actor, about and parameters of the audit rows of one action."""
    return [
        (row.event.result, row.event.actor, row.event.object, dict(row.event.parameters))
        for row in world.site.database.audit.rows()
        if row.event is not None and row.event.action == f"users.{action}"
    ]
