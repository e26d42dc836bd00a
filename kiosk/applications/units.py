"""What systemd needs for the launcher; `kiosk install` puts it down, and whoever reads this sees why each line is there."""

from dataclasses import dataclass
from pathlib import Path
from typing import Final

from kiosk.config.model import APPLICATION_ACCOUNT

SOCKET: Final = Path("/run/kiosk-app.socket")
SOCKET_UNIT: Final = "kiosk-app.socket"
# One instance per connection: its control group is ended whole when the launcher ends.
SERVICE_UNIT: Final = "kiosk-app@.service"


@dataclass(frozen=True, slots=True, kw_only=True)
class LauncherUnits:
    """The two units; `python` is the interpreter of the installation, `config` a file that only root can write."""

    python: Path
    config: Path
    kiosk_account: str = "kiosk"

    @property
    def accounts(self) -> tuple[str, ...]:
        """System accounts that must exist beside the kiosk's own: no shell, no password, own home, in no group of the kiosk."""
        return (APPLICATION_ACCOUNT,)

    def texts(self) -> dict[str, str]:
        """Name of the unit to its content."""
        return {SOCKET_UNIT: self._socket(), SERVICE_UNIT: self._service()}

    def _socket(self) -> str:
        return f"""[Unit]
Description=Socket of the launcher of kiosk applications

[Socket]
ListenSequentialPacket={SOCKET}
SocketUser={self.kiosk_account}
SocketMode=0600
Accept=yes
MaxConnections=16

[Install]
WantedBy=sockets.target
"""

    def _service(self) -> str:
        # No NoNewPrivileges here and no User=: the launcher changes the account itself, and sets no_new_privs for the program.
        return f"""[Unit]
Description=Launcher of one kiosk application
CollectMode=inactive-or-failed

[Service]
ExecStart={self.python} -I -m kiosk.applications.launcher --config {self.config} --peer {self.kiosk_account}
StandardInput=socket
StandardOutput=journal
StandardError=journal
KillMode=control-group
TimeoutStopSec=10
CapabilityBoundingSet=CAP_SETUID CAP_SETGID CAP_CHOWN CAP_FOWNER CAP_KILL CAP_DAC_READ_SEARCH
ProtectSystem=full
ProtectKernelTunables=yes
ProtectKernelModules=yes
ProtectKernelLogs=yes
ProtectControlGroups=yes
ProtectClock=yes
RestrictRealtime=yes
LockPersonality=yes
LimitCORE=0
TasksMax=256
"""
