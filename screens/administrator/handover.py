"""What is shown once and handed over now: a temporary code to be read aloud, a one-time password to be written down."""

from collections.abc import Sequence
from typing import ClassVar, Final

from textual import on
from textual.app import ComposeResult
from textual.containers import Center, Vertical

from kiosk.accounts import AccountError
from kiosk.administration.errors import AdministrationError, NothingToDo
from kiosk.administration.free_text import Why
from kiosk.administration.passwords import Done
from kiosk.administration.temporary import IssuedCode, withdraw
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.asking import OfficePage
from screens.administrator.words import moment
from screens.dense import Order
from screens.widgets.base import Plain
from screens.widgets.block_digits import BlockDigits
from screens.widgets.time_left import TimeLeft

# Long enough to read it aloud twice.
SHOWN_SECONDS: Final = 60
GROUP: Final = 4


class OnceShownPage(OfficePage):
    """Holds the secret only while it can be read: it goes after a minute, by Enter, and with the page."""

    ORDERS: ClassVar[Sequence[Order]] = (
        Order(key="enter", label="people.once.done", does="finish"),
        Order(key="m", label="people.once.more", does="more_time", when="readable"),
    )

    def __init__(self, secret: str, reference: str) -> None:
        super().__init__()
        self._secret = secret
        self._reference = reference

    def __repr__(self) -> str:
        return f"{type(self).__name__}()"

    @property
    def readable(self) -> bool:
        """Whether it can be read still."""
        return bool(self._secret)

    def compose_body(self) -> ComposeResult:
        """To whom, the secret, how long it stands there, what happens next."""
        yield Plain(id="whom", classes="gap")
        with Vertical(id="once", classes="box gap"):
            yield from self.compose_secret()
            yield TimeLeft(id="time-left")
        yield Plain(id="next", classes="gap")

    def compose_secret(self) -> ComposeResult:
        """The secret, in the ways in which it is read."""
        yield Plain(id="plain", classes="center")

    def on_mount(self) -> None:
        """Show it, for a minute."""
        self.more_time()
        self.refresh_words()
        self.message.success(Sentence("people.once.made", {"reference": self._reference}))

    def refresh_words(self) -> None:
        """The secret, as far as it stands there still, and what is said around it."""
        self.retitle()
        self.query_one("#once", Vertical).border_title = self.kiosk.text("people.once.title")
        self.show_secret(self._secret)

    def show_secret(self, secret: str) -> None:
        """Show it; empty when it has gone."""
        self.query_one("#plain", Plain).show(secret or self.kiosk.text("people.once.gone"))

    def more_time(self) -> None:
        """M."""
        self.query_one("#time-left", TimeLeft).start(left_seconds=SHOWN_SECONDS, whole_seconds=SHOWN_SECONDS)

    @on(TimeLeft.Ended)
    def _time_is_over(self) -> None:
        self.forget()
        self.refresh_words()
        self.show_actions()

    def forget(self) -> None:
        """Nothing of it stays here."""
        self._secret = ""

    def on_unmount(self) -> None:
        """Nor with the page."""
        self.forget()

    def finish(self) -> None:
        """Enter: back to where it was made."""
        self.forget()
        self.show_secret("")
        self.go_back()

    def action_back(self) -> None:
        """Esc, where it takes nothing back: as Enter."""
        self.finish()


class CodePage(OnceShownPage):
    """The temporary code: block digits, and digits in words to be read aloud."""

    title_id = "people.temporary.title"
    ORDERS: ClassVar[Sequence[Order]] = (
        *OnceShownPage.ORDERS,
        Order(key="escape", label="people.temporary.withdraw", does="action_back"),
    )

    def __init__(self, issued: IssuedCode, name: str) -> None:
        super().__init__(issued.code, issued.reference)
        self._person_id = issued.user.id
        self._until = issued.expires_at
        self._whose = name
        self._who = printable(issued.user.display_name)

    def path_names(self) -> list[str]:
        """As the form before it."""
        text = self.kiosk.text
        return [text("home.title"), text("people.title"), self._whose, text(self.title_id)]

    def compose_secret(self) -> ComposeResult:
        """Large, then the same in words."""
        with Center(id="digits-place"):
            yield BlockDigits("", id="digits")
        yield Plain(id="spelled", classes="center gap")

    def refresh_words(self) -> None:
        """For whom, and what they do."""
        super().refresh_words()
        say = self.kiosk.say
        self.query_one("#whom", Plain).show(say(Sentence("people.temporary.read_out", {"who": self._who})))
        self.query_one("#next", Plain).show(say(Sentence("people.temporary.next", {"until": self._until})))

    def show_secret(self, secret: str) -> None:
        """Digits, and their words in groups of four."""
        groups = [secret[start : start + GROUP] for start in range(0, len(secret), GROUP)]
        text = self.kiosk.text
        spelled = " · ".join(" ".join(text(f"people.digit.{digit}") for digit in group) for group in groups)
        self.query_one("#digits-place").display = bool(secret)
        self.query_one("#digits", BlockDigits).show(" ".join(groups))
        self.query_one("#spelled", Plain).show(spelled or text("people.once.gone"))

    def action_back(self) -> None:
        """Esc: the code is void after all."""
        self.do(lambda office: withdraw(office, self._person_id, Why("withdrawn")), self._withdrawn)

    def _withdrawn(self, done: Done) -> None:
        self.forget()
        self.done(Sentence("people.temporary.withdrawn"), reference=done.reference)

    def refuse(self, error: AdministrationError | AccountError, again: object) -> None:
        """A code that was used or ran out meanwhile needs no taking back."""
        del again
        if isinstance(error, NothingToDo):
            self.forget()
            self.done(Sentence("people.temporary.over"))
        else:
            super().refuse(error, lambda: None)


class HandoverPage(OnceShownPage):
    """A one-time password; its letters are none that are misread."""

    title_id = "people.handover.title"

    def __init__(self, password: str, *, until: int | None, reference: str, name: str, user: str, who: str) -> None:
        super().__init__(password, reference)
        self._until = until
        self._whose = name
        self._user = printable(user)
        self._who = printable(who)

    def path_names(self) -> list[str]:
        """Whose it is."""
        text = self.kiosk.text
        return [text("home.title"), text("people.title"), self._whose, text(self.title_id)]

    def refresh_words(self) -> None:
        """For whom, and what they do."""
        super().refresh_words()
        say = self.kiosk.say
        self.query_one("#whom", Plain).show(
            say(Sentence("people.handover.whom", {"who": self._who, "user": self._user}))
        )
        self.query_one("#next", Plain).show(
            say(Sentence("people.handover.next", {"until_day": moment(self.kiosk, self._until)}))
        )

    def show_secret(self, secret: str) -> None:
        """In its groups, with room between them."""
        super().show_secret(secret.replace("-", " - "))
