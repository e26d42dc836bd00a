"""`kiosk users reset-password|unlock|disable|enable|delete|role|unix-account|backup-code|sessions end`: root's door to one account."""

import pwd
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from data.users import Role
from kiosk.administration import accounts, passwords
from kiosk.administration.errors import NothingToDo
from kiosk.administration.free_text import Why
from kiosk.administration.passwords import Done
from kiosk.commands.speak import WRONG_USE, fail
from kiosk.commands.users_office import Desk, at_desk, changing_options
from kiosk.language import printable

ROLES = [role.value for role in Role]


@click.command("reset-password")
@changing_options
def reset_password(name: str, *, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """Replace the password by a one-time password to hand over; it is random, shown once and kept nowhere."""
    with at_desk(config, as_json=as_json) as desk:
        made = passwords.reset_password(desk.office, desk.card(name).user.id, Why(reason, ticket))
        facts = {"name": made.user.name, "one_time_password": made.password, "expires_at": made.expires_at}
        desk.answer(
            facts | {"reference": made.reference},
            "command.people.reset_password.done",
            name=made.user.name,
            password=made.password,
            until=desk.moment(made.expires_at),
        )


@click.command("unlock")
@click.option("--password", is_flag=True, help="The stage of the password.")
@click.option("--second-factor", is_flag=True, help="The stage of the second factor, the back-up code too.")
@changing_options
def unlock(
    name: str, *, password: bool, second_factor: bool, reason: str, ticket: str, as_json: bool, config: Path | None
) -> None:
    """Forget wrong passwords, wrong codes, or both."""
    with at_desk(config, as_json=as_json) as desk:
        if not password and not second_factor:
            fail(desk.words.text("command.people.unlock.which"), WRONG_USE)
        user_id = desk.card(name).user.id
        done: dict[str, Done] = {}
        for stage, wanted, act in (
            ("password", password, passwords.unlock_password),
            ("second_factor", second_factor, passwords.unlock_second_factor),
        ):
            if not wanted:
                continue
            try:
                done[stage] = act(desk.office, user_id, Why(reason, ticket))
            except NothingToDo:
                # Of two stages one is often open; only when nothing was locked is that an answer.
                continue
        if not done:
            raise NothingToDo
        references = ", ".join(one.reference for one in done.values())
        facts: dict[str, Any] = {stage: one.count for stage, one in done.items()}
        desk.answer({"name": name, **facts, "reference": references}, "command.people.unlock.done", name=name)


@click.command("disable")
@click.option("--on", "day", type=click.DateTime(["%Y-%m-%d"]), help="From the beginning of this day; else now.")
@changing_options
def disable(name: str, *, day: datetime | None, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """Switch an account off, now or on a day; its sessions end."""
    with at_desk(config, as_json=as_json) as desk:
        on = None if day is None else day.date()
        done = accounts.disable(desk.office, desk.card(name).user.id, Why(reason, ticket), on=on)
        facts = {"name": done.user.name, "on": None if on is None else on.isoformat(), "sessions_ended": done.count}
        if on is None:
            desk.answer(_with(facts, done), "command.people.disable.now", name=done.user.name)
        else:
            desk.answer(_with(facts, done), "command.people.disable.on", name=done.user.name, day=on.isoformat())


@click.command("enable")
@changing_options
def enable(name: str, *, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """Switch an account on again, or forget the day on which it would be off."""
    with at_desk(config, as_json=as_json) as desk:
        done = accounts.enable(desk.office, desk.card(name).user.id, Why(reason, ticket))
        desk.answer(_with({"name": done.user.name}, done), "command.people.enable.done", name=done.user.name)


@click.command("delete")
@click.option("--yes", is_flag=True, help="Do not ask.")
@changing_options
def delete(name: str, *, yes: bool, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """Forget a person: name, password, methods, codes and numbers. The audit log keeps its rows, by number."""
    with at_desk(config, as_json=as_json) as desk:
        card = desk.card(name)
        if not yes and (as_json or not _sure(desk, card.user.name)):
            fail(desk.words.text("command.people.delete.not_done"), WRONG_USE if as_json else 1)
        gone = accounts.delete(desk.office, card.user.id, Why(reason, ticket))
        desk.answer(
            {"name": gone.name, "id": gone.kept_id, "reference": gone.reference},
            "command.people.delete.done",
            name=gone.name,
            id=gone.kept_id,
        )


@click.command("role")
@changing_options
@click.argument("role", type=click.Choice(ROLES))
def change_role(name: str, *, role: str, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """Give another role: administrators, technicians and auditors need a method other than SMS."""
    with at_desk(config, as_json=as_json) as desk:
        done = accounts.change_role(desk.office, desk.card(name).user.id, Role(role), Why(reason, ticket))
        desk.answer(
            _with({"name": done.user.name, "role": role}, done),
            "command.people.role.done",
            name=done.user.name,
            role=role,
        )


@click.command("unix-account")
@changing_options
@click.argument("account", required=False)
@click.option("--none", is_flag=True, help="Nothing on this machine any more.")
def unix_account(
    name: str, *, account: str | None, none: bool, reason: str, ticket: str, as_json: bool, config: Path | None
) -> None:
    """Map somebody to a Unix account of this machine, as which `kiosk gate` lets them go on; one person per account."""
    with at_desk(config, as_json=as_json) as desk:
        if (account is None) is not none:
            fail(desk.words.text("command.people.unix_account.which"), WRONG_USE)
        if account is not None and not _exists(account):
            fail(desk.words.text("command.people.unix_account.unknown", account=printable(account)))
        done = accounts.set_unix_account(desk.office, desk.card(name).user.id, account, Why(reason, ticket))
        facts = _with({"name": done.user.name, "unix_account": account}, done)
        if account is None:
            desk.answer(facts, "command.people.unix_account.none", name=done.user.name)
        else:
            desk.answer(facts, "command.people.unix_account.done", name=done.user.name, account=account)


def _exists(account: str) -> bool:
    try:
        pwd.getpwnam(account)
    except (KeyError, ValueError):
        return False
    return True


@click.command("backup-code")
@changing_options
def backup_code(name: str, *, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """Make the back-up code void; the person is shown a new one at the next sign-in."""
    with at_desk(config, as_json=as_json) as desk:
        done = passwords.renew_backup_code(desk.office, desk.card(name).user.id, Why(reason, ticket))
        desk.answer(_with({"name": done.user.name}, done), "command.people.backup_code.done", name=done.user.name)


@click.group("sessions")
def sessions() -> None:
    """Where people are signed in."""


@sessions.command("end")
@changing_options
def end_sessions(name: str, *, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """Sign somebody out everywhere."""
    with at_desk(config, as_json=as_json) as desk:
        done = passwords.end_sessions(desk.office, desk.card(name).user.id, Why(reason, ticket))
        facts = _with({"name": done.user.name, "ended": done.count}, done)
        desk.answer(facts, "command.people.sessions.done", name=done.user.name, count=done.count)


def _sure(desk: Desk, name: str) -> bool:
    return click.confirm(desk.words.text("command.people.delete.sure", name=name))


def _with(facts: dict[str, Any], done: Done) -> dict[str, Any]:
    return facts | {"reference": done.reference}
