"""What the name of a terminal ($TERM) says of it."""

from typing import Final

ONLY_PRINT: Final = frozenset({"", "dumb", "unknown"})
"""Terminals that know no control sequence, not even one to clear them."""
