"""Who and where in words: ids in the log become names as long as the person or the desk exists."""

from functools import lru_cache
from typing import Final

from data.database import Database

DESK_ORIGIN: Final = "desk:"
REMEMBERED: Final = 4_096


class Names:
    """Looks ids up; made for one reading, because people are renamed and deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database
        # Most ids of a long log come once, such as those of messages.
        self._person = lru_cache(REMEMBERED)(self._look_up_person)
        self._desk = lru_cache(REMEMBERED)(self._look_up_desk)

    def person(self, actor: str | None) -> str | None:
        """The user name behind an id; None for who is gone, and for what is no person."""
        return None if actor is None else self._person(actor)

    def object(self, about: str | None) -> str | None:
        """The user name of the person that an id belongs to, itself or as the recipient of a message."""
        if about is None:
            return None
        return self._person(self._database.audit_search.recipient(about) or about)

    def desk(self, origin: str) -> str | None:
        """The name of the desk that a row comes from; None when it comes from elsewhere."""
        return self._desk(origin.removeprefix(DESK_ORIGIN)) if origin.startswith(DESK_ORIGIN) else None

    def _look_up_person(self, user_id: str) -> str | None:
        user = self._database.users.get(user_id)
        return None if user is None else user.name

    def _look_up_desk(self, desk_id: str) -> str | None:
        desk = self._database.desks.get(desk_id)
        return None if desk is None else desk.name
