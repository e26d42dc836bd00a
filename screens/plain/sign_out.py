"""SignOut: the person goes, or is sent away, from wherever they are in their session."""

from kiosk.sign_in.outcomes import Refused, Sentence


class SignOut(Exception):
    """The session ends: `notice` is what the login page says of it, `reason` that of `SignIn.cancel`."""

    def __init__(self, notice: Refused | Sentence, reason: str = "sign_out") -> None:
        super().__init__(reason)
        self.notice = notice
        self.reason = reason
