"""`kiosk users show` and `kiosk users methods list`: one person, without secrets and without a whole number."""

import json
from pathlib import Path
from typing import Any

import click

from kiosk.administration.card import MethodLine, PersonCard
from kiosk.commands.configured import config_option
from kiosk.commands.users_office import Desk, at_desk, json_option, name_argument, shown


@click.command("show")
@name_argument
@json_option
@config_option
def show(name: str, *, as_json: bool, config: Path | None) -> None:
    """Show one person: state, locks, methods, sessions and the last changes."""
    with at_desk(config, as_json=as_json) as desk:
        card = desk.card(name)
        if as_json:
            click.echo(json.dumps(card_facts(card)))
        else:
            _tell(desk, card)


@click.command("list")
@name_argument
@json_option
@config_option
def list_methods(name: str, *, as_json: bool, config: Path | None) -> None:
    """List the methods of one person with their ids."""
    with at_desk(config, as_json=as_json) as desk:
        methods = desk.card(name).methods
        if as_json:
            click.echo(json.dumps([method_facts(method) for method in methods]))
            return
        for method in methods:
            click.echo(_method_line(desk, method))
        if not methods:
            click.echo(desk.words.text("command.people.show.no_methods"))


def card_facts(card: PersonCard) -> dict[str, Any]:
    """A card as a program reads it."""
    user = card.user
    return {
        "id": user.id,
        "name": user.name,
        "display_name": user.display_name,
        "role": user.role.value,
        "language": user.language,
        "unix_account": user.unix_account,
        "state": "disabled" if card.switched_off else user.state.value,
        "disabled_from": user.disabled_from,
        "created_at": user.created_at,
        "last_sign_in_at": user.last_sign_in_at,
        "last_method": user.last_method,
        "last_desk": card.last_desk,
        "password": {
            "exists": card.password.exists,
            "state": user.password_state.value,
            "expires_at": card.password.expires_at,
            "expired": card.password.expired,
            "failures": card.password.failures,
            "locked": card.password.locked,
            "wait_until": card.password.wait_until,
        },
        "second_factor": {"failures": card.second_factor_failures, "locked": card.second_factor_locked},
        "methods": [method_facts(method) for method in card.methods],
        "backup_code": {
            "live": card.backup.live,
            "confirmed": card.backup.confirmed,
            "failures_in_row": card.backup.failures_in_row,
            "usable": card.backup.trouble is None,
            "last_used_at": card.backup.last_used_at,
        },
        "temporary_code": None
        if card.temporary is None
        else {
            "expires_at": card.temporary.expires_at,
            "tries": card.temporary.tries,
            "issued_by": card.temporary.issued_by,
            "adds_app": card.temporary.adds_app,
        },
        "sessions": [
            {"desk": one.desk, "method": one.method, "started_at": one.started_at, "seen_at": one.seen_at}
            for one in card.sessions
        ],
        "changes": [
            {"what": one.what, "by": one.actor, "at": one.at, "reason": one.reason, "seen": one.seen_at is not None}
            for one in card.changes
        ],
        "only_sms": card.only_sms,
        "needs_other_factor": card.needs_other_factor,
    }


def method_facts(method: MethodLine) -> dict[str, Any]:
    """A method as a program reads it."""
    return {
        "id": method.id,
        "kind": method.kind.value,
        "state": method.state.value,
        "label": method.label,
        "tail": method.number_tail,
        "added_at": method.added_at,
        "confirmed_at": method.confirmed_at,
        "last_used_at": method.last_used_at,
        "drift": method.drift,
        "replaces": method.replaces,
    }


def _tell(desk: Desk, card: PersonCard) -> None:
    words, user = desk.words, card.user
    say = click.echo
    say(f"{shown(user.name)}  {shown(user.display_name)}  {user.role.value}  {user.id}")
    for line in _alarms(desk, card):
        say(f"! {line}")
    state = "disabled" if card.switched_off else user.state.value
    say(words.text("command.people.show.state", state=words.text(f"command.people.state.{state}")))
    say(
        words.text(
            "command.people.show.last",
            when=desk.moment(user.last_sign_in_at),
            method=user.last_method or "-",
            desk=card.last_desk or "-",
        )
    )
    say(words.text("command.people.show.password", state=_password_state(desk, card), count=card.password.failures))
    say(words.text("command.people.show.failures", count=card.second_factor_failures))
    if user.unix_account is not None:
        say(words.text("command.people.show.unix_account", account=user.unix_account))
    backup = "none" if not card.backup.live else "blocked" if card.backup.trouble else "live"
    say(words.text("command.people.show.backup", state=words.text(f"command.people.backup.{backup}")))
    if card.temporary is not None:
        say(words.text("command.people.show.temporary", until=desk.moment(card.temporary.expires_at)))
    for method in card.methods:
        say(_method_line(desk, method))
    if not card.methods:
        say(words.text("command.people.show.no_methods"))
    for session in card.sessions:
        since = desk.moment(session.started_at)
        say(words.text("command.people.show.session", desk=session.desk, method=session.method, since=since))
    for change in card.changes:
        say(f"  {desk.moment(change.at)}  {change.what}  {shown(change.actor)}  {shown(change.reason or '')}")


def _alarms(desk: Desk, card: PersonCard) -> list[str]:
    """What an administrator should see first."""
    found = {
        "password_locked": card.password.locked,
        "factor_locked": card.second_factor_locked,
        "disabled_on": card.user.disabled_from is not None and not card.switched_off,
        "only_sms": card.only_sms,
        "needs_other_factor": card.needs_other_factor,
    }
    at = desk.moment(card.user.disabled_from)
    return [
        desk.words.text(f"command.people.alarm.{name}", **({"day": at} if name == "disabled_on" else {}))
        for name, holds in found.items()
        if holds
    ]


def _password_state(desk: Desk, card: PersonCard) -> str:
    password = card.password
    if not password.exists:
        name = "none"
    elif not password.one_time:
        name = "own"
    else:
        name = "expired" if password.expired else "one_time"
    return desk.words.text(f"command.people.password.{name}")


def _method_line(desk: Desk, method: MethodLine) -> str:
    tail = "" if method.number_tail is None else f" ..{method.number_tail}"
    used = desk.moment(method.last_used_at)
    return "  " + desk.words.text(
        "command.people.show.method",
        method=f"{method.kind.value}{tail}",
        state=desk.words.text(f"command.people.method_state.{method.state.value}"),
        used=used,
        id=method.id,
    )
