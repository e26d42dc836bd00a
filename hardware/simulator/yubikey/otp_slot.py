"""One slot of the OTP application: the configuration as written over USB, and what it computes."""

import hashlib
import hmac
import struct
from dataclasses import dataclass, field, replace
from typing import Self

from yubikit.core.otp import calculate_crc, check_crc
from yubikit.yubiotp import (
    CFGFLAG,
    CFGFLAG_UPDATE_MASK,
    CONFIG_SIZE,
    EXTFLAG,
    EXTFLAG_UPDATE_MASK,
    TKTFLAG,
    TKTFLAG_UPDATE_MASK,
)

_LAYOUT = struct.Struct("<16s6s16s6sBBBBHH")

NO_ACCESS_CODE = bytes(6)


@dataclass(frozen=True, slots=True, kw_only=True)
class Slot:
    """A programmed slot, fields as in Yubico's ykdef.h.

    Attributes:
        fixed: public part of a one-time password.
        uid, key: secrets; for HMAC-SHA1 the 20-byte key lies in `key` and the first four bytes of `uid`.
        access_code: without it nobody rewrites the slot; zeros = none.
    """

    fixed: bytes = b""
    uid: bytes = field(default=bytes(6), repr=False)
    key: bytes = field(default=bytes(16), repr=False)
    access_code: bytes = field(default=NO_ACCESS_CODE, repr=False)
    ext: EXTFLAG
    tkt: TKTFLAG
    cfg: CFGFLAG

    @classmethod
    def parse(cls, config: bytes) -> Self | None:
        """Read a configuration of 52 bytes; None when its check sum or a length is wrong."""
        if len(config) != CONFIG_SIZE or not check_crc(config):
            return None
        fixed, uid, key, access_code, fixed_size, ext, tkt, cfg, _, _ = _LAYOUT.unpack(config)
        if fixed_size > len(fixed):
            return None
        return cls(
            fixed=fixed[:fixed_size],
            uid=uid,
            key=key,
            access_code=access_code,
            ext=EXTFLAG(ext),
            tkt=TKTFLAG(tkt),
            cfg=CFGFLAG(cfg),
        )

    def opens_with(self, access_code: bytes) -> bool:
        """Whether this access code allows to rewrite the slot."""
        return self.access_code in {NO_ACCESS_CODE, access_code}

    def updated(self, change: "Slot") -> "Slot":
        """With the flags that an update may change, and the access code, taken from `change`."""
        return replace(
            self,
            access_code=change.access_code,
            ext=self.ext & ~EXTFLAG_UPDATE_MASK | change.ext & EXTFLAG_UPDATE_MASK,
            tkt=self.tkt & ~TKTFLAG_UPDATE_MASK | change.tkt & TKTFLAG_UPDATE_MASK,
            cfg=self.cfg & ~CFGFLAG_UPDATE_MASK | change.cfg & CFGFLAG_UPDATE_MASK,
        )

    @property
    def answers_challenges(self) -> bool:
        """Whether it is for challenge-response with HMAC-SHA1."""
        return TKTFLAG.CHAL_RESP in self.tkt and CFGFLAG.CHAL_HMAC in self.cfg

    @property
    def types(self) -> bool:
        """Whether a touch types a Yubico one-time password."""
        other = CFGFLAG.STATIC_TICKET | CFGFLAG.SHORT_TICKET
        return TKTFLAG.OATH_HOTP not in self.tkt and not self.cfg & other

    @property
    def needs_touch(self) -> bool:
        """Whether a challenge waits for a touch."""
        return CFGFLAG.CHAL_BTN_TRIG in self.cfg

    def answer(self, challenge: bytes) -> bytes:
        """HMAC-SHA1 of a challenge in its frame of 64 bytes.

        With HMAC_LT64 the last byte and all equal ones before it are padding, so a whole 64 bytes lose their end too.
        """
        if CFGFLAG.HMAC_LT64 in self.cfg:
            challenge = challenge.rstrip(challenge[-1:])
        return hmac.digest(self.key + self.uid[:4], challenge, hashlib.sha1)


def with_crc(data: bytes) -> bytes:
    """Data followed by its check sum, as a key sends it."""
    return data + struct.pack("<H", 0xFFFF & ~calculate_crc(data))
