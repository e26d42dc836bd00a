"""HMAC-SHA1 challenge-response in slot 2, with a touch, over the OTP interface (no PC/SC).

Everything blocks until the key answers; `Hooks.cancelled` breaks it off. yubikit is imported late.
"""

import contextlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, Final

from hardware.yubikey.errors import (
    Cancelled,
    KeyForbidden,
    KeyGone,
    KeyRefused,
    KeyUnfit,
    SlotInUse,
    TouchMissed,
)
from hardware.yubikey.hooks import Hooks

if TYPE_CHECKING:
    from yubikit.core.otp import OtpConnection

# A challenge of 64 bytes is altered by the key (HMAC_LT64); half of it is plenty.
CHALLENGE_BYTES: Final = 32
# HMAC-SHA1 (RFC 2104): a key of 20 bytes gives an answer of 20 bytes.
SECRET_BYTES: Final = 20
# Length of an access code, which guards a slot from being written.
ACCESS_CODE_BYTES: Final = 6
# What yubikit's on_keepalive is called with while the key blinks.
_TOUCH_NEEDED: Final = 2


def serial_of(connection: "OtpConnection") -> int:
    """Serial number of the key; raises KeyTrouble, KeyUnfit when the key does not tell it."""
    from yubikit.yubiotp import YubiOtpSession  # noqa: PLC0415  72 ms that a start without a key does not pay

    with _translated():
        return YubiOtpSession(connection).get_serial()


def answer(connection: "OtpConnection", challenge: bytes, hooks: Hooks) -> bytes:
    """The HMAC-SHA1 of the challenge under the secret of slot 2, after a touch; raises KeyTrouble."""
    from yubikit.yubiotp import SLOT, YubiOtpSession  # noqa: PLC0415  as above

    assert len(challenge) == CHALLENGE_BYTES, "another length may be altered by the key"
    asked = False

    def keepalive(status: int) -> None:
        nonlocal asked
        if status == _TOUCH_NEEDED and not asked:
            asked = True
            hooks.touch()

    with _translated(hooks):
        return YubiOtpSession(connection).calculate_hmac_sha1(SLOT.TWO, challenge, hooks.cancelled, keepalive)


def program(connection: "OtpConnection", secret: bytes, access_code: bytes) -> None:
    """Write the secret into slot 2, touch required; raises SlotInUse when the slot holds anything, KeyTrouble."""
    from yubikit.yubiotp import SLOT, HmacSha1SlotConfiguration, YubiOtpSession  # noqa: PLC0415  as above

    assert len(secret) == SECRET_BYTES
    assert len(access_code) == ACCESS_CODE_BYTES
    with _translated():
        session = YubiOtpSession(connection)
        if session.get_config_state().is_configured(SLOT.TWO):
            raise SlotInUse
        session.put_configuration(SLOT.TWO, HmacSha1SlotConfiguration(secret).require_touch(True), acc_code=access_code)


def erase(connection: "OtpConnection", access_code: bytes) -> None:
    """Empty slot 2 again; raises SlotInUse when another access code guards it, KeyTrouble."""
    from yubikit.core import CommandError  # noqa: PLC0415  as above
    from yubikit.yubiotp import SLOT, YubiOtpSession  # noqa: PLC0415  as above

    with _translated():
        try:
            YubiOtpSession(connection).delete_slot(SLOT.TWO, access_code)
        except CommandError:
            raise SlotInUse from None


def stop_typing(connection: "OtpConnection") -> None:
    """Empty slot 1, whose factory setting types 44 letters at each stray touch; raises SlotInUse, KeyTrouble."""
    from yubikit.core import CommandError  # noqa: PLC0415  as above
    from yubikit.yubiotp import SLOT, YubiOtpSession  # noqa: PLC0415  as above

    with _translated():
        try:
            YubiOtpSession(connection).delete_slot(SLOT.ONE)
        except CommandError:
            raise SlotInUse from None


def types_letters(connection: "OtpConnection") -> bool:
    """Whether slot 1 is set, so that a stray touch types; raises KeyTrouble."""
    from yubikit.yubiotp import SLOT, YubiOtpSession  # noqa: PLC0415  as above

    with _translated():
        return YubiOtpSession(connection).get_config_state().is_configured(SLOT.ONE)


@contextlib.contextmanager
def _translated(hooks: Hooks | None = None) -> Iterator[None]:
    """Whatever yubikit and the kernel raise, as ours."""
    from yubikit.core import CommandError, NotSupportedError  # noqa: PLC0415  as above
    from yubikit.core import TimeoutError as TouchTimeout  # noqa: PLC0415  as above
    from yubikit.core.otp import CommandRejectedError  # noqa: PLC0415  as above

    try:
        yield
    except PermissionError:
        raise KeyForbidden from None
    except OSError:
        raise KeyGone from None
    except TouchTimeout:
        raise (Cancelled if hooks is not None and hooks.cancelled.is_set() else TouchMissed) from None
    except (CommandRejectedError, NotSupportedError):
        # An empty slot, or a key without one.
        raise KeyUnfit from None
    except CommandError as error:
        raise KeyRefused(type(error).__name__) from None
    except (ValueError, IndexError) as error:
        # What a key sends is data from outside, and yubikit says in these words that it makes no sense.
        raise KeyRefused(type(error).__name__) from None
