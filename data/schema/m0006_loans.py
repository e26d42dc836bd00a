"""Modems that are lent to a technician or taken out of service, and messages that must go over one modem."""

NAME = "0006_loans"

SQL = """
CREATE TABLE loans (
    id         TEXT PRIMARY KEY CHECK (length(id) = 26),
    modem      TEXT NOT NULL,
    purpose    TEXT NOT NULL,
    borrower   TEXT NOT NULL,
    actor      TEXT NOT NULL,
    asked_at   INTEGER NOT NULL,
    granted_at INTEGER,
    ended_at   INTEGER,
    ended_by   TEXT CHECK (ended_by IN ('returned', 'idle', 'died', 'refused')),
    CHECK ((ended_at IS NULL) = (ended_by IS NULL))
) STRICT;
CREATE UNIQUE INDEX loans_open ON loans (modem) WHERE ended_at IS NULL;
CREATE INDEX loans_ended ON loans (ended_at) WHERE ended_at IS NOT NULL;

CREATE TABLE modems_out (
    modem  TEXT PRIMARY KEY,
    reason TEXT NOT NULL,
    actor  TEXT NOT NULL,
    at     INTEGER NOT NULL
) STRICT;

ALTER TABLE messages ADD COLUMN only_modem TEXT;
"""
