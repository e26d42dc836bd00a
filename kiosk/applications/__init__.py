"""Applications after signing in: each on a pseudo-terminal of its own, started by a launcher under another Unix account."""
