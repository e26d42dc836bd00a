"""`kiosk modem list`: what modems there are, which port to configure, and what to do about the others."""

import dataclasses
import json
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

import click

from hardware.modem.finding import (
    FindingProgress,
    FoundModem,
    FoundPort,
    Obstacle,
    Search,
    find_modems,
)
from hardware.modem.probe import Probed
from hardware.modem.usb import PortsUnlisted, Surroundings, UsbDevice
from kiosk.commands.speak import fail, load_language
from kiosk.config import checks
from kiosk.language import LANGUAGES, Language

# So many last digits of IMEI and ICCID tell two apart.
TAIL: Final = 4
RULES_FILE: Final = "/etc/udev/rules.d/78-kiosk-modem.rules"
# The kiosk's own processes are called so.
KIOSK: Final = "kiosk"

_COLUMNS: Final = ("device", "model", "imei", "sim", "sms", "finding")
_MODEM_MANAGER: Final = frozenset({Obstacle.MODEM_MANAGER, Obstacle.MODEM_MANAGER_PERHAPS})
_NOTHING: Final = Probed()


@click.command("list")
@click.option(
    "--port", "ports", multiple=True, help="Only this device or URL, also one that is not listed; repeatable."
)
@click.option("--no-probe", is_flag=True, help="Open no port: say only what is plugged in.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of the answer.")
@click.pass_obj
def list_modems(around: object, *, ports: tuple[str, ...], no_probe: bool, as_json: bool, language: str | None) -> None:
    """List the modems of this machine and the ports to configure; enters no PIN and sends nothing."""
    words = load_language(language)
    search = Search(
        around=around if isinstance(around, Surroundings) else Surroundings(),
        probing=not no_probe,
        progress=_teller(words) if sys.stderr.isatty() else lambda _: None,
    )
    try:
        found = find_modems(search, ports)
    except PortsUnlisted:
        fail(words.text("command.modem_list.unlisted"))
    listed = [_Listed(modem, name) for modem, name in zip(found, _names(found), strict=True)]
    if as_json:
        click.echo(json.dumps({"modems": [_facts(one, words) for one in listed]}, ensure_ascii=False))
    elif listed:
        click.echo("\n".join(_page(listed, words)))
    else:
        click.echo(words.text("command.modem_list.none"))


@dataclasses.dataclass(frozen=True, slots=True)
class _Listed:
    """A modem with the name that it gets in the configuration."""

    modem: FoundModem
    name: str

    @property
    def port(self) -> FoundPort | None:
        return self.modem.port

    @property
    def probed(self) -> Probed:
        return (self.modem.port.probed if self.modem.port else None) or _NOTHING

    @property
    def device(self) -> str:
        """What the table and the sentences call it."""
        if self.modem.port:
            return self.modem.port.port.device
        return f"USB {self.modem.usb.path}" if self.modem.usb else "?"

    @property
    def model(self) -> str:
        usb = self.modem.usb
        return _joined(self.probed.manufacturer, self.probed.model) or (
            _joined(usb.manufacturer, usb.name) if usb else ""
        )


def _names(found: Sequence[FoundModem]) -> Iterator[str]:
    number = 0
    for modem in found:
        number += modem.usable
        yield f"modem{number}" if modem.usable else ""


def _joined(maker: str, model: str) -> str:
    """Maker and model; many models begin with their maker."""
    brand = maker.partition(" ")[0].lower()
    return f"{'' if brand in model.lower() else maker} {model}".strip()


def _teller(words: Language) -> Callable[[FindingProgress], None]:
    def tell(progress: FindingProgress) -> None:
        click.echo(words.text("command.modem_list.progress", port=progress.port), err=True)

    return tell


def _page(listed: Sequence[_Listed], words: Language) -> Iterator[str]:
    """Table, sentences and the lines for the configuration."""
    yield from _table(listed, words)
    sentences: dict[str, list[str]] = {}
    for one in listed:
        for sentence in _advice(one.modem, words):
            sentences.setdefault(sentence, []).append(one.device)
    for sentence, devices in sentences.items():
        yield f"\n{', '.join(devices)}: {sentence}"
    rules = dict.fromkeys(rule for one in listed if (rule := _rule(one.modem)))
    if rules:
        yield f"\n{words.text('command.modem_list.rules', file=RULES_FILE)}\n\n" + "\n".join(rules)
    configured = [lines for one in listed if (lines := _configuration(one))]
    if configured:
        yield f"\n{words.text('command.modem_list.configuration')}\n\n" + "\n\n".join(configured)


def _table(listed: Sequence[_Listed], words: Language) -> Iterator[str]:
    rows = [
        [words.text(f"command.modem_list.column.{column}") for column in _COLUMNS],
        *(_row(one, words) for one in listed),
    ]
    widths = [max(len(row[column]) for row in rows) for column in range(len(_COLUMNS))]
    for place, row in enumerate(rows):
        yield "  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)).rstrip()
        port = listed[place - 1].port if place else None
        if port and port.port.stable:
            yield f"  {port.port.stable}"


def _row(one: _Listed, words: Language) -> list[str]:
    reason = words.text(f"command.modem_list.finding.{_reason(one.modem)}")
    return [
        one.device,
        one.model or "-",
        _tail(one.probed.imei),
        _tail(one.probed.iccid),
        _yes_or_no(one, words),
        reason,
    ]


def _tail(number: str) -> str:
    return f"..{number[-TAIL:]}" if number else "-"


def _yes_or_no(one: _Listed, words: Language) -> str:
    sends = _sends(one.modem)
    if sends is None:
        return "?"
    return words.text("common.yes.button" if sends else "common.no.button").lower()


def _sends(modem: FoundModem) -> bool | None:
    """Whether SMS goes over it; None when that is not known."""
    if modem.port is None or modem.obstacle in {Obstacle.NO_SMS, Obstacle.SILENT}:
        return False
    return modem.port.probed.speaks_sms if modem.port.probed else None


def _reason(modem: FoundModem) -> str:
    return modem.obstacle.value or "usable"


def _advice(modem: FoundModem, words: Language) -> Iterator[str]:
    """One sentence for each problem: what to do."""
    if modem.obstacle is not Obstacle.NONE:
        yield _todo(modem, words)
    if modem.interferes:
        yield words.text("command.modem_list.todo.interferes")


def _todo(modem: FoundModem, words: Language) -> str:
    port = modem.port
    match modem.obstacle:
        case Obstacle.PORT_BUSY if port and port.holder and port.holder.name == KIOSK:
            return words.text("command.modem_list.todo.kiosk_has_it", pid=port.holder.pid)
        case Obstacle.PORT_BUSY if port and port.holder:
            return words.text("command.modem_list.todo.holder", program=port.holder.name, pid=port.holder.pid)
        case Obstacle.PORT_FORBIDDEN if port:
            return words.text("command.modem_list.todo.port_forbidden", group=port.group, account=port.account)
        case _:
            return words.text(f"command.modem_list.todo.{modem.obstacle.value}")


def _rule(modem: FoundModem) -> str:
    """The line for udev that keeps ModemManager away (its ModemManager-tags.h), where that is the cure."""
    if not modem.interferes and modem.obstacle not in _MODEM_MANAGER:
        return ""
    usb = modem.usb
    if usb:
        return f'ATTRS{{idVendor}}=="{usb.vendor:04x}", ATTRS{{idProduct}}=="{usb.product:04x}", ENV{{ID_MM_DEVICE_IGNORE}}="1"'
    name = modem.port.port.device.rpartition("/")[2] if modem.port else ""
    return f'KERNEL=="{name}", ENV{{ID_MM_PORT_IGNORE}}="1"'


def _configuration(one: _Listed) -> str:
    """The lines of kiosk.toml for a modem that can be used."""
    if one.port is None or not one.modem.usable:
        return ""
    values = {
        "port": one.port.port.name,
        "imei": _if_allowed(checks.imei, one.probed.imei),
        "iccid": _if_allowed(checks.iccid, one.probed.iccid),
    }
    if one.modem.obstacle is Obstacle.PIN_REQUIRED:
        values["pin_file"] = f"keys/{one.name}.pin"
    # A string of JSON without characters beyond ASCII is one of TOML too.
    lines = [f"{key} = {json.dumps(value)}" for key, value in values.items() if value]
    return "\n".join([f"[modem.{one.name}]", *lines])


def _if_allowed(check: checks.Check[str], number: str) -> str:
    """A number that the configuration takes; some modems tell one without a right check digit."""
    try:
        return check(number)
    except checks.Refused:
        return ""


def _facts(one: _Listed, words: Language) -> dict[str, Any]:
    """What the table, the sentences and the configuration say, for a program."""
    modem, probed = one.modem, one.probed
    holder = one.port.holder if one.port else None
    return {
        "usable": modem.usable,
        "reason": _reason(modem),
        "device": one.port.port.device if one.port else None,
        "stable": (one.port.port.stable or None) if one.port else None,
        "sms": _sends(modem),
        "manufacturer": probed.manufacturer or None,
        "model": probed.model or None,
        "imei": probed.imei or None,
        "iccid": probed.iccid or None,
        "usb": _usb_facts(modem.usb),
        "ports": [_port_facts(port) for port in modem.ports],
        "holder": dataclasses.asdict(holder) if holder else None,
        "modem_manager_interferes": modem.interferes,
        "what_to_do": " ".join(_advice(modem, words)) or None,
        "udev_rule": _rule(modem) or None,
        "configuration": _configuration(one) or None,
    }


def _usb_facts(usb: UsbDevice | None) -> dict[str, str] | None:
    if usb is None:
        return None
    return {
        "path": usb.path,
        "vendor": f"{usb.vendor:04x}",
        "product": f"{usb.product:04x}",
        "manufacturer": usb.manufacturer,
        "name": usb.name,
    }


def _port_facts(found: FoundPort) -> dict[str, Any]:
    return {
        "device": found.port.device,
        "stable": found.port.stable or None,
        "interface": found.port.interface,
        "known_at": found.known_at,
        "reason": found.obstacle.value or "usable",
        "at": found.probed.speaks_at if found.probed else None,
        "sms": found.probed.speaks_sms if found.probed else None,
    }
