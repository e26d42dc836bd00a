"""What stands beside the list of people and on a high page of the temporary code."""

from dataclasses import replace

from kiosk.administration.card import BackupLine
from screens.administrator.card_words import locks_in_words, methods_in_words
from tests.screens.administrator.test_pictures import CARD
from tests.screens.sign_in.scripted import HandClock, Script, make_app


def test_methods_are_told_with_their_state_and_a_back_up_code_only_when_there_is_one() -> None:
    app, thread = make_app(Script(), HandClock())
    none = BackupLine(live=False, confirmed=False, failures_in_row=0, trouble=None, last_used_at=None)

    assert methods_in_words(app, CARD) == ["SMS (78): in orde", "Back-upcode: in orde"]
    assert methods_in_words(app, replace(CARD, backup=none)) == ["SMS (78): in orde"]
    assert locks_in_words(app, CARD) == ["GEBLOKKEERD: tweede stap, 20 fouten (D of T)"]
    assert thread.stop()
