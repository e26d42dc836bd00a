"""One terminal: what its screen shows at once, and the domain behind it, which may come a moment later.

A page is painted before keys, database and modems are so much as imported: half of the start is theirs.
"""

import gc
from collections.abc import Callable
from concurrent.futures import Future
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from kiosk.config import Config
from kiosk.config.model import AtExit
from kiosk.desk_status import ApplicationEntry, DeskFacts, HelpDesk
from kiosk.domain_thread import DomainThread
from kiosk.language import LANGUAGES
from kiosk.wall_clock import wall_ms

if TYPE_CHECKING:
    from kiosk.commands.backstage import Backstage
    from kiosk.desk import Desk

# Opening and migrating a database of a million people takes seconds, not more.
START_SECONDS: Final = 60.0
NO_HELP: Final = HelpDesk(name="", phone="", hours="")


@dataclass(slots=True)
class Terminal:
    """`begin` or `start` it once, `stop` it after the screen.

    It may begin again when the domain was lost or could not come. `make` builds what is behind the screen, in the domain thread; imports that take long belong into it.
    """

    facts: DeskFacts
    make: "Callable[[], Backstage]"
    thread: "DomainThread[Desk]" = field(init=False)
    _backstage: "Backstage | None" = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.thread = DomainThread(self._open)

    def begin(self) -> "Future[None]":
        """Let the domain come; the future is done when it stands, or holds what went wrong.

        Garbage is collected from now on, also where the first page was loaded without.
        """
        gc.enable()
        return self.thread.start()

    def start(self) -> None:
        """As `begin`, and wait for it; raises what went wrong."""
        self.begin().result(START_SECONDS)

    def stop(self) -> None:
        """Let the person go, finish a committed SMS within its patience, and close everything."""
        self.thread.stop()
        if self._backstage is not None:
            self._backstage.stop()

    def now_ms(self) -> int:
        """Kiosk time; wall time until the domain stands."""
        return wall_ms() if self._backstage is None else self._backstage.premises.clock.now()

    def wall_ms(self) -> int:
        """Wall time."""
        return wall_ms() if self._backstage is None else self._backstage.premises.clock.wall()

    def _open(self) -> "Desk":
        before, self._backstage = self._backstage, None
        if before is not None:
            before.stop()
        self._backstage = self.make()
        return self._backstage.open(self.facts, woken=self.thread.wake)


def facts_of(config: Config, desk_name: str) -> DeskFacts:
    """What the screens show and never changes while they run."""
    idle = config.policy.idle
    return DeskFacts(
        site=config.site.name,
        desk_name=desk_name,
        desk_number=config.desk.number or desk_name,
        help_desk=_help_desk(config),
        language=config.language,
        time_zone=config.time_zone.key,
        login_idle_seconds=idle.login_seconds,
        sign_in_idle_seconds=idle.sign_in_seconds,
        success_idle_seconds=idle.success_seconds,
        session_idle_seconds=idle.session_seconds,
        idle_warning_seconds=idle.warning_seconds,
        idle_extensions=idle.extensions,
        applications=tuple(
            ApplicationEntry(
                name=one.name,
                labels={code: one.label.text(code) for code in LANGUAGES},
                roles=one.roles,
                directly=one.directly,
                signs_out=one.at_exit is AtExit.SIGN_OUT,
                same_account=one.account is None,
            )
            for one in config.applications
        ),
    )


def _help_desk(config: Config) -> HelpDesk:
    desk = config.help_desk
    if desk is None:
        return NO_HELP
    return HelpDesk(
        name=desk.name,
        phone=desk.phone,
        hours=desk.hours.text(config.language),
        hours_in_languages={"nl": desk.hours.nl, "en": desk.hours.en},
    )
