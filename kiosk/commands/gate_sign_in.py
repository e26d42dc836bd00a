"""The sign-in of `kiosk gate` on the terminal of this process, as pages or as lines."""

import gc
from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from kiosk.commands.terminal import Terminal, facts_of
from kiosk.config import Config
from kiosk.gate.passing import Passed
from kiosk.gate.wire import Answer, Face, NotPassed, Why
from kiosk.language import Language

if TYPE_CHECKING:
    from kiosk.commands.backstage import Backstage


def sign_in(
    configuration: Config,
    language: Language,
    *,
    desk: str,
    account: int,
    face: Face,
    backstage: "Callable[[], Backstage]",
) -> Answer:
    """Who passed as the Unix account of that number, or why nobody did; exits when the reason has been told."""
    answers: list[Passed | None] = []
    facts = replace(facts_of(configuration, desk), applications=(), gate_account=account)
    terminal = Terminal(facts, backstage)
    if face is Face.LINES:
        from kiosk.commands.show_plain import show_plain  # noqa: PLC0415  only one of the two faces is loaded

        code = show_plain(terminal, language, gate=answers.append)
    else:
        # As `kiosk run` does.
        gc.disable()
        from kiosk.commands.show import show  # noqa: PLC0415  see above

        code = show(terminal, configuration, language, gate=answers.append)
    if code != 0:
        return NotPassed(Why.OUT_OF_SERVICE)
    if not answers:
        return NotPassed(Why.NOT_SIGNED_IN)
    return answers[0] or NotPassed(Why.REFUSED)
