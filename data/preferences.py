"""Preferences: how people want their pages, and what they were told once; nothing that anybody is judged by."""

from dataclasses import dataclass
from typing import Final

from data.repository import Reader, Repository


@dataclass(frozen=True, slots=True, kw_only=True)
class Preferences:
    """What one person chose; None where they chose nothing. Times in milliseconds UTC."""

    user_id: str
    language: str | None
    contrast: bool | None
    one_method_told_at: int | None


_PREFERENCES: Final = Reader(Preferences)


class AllPreferences(Repository):
    """The preferences of all people."""

    def of_user(self, user_id: str) -> Preferences:
        """What a person chose so far."""
        row = self._first("SELECT * FROM preferences WHERE user_id = :user_id", user_id=user_id)
        if row is None:
            return Preferences(user_id=user_id, language=None, contrast=None, one_method_told_at=None)
        return _PREFERENCES(row)

    def set_language(self, user_id: str, language: str) -> bool:
        """The language of the person's pages, "nl" or "en"."""
        return self._hit(
            """INSERT INTO preferences (user_id, language) VALUES (:user_id, :language)
            ON CONFLICT (user_id) DO UPDATE SET language = :language""",
            user_id=user_id,
            language=language,
        )

    def set_contrast(self, user_id: str, *, high: bool) -> bool:
        """High contrast, or what the desk has."""
        return self._hit(
            """INSERT INTO preferences (user_id, contrast) VALUES (:user_id, :contrast)
            ON CONFLICT (user_id) DO UPDATE SET contrast = :contrast""",
            user_id=user_id,
            contrast=int(high),
        )

    def tell_one_method(self, user_id: str, now: int) -> bool:
        """Claim telling the person that there is one method only; True once."""
        return self._hit(
            """INSERT INTO preferences (user_id, one_method_told_at) VALUES (:user_id, :now)
            ON CONFLICT (user_id) DO UPDATE SET one_method_told_at = :now WHERE one_method_told_at IS NULL""",
            user_id=user_id,
            now=now,
        )
