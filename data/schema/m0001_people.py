"""Who signs in and where: desks, users and what they prove themselves with; `meta` for the database itself.

Ids are 26 characters of base32, times INTEGER milliseconds UTC, `sealed_…` values encrypted by the key `key_id`.
"""

NAME = "0001_people"

SQL = """
CREATE TABLE meta (
    key   TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

CREATE TABLE desks (
    id        TEXT PRIMARY KEY CHECK (length(id) = 26),
    site      TEXT NOT NULL,
    name      TEXT NOT NULL,
    simulated INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    UNIQUE (site, name)
) STRICT;

CREATE TABLE users (
    id                     TEXT PRIMARY KEY CHECK (length(id) = 26),
    name                   TEXT NOT NULL,
    name_key               TEXT NOT NULL UNIQUE CHECK (name_key <> ''),
    display_name           TEXT NOT NULL,
    display_key            TEXT NOT NULL,
    role                   TEXT NOT NULL CHECK (role IN ('staff', 'administrator', 'technician', 'auditor')),
    language               TEXT NOT NULL CHECK (language IN ('nl', 'en')),
    state                  TEXT NOT NULL CHECK (state IN ('invited', 'active', 'disabled')),
    password_hash          TEXT,
    password_state         TEXT NOT NULL CHECK (password_state IN ('one_time', 'own')),
    password_expires_at    INTEGER,
    preferred_factor       TEXT CHECK (preferred_factor IN ('sms', 'totp', 'yubikey_fido2', 'yubikey_hmac')),
    epoch                  INTEGER NOT NULL DEFAULT 0 CHECK (epoch >= 0),
    second_factor_failures INTEGER NOT NULL DEFAULT 0 CHECK (second_factor_failures >= 0),
    last_sign_in_at        INTEGER,
    last_method            TEXT,
    created_at             INTEGER NOT NULL,
    disabled_from          INTEGER
) STRICT;

CREATE TABLE factors (
    id            TEXT PRIMARY KEY CHECK (length(id) = 26),
    user_id       TEXT NOT NULL REFERENCES users (id),
    kind          TEXT NOT NULL CHECK (kind IN ('sms', 'totp', 'yubikey_fido2', 'yubikey_hmac')),
    label         TEXT NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('offered', 'active', 'suspended', 'revoked')),
    sealed_secret BLOB NOT NULL,
    key_id        TEXT NOT NULL,
    number_index  BLOB,
    number_tail   TEXT CHECK (length(number_tail) <= 2),
    created_at    INTEGER NOT NULL,
    confirmed_at  INTEGER,
    last_used_at  INTEGER,
    last_step     INTEGER,
    drift         INTEGER NOT NULL DEFAULT 0,
    counter       INTEGER,
    CHECK ((kind = 'sms') = (number_index IS NOT NULL))
) STRICT;
CREATE INDEX factors_of_user ON factors (user_id);
CREATE INDEX factors_by_number ON factors (number_index) WHERE number_index IS NOT NULL;

CREATE TABLE backup_codes (
    id              TEXT PRIMARY KEY CHECK (length(id) = 26),
    user_id         TEXT NOT NULL REFERENCES users (id),
    state           TEXT NOT NULL CHECK (state IN ('issued', 'confirmed', 'used', 'revoked')),
    code_hash       TEXT NOT NULL,
    issued_at       INTEGER NOT NULL,
    confirmed_at    INTEGER,
    used_at         INTEGER,
    revoked_at      INTEGER,
    failures_in_row INTEGER NOT NULL DEFAULT 0 CHECK (failures_in_row >= 0),
    sent_by_sms_at  INTEGER,
    CHECK ((state = 'used') = (used_at IS NOT NULL)),
    CHECK ((state = 'revoked') = (revoked_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX backup_codes_one_live ON backup_codes (user_id) WHERE state IN ('issued', 'confirmed');
CREATE INDEX backup_codes_used ON backup_codes (user_id, used_at) WHERE state = 'used';

CREATE TABLE temporary_codes (
    id         TEXT PRIMARY KEY CHECK (length(id) = 26),
    user_id    TEXT NOT NULL REFERENCES users (id),
    state      TEXT NOT NULL CHECK (state IN ('issued', 'used', 'revoked')),
    code_hash  TEXT NOT NULL,
    issued_by  TEXT NOT NULL,
    reason     TEXT NOT NULL,
    proof      TEXT NOT NULL,
    issued_at  INTEGER NOT NULL,
    expires_at INTEGER NOT NULL,
    used_at    INTEGER,
    revoked_at INTEGER,
    tries      INTEGER NOT NULL DEFAULT 0 CHECK (tries >= 0),
    CHECK ((state = 'used') = (used_at IS NOT NULL)),
    CHECK ((state = 'revoked') = (revoked_at IS NOT NULL))
) STRICT;
CREATE UNIQUE INDEX temporary_codes_one_live ON temporary_codes (user_id) WHERE state = 'issued';

CREATE TABLE changes (
    id         TEXT PRIMARY KEY CHECK (length(id) = 26),
    user_id    TEXT NOT NULL REFERENCES users (id),
    what       TEXT NOT NULL,
    actor      TEXT NOT NULL,
    reason     TEXT,
    proof      TEXT,
    parameters TEXT NOT NULL,
    at         INTEGER NOT NULL,
    seen_at    INTEGER
) STRICT;
CREATE INDEX changes_unseen ON changes (user_id, at) WHERE seen_at IS NULL;
"""
