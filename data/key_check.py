"""Which key this database is sealed with: a row that only that key opens, and what is kept of the keys before it."""

from typing import Final

from data.connection import Connection
from data.errors import SealBroken, WrongKey
from data.vault import Vault

# Keys in `meta`.
KEY_CHECK: Final = "key_check"
KEPT_KEYS: Final = "kept_keys"


def keep(connection: Connection, vault: Vault, *, kept: bytes | None = None) -> None:
    """Let the key in use be that of this database, in the caller's write transaction."""
    sealed = vault.seal(KEY_CHECK.encode(), table="meta", column="value", row=KEY_CHECK)
    _set(connection, KEY_CHECK, f"{vault.key_id} {sealed.hex()}")
    if kept is not None:
        _set(connection, KEPT_KEYS, kept.hex())


def use(connection: Connection, vault: Vault) -> None:
    """Let the vault use the key of this database; raises WrongKey."""
    rows = connection.rows(
        "SELECT key, value FROM meta WHERE key IN (:check, :kept)", {"check": KEY_CHECK, "kept": KEPT_KEYS}
    )
    values = {row["key"]: row["value"] for row in rows}
    if KEY_CHECK not in values:
        raise WrongKey(None, vault.key_id)
    key_id, _, sealed = values[KEY_CHECK].partition(" ")
    given = vault.key_id
    try:
        kept = values.get(KEPT_KEYS)
        if not vault.enter(key_id, None if kept is None else bytes.fromhex(kept)):
            raise WrongKey(key_id, given)
        vault.open(bytes.fromhex(sealed), table="meta", column="value", row=KEY_CHECK)
    except (SealBroken, ValueError):
        raise WrongKey(key_id, given) from None


def follow(connection: Connection, vault: Vault) -> None:
    """The same when another process has changed the key since; before anything is sealed, in its write transaction."""
    rows = connection.rows("SELECT value FROM meta WHERE key = :check", {"check": KEY_CHECK})
    if not rows or not rows[0]["value"].startswith(f"{vault.key_id} "):
        use(connection, vault)


def _set(connection: Connection, key: str, value: str) -> None:
    connection.change(
        "INSERT INTO meta (key, value) VALUES (:key, :value) ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        {"key": key, "value": value},
    )
