"""Mijn account in lines, over an account that says what a test wants: what a key needs, a temporary code, a session that ends."""

from collections.abc import Callable
from dataclasses import replace

from kiosk.account.views import AccountView, Addable, ProofView
from kiosk.desk_status import DeskFacts
from kiosk.methods.yubikey_words import key_view
from kiosk.sign_in.outcomes import AskFirst, MethodKind, Moved, Nudge, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.views import SignInView, SmsState
from kiosk.yubikey.ceremony import Phase, Progress
from tests.screens.plain.sitting import Sitting, sit
from tests.screens.sign_in.scripted import FACTS, NOON_MS, Script, ScriptedDesk, home_page, sms_view

HERE = Stage.SIGNED_IN
IDLE = FACTS.session_idle_seconds


class OwnAccount:
    """Has what the lines use of `kiosk.account.account.Account`, with a key that a test moves."""

    def __init__(self) -> None:
        self.asked: list[tuple[object, ...]] = []
        self.present = AccountView(
            name="jan",
            display_name="Jan de Vries",
            language=None,
            contrast=None,
            methods=(),
            addable=(Addable(kind=MethodKind.TOTP), Addable(kind=MethodKind.SMS, replaces="78")),
            proofs=(MethodKind.YUBIKEY, MethodKind.TOTP),
            fresh_until=0,
            temporary=False,
            minimum_length=12,
        )

    def view(self) -> AccountView:
        return self.present

    def key(self, phase: Phase) -> None:
        """It stands so with the key."""
        view = key_view(Progress(phase=phase), None, 5)
        asked = ProofView(kind=MethodKind.YUBIKEY, sms=None, key=view, others=(MethodKind.TOTP,), tries_left=5)
        self.present = replace(self.present, proof=asked)

    def begin_proof(self, kind: MethodKind) -> Outcome:
        self.asked.append(("begin_proof", kind))
        self.key(Phase.INSERT)
        return Moved(HERE)

    def give_pin(self, pin: str) -> Outcome:
        self.asked.append(("give_pin", pin))
        return Moved(HERE)

    def answer_proof(self, typed: str) -> Outcome:
        self.asked.append(("answer_proof", typed))
        self.present = replace(self.present, proof=None, fresh_until=NOON_MS * 2)
        return Moved(HERE, Sentence("account.proof.done"))

    def leave_proof(self) -> Outcome:
        self.asked.append(("leave_proof",))
        self.present = replace(self.present, proof=None)
        return Moved(HERE)

    def begin_phone(self, number: str) -> Outcome:
        self.asked.append(("begin_phone", number))
        if not number:
            return Refused(Sentence("account.phone.missing"), HERE)
        self.present = replace(self.present, phone=sms_view(state=SmsState.QUEUE, tail="21"))
        return Moved(HERE)

    def answer_phone(self, typed: str) -> Outcome:
        self.asked.append(("answer_phone", typed))
        if typed == "000000":
            return Refused(Sentence("sms.code.wrong", {"left": 4}), HERE)
        self.present = replace(self.present, phone=None)
        return Moved(HERE, Sentence("account.phone.done"))

    def resend_phone(self, *, confirmed: bool = False) -> Outcome:
        self.asked.append(("resend_phone", confirmed))
        return Moved(HERE) if confirmed else AskFirst(Sentence("resend.no_other", {"network": "KPN"}))

    def leave_phone(self) -> Outcome:
        self.asked.append(("leave_phone",))
        return Moved(HERE)

    def change_password(self, present: str, new: str, repeated: str) -> Outcome:
        self.asked.append(("change_password", present, new, repeated))
        return Refused(Sentence("signed_out.administrator"), Stage.ENDED)


def at_account(what: Callable[[Sitting], None], own: OwnAccount, view: SignInView | None = None) -> Sitting:
    class Desk(ScriptedDesk):
        def __init__(self, script: Script, facts: DeskFacts) -> None:
            super().__init__(script, facts)

        def account(self) -> OwnAccount:
            return own

    return sit(what, view=view, desk=Desk)


def to_account(person: Sitting) -> None:
    person.until("Mijn account (M)", "Keuze: ")
    person.type("m\r")
    person.until("Gebruikersnaam: jan", "0 Home", "Keuze: ")


def test_a_key_is_followed_to_its_pin_and_its_answer_without_a_letter() -> None:
    own = OwnAccount()

    def what(person: Sitting) -> None:
        to_account(person)
        person.type("w\r")
        person.until("Steek uw YubiKey in", "A: ANDERE MANIER", "Letter: ")
        for phase, said in ((Phase.PIN, "PIN van uw YubiKey: "), (Phase.TOUCH, "Raak uw YubiKey aan")):
            own.key(phase)
            person.wait(1)
            person.until(said)
            if phase is Phase.PIN:
                person.type("246810\r")
                person.until("PIN van uw YubiKey: ")
        own.key(Phase.ANSWERED)
        person.wait(1)
        person.until("U hebt bewezen dat u het bent", "Huidig wachtwoord: ")
        assert "246810" not in person.output

    at_account(what, own)
    assert own.asked == [("begin_proof", MethodKind.YUBIKEY), ("give_pin", "246810"), ("answer_proof", "")]


def test_one_step_back_from_a_proof_leaves_nothing_under_way() -> None:
    own = OwnAccount()

    def what(person: Sitting) -> None:
        to_account(person)
        person.type("w\r")
        person.until("Letter: ")
        person.type("\x03")
        person.until("0 Home", "Keuze: ")
        person.type("\x04")
        person.until("1 Bezoekersregistratie", "Uitloggen (U)", "Keuze: ")

    at_account(what, own)
    assert own.asked[-1] == ("leave_proof",)


def test_whoever_came_by_a_temporary_code_begins_here_and_may_only_add() -> None:
    own = OwnAccount()
    own.present = replace(own.present, temporary=True)
    view = home_page()
    assert view.home is not None
    view = replace(view, home=replace(view.home, nudge=Nudge.ARRANGE))

    def what(person: Sitting) -> None:
        person.until("Regel een eigen manier om in te loggen: kies M", "Mijn account", "Keuze: ")
        person.type("w\r")
        person.until("Met een tijdelijke code kunt u alleen iets toevoegen", "Keuze: ")

    at_account(what, own, view)
    assert own.asked == []


def test_a_session_that_is_over_and_a_person_who_is_not_there_end_it() -> None:
    own = OwnAccount()
    own.present = replace(own.present, fresh_until=NOON_MS * 2)

    def what(person: Sitting) -> None:
        to_account(person)
        person.type("w\r")
        person.until("Huidig wachtwoord: ")
        person.type("oud\rnieuw wachtwoord\rnieuw wachtwoord\r")
        # Refused, for the session ended elsewhere; why comes with the view of the sign-in.
        person.until("1 Bezoekersregistratie", "Keuze: ")
        person.wait(IDLE - 19)
        person.until("Over 20 seconden wordt u uitgelogd")
        person.wait(21)
        person.until("dus u bent uitgelogd", "Gebruikersnaam: ")
        assert "Vries" not in person.readable

    at_account(what, own)


def test_a_new_number_is_followed_to_its_code_and_the_last_minute_of_that_is_told() -> None:
    own = OwnAccount()
    own.present = replace(own.present, fresh_until=NOON_MS * 2)

    def what(person: Sitting) -> None:
        to_account(person)
        person.type("n\r")
        person.until("2 ANDER NUMMER DAN EINDIGT OP 78", "Keuze: ")
        person.type("2\r")
        person.until("Het nummer dat eindigt op 78 vervalt", "minder veilig dan een app", "Mobiel nummer: ")
        person.type("\r")
        person.until("Typ eerst uw mobiele nummer", "Mobiel nummer: ")
        person.type("0612345621\r")
        person.until("In de wachtrij", "geldig tot 12:08", "R: SMS OPNIEUW VERSTUREN", "SMS code: ")
        own.present = replace(own.present, phone=sms_view(tail="21"))
        person.wait(1)
        person.until("Om 12:03 verstuurd via Vodafone", "SMS code: ")
        person.wait(250)
        person.until("De code is nog 49 seconden geldig", "SMS code: ")
        person.type("r\r")
        person.until("1 JA (J)", "Keuze: ")
        person.type("j\r")
        person.until("SMS code: ")
        person.type("000000\r")
        person.until("Deze code klopt niet", "SMS code: ")
        person.type("123456\r")
        person.until("Uw telefoon is bevestigd", "0 Home", "Keuze: ")

    at_account(what, own)
    assert own.asked == [
        ("begin_phone", ""),
        ("begin_phone", "0612345621"),
        ("resend_phone", False),
        ("resend_phone", True),
        ("answer_phone", "000000"),
        ("answer_phone", "123456"),
    ]
