"""An account that says what a test wants it to say."""

from dataclasses import replace
from typing import Any

from kiosk.account.views import (
    AccountView,
    Addable,
    AppView,
    MethodState,
    OwnMethod,
    ProofView,
    RecentSignIn,
    Result,
)
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Stage
from kiosk.sign_in.views import SuccessView
from tests.screens.sign_in.scripted import NOON_MS, SECOND_MS, SECRET, URI, sms_view

DAY_MS = 86_400 * SECOND_MS
FRESH = NOON_MS + 600 * SECOND_MS
DONE = Moved(Stage.SIGNED_IN)

METHODS = (
    OwnMethod(
        kind=MethodKind.SMS,
        id="phone",
        state=MethodState.GOOD,
        tail="78",
        since=NOON_MS - 200 * DAY_MS,
        last_used_at=NOON_MS - DAY_MS,
        first_choice=True,
    ),
    OwnMethod(kind=MethodKind.TOTP, id="app", state=MethodState.SUSPENDED, since=NOON_MS - DAY_MS),
    OwnMethod(kind=MethodKind.YUBIKEY, id="", state=MethodState.NONE),
    OwnMethod(kind=MethodKind.BACKUP_CODE, id="", state=MethodState.GOOD, since=NOON_MS - DAY_MS),
)
RECENT = (
    RecentSignIn(id="1", at=NOON_MS, desk="balie", method=MethodKind.SMS, result=Result.HERE, failures=0),
    RecentSignIn(
        id="2", at=NOON_MS - DAY_MS, desk="balie noord 2", method=MethodKind.TOTP, result=Result.IN, failures=1
    ),
    RecentSignIn(id="3", at=NOON_MS - 9 * DAY_MS, desk="balie", method=None, result=Result.FAILED, failures=5),
    RecentSignIn(id="4", at=NOON_MS - 9 * DAY_MS, desk="", method=None, result=Result.LEFT, failures=0),
)


def account_view(**given: Any) -> AccountView:
    values: dict[str, Any] = {
        "name": "jan",
        "display_name": "Jan de Vries",
        "language": None,
        "contrast": None,
        "methods": METHODS,
        "addable": (Addable(kind=MethodKind.TOTP), Addable(kind=MethodKind.SMS, replaces="78")),
        "proofs": (MethodKind.SMS, MethodKind.BACKUP_CODE),
        "fresh_until": FRESH,
        "temporary": False,
        "minimum_length": 12,
    }
    return AccountView(**(values | given))


APP = AppView(secret=SECRET, uri=URI)
BACKUP = SuccessView(backup_code="17532256", first=False, notice=None, may_send_sms=True, sms=None)
SMS_PROOF = ProofView(
    kind=MethodKind.SMS, sms=sms_view(), others=(MethodKind.TOTP, MethodKind.BACKUP_CODE), tries_left=5
)
BACKUP_PROOF = ProofView(kind=MethodKind.BACKUP_CODE, sms=None, others=(MethodKind.SMS,), tries_left=5)


class ScriptedAccount:
    """Has what pages use of `kiosk.account.account.Account`: every change is answered by `answers`, else done."""

    def __init__(self, view: AccountView | None = None) -> None:
        self.present = view or account_view()
        self.answers: dict[str, Outcome] = {}
        self.after: dict[str, AccountView] = {}
        """What the account is after a change."""
        self.asked: list[tuple[object, ...]] = []

    def view(self) -> AccountView:
        return self.present

    def recent(self) -> tuple[RecentSignIn, ...]:
        return RECENT

    def __getattr__(self, name: str) -> Any:
        def change(*given: object, **named: object) -> Outcome:
            self.asked.append((name, *given, *named.values()))
            if name == "leave_proof":
                self.present = replace(self.present, proof=None)
            self.present = self.after.get(name, self.present)
            return self.answers.get(name, DONE)

        if name.startswith("_"):
            raise AttributeError(name)
        return change
