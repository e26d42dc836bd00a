"""As which Unix account of the machine somebody may go on: one person per account."""

NAME = "0015_unix_accounts"

SQL = """
ALTER TABLE users ADD COLUMN unix_account TEXT CHECK (unix_account <> '');
CREATE UNIQUE INDEX users_unix_account ON users (unix_account) WHERE unix_account IS NOT NULL;
"""
