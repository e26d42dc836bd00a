"""A new person, in the name of an administrator or of root."""

from typing import Final

from data.users import Role
from kiosk.accounts import Accounts, Created, NewPerson
from kiosk.administration.authority import Act, check
from kiosk.administration.changing import Office, record_refusal
from kiosk.administration.errors import Forbidden
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
    acts = [Act.ADD] if person.role is Role.STAFF else [Act.ADD, Act.ROLE]
    for act in acts:
        try:
            with site.database.transaction(write=False):
                check(site, office.authority, act, None, site.clock.now())
        except Forbidden as error:
            error.reference = record_refusal(office, act, None, error.rule)
            raise
    # Hashing happens in between: the authority holds for minutes, not for the milliseconds of one transaction.
    accounts = Accounts(site, office.trail, actor=office.authority.actor)
    return accounts.create(person, reason=f"{why.reason} ({why.ticket})" if why.ticket else why.reason)
