"""The clock of the machine, for whoever only shows it; `kiosk.clock` says whether it can be believed."""

import time


def wall_ms() -> int:
    """CLOCK_REALTIME in milliseconds."""
    return time.time_ns() // 1_000_000
