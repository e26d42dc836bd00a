"""`kiosk users`: root's door to the people of this kiosk; every change is audited with who, why and from where."""

import json
from pathlib import Path
from typing import Any

import click

from data.factors import FactorState
from data.users import Role, User
from kiosk.accounts import NewPerson, is_switched_off
from kiosk.administration.authority import RootAuthority
from kiosk.administration.changing import Office
from kiosk.administration.creating import create
from kiosk.administration.free_text import Why
from kiosk.commands.configured import config_option, config_path
from kiosk.commands.phone_option import HELP, PERSONAL
from kiosk.commands.site import command_actor, command_trail, enter, open_site
from kiosk.commands.speak import WRONG_USE, fail, load_language, told
from kiosk.commands.users_break_glass import break_glass
from kiosk.commands.users_change import (
    backup_code,
    change_role,
    delete,
    disable,
    enable,
    reset_password,
    sessions,
    unix_account,
    unlock,
)
from kiosk.commands.users_lists import export_people, import_people, make_slips
from kiosk.commands.users_methods import methods, temporary_code, withdraw_code
from kiosk.commands.users_office import reason_option, ticket_option
from kiosk.commands.users_report import report, sign_off_rights
from kiosk.commands.users_show import show
from kiosk.config import Config
from kiosk.language import LANGUAGES
from kiosk.site import Site

ROLES = [role.value for role in Role]
PAGE = 500


@click.group()
def users() -> None:
    """Add, show and change people."""


for command in (
    show,
    reset_password,
    unlock,
    disable,
    enable,
    delete,
    change_role,
    unix_account,
    methods,
    temporary_code,
    withdraw_code,
    backup_code,
    sessions,
    import_people,
    export_people,
    make_slips,
    report,
    sign_off_rights,
    break_glass,
):
    users.add_command(command)


@users.command("add")
@click.argument("name")
@click.option("--display-name", help="Name as it is shown; the user name when left out.")
@click.option("--role", type=click.Choice(ROLES), default=Role.STAFF.value, show_default=True)
@click.option("--phone", type=PERSONAL, help=f"Mobile number for SMS{HELP}")
@click.option("--app", is_flag=True, help="Offer an authenticator app at the first sign-in.")
@click.option("--language", "person_language", type=click.Choice(LANGUAGES), help="Language of this person.")
@reason_option
@ticket_option
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
@config_option
def add(
    *,
    name: str,
    display_name: str | None,
    role: str,
    phone: str | None,
    app: bool,
    person_language: str | None,
    reason: str,
    ticket: str,
    as_json: bool,
    config: Path | None,
) -> None:
    """Add somebody, and show the one-time password to hand over."""
    language = load_language()
    if phone is None and not app:
        fail(language.text("command.users.error.no_factor"), WRONG_USE)
    with told(language):
        configuration = Config.load(config_path(config))
        person = NewPerson(
            name=name,
            display_name=display_name or name,
            role=Role(role),
            language=person_language or configuration.language,
            phone=phone,
            app=app,
        )
        with open_site(enter(configuration)) as site:
            office = Office(site, command_trail(site), RootAuthority(actor=command_actor()))
            created = create(office, person, Why(reason, ticket))
    hours = configuration.policy.password.one_time_hours
    if as_json:
        answer = {"id": created.user.id, "name": created.user.name, "one_time_password": created.one_time_password}
        click.echo(json.dumps({**answer, "valid_hours": hours}))
        return
    click.echo(language.text("command.users.add.done", name=created.user.name))
    click.echo(language.text("command.users.add.password", hours=hours, password=created.one_time_password))
    if app:
        click.echo(language.text("command.users.add.app", name=created.user.name))


@users.command("list")
@click.option("--search", default="", help="Part of a user name or name.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON, one person per line.")
@config_option
def list_users(search: str, as_json: bool, config: Path | None) -> None:
    """List people with their methods; never a whole number or a secret."""
    language = load_language()
    with told(language), open_site(enter(Config.load(config_path(config)))) as site:
        offset, found = 0, False
        while rows := site.database.users.all(search=search, limit=PAGE, offset=offset):
            offset, found = offset + len(rows), True
            for user in rows:
                person = _person(site, user)
                click.echo(json.dumps(person) if as_json else _line(person))
    if not found and not as_json:
        click.echo(language.text("command.users.list.empty"))


def _person(site: Site, user: User) -> dict[str, Any]:
    factors = [
        {"kind": factor.kind.value, "state": factor.state.value, "tail": factor.number_tail}
        for factor in site.database.factors.of_user(user.id)
        if factor.state is not FactorState.REVOKED
    ]
    return {
        "id": user.id,
        "name": user.name,
        "display_name": user.display_name,
        "role": user.role.value,
        "suspended_role": user.suspended_role,
        "state": "disabled" if is_switched_off(user, site.clock.now()) else user.state.value,
        "methods": factors,
        "last_sign_in_at": user.last_sign_in_at,
    }


def _line(person: dict[str, Any]) -> str:
    methods = " ".join(
        f"{method['kind']}{'' if method['tail'] is None else ' ..' + method['tail']} ({method['state']})"
        for method in person["methods"]
    )
    role = person["role"] if person["suspended_role"] is None else f"({person['suspended_role']})"
    return f"{person['name']:<24} {role:<15} {person['state']:<9} {methods}"
