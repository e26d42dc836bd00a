"""Wire traffic in the log, on a level of its own and without what must stay secret."""

import logging
import re

# Below DEBUG: only who asks for it by number gets it.
TRAFFIC = 5
LOGGER = logging.getLogger("kiosk.modem")

logging.addLevelName(TRAFFIC, "TRAFFIC")

_SECRET_COMMAND = re.compile(r"(AT\+(?:CPIN|CPWD|CLCK)=).*", re.IGNORECASE | re.DOTALL)
_PDU = re.compile(r"(?<![0-9A-Fa-f])[0-9A-Fa-f]{20,}(?![0-9A-Fa-f])")
# Phone numbers, IMEI, IMSI, ICCID; network codes have at most six digits.
_LONG_NUMBER = re.compile(r"[0-9]{7,}")
_QUOTED_WORDS = re.compile(r'(\+CUSD: *[0-9] *, *").*', re.DOTALL)


def redact(text: str) -> str:
    """The text without PINs, PDUs, USSD words and whole numbers; what remains is printable."""
    text = _SECRET_COMMAND.sub(r"\1***", text)
    text = _QUOTED_WORDS.sub(r"\1***", text)
    text = _PDU.sub(lambda found: f"<{len(found[0]) // 2} octets>", text)
    text = _LONG_NUMBER.sub(lambda found: f"<…{found[0][-2:]}>", text)
    return text.encode("unicode_escape").decode("ascii") if not text.isprintable() else text


def log_traffic(name: str, direction: str, text: str) -> None:
    """One line of traffic; `direction` is > to the modem or < from it."""
    if LOGGER.isEnabledFor(TRAFFIC):
        LOGGER.log(TRAFFIC, "%s %s %s", name, direction, redact(text))
