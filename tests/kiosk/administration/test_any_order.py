"""Whatever administrators do in whatever order: somebody who can administer stays, and all of it is in the log."""

from collections.abc import Callable
from contextlib import closing
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from data.factors import FactorState
from data.users import Role
from kiosk.accounts import AccountError
from kiosk.administration import accounts, methods, passwords, temporary
from kiosk.administration.changing import Office
from kiosk.administration.errors import AdministrationError
from kiosk.administration.methods import OldNumber
from tests.kiosk.administration.office import BECAUSE, NO_SMS, administrator, page, root
from tests.kiosk.world import World

NAMES = ("a.bakker", "c.dekker", "j.devries")
LATER = date(2030, 1, 1)

Act = Callable[[Office, str, str, int], Any]
ACTS: dict[str, Act] = {
    "disable": lambda office, person, _method, _turn: accounts.disable(office, person, BECAUSE),
    "disable later": lambda office, person, _method, _turn: accounts.disable(office, person, BECAUSE, on=LATER),
    "enable": lambda office, person, _method, _turn: accounts.enable(office, person, BECAUSE),
    "delete": lambda office, person, _method, _turn: accounts.delete(office, person, BECAUSE),
    "staff": lambda office, person, _method, _turn: accounts.change_role(office, person, Role.STAFF, BECAUSE),
    "chef": lambda office, person, _method, _turn: accounts.change_role(office, person, Role.ADMINISTRATOR, BECAUSE),
    "revoke": lambda office, person, method, _turn: methods.revoke_method(office, person, method, BECAUSE),
    "app": lambda office, person, _method, _turn: methods.offer_app(office, person, BECAUSE),
    "phone": lambda office, person, _method, turn: methods.add_phone(office, person, f"06120000{turn:02d}", BECAUSE),
    "number": lambda office, person, method, turn: methods.change_phone(
        office, person, BECAUSE, method_id=method, number=f"06130000{turn:02d}", old=OldNumber.REVOKED
    ),
    "reset": lambda office, person, _method, _turn: passwords.reset_password(office, person, BECAUSE),
    "code": lambda office, person, _method, _turn: temporary.issue(office, person, NO_SMS),
    "end": lambda office, person, _method, _turn: passwords.end_sessions(office, person, BECAUSE),
}
STEP = st.tuples(st.sampled_from(["root", *NAMES[:2]]), st.sampled_from(sorted(ACTS)), st.sampled_from(NAMES))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(steps=st.lists(STEP, max_size=25))
def test_somebody_who_can_administer_stays_and_everything_is_written_down(steps: list[tuple[str, str, str]]) -> None:
    with TemporaryDirectory(prefix="kiosk-") as directory, closing(World.make(Path(directory))) as world:
        ids = {administrator(world, name).name: world.user(name).id for name in NAMES[:2]}
        ids["j.devries"] = world.person(app=True).user.id
        done = 0
        for turn, (by, act, to) in enumerate(steps):
            done += _tried(world, by, ACTS[act], ids[to], turn)

        written = [
            result for action, result in world.actions() if action.startswith("users.") and action != "users.added"
        ]
        assert written.count("ok") == done
        assert world.site.database.audit.verify().ok


def _tried(world: World, by: str, act: Act, person: str, turn: int) -> bool:
    """Whether it was done; what must hold after it is checked here."""
    database = world.site.database
    factors = database.factors.of_user(person)
    revoked = {one.id for one in factors if one.state is FactorState.REVOKED}
    # The newest that is left, so that several revocations in a row find something.
    method = next((one.id for one in reversed(factors) if one.id not in revoked), "none")
    present = by == "root" or database.users.by_name(by) is not None
    try:
        if not present:
            return False
        act(root(world) if by == "root" else page(world, by), person, method, turn)
    except (AdministrationError, AccountError):
        return False
    finally:
        assert database.users.able_administrators(), "nobody is left who can administer"
        assert revoked <= {one.id for one in database.factors.of_user(person) if one.state is FactorState.REVOKED} or (
            database.factors.of_user(person) == []
        )
    return True
