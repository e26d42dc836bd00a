"""`kiosk simulate`: hardware that is not there, for trying out, for training and for tests."""

import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import FrameType

import click

from hardware.simulator import (
    INSTANT,
    OPERATORS,
    PROFILES,
    REAL,
    BadFaultValue,
    Fault,
    InjectedFault,
    SentMessage,
    SimulatedModem,
    SimulatedNetwork,
    SimulatedSim,
    TranscriptEntry,
    UnknownFault,
)

PACES = {"instant": INSTANT, "real": REAL}

# The traffic holds codes and numbers: nobody else may read it.
LOG_MODE = 0o600


@click.group()
def simulate() -> None:
    """Simulated hardware for trying out, training and tests."""


class FaultOption(click.ParamType[InjectedFault]):
    """A fault as NAME, NAME=VALUE, NAME:once or NAME=VALUE:COUNT."""

    name = "fault"

    def convert(
        self, value: str | InjectedFault, param: click.Parameter | None, ctx: click.Context | None
    ) -> InjectedFault:
        """Check it; wrong use says what is known or expected."""
        try:
            return InjectedFault.of(value)
        except UnknownFault as unknown:
            hint = f" Did you mean {unknown.nearest}?" if unknown.nearest else ""
            self.fail(f"there is no fault {unknown.name!r}.{hint} --list shows all.", param, ctx)
        except BadFaultValue as bad:
            expected = f"takes: {bad.expected}" if bad.expected else "takes no value, or no count"
            self.fail(f"{bad.given!r} does not fit: {bad.fault} {expected}.", param, ctx)


@simulate.command()
@click.option("--profile", type=click.Choice(list(PROFILES)), default="quectel_ec25", show_default=True, help="Family.")
@click.option(
    "--network",
    type=click.Choice([operator.mccmnc for operator in OPERATORS]),
    default="20408",
    show_default=True,
    metavar="MCCMNC",
    help="Network whose SIM it has.",
)
@click.option("--fault", "faults", type=FaultOption(), multiple=True, help="What is wrong; may be repeated.")
@click.option("--log", type=click.Path(path_type=Path, dir_okay=False), help="Write all traffic to this file.")
@click.option("--pin", help="The SIM asks for this PIN.")
@click.option("--own-number", default="+31612000001", show_default=True, help="Number that its SMS come from.")
@click.option("--roaming", is_flag=True, help="Every network takes its SIM, as a foreign one.")
@click.option("--path", type=click.Path(path_type=Path), help="Path that the port gets; else one in /tmp.")
@click.option("--pace", type=click.Choice(list(PACES)), default="instant", show_default=True, help="How fast it is.")
@click.option("--json", "as_json", is_flag=True, help="One JSON object a line from the second line on.")
@click.option("--list", "only_list", is_flag=True, help="Show families, networks and faults, and end.")
def modem(
    *,
    profile: str,
    network: str,
    faults: Sequence[InjectedFault],
    log: Path | None,
    pin: str | None,
    own_number: str,
    roaming: bool,
    path: Path | None,
    pace: str,
    as_json: bool,
    only_list: bool,
) -> None:
    """A GSM modem on a pseudo-terminal.

    Prints the path of its port on the first line, then a line for each SMS that its network takes, until it is told
    to end (Ctrl-C, SIGTERM).
    """
    if only_list:
        _show_list(as_json=as_json)
        return
    # Whoever tries a number of their own expects it to ring somewhere.
    air = SimulatedNetwork(every_number_exists=True)
    device = SimulatedModem(
        profile,
        air=air,
        network=network,
        sim=SimulatedSim(network=network, pin=pin, number=own_number, may_roam=roaming),
        faults=faults,
        pace=PACES[pace],
        name=path.name if path else "modem",
        directory=path.absolute().parent if path else None,
        log=_log_writer(log) if log else None,
    )
    told_to_end = False

    def end(_signal: int, _frame: FrameType | None) -> None:
        nonlocal told_to_end
        told_to_end = True
        air.notify()

    signal.signal(signal.SIGTERM, end)
    signal.signal(signal.SIGINT, end)
    with device:
        _print_line(device.port)
        shown = 0
        while not told_to_end:
            air.wait_for(lambda: told_to_end or len(device.sent) > shown, timeout=None)  # noqa: B023  read while it waits
            for message in device.sent[shown:]:
                _print_line(_as_json(message) if as_json else _as_line(message, air))
                shown += 1


def _as_line(message: SentMessage, air: SimulatedNetwork) -> str:
    operator = air.operator(message.network)
    text = message.text if message.text is not None else message.submit.data.hex().upper()
    printable = "".join(character if character.isprintable() else " " for character in text)
    return f"SMS {message.reference} to {message.number} over {operator.long_name} ({message.network}): {printable}"


def _as_json(message: SentMessage) -> str:
    return json.dumps(
        {
            "reference": message.reference,
            "number": message.number,
            "text": message.text,
            "network": message.network,
            "at_ms": message.at_ms,
            "status_report": message.submit.status_report,
            "validity_minutes": message.submit.validity_minutes,
            "alphabet": message.submit.alphabet,
        },
        ensure_ascii=False,
    )


def _print_line(line: str) -> None:
    """Print and flush; when nobody reads any more the modem goes on in silence."""
    try:
        click.echo(line)
        sys.stdout.flush()
    except BrokenPipeError:
        # Python would complain again at the end, when it flushes what is left.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _log_writer(path: Path) -> Callable[[TranscriptEntry], None]:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, LOG_MODE)

    def write(entry: TranscriptEntry) -> None:
        arrow = ">" if entry.direction == "in" else "<"
        os.write(descriptor, f"{entry.at:.6f} {arrow} {entry.octets!r}\n".encode())

    return write


def _show_list(*, as_json: bool) -> None:
    profiles = {name: profile.title for name, profile in PROFILES.items()}
    networks = {operator.mccmnc: operator.long_name for operator in OPERATORS}
    faults = {
        fault.value: {"description": fault.description, "value": fault.unit, "default": fault.default}
        for fault in Fault
    }
    if as_json:
        click.echo(json.dumps({"profiles": profiles, "networks": networks, "faults": faults}, ensure_ascii=False))
        return
    for title, rows in (("Profiles", profiles), ("Networks", networks)):
        click.echo(f"{title}:")
        for name, words in rows.items():
            click.echo(f"  {name:<24} {words}")
    click.echo("Faults (NAME, NAME=VALUE, NAME:once, NAME=VALUE:COUNT):")
    for fault in Fault:
        default = "" if fault.default is None else f", default {fault.default:g}"
        value = f" [{fault.unit}{default}]" if fault.unit else ""
        click.echo(f"  {fault.value:<24} {fault.description}{value}")
