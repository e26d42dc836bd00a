"""A log of many rows, laid at once: writing them one by one would take most of a test."""

from data.audit_chain import GENESIS, META_HEAD, body_of, digest_of, link
from data.canonical import JSON
from data.database import Database
from tests.data.things import NOW

SALT = bytes(16)


def lay(db: Database, rows: int) -> None:
    """So many rows of one action, as `append` would have made them."""
    vault = db.audit._vault
    mac = GENESIS
    made = []
    event: JSON = {
        "action": "sign_in.password",
        "actor": "somebody",
        "object": None,
        "origin": "desk",
        "parameters": {},
        "result": "wrong",
        "simulated": False,
    }
    for seq in range(1, rows + 1):
        body = body_of(NOW + seq, NOW + seq, event)
        digest = digest_of(SALT, body.encode())
        mac = link(vault, mac, seq, digest)
        made.append((seq, NOW + seq, NOW + seq, body, SALT, digest, mac))
    with db.transaction(write=True):
        db._connection.raw.executemany("INSERT INTO audit VALUES (?, ?, ?, ?, ?, ?, ?)", made)
        db.meta.set(META_HEAD, f"{rows} {mac.hex()}")
