"""What finds people in one text for every thirty-two of them; marks on letters are left out of it, so that Muller finds Müller.

`block` stands still when SQLite numbers rows anew, as it does when a file is vacuumed. The index of who is present also
counts them.
"""

NAME = "0021_search_blocks"

SQL = """
DROP INDEX users_searched;
UPDATE users SET display_key = found_by(name, display_name) WHERE deleted_at IS NULL OR deleted_at = 0;
ALTER TABLE users ADD COLUMN block INTEGER NOT NULL DEFAULT 0;
UPDATE users SET block = rowid / 32;
CREATE INDEX users_of_block ON users (block) WHERE deleted_at IS NULL;
CREATE TABLE search_blocks (
    block INTEGER PRIMARY KEY,
    keys  TEXT NOT NULL
) STRICT;
INSERT INTO search_blocks SELECT block, group_concat(search_key, char(30)) FROM users
    WHERE deleted_at IS NULL GROUP BY block;
"""
