"""The buttons of the ways to sign in, on every page that offers them."""

from textual.app import ComposeResult
from textual.containers import Vertical

from kiosk.sign_in.outcomes import MethodKind
from kiosk.sign_in.views import WayView
from screens.sign_in.way_labels import WAYS
from screens.widgets.action import Action


class WayAction(Action):
    """The button of one way to sign in."""

    def __init__(self, way: WayView, *, first: bool) -> None:
        label, key = WAYS[way.kind]
        super().__init__(label, kind="primary" if first else "side", key=key, classes="way")
        self.way = way


class WayList(Vertical):
    """The ways in the order of the domain; `leading` makes the first one the next step of the page."""

    def __init__(self, ways: tuple[WayView, ...], *, leading: bool, id: str) -> None:  # noqa: A002  Textual's name
        super().__init__(id=id)
        self.ways = ways
        self._leading = leading

    def compose(self) -> ComposeResult:
        """One button per way."""
        yield from self._actions()

    def _actions(self) -> list[WayAction]:
        return [WayAction(way, first=self._leading and number == 0) for number, way in enumerate(self.ways)]

    def show(self, ways: tuple[WayView, ...], *, leading: bool) -> None:
        """The same buttons may work again, or no longer; other ways need other buttons."""
        same = leading == self._leading and _kinds(ways) == _kinds(self.ways)
        self.ways, self._leading = ways, leading
        if not same:
            self.run_worker(self._replace(), exclusive=True)
            return
        for action, way in zip(self.query(WayAction), ways, strict=True):
            action.way = way

    async def _replace(self) -> None:
        had_focus = any(action.has_focus for action in self.query(WayAction))
        await self.remove_children()
        await self.mount_all(self._actions())
        if had_focus and self.ways:
            self.query(WayAction).first().focus()


def _kinds(ways: tuple[WayView, ...]) -> tuple[MethodKind, ...]:
    return tuple(way.kind for way in ways)
