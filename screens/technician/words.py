"""Words that the technician's pages share."""

from typing import TYPE_CHECKING, Final

from kiosk.technician.diagnosis import Finding
from kiosk.technician.overview import Health
from kiosk.technician.steps import Mark
from kiosk.technician.words import do_of, what_of
from screens.look import GLYPHS

if TYPE_CHECKING:
    from screens.app import KioskApp

STYLE_OF_MARK: Final = {
    Mark.GOOD: "$good",
    Mark.ATTENTION: "$here",
    Mark.FAULT: "$bad",
    Mark.BUSY: "$here",
    Mark.SKIPPED: "$quiet",
    Mark.NOT_DONE: "$quiet",
    Mark.WAITING: "$quiet",
}
STYLE_OF_HEALTH: Final = {
    Health.GOOD: "$good",
    Health.ATTENTION: "$here",
    Health.FAULT: "$bad",
    Health.USED_UP: "$here",
    Health.STARTING: "$here",
    Health.LENT: "$here",
    Health.OUT: "$quiet",
}
BARS: Final = 4


def bars_of(app: "KioskApp", lit: int) -> str:
    """Four bars, of which `lit` are lit."""
    glyphs = GLYPHS[app.look.glyphs]
    return "".join(glyphs.signal[:lit]) + glyphs.signal_off * (BARS - lit)


def what_and_do(app: "KioskApp", finding: Finding) -> str:
    """Two lines: what is the matter, and what to do."""
    what = app.text("bench.line.what", what=what_of(finding, app.language))
    return f"{what}\n{app.text('bench.line.do', do=do_of(finding, app.language))}"


def level_of(app: "KioskApp", dbm: int | None) -> str:
    """`-97 matig`."""
    if dbm is None:
        return "-"
    word = "good" if dbm >= -85 else "fair" if dbm >= -95 else "weak" if dbm >= -105 else "bad"
    return f"{dbm} {app.text(f'bench.level.{word}')}"
