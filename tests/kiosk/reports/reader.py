"""Reading reports of a world, and making in one stroke what takes people months."""

from data.users import Role
from kiosk.reports.report import Figure, Report
from kiosk.reports.room import ReportRoom
from tests.kiosk.world import World


def room(world: World, role: Role = Role.ADMINISTRATOR) -> ReportRoom:
    return ReportRoom(site=world.site, trail=world.trail, actor="unix:test", role=role)


def figure(world: World, report: Report) -> Figure:
    return room(world).figure(report)


def values(world: World, report: Report) -> list[tuple[str | int | None, ...]]:
    """All cells of all rows."""
    return [row.values for row in room(world).all(report)]


def names(world: World, report: Report) -> list[str | int | None]:
    """User names, of a report about people."""
    return [row[1] for row in values(world, report)]


def change(world: World, statement: str, **parameters: str | int | None) -> None:
    """Make it so."""
    with world.site.database.transaction(write=True):
        world.site.database._connection.change(statement, parameters)
