"""The last page of `kiosk gate`: asks whether the account is this person's, tells the answer and ends the terminal."""

from typing import ClassVar

from textual.app import ComposeResult

from kiosk.sign_in.outcomes import Stage
from screens.sign_in.stage_page import StagePage
from screens.widgets.base import Line


class GatePage(StagePage):
    """In the place of Home, for a moment."""

    stage: ClassVar[Stage] = Stage.SIGNED_IN
    AUTO_FOCUS = ""
    title_id = "gate.title"

    def compose_card(self) -> ComposeResult:
        """What happens now."""
        yield Line("common.busy.line")
        yield self.message

    def on_mount(self) -> None:
        """Ask at once; the worker is the app's, which outlives this page."""
        self.app.run_worker(self._pass(), group="gate")

    async def _pass(self) -> None:
        answer = self.kiosk.gate
        assert answer is not None, "without a gate Home is shown"
        try:
            passed = await self.kiosk.ask(lambda desk: desk.pass_gate())
        except Exception as error:  # noqa: BLE001  nobody passes by a fault of ours
            await self.kiosk.show_unexpected(error)
            return
        answer(passed)
        self.kiosk.exit()
