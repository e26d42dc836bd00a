"""`kiosk users methods …` and `kiosk users temporary-code`: second factors of one person."""

import socket
from pathlib import Path

import click

from data.factors import FactorState
from kiosk.administration import methods as domain
from kiosk.administration import temporary
from kiosk.administration.card import MethodLine, PersonCard
from kiosk.administration.errors import MethodUnknown
from kiosk.administration.free_text import Why, checked_why
from kiosk.administration.methods import OldNumber
from kiosk.administration.passwords import Done
from kiosk.administration.proving import CodeRefused, PhoneProof
from kiosk.administration.temporary import Identification, TemporaryReason, TemporaryRequest
from kiosk.commands.configured import config_option
from kiosk.commands.phone_option import HELP, PERSONAL
from kiosk.commands.speak import WRONG_USE, fail
from kiosk.commands.users_office import Desk, at_desk, changing_options, json_option, name_argument, ticket_option
from kiosk.commands.users_show import list_methods


@click.group("methods")
def methods() -> None:
    """Second factors of one person."""


methods.add_command(list_methods)


@methods.command("add")
@click.option("--app", is_flag=True, help="Offer an authenticator app; its key is shown to the person alone.")
@click.option("--phone", type=PERSONAL, help=f"Mobile number for SMS, which the person confirms{HELP}")
@click.option("--replaces", help="Method (id, or its kind) that the new number takes the place of.")
@click.option("--keep-old", is_flag=True, help="The old number stays until the new one is confirmed.")
@changing_options
def add_method(
    name: str,
    *,
    app: bool,
    phone: str | None,
    replaces: str | None,
    keep_old: bool,
    reason: str,
    ticket: str,
    as_json: bool,
    config: Path | None,
) -> None:
    """Offer a method, or another number; it counts once the person has proved it."""
    with at_desk(config, as_json=as_json) as desk:
        if app == (phone is not None) or (phone is None and (replaces or keep_old)) or (keep_old and not replaces):
            fail(desk.words.text("command.people.methods.which"), WRONG_USE)
        card, because = desk.card(name), Why(reason, ticket)
        done: Done
        if phone is None:
            done = domain.offer_app(desk.office, card.user.id, because)
        elif replaces is None:
            done = domain.add_phone(desk.office, card.user.id, phone, because)
        else:
            done = domain.change_phone(
                desk.office,
                card.user.id,
                because,
                method_id=method_named(card, replaces).id,
                number=phone,
                old=OldNumber.KEPT_UNTIL_CONFIRMED if keep_old else OldNumber.REVOKED,
            )
        facts = {"name": done.user.name, "kind": "totp" if phone is None else "sms", "reference": done.reference}
        text_id = "command.people.methods.app" if phone is None else "command.people.methods.phone"
        desk.answer(facts, text_id, name=done.user.name)


@methods.command("revoke")
@changing_options
@click.argument("method")
def revoke_method(name: str, *, method: str, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """End a method (id, or its kind) for ever, with the sessions that it began."""
    with at_desk(config, as_json=as_json) as desk:
        card = desk.card(name)
        found = method_named(card, method)
        done = domain.revoke_method(desk.office, card.user.id, found.id, Why(reason, ticket))
        left = desk.card(name)
        facts = {
            "name": done.user.name,
            "kind": found.kind.value,
            "reference": done.reference,
            "methods_left": len(left.methods),
            "needs_other_factor": left.needs_other_factor,
        }
        desk.answer(facts, "command.people.methods.revoked", name=done.user.name, method=found.kind.value)
        if left.needs_other_factor and not as_json:
            click.echo(desk.words.text("command.people.alarm.needs_other_factor"))


@methods.command("confirm")
@changing_options
@click.argument("method", default="sms")
def confirm_phone(name: str, *, method: str, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """Send a code to a number that was offered (METHOD: its id), and ask for it: the number counts from then on."""
    with at_desk(config, as_json=as_json) as desk:
        because = checked_why(Why(reason, ticket))
        card = desk.card(name)
        offered = [
            one for one in card.methods if one.state is FactorState.OFFERED and method in {one.id, one.kind.value}
        ]
        if len(offered) != 1:
            raise MethodUnknown
        with desk.site.database.transaction(write=True):
            place = desk.site.database.desks.ensure(desk.site.name, f"command {socket.gethostname()}")
        proof = PhoneProof(desk.office, card.user.id, offered[0].id, desk_id=place.id)
        click.echo(desk.words.text("command.people.confirm.sent", tail=proof.send()), err=as_json)
        done = _asked(desk, proof, because)
        facts = {"name": done.user.name, "kind": "sms", "reference": done.reference}
        desk.answer(facts, "command.people.confirm.done", name=done.user.name)


def _asked(desk: Desk, proof: PhoneProof, because: Why) -> Done:
    """Ask for the code until it is right or cannot become so."""
    while True:
        typed: str = click.prompt(desk.words.text("command.people.confirm.code"), err=True)
        try:
            return proof.answer(typed, because)
        except CodeRefused as error:
            told = desk.words.text(f"command.people.code.{error.wrong.value}")
            if not error.tries_left:
                fail(told)
            click.echo(told, err=True)


@click.command("temporary-code")
@name_argument
@click.option(
    "--reason", required=True, type=click.Choice([one.value for one in TemporaryReason]), help="Why it is needed."
)
@click.option(
    "--identified",
    required=True,
    type=click.Choice([one.value for one in Identification]),
    help="How you know that it is this person.",
)
@click.option("--detail", default="", help="Who vouches, or how else; never a national or document number.")
@click.option("--minutes", type=int, help="How long it may be used; else what the site offers.")
@click.option("--unlock", is_flag=True, help="Forget wrong passwords and codes as well.")
@click.option("--add-app", is_flag=True, help="Let the person add an authenticator app at once.")
@click.option("--revoke", multiple=True, help="Method (id, or its kind) that is lost; may be given again.")
@click.option("--despite-warning", is_flag=True, help="Called back, and the phone is lost or new, all the same.")
@ticket_option
@json_option
@config_option
def temporary_code(
    name: str,
    *,
    reason: str,
    identified: str,
    detail: str,
    minutes: int | None,
    unlock: bool,
    add_app: bool,
    revoke: tuple[str, ...],
    despite_warning: bool,
    ticket: str,
    as_json: bool,
    config: Path | None,
) -> None:
    """Make a code of 8 digits to read aloud: good once, for minutes, after the password."""
    with at_desk(config, as_json=as_json) as desk:
        card = desk.card(name)
        request = TemporaryRequest(
            reason=TemporaryReason(reason),
            identified=Identification(identified),
            detail=detail,
            ticket=ticket,
            minutes=minutes,
            unlock=unlock,
            add_app=add_app,
            revoke=[method_named(card, one).id for one in revoke],
            contradiction_seen=despite_warning,
        )
        issued = temporary.issue(desk.office, card.user.id, request)
        spaced = f"{issued.code[:4]} {issued.code[4:]}"
        desk.answer(
            {
                "name": issued.user.name,
                "code": issued.code,
                "expires_at": issued.expires_at,
                "reference": issued.reference,
            },
            "command.people.temporary.done",
            name=issued.user.name,
            code=spaced,
            until=desk.moment(issued.expires_at),
        )


@click.command("withdraw-code")
@changing_options
def withdraw_code(name: str, *, reason: str, ticket: str, as_json: bool, config: Path | None) -> None:
    """Make a temporary code void after all."""
    with at_desk(config, as_json=as_json) as desk:
        done = temporary.withdraw(desk.office, desk.card(name).user.id, Why(reason, ticket))
        facts = {"name": done.user.name, "reference": done.reference}
        desk.answer(facts, "command.people.temporary.withdrawn", name=done.user.name)


def method_named(card: PersonCard, text: str) -> MethodLine:
    """The method with this id, or the only one of this kind; raises MethodUnknown."""
    found = [one for one in card.methods if text in {one.id, one.kind.value}]
    if len(found) != 1:
        raise MethodUnknown
    return found[0]
