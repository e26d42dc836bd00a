"""What can go wrong with a security key; the whole tree is drawn in `hardware.errors`."""

from hardware.errors import HardwareError


class KeyTrouble(HardwareError):
    """Base of every error of a security key."""


class KeyGone(KeyTrouble):
    """It was pulled out, or the node cannot be opened any more."""


class KeyBusy(KeyTrouble):
    """Another program of this machine talks to it, such as a second terminal."""


class KeyForbidden(KeyTrouble):
    """This account may not open the node."""


class NotThisKey(KeyTrouble):
    """It holds none of the credentials that were asked for."""


class AlreadyThere(KeyTrouble):
    """It holds one of the credentials that must not be there, so it was enrolled before."""


class KeyUnfit(KeyTrouble):
    """It cannot do what is asked, such as user verification without a PIN or a slot that it does not have."""


class TouchMissed(KeyTrouble):
    """Nobody touched it in time."""


class Cancelled(KeyTrouble):
    """The kiosk broke it off."""


class FingerWrong(KeyTrouble):
    """The key does not know this finger."""


class PinWrong(KeyTrouble):
    """The PIN was not right; `left` tries remain, None when the key does not say."""

    def __init__(self, left: int | None) -> None:
        self.left = left
        super().__init__(left)


class PinNeedsReinsertion(KeyTrouble):
    """Three wrong PINs in a row: the key takes the next one after it was pulled out and put in again."""


class PinBlocked(KeyTrouble):
    """No tries are left; only a reset of the key, which erases its credentials, makes it usable."""


class KeyRefused(KeyTrouble):
    """The key or its library refused for another reason; `code` is the name of it, never data of the key."""

    def __init__(self, code: str) -> None:
        self.code = code
        super().__init__(code)


class SlotInUse(KeyTrouble):
    """The slot holds a configuration already, or is guarded by another access code."""
