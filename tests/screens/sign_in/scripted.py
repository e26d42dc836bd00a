"""A sign-in that answers what a test says, and a clock that a test moves."""

import threading
from collections import defaultdict, deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TypeVar, cast

from kiosk.account.lock import LockView
from kiosk.applications.wire import Opening, Request
from kiosk.desk import Desk
from kiosk.desk_status import ApplicationEntry, DeskFacts, DeskStatus, HelpDesk, ModemHealth, ModemStrip, SmsHealth
from kiosk.domain_thread import DomainThread
from kiosk.language import LANGUAGES, Language
from kiosk.methods.yubikey_words import key_view
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Refused, Sentence, Stage
from kiosk.sign_in.views import (
    AlternativesView,
    ChooseView,
    CodeView,
    EnrolTotpView,
    ExplanationStep,
    ExplanationView,
    HomeView,
    OwnPasswordView,
    PhoneView,
    SignInView,
    SmsState,
    SmsView,
    SuccessView,
    WayView,
)
from kiosk.watch import Subscription, Watchers
from kiosk.yubikey.ceremony import Phase, Progress
from screens.app import KioskApp
from screens.clock import Clock
from screens.look import Look

T = TypeVar("T")

# Monday 3 November 2025, 12:03 in Amsterdam.
NOON_MS = 1_762_167_780_000
SECOND_MS = 1000

PASSWORD = "goed wachtwoord"

FACTS = DeskFacts(
    site="Receptie Noord",
    desk_name="balie",
    desk_number="3",
    help_desk=HelpDesk(name="Servicedesk", phone="030 555 01 23", hours="ma-vr 8-17 uur"),
    language="nl",
    time_zone="Europe/Amsterdam",
    login_idle_seconds=90,
    sign_in_idle_seconds=180,
    success_idle_seconds=120,
    session_idle_seconds=300,
    idle_warning_seconds=20,
    idle_extensions=10,
    applications=tuple(
        ApplicationEntry(name=name, labels={"nl": label, "en": label}, roles=("staff", "administrator"))
        for name, label in (("visitors", "Bezoekersregistratie"), ("keys", "Sleutelbeheer"), ("rosters", "Roosters"))
    ),
)

STATUS = DeskStatus(
    sms=SmsHealth.READY,
    modems=(ModemStrip(name="noord", health=ModemHealth.READY, network="KPN", bars=4, simulated=False),),
    yubikey_present=None,
    clock_wrong=False,
    simulated=False,
    methods_working=(MethodKind.SMS, MethodKind.TOTP, MethodKind.BACKUP_CODE),
)


class HandClock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.seconds = 1000.0

    def forward(self, seconds: float) -> None:
        """Let time go by."""
        self.seconds += seconds

    def now_ms(self) -> int:
        """Kiosk time and wall time alike."""
        return NOON_MS + int((self.seconds - 1000.0) * SECOND_MS)

    @property
    def clock(self) -> Clock:
        """What the app takes."""
        return Clock(monotonic=lambda: self.seconds, now_ms=self.now_ms, wall_ms=self.now_ms)


def login_view() -> SignInView:
    return SignInView(stage=Stage.LOGIN, step=(1, 2), language="nl")


def sms_view(
    *,
    state: SmsState = SmsState.ACCEPTED,
    tail: str = "78",
    network: str | None = "Vodafone",
    sender_tail: str | None = "21",
    sends: int = 1,
    issued_at: int = NOON_MS,
    valid_until: int = NOON_MS + 300 * SECOND_MS,
) -> SmsView:
    values: dict[str, int | str] = {}
    if state is SmsState.ACCEPTED:
        values = {"time": NOON_MS, "network": network or "KPN"}
    elif state is SmsState.DELIVERED:
        values = {"time": NOON_MS}
    elif state is SmsState.QUEUE:
        values = {"count": 3}
    other_way = {SmsState.REFUSED, SmsState.MODEM_DOWN}
    following = "sms.status.next.other_way" if state in other_way else f"sms.status.next.{state}"
    return SmsView(
        tail=tail,
        state=state,
        status_line=Sentence(f"sms.status.line.{state}", values),
        status_next=Sentence(following, {"tail": tail} if state is SmsState.DELIVERED else {}),
        network=network,
        sender_tail=sender_tail,
        sends=sends,
        tries_left=5,
        issued_at=issued_at,
        valid_until=valid_until,
        resend_from=issued_at + 30 * SECOND_MS,
        both_work=sends > 1,
    )


def sms_page(sms: SmsView | None = None, *, confirming_phone: bool = False) -> SignInView:
    return SignInView(
        stage=Stage.SMS_CODE, step=(2, 2), language="nl", sms=sms or sms_view(), confirming_phone=confirming_phone
    )


def code_page(stage: Stage, *, sms: SmsView | None = None) -> SignInView:
    kind = MethodKind(stage.value)
    code = CodeView(kind=kind, tries_left=5, site=FACTS.site)
    return SignInView(stage=stage, step=(2, 2), language="nl", code=code, sms=sms)


def key_page(phase: Phase = Phase.INSERT, *, pin_left: int | None = None, seconds: float | None = None) -> SignInView:
    """The page of the key in one of its phases."""
    progress = Progress(phase=phase, seconds_left=seconds, pin_left=pin_left, pin_wrong=pin_left is not None)
    until = None if seconds is None else NOON_MS + round(seconds * SECOND_MS)
    return SignInView(stage=Stage.YUBIKEY, step=(2, 2), language="nl", key=key_view(progress, until, 5))


YUBIKEY = WayView(kind=MethodKind.YUBIKEY, why_not=Sentence("no_sms.yubikey_none"))
BACKUP = WayView(kind=MethodKind.BACKUP_CODE)
APP = WayView(kind=MethodKind.TOTP)


def choose_page(*ways: WayView) -> SignInView:
    sms = WayView(kind=MethodKind.SMS)
    return SignInView(
        stage=Stage.CHOOSE, step=(2, 2), language="nl", choose=ChooseView(ways=ways or (sms, YUBIKEY, BACKUP, APP))
    )


def phone_page() -> SignInView:
    return SignInView(stage=Stage.CONFIRM_PHONE, step=(3, 4), language="nl", phone=PhoneView(tail="78"))


def password_page(*, reset: bool = False) -> SignInView:
    rules = OwnPasswordView(reset=reset, minimum_length=12, maximum_length=256)
    return SignInView(stage=Stage.OWN_PASSWORD, step=(2, 4), language="nl", own_password=rules)


SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
URI = f"otpauth://totp/Receptie%20Noord:jan?secret={SECRET}&issuer=Receptie%20Noord"


def enrol_page(uri: str = URI) -> SignInView:
    enrol = EnrolTotpView(secret=SECRET, uri=uri, tries_left=5)
    return SignInView(stage=Stage.ENROL_TOTP, step=(3, 4), language="nl", enrol_totp=enrol)


def success_page(
    *,
    backup_code: str | None = "17532256",
    first: bool = False,
    may_send_sms: bool = True,
    sms: Sentence | None = None,
) -> SignInView:
    notice = None if backup_code is not None else Sentence("success.not_made")
    success = SuccessView(backup_code=backup_code, first=first, notice=notice, may_send_sms=may_send_sms, sms=sms)
    return SignInView(stage=Stage.SUCCESS, step=(2, 2), language="nl", success=success)


def home_page(
    *, display_name: str = "Jan de Vries", last: int | None = NOON_MS - 86_400 * SECOND_MS, ends_at: int | None = None
) -> SignInView:
    home = HomeView(
        display_name=display_name,
        role="staff",
        method=MethodKind.SMS,
        last_sign_in_at=last,
        last_method=None if last is None else MethodKind.SMS,
        changes=(),
        session_id="s",
        ends_at=ends_at,
    )
    return SignInView(stage=Stage.SIGNED_IN, step=(2, 2), language="nl", home=home)


def alternatives(
    *,
    sent: bool = True,
    resend: bool = True,
    resend_from: int = NOON_MS,
    over: str | None = "KPN",
    ways: tuple[WayView, ...] = (YUBIKEY, BACKUP),
) -> AlternativesView:
    return AlternativesView(
        sent=Sentence("no_sms.sent", {"tail": "78"}) if sent else None,
        advice=Sentence("no_sms.try"),
        names_contact=False,
        resend=resend,
        resend_from=resend_from,
        resend_over=over,
        ways=ways,
    )


def explanation(*texts: Sentence) -> ExplanationView:
    """The six steps with their longest usual texts, or others for the first of them."""
    usual = (
        Sentence("explain.step1.default"),
        Sentence("explain.step2.here"),
        Sentence("explain.step3.other_network", {"other": "KPN"}),
        Sentence("explain.step4.normal", {"network": "Vodafone"}),
        Sentence("explain.step5.backup"),
        Sentence("explain.step6.open", {"name": "Servicedesk", "phone": "030 555 01 23", "hours": "ma-vr 8-17 uur"}),
    )
    return ExplanationView(
        steps=tuple(
            ExplanationStep(
                title=Sentence(f"explain.step{number}.title"),
                text=text,
                also=Sentence("explain.step5.also.both") if number == 5 else None,
            )
            for number, text in enumerate((*texts, *usual[len(texts) :]), start=1)
        )
    )


@dataclass
class Script:
    """What the sign-ins of a test answer, and what they were asked.

    An answer is an outcome, with the view after it, or an exception. Without an answer the call fails the test.
    """

    answers: dict[str, deque[tuple[Outcome | Exception, SignInView | None]]] = field(
        default_factory=lambda: defaultdict(deque)
    )
    alternatives: AlternativesView | Exception = field(default_factory=alternatives)
    explanation: ExplanationView | Exception = field(default_factory=explanation)
    asked: list[tuple[object, ...]] = field(default_factory=list)
    status: DeskStatus = STATUS
    gate: threading.Event = field(default_factory=threading.Event)
    """The domain waits for it in every transition."""
    sign_ins: list["ScriptedSignIn"] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.gate.set()

    def answer(self, method: str, outcome: Outcome | Exception, view: SignInView | None = None) -> None:
        """Let the next call of `method` answer `outcome`."""
        self.answers[method].append((outcome, view))

    def signs_in(self, view: SignInView, news: Moved | None = None) -> None:
        """The password is right and leads to this page."""
        self.answer("begin", news or Moved(view.stage), view)

    def calls(self, method: str) -> list[tuple[object, ...]]:
        """What `method` was asked, in order."""
        return [call[1:] for call in self.asked if call[0] == method]


class ScriptedSignIn:
    """Has the methods of `kiosk.sign_in.machine.SignIn` that pages use."""

    def __init__(self, script: Script, language: str) -> None:
        self._script = script
        self.language = language
        self.present = login_view()
        self._watchers = Watchers(self.view)

    @property
    def stage(self) -> Stage:
        return self.present.stage

    def view(self) -> SignInView:
        return self.present

    def watch(self, callback: Callable[[SignInView], None]) -> Subscription:
        return self._watchers.watch(callback)

    def become(self, view: SignInView) -> None:
        self.present = view
        self._watchers.refresh()

    def _next(self, method: str, *arguments: object) -> Outcome:
        self._script.asked.append((method, *arguments))
        assert self._script.gate.wait(10)
        outcome, view = self._script.answers[method].popleft()
        if isinstance(outcome, Exception):
            raise outcome
        if view is not None:
            self.become(view)
        elif isinstance(outcome, Refused) and outcome.stage is Stage.ENDED:
            self.become(SignInView(stage=Stage.ENDED, step=(2, 2), language="nl"))
        return outcome

    def begin(self, name: str, password: str) -> Outcome:
        return self._next("begin", name, password)

    def choose_own_password(self, new: str, repeated: str) -> Outcome:
        return self._next("choose_own_password", new, repeated)

    def confirm_phone(self, right: bool) -> Outcome:
        return self._next("confirm_phone", right)

    def take(self, kind: MethodKind) -> Outcome:
        return self._next("take", kind)

    def back_to_sms(self) -> Outcome:
        return self._next("back_to_sms")

    def answer(self, typed: str) -> Outcome:
        return self._next("answer", typed)

    def resend(self, *, confirmed: bool = False) -> Outcome:
        return self._next("resend", confirmed)

    def send_backup_code_by_sms(self) -> Outcome:
        return self._next("send_backup_code_by_sms")

    def confirm_backup_code(self) -> Outcome:
        return self._next("confirm_backup_code")

    def alternatives(self) -> AlternativesView:
        return _or_raise(self._script.alternatives)

    def explanation(self, *, alternatives_seen: bool) -> ExplanationView:
        assert alternatives_seen
        return _or_raise(self._script.explanation)

    def set_language(self, language: str) -> None:
        self.language = language

    def cancel(self, reason: str) -> None:
        self._script.asked.append(("cancel", reason))


def _or_raise(value: T | Exception) -> T:
    if isinstance(value, Exception):
        raise value
    return value


class ScriptedLock:
    """Has what the page of the lock uses of `kiosk.account.lock.Lock`: one password is right."""

    def __init__(self, script: Script) -> None:
        self._script = script
        self.open = False

    def view(self) -> LockView:
        key = None
        if self._script.calls("begin_key"):
            key = key_view(Progress(phase=Phase.ANSWERED), None, 5)
        return LockView(display_name="Jan de Vries", key_offered=True, key=key)

    def unlock(self, password: str) -> Outcome:
        assert self._script.gate.wait(10)
        self._script.asked.append(("unlock", password))
        if password == "again":
            return Refused(Sentence("locked.used_up"), Stage.ENDED)
        self.open = password == PASSWORD
        return Moved(Stage.SIGNED_IN) if self.open else Refused(Sentence("locked.wrong", {"left": 4}), Stage.SIGNED_IN)

    def begin_key(self) -> Outcome:
        self._script.asked.append(("begin_key",))
        return Moved(Stage.SIGNED_IN)

    def answer_key(self) -> Outcome:
        self._script.asked.append(("answer_key",))
        self.open = True
        return Moved(Stage.SIGNED_IN)


class ScriptedDesk:
    """Has what the app uses of `kiosk.desk.Desk`."""

    def __init__(self, script: Script, facts: DeskFacts) -> None:
        self.facts = facts
        self._script = script
        self._lock: ScriptedLock | None = None
        self._watchers = Watchers(self.status)

    def status(self) -> DeskStatus:
        return self._script.status

    def watch_status(self, callback: Callable[[DeskStatus], None]) -> Subscription:
        return self._watchers.watch(callback)

    def sign_in(self, language: str) -> ScriptedSignIn:
        sign_in = ScriptedSignIn(self._script, language)
        self._script.sign_ins.append(sign_in)
        return sign_in

    def lock(self) -> ScriptedLock:
        if self._lock is None:
            self._lock = ScriptedLock(self._script)
        return self._lock

    def unlocked(self) -> None:
        self._lock = None

    def begin_application(self, name: str, *, term: str, language: str) -> Opening:
        self._script.asked.append(("begin_application", name))
        request = Request(application=name, user="jan", method="sms", session="session", term=term, language=language)
        return Opening(request, "id")

    def end_application(self, opening: Opening, result: str) -> None:
        self._script.asked.append(("end_application", opening.request.application, result))

    def poll(self) -> float:
        self._watchers.refresh()
        return 3600.0

    def close(self) -> None:
        pass


def make_app(
    script: Script, hand: HandClock, *, facts: DeskFacts = FACTS, look: Look | None = None
) -> tuple[KioskApp, DomainThread[Desk]]:
    """The app over a scripted desk; the thread is to be stopped by whoever asked."""
    thread = cast("DomainThread[Desk]", DomainThread(lambda: ScriptedDesk(script, facts)))
    thread.start().result(10)
    languages = {code: Language.load(code) for code in LANGUAGES}
    app = KioskApp(
        thread, facts=facts, languages=languages, look=look or Look(theme="dark", glyphs="rich"), clock=hand.clock
    )
    return app, thread
