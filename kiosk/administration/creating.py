"""A new person, in the name of an administrator or of root."""

from collections.abc import Mapping
from typing import Final

from data.canonical import JSON
from data.users import Role, name_key
from kiosk.accounts import Accounts, Created, NewPerson, check_person
from kiosk.administration.authority import Act, check, use
from kiosk.administration.changing import Office, record_refusal
from kiosk.administration.errors import Forbidden
from kiosk.administration.four_eyes import NUMBER, Content
from kiosk.administration.free_text import Why, checked_why

ROLES: Final = tuple(role.value for role in Role)
"""The roles by their values, the commonest first."""


def role_named(value: str) -> Role:
    """The role of one of `ROLES`."""
    return Role(value)


def create(office: Office, person: NewPerson, why: Why) -> Created:
    """Somebody who is invited, with a one-time password to hand over; raises AccountError, AdministrationError, DataError."""
    why = checked_why(why)
    site = office.site
    number = check_person(person, site.policy.sms.countries)
    # A special role is what a second administrator may have to approve.
    act = Act.ADD if person.role is Role.STAFF else Act.ROLE
    content = Content(
        {
            "name": name_key(person.name),
            "display_name": person.display_name,
            "to": person.role.value,
            "app": person.app,
            "tail": None if number is None else number[-2:],
            NUMBER: number,
        }
    )

    def allowed() -> Mapping[str, JSON]:
        now = site.clock.now()
        approved = check(site, office.authority, act, None, now, content=content)
        use(site, approved, now)
        return {} if approved is None else approved.facts()

    try:
        # Before the password is hashed, and once more in the transaction itself.
        with site.database.transaction(write=False):
            check(site, office.authority, act, None, site.clock.now(), content=content)
        accounts = Accounts(site, office.trail, actor=office.authority.actor)
        reason = f"{why.reason} ({why.ticket})" if why.ticket else why.reason
        return accounts.create(person, reason=reason, allowed=allowed)
    except Forbidden as error:
        error.reference = record_refusal(office, act, None, error.rule)
        if error.wanted is not None:
            error.wanted = error.wanted.because(why)
        raise
