"""Reports: counts kept per day, and for each report an index that holds little more than what the report shows.

A partial index is used only by a query that says its condition word for word: those stand in `data.reports`.
"""

NAME = "0017_reports"

SQL = """
CREATE TABLE report_counts (
    report TEXT NOT NULL,
    day    INTEGER NOT NULL,
    count  INTEGER NOT NULL,
    at     INTEGER NOT NULL,
    PRIMARY KEY (report, day)
) STRICT, WITHOUT ROWID;

CREATE INDEX users_failing ON users (second_factor_failures) WHERE second_factor_failures >= 5;
CREATE INDEX users_never ON users (name_key, password_state, last_sign_in_at, password_expires_at)
    WHERE last_sign_in_at IS NULL OR password_state = 'one_time';
CREATE INDEX throttles_high ON throttles (count) WHERE scope = 'password' AND count >= 10;
CREATE INDEX factors_proved ON factors (user_id, kind) WHERE state = 'active';
CREATE INDEX factors_unproved ON factors (user_id) WHERE kind = 'sms' AND state = 'offered';
CREATE INDEX factors_drifting ON factors (user_id)
    WHERE kind = 'totp' AND state = 'active' AND (drift <> 0 OR seen_offset <> 0);
CREATE INDEX temporary_codes_issued ON temporary_codes (issued_at);
CREATE INDEX audit_locked ON audit (at) WHERE instr(body, '"result":"locked"') > 0;
"""
