"""A person at home with their account, and what tests look at of it."""

from data.factors import Factor, FactorKind, FactorState
from data.sessions import Session
from kiosk.account.account import Account
from kiosk.accounts import Created
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Refused, Stage
from tests.kiosk.world import TEMPORARY_CODE, World

# After this the proof of the sign-in itself is too old.
ELEVEN_MINUTES = 11 * 60


def home(world: World, name: str = "j.devries", code: str | None = None) -> SignIn:
    """Signed in by SMS, or by the code that is given, and past the back-up code."""
    sign_in = world.begun(name)
    outcome = sign_in.answer(code or newest_code(world))
    assert isinstance(outcome, Moved), outcome
    if sign_in.stage is Stage.SUCCESS:
        sign_in.confirm_backup_code()
    assert sign_in.stage is Stage.SIGNED_IN
    return sign_in


def newest_code(world: World) -> str:
    """The code in the newest SMS with one."""
    newest = [message for message in world.messages() if message.kind == "code"][-1]
    return world.site.database.messages.text(newest)[-6:]


def account_of(world: World, sign_in: SignIn) -> Account:
    standing = sign_in.standing
    assert standing is not None
    assert standing.user is not None
    assert standing.person is not None
    assert standing.signed_in is not None
    return Account(
        world.site,
        world.trail,
        standing.signed_in,
        user_id=standing.user.id,
        sign_in_id=standing.person.sign_in_id,
        desk_id=world.desk_id,
    )


def account(world: World, name: str = "j.devries", code: str | None = None) -> Account:
    return account_of(world, home(world, name, code))


def temporary(world: World, name: str = "j.devries") -> Account:
    """Somebody who came in with an administrator's code."""
    world.give_temporary_code(name)
    return account(world, name, TEMPORARY_CODE)


def session(world: World, owner: Account) -> Session:
    found = world.site.database.sessions.get(owner.session_id)
    assert found is not None
    return found


def factors(world: World, name: str = "j.devries") -> list[Factor]:
    return world.site.database.factors.of_user(world.user(name).id)


def active(world: World, kind: FactorKind, name: str = "j.devries") -> list[Factor]:
    return [row for row in factors(world, name) if row.kind is kind and row.state is FactorState.ACTIVE]


def done(outcome: Outcome) -> str | None:
    """The id of what is said of something that was done."""
    assert isinstance(outcome, Moved), outcome
    return None if outcome.notice is None else outcome.notice.text_id


def reason(outcome: Outcome) -> str:
    assert isinstance(outcome, Refused), outcome
    return outcome.why.text_id


def prove_by_app(world: World, owner: Account, created: Created, *, steps: int = 0) -> Outcome:
    assert done(owner.begin_proof(MethodKind.TOTP)) is None
    return owner.answer_proof(world.app_code(created, steps=steps))


def notices(world: World) -> list[str]:
    """Texts of the notices in the outbox, with the number's end."""
    database = world.site.database
    return [
        f"{message.number_tail} {database.messages.text(message)}"
        for message in world.messages()
        if message.kind == "notice"
    ]
