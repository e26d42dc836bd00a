"""A locked session goes on after a touch of the person's own key."""

from hardware.simulator.yubikey import SimulatedYubiKey
from kiosk.account.lock import Lock
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved
from kiosk.yubikey.ceremony import Phase
from tests.kiosk.world import BACKUP_CODE
from tests.kiosk.yubikey.desk_with_keys import KeyDesk


def by_backup_code(desk: KeyDesk) -> SignIn:
    sign_in = desk.world.begun()
    sign_in.take(MethodKind.BACKUP_CODE)
    assert isinstance(sign_in.answer(BACKUP_CODE), Moved)
    sign_in.confirm_backup_code()
    return sign_in


def test_a_touch_of_the_own_key_opens_it(desk: KeyDesk) -> None:
    key = SimulatedYubiKey()
    desk.enrol(key)
    standing = by_backup_code(desk).standing
    assert standing is not None
    assert standing.user is not None
    assert standing.signed_in is not None
    lock = Lock(desk.world.site, desk.world.trail, standing.user, standing.signed_in, desk_id=desk.world.desk_id)
    desk.usb.plug(key)
    assert lock.view().key_offered
    assert isinstance(lock.begin_key(), Moved)

    def phase(wanted: Phase) -> bool | None:
        shown = lock.view().key
        return True if shown is not None and shown.phase == wanted else None

    desk.until(lambda: phase(Phase.TOUCH))
    key.touch()
    desk.until(lambda: phase(Phase.ANSWERED))
    assert isinstance(lock.answer_key(), Moved)
    assert lock.open
    assert desk.world.actions()[-1] == ("session.unlocked", "yubikey")
