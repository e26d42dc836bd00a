"""What happens at a desk: sign-ins, challenges, sessions and the brakes on guessing."""

NAME = "0002_sign_ins"

SQL = """
CREATE TABLE sign_ins (
    id         TEXT PRIMARY KEY CHECK (length(id) = 26),
    desk_id    TEXT NOT NULL REFERENCES desks (id),
    user_id    TEXT REFERENCES users (id),
    stage      TEXT NOT NULL,
    method     TEXT,
    failures   INTEGER NOT NULL DEFAULT 0 CHECK (failures >= 0),
    started_at INTEGER NOT NULL,
    ended_at   INTEGER,
    result     TEXT,
    CHECK ((ended_at IS NULL) = (result IS NULL))
) STRICT;
CREATE INDEX sign_ins_of_user ON sign_ins (user_id, started_at);
CREATE INDEX sign_ins_open ON sign_ins (desk_id) WHERE ended_at IS NULL;

CREATE TABLE challenges (
    id              TEXT PRIMARY KEY CHECK (length(id) = 26),
    sign_in_id      TEXT NOT NULL REFERENCES sign_ins (id),
    user_id         TEXT NOT NULL REFERENCES users (id),
    factor_id       TEXT REFERENCES factors (id),
    kind            TEXT NOT NULL,
    code_mac        BLOB,
    sealed_code     BLOB,
    key_id          TEXT NOT NULL,
    tries           INTEGER NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND max_tries),
    max_tries       INTEGER NOT NULL CHECK (max_tries > 0),
    sends           INTEGER NOT NULL DEFAULT 1 CHECK (sends > 0),
    opened_at       INTEGER NOT NULL,
    expires_at      INTEGER NOT NULL CHECK (expires_at <= last_expires_at),
    last_expires_at INTEGER NOT NULL,
    epoch           INTEGER NOT NULL,
    used_at         INTEGER,
    wiped_at        INTEGER,
    CHECK ((code_mac IS NULL) = (wiped_at IS NOT NULL)),
    CHECK ((sealed_code IS NULL) = (wiped_at IS NOT NULL)),
    CHECK (used_at IS NULL OR wiped_at IS NOT NULL)
) STRICT;
CREATE INDEX challenges_of_sign_in ON challenges (sign_in_id);
CREATE INDEX challenges_of_user ON challenges (user_id) WHERE wiped_at IS NULL;
CREATE INDEX challenges_to_wipe ON challenges (expires_at) WHERE wiped_at IS NULL;

CREATE TABLE sessions (
    id         TEXT PRIMARY KEY CHECK (length(id) = 26),
    user_id    TEXT NOT NULL REFERENCES users (id),
    desk_id    TEXT NOT NULL REFERENCES desks (id),
    sign_in_id TEXT REFERENCES sign_ins (id),
    method     TEXT NOT NULL,
    epoch      INTEGER NOT NULL,
    started_at INTEGER NOT NULL,
    seen_at    INTEGER NOT NULL,
    ended_at   INTEGER,
    end_reason TEXT,
    CHECK ((ended_at IS NULL) = (end_reason IS NULL))
) STRICT;
CREATE INDEX sessions_live ON sessions (user_id) WHERE ended_at IS NULL;
CREATE INDEX sessions_live_at_desk ON sessions (desk_id) WHERE ended_at IS NULL;

CREATE TABLE throttles (
    scope    TEXT NOT NULL,
    key      TEXT NOT NULL,
    count    INTEGER NOT NULL CHECK (count >= 0),
    first_at INTEGER NOT NULL,
    last_at  INTEGER NOT NULL,
    until    INTEGER,
    PRIMARY KEY (scope, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX throttles_recent ON throttles (scope, last_at);
"""
