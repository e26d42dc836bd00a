"""Finding a person: by part of a name, a whole phone number, its last two digits, or the reference that somebody reads out."""

from dataclasses import dataclass
from typing import Final

from data.audit import sequence_number
from data.users import User
from kiosk.accounts import NumberUnusable, normalised_number
from kiosk.site import Site

_TAIL: Final = 2
# A shorter run of digits is part of a name rather than a number.
_NUMBER: Final = 8


@dataclass(frozen=True, slots=True)
class Found:
    """One page of people, by user name; `more` says that there are others after it."""

    people: tuple[User, ...]
    more: bool


def find(site: Site, text: str, *, limit: int, offset: int = 0) -> Found:
    """Who is meant by `text`; empty means everybody. Raises DataError."""
    text = text.strip()
    with site.database.transaction(write=False):
        if len(text) == _TAIL and text.isascii() and text.isdigit():
            people = site.database.users.by_number_tail(text, limit=limit + 1, offset=offset)
        elif (special := _special(site, text)) is not None:
            people = special[offset : offset + limit + 1]
        else:
            people = site.database.users.all(search=text, limit=limit + 1, offset=offset)
    return Found(tuple(people[:limit]), len(people) > limit)


def _special(site: Site, text: str) -> list[User] | None:
    """People found otherwise than by name; None when `text` is (part of) a name."""
    if sequence_number(text) is not None:
        # A reference that names nobody may still be part of a name, such as k482 of a room.
        return _of_reference(site, text) or None
    digits = "".join(filter(str.isdigit, text))
    if not digits or any(character.isalpha() for character in text):
        return None
    return _of_number(site, text) if len(digits) >= _NUMBER else None


def _of_reference(site: Site, text: str) -> list[User]:
    row = site.database.audit.by_reference(text)
    if row is None or row.event is None:
        return []
    # Whom it was done to comes first; in a sign-in that is the one who did it.
    for user_id in (row.event.object, row.event.actor):
        user = None if user_id is None else site.database.users.get(user_id)
        if user is not None and user.deleted_at is None:
            return [user]
    return []


def _of_number(site: Site, text: str) -> list[User]:
    try:
        number = normalised_number(text, site.policy.sms.countries)
    except NumberUnusable:
        return []
    ids = {factor.user_id for factor in site.database.factors.by_phone(number)}
    found = (site.database.users.get(user_id) for user_id in ids)
    return sorted(
        (user for user in found if user is not None and user.deleted_at is None), key=lambda user: user.name_key
    )
