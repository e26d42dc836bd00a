"""Following the domain of this terminal: out of service while it cannot come or when it was lost, and in service again by itself."""

import asyncio
from collections.abc import Callable
from concurrent.futures import Future
from typing import TYPE_CHECKING

from kiosk.desk_status import RETRY_SECONDS, DeskStatus, out_of_service
from kiosk.domain_thread import DomainLost

if TYPE_CHECKING:
    from kiosk.demo import DemoState
    from kiosk.out_of_service import Troubles
    from screens.app import KioskApp


class InService:
    """`begin` lets the domain come; None when it is there already and stays."""

    def __init__(self, app: "KioskApp", begin: Callable[[], Future[None]] | None) -> None:
        self.painted = asyncio.Event()
        """What the domain imports would hold up the first page."""
        self._app = app
        self._begin = begin
        self._troubles: Troubles | None = None

    async def follow(
        self, desk_changed: Callable[[DeskStatus], None], demo_changed: "Callable[[DemoState], None]"
    ) -> None:
        """Run in a worker as long as the app; the callbacks come in other threads."""
        app = self._app
        if app.demo is not None:
            app.demo.watch(demo_changed)
        if self._begin is None:
            await app.ask(lambda desk: desk.watch_status(desk_changed))
            return
        await self.painted.wait()
        while await self._came(self._begin):
            await app.ask(lambda desk: desk.watch_status(desk_changed))
            await self._lost()

    async def _came(self, begin: Callable[[], Future[None]]) -> bool:
        """Try until it stands; False when only we can mend what is the matter, and the app ends."""
        while True:
            try:
                await asyncio.wrap_future(begin())
            except Exception as error:  # noqa: BLE001  whoever runs the app tells it, when the terminal is a plain one again
                if not self._say(error):
                    self._app.failure = error
                    self._app.exit(return_code=1)
                    return False
                await asyncio.sleep(RETRY_SECONDS)
            else:
                if self._troubles is not None:
                    self._troubles.over()
                return True

    async def _lost(self) -> None:
        """Wait for the end of a domain that is of no use any more; nothing of anybody stays."""
        try:
            await asyncio.wrap_future(self._app.thread.lost)
        except DomainLost as lost:
            self._say(lost.__cause__ or lost)
            await self._app.show_login(reason="stop")
        await asyncio.sleep(RETRY_SECONDS)

    def _say(self, error: BaseException) -> bool:
        """Show what is the matter; False for a mistake of ours."""
        # It comes with the database, which is not there before the first page.
        from kiosk.out_of_service import Troubles  # noqa: PLC0415  see above

        if self._troubles is None:
            self._troubles = Troubles()
        trouble = self._troubles.met(error)
        if trouble is None:
            return False
        self._app.status = out_of_service(
            trouble.text_id, trouble.reference, clock_wrong=False, simulated=self._app.demo is not None
        )
        return True
