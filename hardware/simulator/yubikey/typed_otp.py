"""What a key types when it is touched out of turn: a Yubico one-time password and Enter."""

import secrets
import struct

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from yubikit.core.otp import modhex_encode
from yubikit.yubiotp import CFGFLAG, EXTFLAG, TKTFLAG

from hardware.simulator.yubikey.chip import Chip
from hardware.simulator.yubikey.otp_slot import Slot, with_crc

# The time stamp in a one-time password counts about eight times a second.
_TICKS_PER_SECOND = 8


def factory_slot(serial: int) -> Slot:
    """Slot 1 as a new key comes: a Yubico one-time password whose public id is the serial number."""
    return Slot(
        fixed=serial.to_bytes(6, "big"),
        uid=secrets.token_bytes(6),
        key=secrets.token_bytes(16),
        ext=EXTFLAG.SERIAL_API_VISIBLE | EXTFLAG.ALLOW_UPDATE | EXTFLAG.FAST_TRIG,
        tkt=TKTFLAG.APPEND_CR,
        cfg=CFGFLAG(0),
    )


class Typist:
    """The keyboard of a key, from one plugging in to the next."""

    def __init__(self, chip: Chip) -> None:
        self._chip = chip
        self._typed = 0

    def text(self, number: int) -> str:
        """What a touch types for slot 1 or 2; nothing for a slot that is empty or not a Yubico one-time password."""
        slot = self._chip.memory.slots[number - 1]
        if slot is None or not slot.types:
            return ""
        if self._typed == 0:
            self._chip.memory.otp_uses += 1
        self._typed += 1
        token = self._token(slot)
        aes = Cipher(algorithms.AES(slot.key), modes.ECB()).encryptor()  # noqa: S305 - the token is one block
        encrypted = aes.update(token) + aes.finalize()
        return modhex_encode(slot.fixed + encrypted) + ("\n" if TKTFLAG.APPEND_CR in slot.tkt else "")

    def _token(self, slot: Slot) -> bytes:
        """The 16 bytes under the encryption (yubico-c, struct yubikey_token_st)."""
        ticks = int((self._chip.clock.now() - self._chip.plugged_at) * _TICKS_PER_SECOND) & 0xFFFFFF
        numbers = struct.pack(
            "<HHBB", self._chip.memory.otp_uses & 0x7FFF, ticks & 0xFFFF, ticks >> 16, self._typed & 0xFF
        )
        return with_crc(slot.uid + numbers + secrets.token_bytes(2))
