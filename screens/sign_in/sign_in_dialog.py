"""SignInDialog: a dialog over a page that takes a code, which asks the domain through that page."""

from typing import TYPE_CHECKING

from kiosk.sign_in.outcomes import Refused
from screens.page import Dialog, on_screen
from screens.sign_in.contact import say_refused

if TYPE_CHECKING:
    from screens.sign_in.factor_page import FactorPage


class SignInDialog(Dialog[None]):
    """Stands over `page`; what the domain refuses is said here, everything else closes it."""

    def __init__(self, page: "FactorPage") -> None:
        super().__init__()
        self.page = page

    def tick(self) -> None:
        """The clock comes also before the widgets and after them."""
        if on_screen(self):
            super().tick()

    def refuse(self, refused: Refused) -> None:
        """Not done: say why, let the person choose something else."""
        say_refused(self.message, refused)
        self.add_class("-told")
