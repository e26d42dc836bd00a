"""Facts about this database itself: the key check, the clock's high-water mark, a copy of the audit head."""

from data.repository import Repository


class Meta(Repository):
    """Texts by key."""

    def get(self, key: str) -> str | None:
        """The text kept under `key`; None when there is none."""
        row = self._first("SELECT value FROM meta WHERE key = :key", key=key)
        return None if row is None else str(row["value"])

    def set(self, key: str, value: str) -> None:
        """Keep `value` under `key`."""
        self._change(
            """INSERT INTO meta (key, value) VALUES (:key, :value)
            ON CONFLICT (key) DO UPDATE SET value = excluded.value""",
            key=key,
            value=value,
        )

    def drop(self, key: str) -> bool:
        """Keep nothing under `key`; whether there was anything."""
        return self._hit("DELETE FROM meta WHERE key = :key", key=key)
