"""What waits for a second administrator, one act on one person as it was asked for, used once; and the code in the sealed envelope."""

NAME = "0020_four_eyes"

SQL = """
CREATE TABLE break_glass (
    id        TEXT PRIMARY KEY CHECK (length(id) = 26),
    code_hash TEXT,
    made_by   TEXT NOT NULL,
    made_at   INTEGER NOT NULL,
    state     TEXT NOT NULL CHECK (state IN ('live', 'used', 'void')),
    used_by   TEXT REFERENCES users (id),
    used_at   INTEGER,
    act       TEXT,
    person_id TEXT REFERENCES users (id),
    reason    TEXT,
    read_by   TEXT REFERENCES users (id),
    read_at   INTEGER,
    CHECK ((state = 'live') = (code_hash IS NOT NULL)),
    CHECK ((state = 'used') = (used_by IS NOT NULL AND used_at IS NOT NULL)),
    CHECK (read_by IS NULL OR read_by <> used_by)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX break_glass_live ON break_glass (state) WHERE state = 'live';
CREATE INDEX break_glass_unread ON break_glass (used_at) WHERE state = 'used' AND read_at IS NULL;

CREATE TABLE approvals (
    id             TEXT PRIMARY KEY CHECK (length(id) = 26),
    act            TEXT NOT NULL,
    person_id      TEXT REFERENCES users (id),
    asked_by       TEXT NOT NULL REFERENCES users (id),
    asked_at       INTEGER NOT NULL,
    expires_at     INTEGER NOT NULL,
    reason         TEXT NOT NULL,
    ticket         TEXT NOT NULL DEFAULT '',
    -- What exactly is asked; its digest has a random part that is sealed with it, so that it tells no phone number.
    digest         BLOB NOT NULL CHECK (length(digest) = 32),
    sealed_content BLOB,
    key_id         TEXT NOT NULL,
    state          TEXT NOT NULL CHECK (state IN ('waiting', 'approved', 'refused', 'withdrawn', 'used')),
    decided_by     TEXT REFERENCES users (id),
    decided_at     INTEGER,
    -- Nobody approved it: the code in the envelope was used instead.
    broke_glass    TEXT REFERENCES break_glass (id),
    answer         TEXT,
    ended_at       INTEGER,
    CHECK (state <> 'approved' OR (decided_by IS NULL) = (broke_glass IS NOT NULL)),
    CHECK (decided_by IS NULL OR (decided_by <> asked_by AND decided_by IS NOT person_id))
) STRICT, WITHOUT ROWID;
CREATE INDEX approvals_open ON approvals (expires_at) WHERE ended_at IS NULL;
CREATE INDEX approvals_of_person ON approvals (person_id) WHERE person_id IS NOT NULL;
CREATE INDEX approvals_asked ON approvals (asked_by, act);
"""
