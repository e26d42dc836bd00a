"""The clocks that pages read; tests hand in their own."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from kiosk.wall_clock import wall_ms


@dataclass(frozen=True, slots=True, kw_only=True)
class Clock:
    """`monotonic` in seconds for waits and idleness; kiosk time and wall time in milliseconds UTC.

    Whatever expires is told in kiosk time, which never goes back; wall time is for the clock in the brand bar.
    """

    monotonic: Callable[[], float] = time.monotonic
    now_ms: Callable[[], int] = wall_ms
    wall_ms: Callable[[], int] = wall_ms
