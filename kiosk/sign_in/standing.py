"""Where one sign-in stands, as one value that is replaced whole after its transaction has been committed."""

from dataclasses import dataclass

from data.users import User
from kiosk.methods.backup_code import EightDigitMethod
from kiosk.methods.method import Person
from kiosk.methods.sms import SmsMethod
from kiosk.methods.totp import TotpMethod
from kiosk.methods.yubikey import YubikeyMethod
from kiosk.sign_in.outcomes import MethodKind, Nudge, Sentence, Stage
from kiosk.sign_in.success import BackupCodeHandout
from kiosk.sign_in.views import ChangeView


@dataclass(frozen=True, slots=True, kw_only=True)
class SignedIn:
    """After the second factor: what Home says."""

    session_id: str
    method: MethodKind
    last_sign_in_at: int | None
    last_method: MethodKind | None
    changes: tuple[ChangeView, ...]
    nudge: Nudge | None = None
    ends_at: int | None = None
    language: str | None = None
    contrast: bool | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """Everything that a transition changes."""

    stage: Stage = Stage.LOGIN
    user: User | None = None
    person: Person | None = None
    first_time: bool = False
    """This sign-in began with a one-time password or proves a first factor: it has more steps."""
    sms: SmsMethod | None = None
    """Kept while the person looks at other ways: the code stays good."""
    method: SmsMethod | TotpMethod | EightDigitMethod | YubikeyMethod | None = None
    """The method of the page."""
    handout: BackupCodeHandout | None = None
    signed_in: SignedIn | None = None
    ended: Sentence | None = None
    """Why it ended without anybody at this desk having asked for it."""
