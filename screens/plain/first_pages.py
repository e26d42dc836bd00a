"""What comes before the second factor in lines: Inloggen, a password of one's own, one's phone, the choice of a way."""

from collections.abc import Iterator
from typing import Final

from kiosk.desk_status import DeskStatus
from kiosk.sign_in.outcomes import Outcome, Refused, Sentence, Stage
from kiosk.sign_in.views import WayView
from screens.desk_words import missing_methods
from screens.plain.page import Here, PlainPage
from screens.plain.talk import Choice, Page, Talk
from screens.sign_in.way_labels import WAYS

NO_SMS: Final = frozenset({"out.no_sms", "sign_in.page.no_sms.app_backup", "sign_in.page.no_sms.backup"})

# Longest user name that is taken.
NAME_LENGTH = 64


class LoginPage(PlainPage):
    """User name and password; what this desk cannot do now is said before anybody types."""

    stage = Stage.LOGIN
    title_id = "sign_in.login.title"
    idle_silent = True

    _name: str | None = None

    def __init__(self, here: Here) -> None:
        super().__init__(here)
        self._told_of_desk: Sentence | None = None

    def introduce(self) -> None:
        """Where this is, which keys there are, what does not work."""
        self.talk.line(f"{self.text('page.brand')}, {self.here.facts.site}")
        status = self.here.status
        if status is not None and status.simulated:
            self.talk.line(self.text("page.simulated.label"))
        if self.talk.demonstration is not None:
            self.talk.line(self.text("plain.demo.intro"))
        self.talk.line(self.text("plain.keys", {"language": self.text("language.button")}))
        if self.here.facts.gate_account is not None:
            self.talk.line(self.text("plain.gate.leave"))
        self._told_of_desk = _trouble(status) if self.here.settled else None
        if self._told_of_desk is not None:
            self.talk.say(self._told_of_desk)
        self.talk.line(self.text(self.title_id))

    def news(self) -> Iterator[str]:
        """What this desk can no longer do, or can do again."""
        self.here.heed()
        trouble = _trouble(self.here.status) if self.here.settled else None
        before, self._told_of_desk = self._told_of_desk, trouble
        if trouble is not None and trouble != before:
            yield self.talk.words.say(trouble)
        elif before is not None and trouble is None:
            yield self.text("strip.modem.line.ready" if before.text_id in NO_SMS else "plain.desk.ready")

    def turn(self) -> Outcome | None:
        """The name, then the password."""
        self._name = None
        self.idle_silent = True
        name = self.talk.ask(self.text("sign_in.login.name.label"), self, maximum=NAME_LENGTH)
        status = self.here.status
        if status is not None and status.out_of_service is not None:
            self.talk.say(Sentence(status.out_of_service))
            return None
        if not name.strip():
            return Refused(Sentence("sign_in.login.missing"), Stage.LOGIN)
        self._name, self.idle_silent = name, False
        password = self.talk.ask(self.text("sign_in.login.password.label"), self, secret=True)
        outcome = self.do(lambda sign_in: sign_in.begin(name, password))
        if isinstance(outcome, Refused) and self.talk.capitals_typed:
            self.talk.line(self.text("caps_lock.typed.line"))
        return outcome

    def back(self) -> Outcome | None:
        """From the password to the name; there is nothing before the name, and it is said."""
        if self._name is None:
            self.talk.line(self.text("plain.no_step_back"))
        return None

    @property
    def idle_seconds(self) -> int | None:
        """A name that somebody typed and left behind is taken away, and the language of the desk comes back; a gate ends."""
        facts = self.here.facts
        begun = self._name is not None or self.here.language != facts.language or facts.gate_account is not None
        return facts.login_idle_seconds if begun else None


def _trouble(status: DeskStatus | None) -> Sentence | None:
    if status is None:
        return None
    return Sentence(status.out_of_service) if status.out_of_service is not None else missing_methods(status)


def say_rules(talk: Talk, minimum: int) -> None:
    """What a password of one's own must be."""
    talk.line(talk.words.text("first.password.rule.line.length", {"min": minimum}))
    for text_id in ("first.password.rule.line.name", "first.password.rule.line.known", "first.password.tip"):
        talk.line(talk.words.text(text_id))


def ask_new_password(talk: Talk, page: Page) -> tuple[str, str]:
    """Twice, neither of them shown."""
    new = talk.ask(talk.words.text("first.password.new.label"), page, secret=True)
    if talk.capitals_typed:
        talk.line(talk.words.text("caps_lock.typed.line"))
    return new, talk.ask(talk.words.text("first.password.repeat.label"), page, secret=True)


class OwnPasswordPage(PlainPage):
    """Twice the same new password."""

    stage = Stage.OWN_PASSWORD
    title_id = "first.password.title"

    def introduce(self) -> None:
        """Why, and the rules."""
        self.title()
        rules = self.view.own_password
        if rules is None:
            return
        self.talk.line(self.text("first.one_time.reset" if rules.reset else "first.one_time.intro"))
        say_rules(self.talk, rules.minimum_length)
        self.talk.lines(self.keys())

    def keys(self) -> Iterator[str]:
        """The way back."""
        yield self.named("Esc", "common.back.button")

    def turn(self) -> Outcome | None:
        """Both, neither of them shown."""
        new, repeated = ask_new_password(self.talk, self)
        return self.do(lambda sign_in: sign_in.choose_own_password(new, repeated))


class ConfirmPhonePage(PlainPage):
    """Is this the right number? Nothing has been sent yet."""

    stage = Stage.CONFIRM_PHONE
    title_id = "first.phone.title"

    def introduce(self) -> None:
        """The end of the number."""
        self.title()
        if self.view.phone is not None:
            self.talk.line(self.text("first.phone.intro", {"tail": self.view.phone.tail}))

    def turn(self) -> Outcome | None:
        """Yes sends the SMS."""
        choices = [
            Choice(True, self.text("common.yes.button"), "j"),
            Choice(False, self.text("common.no.button"), "n"),
        ]
        self.talk.offer(choices, self.text("common.back.button"))
        right = self.talk.choose(self.text("plain.choose.label"), choices, self)
        return self.do(lambda sign_in: sign_in.confirm_phone(right))


class ChoosePage(PlainPage):
    """The ways of this person, the likeliest first."""

    stage = Stage.CHOOSE
    title_id = "sign_in.choose.title"

    def introduce(self) -> None:
        """That the password was right."""
        self.title()
        self.talk.line(self.text("sign_in.choose.intro"))

    def turn(self) -> Outcome | None:
        """One of them."""
        ways = self.view.choose.ways if self.view.choose is not None else ()
        choices = [self._choice(way) for way in ways]
        self.talk.offer(choices, self.text("common.back.button"))
        way = self.talk.choose(self.text("plain.choose.label"), choices, self)
        if way.why_not is not None:
            return Refused(way.why_not, self.stage)
        return self.do(lambda sign_in: sign_in.take(way.kind))

    def _choice(self, way: WayView) -> Choice[WayView]:
        label, letter = WAYS[way.kind]
        return Choice(way, self.text(label), letter)
