"""What every administrator's Home says of four eyes: that the code in the envelope was used, and what waits for a second one."""

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from textual.app import ComposeResult
from textual.containers import Vertical

from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.widgets.action import Action
from screens.widgets.base import Ticking, kiosk

if TYPE_CHECKING:
    from kiosk.administration.break_glass import UsedCode
    from kiosk.administration.requests import RequestLine
    from kiosk.desk import Desk

# A colleague at another desk waits for it, and this page may stand for minutes.
LOOK_SECONDS: Final = 15


class Waiting(Vertical, Ticking):
    """Rows that are there only when there is something: G the alarm, W what matters first of what waits."""

    def __init__(self) -> None:
        super().__init__(id="four-eyes")
        self.looks = False
        """Whether anybody who administers stands before it."""
        self._ticks = 0
        self._looking = False

    def compose(self) -> ComposeResult:
        """Nothing is known yet."""
        for action in (
            Action("break_glass.used.title", id="glass", key="g"),
            Action("approval.requests.title", id="waiting", key="w"),
        ):
            action.display = False
            yield action

    def tick(self) -> None:
        """A second later: look again now and then."""
        self._ticks += 1
        if self.looks and self._ticks % LOOK_SECONDS == 0 and self.screen.is_current:
            self.look()

    def look(self) -> None:
        """Ask the domain; what fails is logged and the rows stay as they were."""
        from kiosk.account.account import NotSignedIn  # noqa: PLC0415  most people never need it
        from kiosk.administration.errors import Forbidden  # noqa: PLC0415  as above

        self.looks = True
        if self._looking:
            return
        self._looking = True
        app = kiosk(self)

        async def ask() -> None:
            try:
                used, found = await app.ask(_known)
            except (Forbidden, NotSignedIn):
                # The role or the session was taken away: whoever is here learns that elsewhere.
                self.looks = self.display = False
            except Exception as error:  # noqa: BLE001  the page shows what it knew
                app.log_unexpected(error)
            else:
                if self.is_attached:
                    self._show_used(used)
                    self._show_waiting(found)
            finally:
                self._looking = False

        app.run_worker(ask(), group="home")

    def _show_used(self, used: "Sequence[UsedCode]") -> None:
        action = self.query_one("#glass", Action)
        action.display = bool(used)
        if used:
            words, one = kiosk(self).words, used[0]
            day = words.day(one.at, kiosk(self).clock.now_ms())
            values: dict[str, str | int] = {"by": printable(one.by), "day": day, "time": one.at}
            action.relabel(Sentence("break_glass.home", values))

    def _show_waiting(self, found: "Sequence[RequestLine]") -> None:
        states = Counter("mine" if one.mine else one.state.value for one in found)
        first = next((state for state in ("mine", "approved", "refused", "waiting") if states[state]), None)
        action = self.query_one("#waiting", Action)
        action.display = first is not None
        if first is not None:
            action.relabel(Sentence(f"approval.home.{first}", {"count": states[first]}))


def _known(desk: "Desk") -> "tuple[tuple[UsedCode, ...], tuple[RequestLine, ...]]":
    from kiosk.administration.break_glass import unread  # noqa: PLC0415  most people never need it
    from kiosk.administration.requests import waiting  # noqa: PLC0415  as above

    office = desk.office()
    return unread(office), waiting(office)
