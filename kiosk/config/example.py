"""A configuration to begin with: what the site said as settings, everything else as a comment with its default."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from kiosk.config import file
from kiosk.config.model import APPLICATION_ACCOUNT, ROLES, HelpDesk, ModemConfig, Words
from kiosk.language import LANGUAGES, Language
from kiosk.policy import allowed_range, groups

# A modem as it would stand in the file, commented out, where the site named none.
_EXAMPLE_MODEM = ModemConfig(
    name="noord",
    port="/dev/serial/by-path/pci-0000:00:14.0-usb-0:2:1.2-port0",
    imei="490154203237518",
    iccid="8931440400000000008",
    pin_file=Path("keys/noord.pin"),
    network_label="KPN",
    number="+31612345678",
    smsc="+31653131313",
    prepaid="*101#",
)


def example_configuration(
    *,
    site: str,
    language: str = LANGUAGES[0],
    time_zone: str = file.DEFAULT_TIME_ZONE,
    desk: str | None = None,
    help_desk: HelpDesk | None = None,
    modems: Sequence[ModemConfig] = (),
    data: Path | None = None,
) -> str:
    """Return the text of a configuration file with explanations in `language`.

    It loads without a mistake when the values are right, and so does every commented setting once its `#` is taken away: prose has a
    space after the `#`, a setting has none. `data` is the directory of database, key and state; None: beside the file.
    """
    words = Language.load(language)

    def comment(name: str) -> str:
        return f"\n# {words.text(f'configuration.example.{name}')}"

    lines = [
        f"# {words.text('configuration.example.file')}",
        comment("language"),
        _setting("language", language),
        _setting("time_zone", time_zone),
        comment("site"),
        "[site]",
        _setting("name", site),
        comment("desk"),
        *_desk(desk),
        comment("help_desk"),
        *_help_desk(help_desk),
        comment("modem"),
        *(line for modem in modems for line in _modem(modem)),
        *(() if modems else (f"#{line}" for line in _modem(_EXAMPLE_MODEM))),
        comment("alarm"),
        "#[alarm]",
        '#phones = ["+31612345678"]',
        "#down_minutes = 10",
        comment("backup"),
        "#[backup]",
        '#directory = "/media/backup"',
        "#kept = 14",
        "#overdue_hours = 48",
        comment("monitoring"),
        "#[monitoring]",
        '#textfile = "/var/lib/prometheus/node-exporter/kiosk.prom"',
        comment("gateway"),
        "#[gateway]",
        '#mode = "auto"',
        comment("places"),
        *_places(data),
        comment("application"),
        "#[[application]]",
        '#label = { nl = "Bezoekers", en = "Visitors" }',
        '#argv = ["/usr/bin/true"]',
        '#name = "visitors"',
        '#environment = { PAGER = "/usr/bin/less" }',
        f"#roles = {_toml(ROLES)}",
        '#at_exit = "home"',
        "#directly = false",
        f"#account = {_toml(APPLICATION_ACCOUNT)}",
        "#same_account = false",
        comment("theme"),
        "#[theme]",
        '#name = "auto"',
        '#glyphs = "auto"',
        "#touch = false",
        comment("policy"),
        *_policy(),
    ]
    return "\n".join(lines) + "\n"


_PLACES = (
    ("database", file.DEFAULT_DATABASE),
    ("keys", file.DEFAULT_KEY),
    ("state", file.DEFAULT_STATE),
)


def _places(data: Path | None) -> Iterator[str]:
    mark = "#" if data is None else ""
    for name, path in _PLACES:
        yield f"{mark}[{name}]"
        yield mark + _setting("path", path if data is None else str(data / path))
    yield "#[exchange]"
    yield "#" + _setting("path", "/media/kiosk")


def _desk(name: str | None) -> list[str]:
    if name is None:
        return ["#[desk]", '#name = "Receptie"', "#number = 1"]
    return ["[desk]", _setting("name", name), "#number = 1"]


def _help_desk(found: HelpDesk | None) -> list[str]:
    shown = found or HelpDesk("Servicedesk", "030 555 01 23", Words("ma-vr 8:00-17:00", "Mon-Fri 8:00-17:00"))
    mark = "" if found else "#"
    hours = f"{{ nl = {_quoted(shown.hours.nl)}, en = {_quoted(shown.hours.en)} }}"
    return [
        f"{mark}[help_desk]",
        mark + _setting("name", shown.name),
        mark + _setting("phone", shown.phone),
        f"{mark}hours = {hours}",
        '#open = ["mon-fri 08:00-17:00"]',
    ]


def _modem(modem: ModemConfig) -> Iterator[str]:
    yield f"[modem.{modem.name}]"
    for setting in fields(ModemConfig):
        value = getattr(modem, setting.name)
        if setting.name != "name" and value is not None:
            yield _setting(setting.name, str(value) if setting.name == "pin_file" else value)


def _policy() -> Iterator[str]:
    for name, group in groups().items():
        yield f"#[policy.{name}]"
        for setting in fields(group):
            allowed = allowed_range(setting)
            spread = f"  # {allowed.low} - {allowed.high}" if allowed else ""
            yield f"#{_setting(setting.name, setting.default)}{spread}"


def _setting(key: str, value: Any) -> str:
    return f"{key} = {_toml(value)}"


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return f"[{', '.join(map(_toml, value))}]"
    return str(value) if isinstance(value, int) else _quoted(value)


def _quoted(text: str) -> str:
    """A basic string of TOML 1.0: backslash, quote and control characters escaped."""
    escaped = "".join(
        f"\\u{ord(c):04x}" if ord(c) < 0x20 or c == "\x7f" else f"\\{c}" if c in '"\\' else c for c in text
    )
    return f'"{escaped}"'
