"""A terminal's desk in a world whose machine has a clock that can be set wrong."""

import dataclasses
from pathlib import Path

import kiosk.clock
from kiosk.clock import SystemClock
from kiosk.desk import Desk
from kiosk.desk_status import DeskFacts, HelpDesk
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import Moved
from tests.kiosk.world import PASSWORD, World

# A clock before this is not believed: the day on which the program was built.
BUILT = int(Path(kiosk.clock.__file__).stat().st_mtime * 1000)
MINUTE = 60_000
DAY = 24 * 60 * MINUTE
FACTS = DeskFacts(
    site="Receptie Noord",
    desk_name="balie 1",
    desk_number="1",
    help_desk=HelpDesk(name="", phone="", hours=""),
    language="nl",
    time_zone="Europe/Amsterdam",
    login_idle_seconds=90,
    sign_in_idle_seconds=180,
    success_idle_seconds=120,
    session_idle_seconds=300,
    idle_warning_seconds=20,
    idle_extensions=10,
)


@dataclasses.dataclass(slots=True)
class Terminal:
    """A desk in a world whose machine has a clock that can be set wrong."""

    world: World
    clock: SystemClock
    desk: Desk
    closed: list[bool] = dataclasses.field(default_factory=list)

    @classmethod
    def open(cls, world: World, *, simulated: bool = False) -> "Terminal":
        boot = world.clock.at
        clock = SystemClock(wall=world.clock.wall, boot=lambda: world.clock.at - boot, this_boot="boot")
        world.site = dataclasses.replace(world.site, clock=clock)
        closed: list[bool] = []
        desk = Desk(world.site, FACTS, clock, simulated=simulated, closing=lambda: closed.append(True))
        return cls(world, clock, desk, closed)

    def begun(self) -> SignIn:
        sign_in = self.desk.sign_in("nl")
        assert isinstance(sign_in.begin("j.devries", PASSWORD), Moved)
        return sign_in

    def refuse_writes(self, pragma: str) -> None:
        self.world.site.database._connection.raw.execute(pragma)
