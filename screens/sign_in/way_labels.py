"""What the ways to sign in are called, on pages and in lines."""

from typing import Final

from kiosk.sign_in.outcomes import MethodKind

# Label and letter of each way; letters are the same in both languages because they are said on the phone.
WAYS: Final = {
    MethodKind.SMS: ("sign_in.page.choose.sms.button", "s"),
    MethodKind.YUBIKEY: ("no_sms.yubikey.button", "y"),
    MethodKind.BACKUP_CODE: ("no_sms.backup.button", "b"),
    MethodKind.TEMPORARY_CODE: ("sign_in.page.choose.temporary.button", "t"),
    MethodKind.TOTP: ("no_sms.app.button", "p"),
}
