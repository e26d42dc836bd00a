"""Who and where in words: ids in the log become names as long as the person or the desk exists."""

from typing import Final

from data.database import Database

DESK_ORIGIN: Final = "desk:"


class Names:
    """Looks each id up once; made for one reading, because people are renamed and deleted."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._people: dict[str, str | None] = {}
        self._owners: dict[str, str | None] = {}
        self._desks: dict[str, str | None] = {}

    def person(self, actor: str | None) -> str | None:
        """The user name behind an id; None for who is gone, and for what is no person."""
        if actor is None:
            return None
        if actor not in self._people:
            user = self._database.users.get(actor)
            self._people[actor] = None if user is None else user.name
        return self._people[actor]

    def object(self, about: str | None) -> str | None:
        """The user name of the person that an id belongs to, itself or as the recipient of a message."""
        if about is None:
            return None
        if about not in self._owners:
            owner = self._database.audit_search.recipient(about)
            self._owners[about] = self.person(about if owner is None else owner)
        return self._owners[about]

    def desk(self, origin: str) -> str | None:
        """The name of the desk that a row comes from; None when it comes from elsewhere."""
        if not origin.startswith(DESK_ORIGIN):
            return None
        if origin not in self._desks:
            desk = self._database.desks.get(origin.removeprefix(DESK_ORIGIN))
            self._desks[origin] = None if desk is None else desk.name
        return self._desks[origin]
