"""What administrators change: deleted people, methods that replace others, temporary codes with a ticket, imports."""

NAME = "0012_administration"

SQL = """
ALTER TABLE users ADD COLUMN deleted_at INTEGER;
ALTER TABLE users ADD COLUMN import_id TEXT;
-- Whoever looks for people types a letter at a time: this index alone answers who is meant.
CREATE INDEX users_searched ON users (name_key, display_key) WHERE deleted_at IS NULL;
CREATE INDEX users_special ON users (role) WHERE role <> 'staff';

ALTER TABLE factors ADD COLUMN replaces TEXT REFERENCES factors (id);
CREATE INDEX factors_replacing ON factors (replaces) WHERE replaces IS NOT NULL;

ALTER TABLE temporary_codes ADD COLUMN ticket TEXT;
ALTER TABLE temporary_codes ADD COLUMN adds_app INTEGER NOT NULL DEFAULT 0 CHECK (adds_app IN (0, 1));

CREATE INDEX changes_of_user ON changes (user_id, at);
CREATE INDEX sessions_of_user ON sessions (user_id, started_at);
CREATE INDEX messages_of_user ON messages (user_id) WHERE user_id IS NOT NULL;
CREATE INDEX challenges_of_factor ON challenges (factor_id) WHERE factor_id IS NOT NULL;

CREATE TABLE staged_people (
    import_id     TEXT NOT NULL,
    line          INTEGER NOT NULL,
    act           TEXT NOT NULL CHECK (act IN ('add', 'change')),
    user_id       TEXT NOT NULL CHECK (length(user_id) = 26),
    name          TEXT NOT NULL,
    name_key      TEXT NOT NULL,
    display_name  TEXT NOT NULL,
    display_key   TEXT NOT NULL,
    role          TEXT NOT NULL,
    language      TEXT NOT NULL,
    phone_id      TEXT,
    sealed_number BLOB,
    number_index  BLOB,
    number_tail   TEXT,
    app_id        TEXT,
    sealed_app    BLOB,
    key_id        TEXT NOT NULL,
    staged_at     INTEGER NOT NULL,
    PRIMARY KEY (import_id, line)
) STRICT, WITHOUT ROWID;
"""
