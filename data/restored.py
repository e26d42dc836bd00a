"""What a restore leaves for people to read. Alone here: pages name it before anything of the database is loaded."""

from typing import Final

RESTORED_CHANGE: Final = "restored"
"""`changes.what` of what everybody is told after a restore that had to forget."""
