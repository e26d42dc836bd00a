"""What idleness means after the sign-in: the desk is locked, and the session goes on for the same person alone."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from screens.app import KioskApp


class SessionIdle:
    """Put before the page that it is for: a page of a session that did without would never be locked."""

    idle_text_id = "idle.session"

    if TYPE_CHECKING:

        @property
        def kiosk(self) -> KioskApp:
            """As every page has it."""

    @property
    def idle_seconds(self) -> int | None:
        """The session's own."""
        return self.kiosk.facts.session_idle_seconds

    async def idle_ended(self) -> None:
        """Nobody is at the desk: only the same person goes on, and what runs behind the lock runs on."""
        await self.kiosk.locking.lock(idle=True)
