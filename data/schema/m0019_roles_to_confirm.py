"""Roles that a restore suspended, because nobody knows whether they were withdrawn after the back-up."""

NAME = "0019_roles_to_confirm"

SQL = """
ALTER TABLE users ADD COLUMN suspended_role TEXT CHECK (suspended_role IN ('administrator', 'technician', 'auditor'));
CREATE INDEX users_suspended ON users (suspended_role) WHERE suspended_role IS NOT NULL;
"""
