"""RoomPage: a page of the log, which it asks in a thread of its own."""

from pathlib import Path, PurePath
from typing import TYPE_CHECKING, ClassVar

from kiosk.audit.errors import AuditError
from kiosk.audit.room import AuditRoom, MayNotRead, RoomKey
from kiosk.exchange import NoPlace, NotSaved
from kiosk.sign_in.outcomes import Sentence
from screens.aside import AsidePage
from screens.audit.words import sentence_of

if TYPE_CHECKING:
    from kiosk.desk import Desk


class RoomPage(AsidePage[AuditRoom]):
    """`reader_id` is who reads."""

    CSS_PATH: ClassVar[list[str | PurePath]] = [
        Path(__file__).parents[1] / "dense.tcss",
        Path(__file__).with_name("audit.tcss"),
    ]

    reader_id = ""

    def key_of(self, desk: "Desk") -> RoomKey:
        """An administrator or an auditor."""
        key = desk.audit_room()
        self.reader_id = key.reader_id
        return key

    def sentence_of(self, error: Exception) -> Sentence | None:
        """What people can mend."""
        return sentence_of(error) if isinstance(error, (AuditError, MayNotRead, NoPlace, NotSaved)) else None
