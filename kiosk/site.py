"""What the domain of one process is made of; `kiosk.commands.site` puts it together from a configuration."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from data.database import Database
from data.vault import Vault
from kiosk.clock import Clock
from kiosk.config.model import HelpDesk
from kiosk.delivery.outbox import Outbox
from kiosk.language import Language
from kiosk.passwords import Hasher
from kiosk.policy import Policy
from kiosk.yubikey.means import KeyMeans


@dataclass(frozen=True, slots=True, kw_only=True)
class Site:
    """Everything that a sign-in and the administration of accounts work with; used in one thread."""

    name: str
    help_desk: HelpDesk | None
    zone: ZoneInfo
    database: Database
    vault: Vault
    hasher: Hasher
    clock: Clock
    policy: Policy
    outbox: Outbox
    languages: Mapping[str, Language]
    keys: KeyMeans | None = None
    """The USB ports of this desk; None where no key can be used, as in a command."""

    def name_hash(self, key: str) -> str:
        """Keyed hash of a name key, for counting and logging names that may not exist."""
        return self.vault.mac(key.encode(), purpose="name").hex()

    def help_desk_open(self) -> bool | None:
        """Whether somebody answers the phone now; None when the site did not say."""
        if self.help_desk is None:
            return None
        return self.help_desk.is_open(datetime.fromtimestamp(self.clock.wall() / 1000, UTC).astimezone(self.zone))
