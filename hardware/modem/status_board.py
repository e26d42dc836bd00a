"""The one place where a modem's status is kept: changed by its owner's thread, read by any."""

import dataclasses
import logging
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

from hardware.modem.reasons import Reason
from hardware.modem.status import ModemState, ModemStatus
from hardware.modem.wire_log import LOGGER

_NO_NETWORK: dict[str, Any] = {
    "registered": False,
    "network": "",
    "network_name": "",
    "technology": "",
    "signal_dbm": None,
    "bars": 0,
}


def where(error: BaseException) -> str:
    """What kind of error and where it was raised; not its message, which may hold a number or a text."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {Path(frames[-1].filename).name}:{frames[-1].lineno}" if frames else ""
    return type(error).__name__ + place


class StatusBoard:
    """Keeps a ModemStatus and tells `on_status` of each change; a failing listener is logged and shown, never fatal."""

    def __init__(self, first: ModemStatus, on_status: Callable[[ModemStatus], None]) -> None:
        self._status = dataclasses.replace(first, since=time.monotonic())
        self._on_status = on_status

    @property
    def status(self) -> ModemStatus:
        """The latest status."""
        return self._status

    def update(self, **changes: Any) -> None:
        """Change fields of ModemStatus; `since` follows `state` and `reason`."""
        changed = dataclasses.replace(self._status, **changes)
        if changed == self._status:
            return
        if (changed.state, changed.reason) != (self._status.state, self._status.reason):
            changed = dataclasses.replace(changed, since=time.monotonic())
            quiet = changed.state in {ModemState.READY, ModemState.STARTING} or changed.reason == Reason.STOPPED
            LOGGER.log(
                logging.INFO if quiet else logging.WARNING,
                "%s: %s %s",
                changed.name,
                changed.state.value,
                changed.reason,
            )
        self._status = changed
        self.call("on_status", self._on_status, changed)

    def set_state(self, state: ModemState, reason: Reason = Reason.NONE) -> None:
        """Change the state with its reason."""
        self.update(state=state, reason=reason.value)

    def lose(self, state: ModemState, reason: Reason, **changes: Any) -> None:
        """Change to a state without a network: what held on the network is forgotten, what the modem is stays known."""
        self.update(state=state, reason=reason.value, **_NO_NETWORK, **changes)

    def call(self, name: str, callback: Callable[..., object], *arguments: object) -> None:
        """Call back into the domain; an exception is logged by its kind alone and shown as reason `callback_failed`."""
        try:
            callback(*arguments)
        except Exception as error:  # noqa: BLE001  the modem must go on whatever its listeners do
            LOGGER.error("%s: callback %s failed: %s", self._status.name, name, where(error))
            if self._status.state is ModemState.READY:
                self._status = dataclasses.replace(self._status, reason=Reason.CALLBACK_FAILED.value)
