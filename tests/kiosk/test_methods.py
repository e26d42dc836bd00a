"""The second factors have one face, so that any front end can drive them alike."""

from typing import Any

from kiosk.methods.backup_code import EightDigitMethod
from kiosk.methods.method import Method
from kiosk.methods.sms import SmsMethod
from kiosk.methods.totp import TotpMethod

# The type checker holds each class to the face.
METHODS: tuple[type[Method[Any]], ...] = (SmsMethod, TotpMethod, EightDigitMethod)


def test_every_method_can_be_begun_watched_answered_and_cancelled() -> None:
    for method in METHODS:
        assert all(callable(getattr(method, name)) for name in ("begin", "watch", "answer", "cancel"))
