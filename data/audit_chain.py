"""How the rows of the audit log hang together.

`digest` = SHA-256(salt ‖ body), `mac` = HMAC(mac of the row before ‖ seq as 8 bytes, big-endian ‖ digest). The body is
`{"at":…,"at_wall":…,"event":{…}}` with the event as canonical JSON, so that the two times of the row are chained too.

Beside the keyed chain runs one that anybody can follow: `roll` = SHA-256(roll of the row before ‖ seq ‖ digest). It is
kept nowhere but in checkpoints, rows that hold the roll before them and a signature over it, so that an export can be
checked with the public key alone.
"""

from hashlib import sha256
from typing import Final

from data.canonical import JSON, canonical
from data.connection import Connection
from data.vault import Vault

# What stands for the mac of the row before the first.
GENESIS: Final = bytes(32)

# Actions that a check understands; their rows are never pruned.
PRUNED: Final = "audit.pruned"
RESTORED: Final = "storage.restored"
CHECKPOINT: Final = "audit.checkpoint"
NEVER_PRUNED: Final = frozenset({PRUNED, RESTORED, CHECKPOINT})

# What the event of a row says, as JSON: its keys stand in this order, and a quote within a text is escaped. Word for word
# as in the indexes of migration 0011, or SQLite uses none of them.
ACTION: Final = (
    """substr(body, instr(body, '"action":') + 9, instr(body, ',"actor":') - instr(body, '"action":') - 9)"""
)
ACTOR: Final = """substr(body, instr(body, '"actor":') + 8, instr(body, ',"object":') - instr(body, '"actor":') - 8)"""
OBJECT: Final = (
    """substr(body, instr(body, '"object":') + 9, instr(body, ',"origin":') - instr(body, '"object":') - 9)"""
)
ORIGIN: Final = (
    """substr(body, instr(body, '"origin":') + 9, instr(body, ',"parameters":') - instr(body, '"origin":') - 9)"""
)

_CHECKPOINT_PREFIX: Final = b"kiosk audit checkpoint 1\n"

# Key in `meta` of the head, written in the transaction of the row.
META_HEAD: Final = "audit_head"


def body_of(at: int, at_wall: int, event: JSON) -> str:
    """The body of a row; ASCII only."""
    return f'{{"at":{at},"at_wall":{at_wall},"event":{canonical(event)}}}'


def digest_of(salt: bytes, body: bytes) -> bytes:
    """The digest, which stays when body and salt are wiped."""
    return sha256(salt + body).digest()


def is_untouched(at: int, at_wall: int, body: bytes | None, salt: bytes | None, digest: bytes) -> bool:
    """Whether body, salt, digest and the two times of a row fit together; its place in the chain aside."""
    if body is None or salt is None:
        return False
    return sha256(salt + body).digest() == digest and body.startswith(b'{"at":%d,"at_wall":%d,"event":' % (at, at_wall))


def roll_on(roll: bytes, seq: int, digest: bytes) -> bytes:
    """The roll after row `seq`."""
    return sha256(roll + seq.to_bytes(8, "big") + digest).digest()


def checkpoint_message(seq: int, at: int, roll: bytes) -> bytes:
    """What is signed by checkpoint `seq` of kiosk time `at`: the roll of all rows before it."""
    return _CHECKPOINT_PREFIX + canonical({"at": at, "roll": roll.hex(), "seq": seq}).encode()


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
