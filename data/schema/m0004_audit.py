"""The audit chain and what keeps it append-only.

`digest` = SHA-256(salt ‖ body), `mac` = HMAC(mac of the row before ‖ seq ‖ digest). Pruning wipes body and salt of a
row, never the row, so that the chain stays whole.
"""

NAME = "0004_audit"

SQL = """
CREATE TABLE audit (
    seq     INTEGER PRIMARY KEY CHECK (seq > 0),
    at      INTEGER NOT NULL,
    at_wall INTEGER NOT NULL,
    body    TEXT,
    salt    BLOB,
    digest  BLOB NOT NULL CHECK (length(digest) = 32),
    mac     BLOB NOT NULL CHECK (length(mac) = 32),
    CHECK ((body IS NULL) = (salt IS NULL))
) STRICT;
CREATE INDEX audit_at ON audit (at);
"""
