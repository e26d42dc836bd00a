"""Modems whose SIM the site lets roam, and for which message the kiosk has moved one to another network."""

NAME = "0010_roaming"

SQL = """
ALTER TABLE modems ADD COLUMN may_roam INTEGER NOT NULL DEFAULT 0 CHECK (may_roam IN (0, 1));
ALTER TABLE modems ADD COLUMN moved_for TEXT;
"""
