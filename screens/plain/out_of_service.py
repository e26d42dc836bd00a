"""Out of service in lines: what is the matter, what still works and whom to call, until the domain stands again."""

import contextlib
from collections.abc import Callable, Iterator
from concurrent.futures import Future

from kiosk.desk_status import RETRY_SECONDS, DeskStatus, out_of_service
from kiosk.out_of_service import OutOfService, Troubles
from kiosk.sign_in.outcomes import Stage
from screens.clock import Clock
from screens.plain.page import Here, PlainPage
from screens.plain.talk import Back, Elsewhere


class OutOfServicePage(PlainPage):
    """Its question has no answer: help, the other language and saying it again are all that works; Elsewhere when it is over."""

    stage = Stage.LOGIN
    title_id = "out.title"

    def __init__(
        self, here: Here, lost: BaseException, begin: Callable[[], Future[None]], clock: Clock, ring: Callable[[], None]
    ) -> None:
        super().__init__(here)
        self._begin = begin
        self._clock = clock
        self._ring = ring
        self._troubles = Troubles()
        self._trying: Future[None] | None = None
        self._try_at = clock.monotonic() + RETRY_SECONDS
        self._trouble: OutOfService | None = self._troubles.met(lost)

    def introduce(self) -> None:
        """Where this is, what is the matter, whom to call, and that nobody needs to do anything at this desk."""
        self.talk.line(f"{self.text('page.brand')}, {self.here.facts.site}")
        self.talk.line(self.text(self.title_id))
        self._say_trouble()
        self.talk.line(self.text("plain.out.still"))
        self.talk.line(self.text("out.again"))
        self.talk.line(self.text("plain.keys", {"language": self.text("language.button")}))

    @property
    def status(self) -> DeskStatus | None:
        """What help says of this desk meanwhile."""
        if self._trouble is None:
            return None
        simulated = self.talk.demonstration is not None
        return out_of_service(self._trouble.text_id, self._trouble.reference, clock_wrong=False, simulated=simulated)

    def _say_trouble(self) -> None:
        if self._trouble is not None:
            self.talk.lines(self._about(self._trouble))

    def _about(self, trouble: OutOfService) -> Iterator[str]:
        yield self.text(trouble.text_id)
        yield self.talk.words.contact()
        yield self.text("error.reference.line", {"reference": trouble.reference})

    def turn(self) -> None:
        """Say it again, whatever was typed: a password that was under way when it happened is shown to nobody."""
        with contextlib.suppress(Back):
            self.talk.ask(self.text(self.title_id), self, secret=True)
        self._say_trouble()

    def news(self) -> Iterator[str]:
        """Try again, and what is the matter now when that is something else; raises whatever only we can mend."""
        if self._trying is None:
            if self._clock.monotonic() >= self._try_at:
                self._trying = self._begin()
                self._trying.add_done_callback(lambda _begun: self._ring())
            return
        if not self._trying.done():
            return
        error = self._trying.exception()
        if error is None:
            self._troubles.over()
            raise Elsewhere
        self._trying, self._try_at = None, self._clock.monotonic() + RETRY_SECONDS
        before, self._trouble = self._trouble, self._troubles.met(error)
        if self._trouble is None:
            raise error
        if self._trouble != before:
            self.here.status = self.status
            yield from self._about(self._trouble)

    @property
    def idle_seconds(self) -> int | None:
        """Nothing of anybody stands here."""
        return None
