"""What keeps the audit append-only, asserted each time the database is opened.

They stand apart from the migrations because rebuilding a table (`transform()` of sqlite-utils) drops its triggers
without a word.
"""

# Name → statement, word for word as sqlite_master keeps it.
TRIGGERS = {
    "audit_never_deleted": """CREATE TRIGGER audit_never_deleted BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END""",
    # The only change allowed is pruning: body and salt go, everything that carries the chain stays.
    "audit_only_wiped": """CREATE TRIGGER audit_only_wiped BEFORE UPDATE ON audit
WHEN NOT (NEW.body IS NULL AND NEW.salt IS NULL AND NEW.seq = OLD.seq AND NEW.at = OLD.at
    AND NEW.at_wall = OLD.at_wall AND NEW.digest = OLD.digest AND NEW.mac = OLD.mac)
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END""",
    # Also stops INSERT OR REPLACE of a program that has not switched recursive triggers on.
    "audit_only_appended": """CREATE TRIGGER audit_only_appended BEFORE INSERT ON audit
WHEN NEW.seq <= (SELECT coalesce(max(seq), 0) FROM audit)
BEGIN SELECT RAISE(ABORT, 'audit is append-only'); END""",
}
