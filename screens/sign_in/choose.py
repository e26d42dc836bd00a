"""Kies uw tweede stap: the ways of this person, the likeliest first."""

from typing import ClassVar

from textual import on
from textual.app import ComposeResult
from textual.containers import Center

from kiosk.sign_in.outcomes import Refused, Stage
from kiosk.sign_in.views import WayView
from screens.sign_in.stage_page import StagePage
from screens.sign_in.ways import WayAction, WayList
from screens.widgets.action import Action
from screens.widgets.base import Line


class ChoosePage(StagePage):
    """Follows the password when no way is the obvious one."""

    stage: ClassVar[Stage] = Stage.CHOOSE
    AUTO_FOCUS = "WayAction"
    title_id = "sign_in.choose.title"

    def compose_card(self) -> ComposeResult:
        """One action per way, and the way back."""
        yield Line("sign_in.choose.intro")
        yield self.message
        yield WayList(self._ways, leading=True, id="ways")
        with Center(id="back-place", classes="gap"):
            yield Action("common.back.button", id="back", kind="link")

    @property
    def _ways(self) -> tuple[WayView, ...]:
        return self.view.choose.ways if self.view.choose is not None else ()

    def show_view(self) -> None:
        """A way may work again, or no longer."""
        self.query_one("#ways", WayList).show(self._ways, leading=True)
        self.set_class(self.message.sentence is not None, "-crowded")

    def refuse(self, refused: Refused) -> None:
        """The reason needs rows of the ways."""
        super().refuse(refused)
        self.show_view()

    @on(Action.Pressed, ".way")
    def _take_way(self, event: Action.Pressed) -> None:
        if not isinstance(event.action, WayAction):
            return
        way = event.action.way
        if way.why_not is not None:
            self.refuse(Refused(way.why_not, self.stage))
        else:
            self.do(lambda sign_in: sign_in.take(way.kind))

    @on(Action.Pressed, "#back")
    def _back(self) -> None:
        self.leave()

    def action_back(self) -> None:
        """Esc: back to the login page."""
        self.leave()
