"""Home in lines: who is here, what was changed, the applications of the site, what concerns oneself."""

from collections.abc import Callable, Iterator
from functools import partial

from kiosk.desk_status import ApplicationEntry
from kiosk.domain_thread import DomainEnded
from kiosk.language import printable
from kiosk.sign_in.outcomes import Nudge, Refused, Sentence, Stage
from screens.home.lines import changes, ends_soon, last_sign_in
from screens.plain.locked import Locked
from screens.plain.page import PlainPage
from screens.plain.sign_out import SignOut
from screens.plain.talk import Choice


class HomePage(PlainPage):
    """Ends by Uitloggen, by idleness or by its longest time; Esc does nothing."""

    stage = Stage.SIGNED_IN
    title_id = "home.title"
    idle_text_id = "plain.idle.home"

    _read = False
    _announced = False
    """That the session ends soon was told."""
    _begun = False
    """What begins by itself has begun."""

    def news(self) -> Iterator[str]:
        """Also, once, that the longest session is nearly over."""
        yield from self.news_below_lock()
        soon = self._soon
        if soon is not None:
            self._announced = True
            yield self.talk.words.say(soon)

    def news_below_lock(self) -> Iterator[str]:
        """What matters while nobody is here: that the session is over."""
        yield from super().news()

    @property
    def has_news(self) -> bool:
        """Whether `news` has something to say, or is over; nothing is said by it."""
        try:
            self.here.heed()
        except DomainEnded:
            return True
        return self.here.attempt.stage is not self.stage or self._soon is not None

    @property
    def _soon(self) -> Sentence | None:
        home = self.view.home
        return None if home is None or self._announced else ends_soon(home, self.here.now_ms)

    def introduce(self) -> None:
        """Person, last sign-in, what to heed."""
        home = self.view.home
        if home is None:
            return
        self.talk.line(self.text(self.title_id))
        self.talk.line(f"{printable(home.display_name)}, {self.text(f'home.role.{home.role}')}")
        self.talk.line(last_sign_in(self.talk.words, home, self.here.now_ms))
        lines = [] if self._read else list(changes(self.talk.words, home, self.here.now_ms))
        if lines:
            self.talk.line(self.text("home.changes.label"))
            self.talk.lines(lines)
            self.talk.line(self.talk.words.contact())
        if home.nudge is not None:
            self.talk.line(self.text(f"home.nudge.{home.nudge.value}"))
        self.talk.line(self.text("home.applications.label"))
        if not self._entries:
            self.talk.line(self.text("home.applications.none"))
        if any(entry.same_account for entry in self._entries):
            self.talk.line(self.text("home.applications.same_account"))

    @property
    def _entries(self) -> tuple[ApplicationEntry, ...]:
        home = self.view.home
        return () if home is None else self.here.facts.applications_of(home.role)

    def turn(self) -> Refused | None:
        """An application, or what concerns oneself."""
        if not self._begun:
            self._begun = True
            if self._must_arrange:
                self._account()
            elif self._directly is not None:
                return self._start(self._directly)
        choices = list(self._choices())
        self.talk.offer(choices)
        return self.talk.choose(self.text("plain.choose.label"), choices, self)()

    def _choices(self) -> Iterator[Choice[Callable[[], Refused | None]]]:
        code = self.talk.words.language.code
        for entry in self._entries:
            yield Choice(partial(self._start, entry), printable(entry.label(code)))
        yield Choice(self._account, self.text("account.title"), "m")
        yield Choice(self._lock, self.text("home.lock.button"), "k")
        yield Choice(self._sign_out, self.text("home.sign_out.button"), "u")
        home = self.view.home
        if home is not None and home.changes and not self._read:
            yield Choice(self._seen, self.text("home.seen.button"), "x")

    @property
    def _directly(self) -> ApplicationEntry | None:
        """The only application, where the site wants it to begin by itself; not before what was changed is read."""
        home, entries = self.view.home, self._entries
        to_read = home is not None and (home.changes or home.nudge is not None)
        return entries[0] if len(entries) == 1 and entries[0].directly and not to_read else None

    def _start(self, entry: ApplicationEntry) -> Refused | None:
        applications = self.here.applications
        return None if applications is None else applications.run(entry, self)

    @property
    def _must_arrange(self) -> bool:
        """The person came in by a temporary code."""
        return self.view.home is not None and self.view.home.nudge is Nudge.ARRANGE

    def _account(self) -> None:
        # Most people never come here.
        from screens.plain.account import AccountCard  # noqa: PLC0415  see above

        AccountCard(self).run()

    def _lock(self) -> None:
        Locked(self, idle=False).until_unlocked()

    def _sign_out(self) -> None:
        status = self.here.status
        forgotten = status is not None and bool(status.yubikey_present)
        raise SignOut(Sentence("signed_out.self" if forgotten else "signed_out.self_no_key"))

    def _seen(self) -> None:
        home = self.view.home
        self._read = True
        read = {change.id for change in home.changes} if home is not None else set()
        self.here.attempt.ask(lambda desk, _sign_in: desk.account().mark_seen(read), self.here.language)

    def back(self) -> None:
        """Esc does nothing on Home."""

    @property
    def idle_seconds(self) -> int:
        """The session's own."""
        return self.here.facts.session_idle_seconds
