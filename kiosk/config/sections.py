"""Reading the tables of the file, one function each; together they are the schema."""

from collections.abc import Callable, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any, TypeVar

from kiosk.config import checks
from kiosk.config.errors import Allowed, ConfigurationError, Problem
from kiosk.config.model import (
    APPLICATION_ACCOUNT,
    ROLES,
    Alarm,
    Application,
    AtExit,
    Backup,
    Desk,
    Gateway,
    GatewayMode,
    Glyphs,
    HelpDesk,
    ModemConfig,
    Monitoring,
    Place,
    Site,
    Theme,
    ThemeName,
    Words,
)
from kiosk.config.table import Table
from kiosk.policy import Policy, Range, allowed_range, contradictions, excesses, groups

T = TypeVar("T")

# Lengths that the pages and the SMS texts leave, in characters.
SITE_NAME = 24
DESK_NAME = 24
DESK_NUMBER = 10
HELP_DESK_NAME = 20
HELP_DESK_PHONE = 14
HELP_DESK_HOURS = 40
NETWORK_LABEL = 14
MODEM_NAME = 20
APPLICATION_LABEL = 30
# How long a modem may be down before technicians are told.
DOWN_MINUTES = Range(1, 24 * 60)
# One would be thrown away for the next one, which may be the damaged one.
BACKUPS_KEPT = Range(2, 400)
# Made every night, so less than a day and a night would tell of nothing.
OVERDUE_HOURS = Range(30, 31 * 24)


def section(whole: Table, key: str, read: Callable[[Table], T], default: T) -> T:
    """Return the table `[key]` read by `read`, its leftover keys reported; `default` when it is left out."""
    table = whole.table(key)
    if table is None:
        return default
    found = read(table)
    table.finish()
    return found


def site(table: Table) -> Site:
    """`[site]`."""
    return Site(table.required("name", checks.text(SITE_NAME, in_sms=True), Allowed("text", {"maximum": SITE_NAME})))


def desk(table: Table) -> Desk:
    """`[desk]`."""
    return Desk(
        name=table.optional("name", checks.text(DESK_NAME), None),
        number=table.optional("number", checks.number_or_text(DESK_NUMBER), None),
    )


def help_desk(table: Table) -> HelpDesk:
    """`[help_desk]`."""
    hours = Allowed("words", {"maximum": HELP_DESK_HOURS})
    return HelpDesk(
        name=table.required(
            "name", checks.text(HELP_DESK_NAME, in_sms=True), Allowed("text", {"maximum": HELP_DESK_NAME})
        ),
        phone=table.required("phone", checks.phone(HELP_DESK_PHONE), Allowed("phone", {"maximum": HELP_DESK_PHONE})),
        hours=table.required("hours", checks.words(HELP_DESK_HOURS), hours),
        open=table.optional("open", checks.opening, ()),
    )


def place(base: Path) -> Callable[[Table], Place]:
    """`[database]`, `[keys]`, `[state]` and `[exchange]`: a path below or beside `base`."""
    return lambda table: Place(table.required("path", checks.path(base), Allowed("path")))


def alarm(table: Table) -> Alarm:
    """`[alarm]`."""
    return Alarm(
        phones=table.required("phones", checks.e164s, Allowed("e164s")),
        down_minutes=table.optional("down_minutes", checks.whole(DOWN_MINUTES), Alarm().down_minutes),
    )


def backup(base: Path) -> Callable[[Table], Backup]:
    """`[backup]`."""

    def read(table: Table) -> Backup:
        return Backup(
            directory=table.required("directory", checks.path(base), Allowed("path")),
            kept=table.optional("kept", checks.whole(BACKUPS_KEPT), Backup().kept),
            overdue_hours=table.optional("overdue_hours", checks.whole(OVERDUE_HOURS), Backup().overdue_hours),
        )

    return read


def monitoring(base: Path) -> Callable[[Table], Monitoring]:
    """`[monitoring]`."""
    return lambda table: Monitoring(table.required("textfile", checks.prom_file(base), Allowed("prom_file")))


def gateway(table: Table) -> Gateway:
    """`[gateway]`."""
    return Gateway(table.optional("mode", checks.member(GatewayMode), GatewayMode.AUTO))


def theme(table: Table) -> Theme:
    """`[theme]`."""
    return Theme(
        table.optional("name", checks.member(ThemeName), ThemeName.AUTO),
        table.optional("glyphs", checks.member(Glyphs), Glyphs.AUTO),
        table.optional("touch", checks.flag, default=False),
    )


def modems(table: Table, base: Path) -> tuple[ModemConfig, ...]:
    """`[modem]`, which holds nothing but the tables `[modem.NAME]`."""
    found: list[tuple[Table, ModemConfig]] = []
    for name, each in table.named_tables():
        if len(name) > MODEM_NAME or not (name.isascii() and name.replace("-", "").replace("_", "").isalnum()):
            table.refuse(name, Allowed("modem_name", {"maximum": MODEM_NAME}), hidden=True)
        found.append((each, _modem(name, each, base)))
        each.finish()
    for key in ("port", "imei", "iccid"):
        _refuse_twins(key, found)
    return tuple(modem for _, modem in found)


def applications(tables: list[Table]) -> tuple[Application, ...]:
    """`[[application]]`, in the order of Home."""
    found: list[tuple[Table, Application]] = []
    for table in tables:
        application = _application(table)
        table.finish()
        found.append((table, application))
    _refuse_twins("name", found)
    return tuple(application for _, application in found)


def policy(table: Table) -> Policy:
    """`[policy]`, which holds nothing but the tables `[policy.GROUP]`; ranges are those of `kiosk.policy`."""
    found: dict[str, Any] = {}
    for name, group in groups().items():
        each = table.table(name)
        if each is not None:
            found[name] = group(**_settings(each, group))
            each.finish()
    whole = Policy(**found)
    for excess in excesses(whole):
        # Named with its value also when that is a default: the site lowered the limit and not the setting.
        allowed = Allowed("at_most", {"limit": excess.limit, "limited_by": f"policy.{excess.limited_by}"})
        path = f"{table.path}.{excess.setting}"
        table.mistake(
            ConfigurationError(path=path, problem=Problem.NOT_ALLOWED, value=str(excess.value), allowed=allowed)
        )
    for setting, other in contradictions(whole):
        allowed = Allowed("not_with", {"other": f"policy.{other}"})
        path = f"{table.path}.{setting}"
        table.mistake(ConfigurationError(path=path, problem=Problem.NOT_ALLOWED, value="true", allowed=allowed))
    return whole


def _modem(name: str, table: Table, base: Path) -> ModemConfig:
    port = Allowed("port", {"schemes": ", ".join(checks.PORT_SCHEMES)})
    imei = table.optional("imei", checks.imei, None)
    return ModemConfig(
        name=name,
        # A modem that its IMEI names is found wherever it is plugged in.
        port=table.optional("port", checks.port(base), "")
        if imei is not None
        else table.required("port", checks.port(base), port),
        imei=imei,
        iccid=table.optional("iccid", checks.iccid, None),
        pin_file=table.optional("pin_file", checks.pin_file(base), None, hidden=True),
        network_label=table.optional("network_label", checks.text(NETWORK_LABEL, in_sms=True), None),
        number=table.optional("number", checks.e164, None),
        smsc=table.optional("smsc", checks.e164, None),
        prepaid=table.optional("prepaid", checks.ussd_code, None),
        anywhere=table.optional("anywhere", checks.flag, False),
        roaming=table.optional("roaming", checks.flag, False),
    )


def _application(table: Table) -> Application:
    label = Allowed("words", {"maximum": APPLICATION_LABEL})
    words: Words = table.required("label", checks.words(APPLICATION_LABEL), label)
    # Arguments and environment may hold what belongs to that program alone.
    argv: tuple[str, ...] | None = table.required("argv", checks.argv, Allowed("argv"), hidden=True)
    account = table.optional("account", checks.account, APPLICATION_ACCOUNT)
    same_account = table.optional("same_account", checks.flag, False)
    if same_account and account != APPLICATION_ACCOUNT:
        table.refuse("account", Allowed("not_beside", {"other": table.dotted("same_account")}))
    return Application(
        name=table.optional("name", checks.application_name, Path(argv[0]).name if argv else ""),
        label=words,
        argv=argv or (),
        environment=table.optional("environment", checks.environment, {}, hidden=True),
        roles=table.optional("roles", checks.several(*ROLES), ROLES),
        at_exit=table.optional("at_exit", checks.member(AtExit), AtExit.HOME),
        directly=table.optional("directly", checks.flag, False),
        account=None if same_account else account,
    )


def _refuse_twins(key: str, found: Sequence[tuple[Table, ModemConfig | Application]]) -> None:
    """Two with the same name, port or identity are one written twice, or a slip of the hand."""
    first: dict[str, Table] = {}
    for table, one in found:
        value = getattr(one, key)
        if not value:
            continue
        if value in first:
            table.refuse(key, Allowed("unlike", {"other": first[value].dotted(key)}))
        first.setdefault(value, table)


def _settings(table: Table, group: type[Any]) -> dict[str, Any]:
    settings = {}
    for setting in fields(group):
        allowed = allowed_range(setting)
        check: checks.Check[Any]
        if allowed is None:
            check = checks.flag if isinstance(setting.default, bool) else checks.countries
        else:
            check = checks.wholes(allowed) if isinstance(setting.default, tuple) else checks.whole(allowed)
        settings[setting.name] = table.optional(setting.name, check, setting.default)
    return settings
