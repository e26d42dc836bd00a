"""What a dispatcher does with a message, in one call each."""

from data.database import Database
from data.ids import new_id
from data.messages import Message
from data.modems import Modem
from tests.data.things import NOW


def commit(db: Database, message: Message, modem: Modem, now: int = NOW) -> str | None:
    """The id of the transmission, None when the journal said no."""
    transmission_id = new_id()
    with db.transaction(write=True):
        committed = db.messages.commit(
            message.id,
            transmission_id=transmission_id,
            modem_id=modem.id,
            network="20408",
            network_name="KPN",
            iccid=modem.iccid,
            now=now,
        )
    return transmission_id if committed else None


def sent(db: Database, message: Message, modem: Modem, reference: int = 7, now: int = NOW) -> str:
    transmission_id = commit(db, message, modem, now)
    assert transmission_id is not None
    with db.transaction(write=True):
        assert db.messages.sent(message.id, transmission_id, reference=reference, now=now)
    return transmission_id


def sent_without_a_reference(db: Database, message: Message, modem: Modem) -> str:
    transmission_id = commit(db, message, modem)
    assert transmission_id is not None
    with db.transaction(write=True):
        assert db.messages.sent(message.id, transmission_id, reference=None, now=NOW)
    return transmission_id


def unknown(db: Database, message: Message, modem: Modem) -> str:
    transmission_id = commit(db, message, modem)
    assert transmission_id is not None
    with db.transaction(write=True):
        assert db.messages.unknown(message.id, transmission_id, reason="no_answer", now=NOW)
    return transmission_id


def again(db: Database, message: Message) -> Message:
    found = db.messages.get(message.id)
    assert found is not None
    return found
