"""Ids of rows: made by us before the insert, because seals are bound to them and sites may merge later."""

import base64
import secrets


def new_id() -> str:
    """128 random bits as 26 lower-case characters of base32 (RFC 4648 §6, without padding)."""
    return base64.b32encode(secrets.token_bytes(16)).decode("ascii").rstrip("=").lower()
