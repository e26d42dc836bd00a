"""Secrets are in none of the files, whichever moment somebody copies them."""

from data.database import Database
from tests.data.things import NUMBER, Things

SECRETS = [b"JBSWY3DPEHPK3PXP", NUMBER[-8:].encode(), b"075391", b"Uw code"]


def test_no_seed_number_code_or_text_is_in_any_file(db: Database, things: Things) -> None:
    user = things.user()
    things.factor(user, secret=SECRETS[0])
    things.phone(user)
    sign_in = things.sign_in(user)
    things.challenge(sign_in, code=SECRETS[2])
    things.message(sign_in, text="Uw code is 075391")
    db._connection.rows("PRAGMA wal_checkpoint")
    files = [file.read_bytes() for file in db.path.parent.iterdir()]
    assert any(user.name.encode() in content for content in files)
    for secret in SECRETS:
        assert not any(secret in content for content in files)
