"""The outbox: what should arrive (messages), each try over one modem (transmissions), and the modems."""

NAME = "0003_messages"

SQL = """
CREATE TABLE modems (
    id            TEXT PRIMARY KEY CHECK (length(id) = 26),
    key           TEXT NOT NULL UNIQUE,
    name          TEXT NOT NULL,
    imei          TEXT,
    iccid         TEXT,
    usb_path      TEXT,
    state         TEXT NOT NULL CHECK (state IN ('starting', 'ready', 'no_network', 'sim_problem', 'down', 'gone')),
    reason        TEXT NOT NULL,
    network       TEXT,
    network_name  TEXT,
    network_group TEXT,
    signal_dbm    INTEGER,
    number_tail   TEXT CHECK (length(number_tail) <= 2),
    simulated     INTEGER NOT NULL CHECK (simulated IN (0, 1)),
    first_seen_at INTEGER NOT NULL,
    seen_at       INTEGER NOT NULL
) STRICT;

CREATE TABLE messages (
    id                   TEXT PRIMARY KEY CHECK (length(id) = 26),
    kind                 TEXT NOT NULL CHECK (kind IN ('code', 'backup', 'notice', 'test', 'alarm')),
    state                TEXT NOT NULL CHECK (state IN ('queued', 'committed', 'sent', 'delivered', 'undelivered',
                                                        'failed', 'unknown', 'cancelled', 'expired')),
    user_id              TEXT REFERENCES users (id),
    desk_id              TEXT REFERENCES desks (id),
    sign_in_id           TEXT REFERENCES sign_ins (id),
    challenge_id         TEXT REFERENCES challenges (id),
    sealed_number        BLOB,
    number_index         BLOB NOT NULL,
    number_tail          TEXT NOT NULL CHECK (length(number_tail) <= 2),
    sealed_text          BLOB,
    key_id               TEXT NOT NULL,
    priority             INTEGER NOT NULL,
    not_after            INTEGER NOT NULL,
    attempt_number       INTEGER NOT NULL CHECK (attempt_number > 0),
    avoid_groups         TEXT NOT NULL,
    same_network_allowed INTEGER NOT NULL CHECK (same_network_allowed IN (0, 1)),
    report               INTEGER NOT NULL CHECK (report IN (0, 1)),
    language             TEXT NOT NULL CHECK (language IN ('nl', 'en')),
    charged              INTEGER NOT NULL CHECK (charged IN (0, 1)),
    error                TEXT,
    queued_at            INTEGER NOT NULL,
    committed_at         INTEGER,
    final_at             INTEGER,
    CHECK (sealed_text IS NOT NULL OR state NOT IN ('queued', 'committed')),
    CHECK (sealed_number IS NOT NULL OR state NOT IN ('queued', 'committed'))
) STRICT;
CREATE INDEX messages_queue ON messages (priority, queued_at) WHERE state = 'queued';
CREATE INDEX messages_committed ON messages (committed_at) WHERE state = 'committed';
CREATE INDEX messages_of_challenge ON messages (challenge_id) WHERE challenge_id IS NOT NULL;
CREATE INDEX messages_of_sign_in ON messages (sign_in_id) WHERE sign_in_id IS NOT NULL;
CREATE INDEX messages_charged_user ON messages (user_id, queued_at) WHERE charged = 1;
CREATE INDEX messages_charged_number ON messages (number_index, queued_at) WHERE charged = 1;
CREATE INDEX messages_charged_desk ON messages (desk_id, queued_at) WHERE charged = 1;
CREATE INDEX messages_charged ON messages (queued_at) WHERE charged = 1;
CREATE INDEX messages_to_wipe ON messages (final_at) WHERE sealed_number IS NOT NULL;

CREATE TABLE transmissions (
    id            TEXT PRIMARY KEY CHECK (length(id) = 26),
    message_id    TEXT NOT NULL REFERENCES messages (id),
    modem_id      TEXT NOT NULL REFERENCES modems (id),
    network       TEXT,
    network_name  TEXT,
    network_group TEXT,
    state         TEXT NOT NULL CHECK (state IN ('not_sent', 'committed', 'sent', 'failed', 'unknown')),
    reference     INTEGER CHECK (reference BETWEEN 0 AND 255),
    error         TEXT,
    report        TEXT NOT NULL DEFAULT 'none' CHECK (report IN ('none', 'pending', 'delivered', 'undelivered')),
    report_status INTEGER,
    started_at    INTEGER NOT NULL,
    answered_at   INTEGER,
    reported_at   INTEGER
) STRICT;
CREATE INDEX transmissions_of_message ON transmissions (message_id, started_at);
CREATE INDEX transmissions_of_modem ON transmissions (modem_id, started_at);
CREATE INDEX transmissions_recent ON transmissions (started_at);
"""
