"""Which modem and SIM a technician has confirmed for each name in the configuration."""

NAME = "0005_adoptions"

SQL = """
CREATE TABLE adoptions (
    id         TEXT PRIMARY KEY CHECK (length(id) = 26),
    modem      TEXT NOT NULL,
    imei       TEXT NOT NULL,
    iccid      TEXT NOT NULL,
    usb_path   TEXT NOT NULL,
    interface  INTEGER,
    state      TEXT NOT NULL CHECK (state IN ('live', 'retired')),
    reason     TEXT NOT NULL,
    actor      TEXT NOT NULL,
    at         INTEGER NOT NULL,
    retired_at INTEGER
) STRICT;
CREATE UNIQUE INDEX adoptions_live ON adoptions (modem) WHERE state = 'live';
"""
