"""The command line: one lazy table, so that no command pays for another's imports."""

import importlib

import click

# Command name → module of `kiosk.commands` that holds a click command or group of that name.
COMMANDS = {
    "demo": "kiosk.commands.demo",
    "init": "kiosk.commands.init",
    "install": "kiosk.commands.install",
    "run": "kiosk.commands.run",
    "gate": "kiosk.commands.gate",
    "gateway": "kiosk.commands.gateway",
    "users": "kiosk.commands.users",
    "backup": "kiosk.commands.backup",
    "restore": "kiosk.commands.restore",
    "key": "kiosk.commands.key",
    "modem": "kiosk.commands.modem",
    "yubikey": "kiosk.commands.yubikey",
    "audit": "kiosk.commands.audit",
    "status": "kiosk.commands.status",
    "doctor": "kiosk.commands.doctor",
    "simulate": "kiosk.commands.simulate",
}


class LazyCommands(click.Group):
    """Imports a command's module only when that command is asked for."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002  click's signature
        """Names in the order of the table."""
        return list(COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002  click's signature
        """The command, imported now; None when there is no such name."""
        if cmd_name not in COMMANDS:
            return None
        command = getattr(importlib.import_module(COMMANDS[cmd_name]), cmd_name)
        assert isinstance(command, click.Command)
        return command


@click.command(cls=LazyCommands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="kiosk")
def main() -> None:
    """Sign-in terminal for places without internet."""
