"""Roles that a restore suspended, because nobody knows whether they were withdrawn since; by what a security key is known again."""

NAME = "0019_roles_to_confirm"

SQL = """
ALTER TABLE users ADD COLUMN suspended_role TEXT CHECK (suspended_role IN ('administrator', 'technician', 'auditor'));
CREATE INDEX users_suspended ON users (suspended_role) WHERE suspended_role IS NOT NULL;

-- Blind indexes of serial number and credential: whose key it is can be asked, and not read.
CREATE TABLE key_marks (
    mark      BLOB NOT NULL,
    factor_id TEXT NOT NULL REFERENCES factors (id) ON DELETE CASCADE,
    PRIMARY KEY (mark, factor_id)
) STRICT, WITHOUT ROWID;
CREATE INDEX key_marks_of_factor ON key_marks (factor_id);
CREATE INDEX factors_keys ON factors (kind) WHERE kind IN ('yubikey_fido2', 'yubikey_hmac');
"""
