"""What technicians were told by SMS, once per cause, subject and day; and what the nightly chores found."""

NAME = "0008_alarms"

SQL = """
CREATE TABLE alarms (
    cause   TEXT NOT NULL,
    subject TEXT NOT NULL,
    day     INTEGER NOT NULL,
    at      INTEGER NOT NULL,
    PRIMARY KEY (cause, subject, day)
) STRICT, WITHOUT ROWID;

CREATE TABLE loop_tests (
    id          TEXT PRIMARY KEY CHECK (length(id) = 26),
    from_modem  TEXT NOT NULL,
    to_modem    TEXT NOT NULL,
    started_at  INTEGER NOT NULL,
    ended_at    INTEGER,
    result      TEXT NOT NULL CHECK (result IN ('running', 'arrived', 'not_sent', 'lost', 'unreadable'))
) STRICT;
CREATE INDEX loop_tests_started ON loop_tests (started_at);

CREATE TABLE credits (
    modem      TEXT PRIMARY KEY,
    asked_at   INTEGER NOT NULL,
    result     TEXT NOT NULL,
    cents      INTEGER,
    expires_on TEXT
) STRICT;
"""
