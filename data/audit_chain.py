"""How the rows of the audit log hang together.

`digest` = SHA-256(salt ‖ body), `mac` = HMAC(mac of the row before ‖ seq as 8 bytes, big-endian ‖ digest). The body is
`{"at":…,"at_wall":…,"event":{…}}` with the event as canonical JSON, so that the two times of the row are chained too.
"""

import hashlib
from typing import Final

from data.canonical import JSON, canonical
from data.connection import Connection, Row
from data.vault import Vault

# What stands for the mac of the row before the first.
GENESIS: Final = bytes(32)

# Two actions that the check of the chain itself understands; their rows are never pruned.
PRUNED: Final = "audit.pruned"
RESTORED: Final = "storage.restored"

# Key in `meta` of the head, written in the transaction of the row.
META_HEAD: Final = "audit_head"


def body_of(at: int, at_wall: int, event: JSON) -> str:
    """The body of a row; ASCII only."""
    return f"{_beginning(at, at_wall)}{canonical(event)}}}"


def _beginning(at: int, at_wall: int) -> str:
    return f'{{"at":{at},"at_wall":{at_wall},"event":'


def digest_of(salt: bytes, body: bytes) -> bytes:
    """The digest, which stays when body and salt are wiped."""
    return hashlib.sha256(salt + body).digest()


def is_untouched(row: Row) -> bool:
    """Whether body, salt, digest and the two times of a row fit together; its place in the chain aside."""
    body, salt = row["body"], row["salt"]
    if body is None or salt is None:
        return False
    begins_so = body.startswith(_beginning(row["at"], row["at_wall"]).encode())
    return bool(begins_so and digest_of(salt, body) == row["digest"])


def link(vault: Vault, mac_before: bytes, seq: int, digest: bytes) -> bytes:
    """The mac of row `seq`."""
    return vault.mac(mac_before + seq.to_bytes(8, "big") + digest, purpose="audit")


def last_row(connection: Connection) -> tuple[int, bytes]:
    """Number and mac of the last row there is; (0, GENESIS) when there is none."""
    rows = connection.rows("SELECT seq, mac FROM audit ORDER BY seq DESC LIMIT 1")
    return (rows[0]["seq"], rows[0]["mac"]) if rows else (0, GENESIS)


def meta_head(connection: Connection) -> tuple[int, bytes]:
    """Number and mac of the last row ever written, as `meta` has it; (0, GENESIS) when it has none."""
    rows = connection.rows("SELECT value FROM meta WHERE key = :key", {"key": META_HEAD})
    if not rows:
        return 0, GENESIS
    seq, _, mac = rows[0]["value"].partition(" ")
    try:
        return int(seq), bytes.fromhex(mac)
    except ValueError:
        # Not what we wrote; signing in goes on and the check of the chain tells.
        return 0, GENESIS
