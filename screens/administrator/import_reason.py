"""Why a list is imported."""

from typing import TYPE_CHECKING

from kiosk.administration.authority import PageAuthority
from kiosk.administration.changing import Office
from screens.administrator.importing import name_of
from screens.administrator.reason_form import ReasonForm

if TYPE_CHECKING:
    from screens.administrator.trial import TrialPage


class ImportReasonPage(ReasonForm):
    """Why the list is imported; the administrator proves first who it is, when that is long ago."""

    title_id = "import.reason.title"
    path = ("home.title", "import.title")
    REASONS = ("new_colleague", "name_changed", "temporary_help")

    def __init__(self, trial: "TrialPage") -> None:
        super().__init__()
        self._trial = trial

    def explained(self) -> str:
        """Which list is imported."""
        return self.kiosk.text("import.explained", file=name_of(self._trial.file))

    def submit(self) -> None:
        """Enter."""
        why = self.why()
        if why is None:
            return

        def go(authority: PageAuthority) -> None:
            self.close()
            self._trial.carry_out(why, authority)

        self.do(authority_of, go)


def authority_of(office: Office) -> PageAuthority:
    """The administrator at this desk."""
    assert isinstance(office.authority, PageAuthority), "a desk knows no other"
    return office.authority
