"""What can be wrong with what was asked of the log; the tree stands in `kiosk.audit`."""


class AuditError(Exception):
    """Base of what is wrong with a question to the log; `given` is what was typed."""

    def __init__(self, given: str = "") -> None:
        super().__init__(given)
        self.given = given


class WrongTime(AuditError):
    """A moment that cannot be understood."""


class WrongReference(AuditError):
    """No letter and three digits."""


class UnknownPlace(AuditError):
    """No desk has this name, and no row comes from there."""


class WrongValue(AuditError):
    """Not at least four groups of four hexadecimal digits."""


class ExportCancelled(AuditError):
    """Somebody stopped it."""
