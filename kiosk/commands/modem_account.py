"""What became of an SMS that was refused, and what to do about a modem: the words that the commands share."""

from typing import Any, Final

from hardware.modem import causes
from hardware.modem.causes import ErrorClass
from hardware.modem.status import ModemStatus
from kiosk.language import Language

# Exit code beside those of `speak` (DESIGN §8).
REFUSED: Final = 3


def account_of_refusal(kind: causes.ErrorFamily, code: int, error_class: ErrorClass, words: Language) -> dict[str, Any]:
    """Error, words and exit code of a refusal."""
    name = causes.name(kind, code)
    error = {"kind": kind, "code": code, "class": error_class.value, "name": name}
    happened = words.text("command.modem.happened.refused", cause=f"{kind.upper()} {code} {name}".strip())
    todo = words.text(f"command.modem.todo.{error_class.value}")
    return {
        "state": "failed",
        "reason": "refused",
        "error": error,
        "exit": REFUSED,
        "happened": happened,
        "what_to_do": todo,
    }


def cure(status: ModemStatus, words: Language, reason: str = "") -> str:
    """What is the matter with a modem and what to do; by the reason given, else by its own."""
    for known in (reason, status.reason, status.state.value):
        text_id = f"command.modem.todo.{known}"
        if known and words.has(text_id):
            values = {"detail": status.detail or "?", "tries": "?" if status.pin_tries is None else status.pin_tries}
            return words.text(text_id, **{name: values[name] for name in words.placeholders(text_id)})
    return words.text("command.modem.todo.modem_down")
