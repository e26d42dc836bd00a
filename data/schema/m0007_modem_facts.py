"""What technicians want to know of a modem beside its state: what it says of itself, and its signal of the last day."""

NAME = "0007_modem_facts"

SQL = """
ALTER TABLE modems ADD COLUMN facts TEXT NOT NULL DEFAULT '{}';

CREATE TABLE signal_history (
    modem_id TEXT NOT NULL REFERENCES modems (id),
    at       INTEGER NOT NULL,
    dbm      INTEGER,
    PRIMARY KEY (modem_id, at)
) STRICT, WITHOUT ROWID;
"""
