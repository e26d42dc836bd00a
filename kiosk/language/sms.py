"""What an SMS of one part can carry: the basic set of GSM-7 (3GPP TS 23.038, clause 6.2.1)."""

import unicodedata

from hardware.modem.gsm7 import DEFAULT_ALPHABET, ESCAPE

# Without ESC, which starts the extension: those characters cost two septets.
GSM7_BASIC = frozenset(DEFAULT_ALPHABET) - {chr(ESCAPE)}

# Septets in the user data of one SMS without a header.
SMS_SEPTETS = 160

# Every text that leaves as an SMS.
SMS_TEXTS = (
    "text.code",
    "text.resent",
    "text.test",
    "text.loop",
    "text.backup_code",
    "text.phone",
    "text.notice.password",
    "text.notice.temporary",
    "text.notice.factor",
    "text.notice.phone",
    "text.notice.unlock",
    "text.notice_plain.password",
    "text.notice_plain.temporary",
    "text.notice_plain.factor",
    "text.notice_plain.phone",
    "text.notice_plain.unlock",
    "text.alarm.modem_down",
    "text.alarm.sim_blocked",
    "text.alarm.modem_replaced",
    "text.alarm.loop_lost",
    "text.alarm.credit",
    "text.alarm.disk",
    "text.alarm.clock",
    "text.alarm.audit",
    "text.alarm.key_copied",
    "text.alarm.backup",
    "text.alarm.database",
    "text.alarm.restored",
)


def sms_name(text: str) -> str:
    """Return `text` as an SMS can carry it: basic GSM-7, one line, without extension characters.

    é è ä ö ü à ñ stay; a letter with another mark loses it (ë ê ï â ç become e e i a c); anything else outside the set is left out.
    """
    return "".join(map(_basic, unicodedata.normalize("NFC", text)))


def sms_septets(text: str) -> int | None:
    """Return how many septets `text` takes, or None when it holds a character outside the basic set."""
    return len(text) if GSM7_BASIC.issuperset(text) else None


def _basic(character: str) -> str:
    if character.isspace():
        return " "
    if character in GSM7_BASIC:
        return character
    base = unicodedata.normalize("NFD", character)[0]
    return base if base in GSM7_BASIC else ""
