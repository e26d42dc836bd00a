"""What people keep of themselves: what their apps' clocks differ, how they want their pages, what they were told once."""

NAME = "0014_account"

SQL = """
ALTER TABLE factors ADD COLUMN seen_offset INTEGER;
ALTER TABLE factors ADD COLUMN seen_offset_at INTEGER;
ALTER TABLE factors ADD COLUMN offset_run INTEGER NOT NULL DEFAULT 0 CHECK (offset_run >= 0);
CREATE INDEX factors_seen_offset ON factors (seen_offset_at) WHERE seen_offset_at IS NOT NULL;

CREATE TABLE preferences (
    user_id            TEXT PRIMARY KEY REFERENCES users (id),
    language           TEXT CHECK (language IN ('nl', 'en')),
    contrast           INTEGER CHECK (contrast IN (0, 1)),
    one_method_told_at INTEGER
) STRICT, WITHOUT ROWID;
"""
