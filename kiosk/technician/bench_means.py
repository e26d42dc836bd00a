"""What the technician's bench is made of and who may use it; the bench itself is imported when somebody does."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

from data.users import Role
from hardware.yubikey.bus import KeyBus
from kiosk.delivery.doorbell import Waker
from kiosk.delivery.tenure import Means
from kiosk.policy import Policy
from kiosk.technician.setting_clock import ClockSetter

# Who may use the bench.
ROLES: Final = frozenset({Role.TECHNICIAN, Role.ADMINISTRATOR})


class NotAllowed(Exception):
    """Whoever is signed in here is no technician and no administrator."""


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchMeans:
    """What a bench works with; made where the terminal is put together."""

    means: Means
    waker: Waker
    policy: Policy
    dispatcher_lock: Path
    site: str
    zone: ZoneInfo
    set_clock: ClockSetter
    exchange: Path | None = None
    keys: KeyBus | None = None
