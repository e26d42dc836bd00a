"""A key at the sign-in in lines: whatever it wants next is said."""

from kiosk.yubikey.ceremony import Phase
from tests.screens.plain.sitting import Sitting, sit
from tests.screens.sign_in.scripted import key_page


def test_a_key_that_needs_no_pin_any_more_says_what_it_needs_then() -> None:
    def what(person: Sitting) -> None:
        person.until("Steek uw YubiKey in", "Letter: ")
        person.become(key_page(Phase.PIN))
        person.until("PIN van uw YubiKey: ")
        person.become(key_page(Phase.TOUCH))
        person.until("Raak uw YubiKey aan", "Letter: ")

    sit(what, view=key_page(Phase.INSERT))
