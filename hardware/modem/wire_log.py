"""Wire traffic in the log, on a level of its own and without what must stay secret."""

import logging
import re

# Below DEBUG: only who asks for it by number gets it.
TRAFFIC = 5
LOGGER = logging.getLogger("kiosk.modem")

logging.addLevelName(TRAFFIC, "TRAFFIC")

# Commands whose values open a lock: PINs, passwords, and what reads or writes the SIM itself (a VERIFY holds the PIN).
_SECRET_COMMAND = re.compile(
    r"([+^*#$%](?:CPIN2?|CLCK|CPWD|CSIM|CRSM|CGLA|EPINC?|SPIC|QPINC?|PINC|CPUK|ZPINPUK|SIMPIN|CARDLOCK)\s*=)[^\r\n]*",
    re.IGNORECASE,
)
# PINs changed or unblocked as on a phone's keys (22.030 6.6): **04*old*new*new# and **05*PUK*new*new#.
_SECRET_KEYS = re.compile(r"(\*\*0[45]2?\*)[0-9*#]*")
_PDU = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{20,}(?![0-9A-Fa-f])")
# Phone numbers, IMEI, IMSI, ICCID; network codes have at most six digits.
_LONG_NUMBER = re.compile(r"[0-9]{7,}")
_QUOTED_WORDS = re.compile(r'(\+CUSD: *[0-9] *, *").*', re.DOTALL)


def mask_secrets(text: str) -> str:
    """The text with `***` for the values of commands that open a lock; for what a technician sees and keeps."""
    return _SECRET_KEYS.sub(r"\1***", _SECRET_COMMAND.sub(r"\1***", text))


def redact(text: str) -> str:
    """The text without PINs, PDUs, USSD words and whole numbers; what remains is printable."""
    text = mask_secrets(text)
    text = _QUOTED_WORDS.sub(r"\1***", text)
    text = _PDU.sub(lambda found: f"<{len(found[0]) // 2} octets>", text)
    text = _LONG_NUMBER.sub(lambda found: f"<..{found[0][-2:]}>", text)
    return text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text


def log_traffic(name: str, direction: str, text: str) -> None:
    """One line of traffic; `direction` is > to the modem or < from it."""
    if LOGGER.isEnabledFor(TRAFFIC):
        LOGGER.log(TRAFFIC, "%s %s %s", name, direction, redact(text))
