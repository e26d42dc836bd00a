"""Saving: a page whose E keeps what it shows, in the exchange folder or on a stick."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from kiosk.exchange import NoPlace, NotSaved
from kiosk.sign_in.outcomes import Sentence
from screens.dense import DensePage

if TYPE_CHECKING:
    from kiosk.desk import Desk
    from kiosk.technician.bench import Bench


class Saving(DensePage):
    """`keep` asks the bench to save something and says where it is, or why not."""

    def keep(self, saved: "Callable[[Bench], str]") -> None:
        """`saved` gives the name of the file; it runs in the domain thread."""

        def write(desk: "Desk") -> Sentence:
            try:
                name = saved(desk.bench())
            except NoPlace:
                return Sentence("bench.save.no_place")
            except NotSaved as error:
                return Sentence("bench.save.failed", {"why": error.why})
            return Sentence("bench.save.done", {"file": name})

        self.ask_domain(write, self._kept)

    def _kept(self, sentence: Sentence) -> None:
        if sentence.text_id == "bench.save.done":
            self.message.success(sentence)
        else:
            self.message.failure(sentence)
