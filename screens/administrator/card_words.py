"""What a card says of a person, on its own page and beside the list."""

from typing import TYPE_CHECKING

from kiosk.administration.card import PersonCard
from kiosk.language import printable
from kiosk.sign_in.outcomes import Sentence
from screens.administrator.words import day, method_words, moment

if TYPE_CHECKING:
    from screens.app import KioskApp

# The names of facts stand under each other.
_NAME = 12


def locks_in_words(app: "KioskApp", card: PersonCard) -> list[str]:
    """What keeps this person out, or lets them in otherwise than usual."""
    found = []
    if card.switched_off:
        found.append(app.text("people.lock.off"))
    if card.second_factor_locked:
        found.append(app.text("people.lock.factor", count=card.second_factor_failures))
    if card.password.locked:
        found.append(app.text("people.lock.password", count=card.password.failures))
    elif card.password.wait_until is not None:
        found.append(app.say(Sentence("people.lock.wait", {"until": card.password.wait_until})))
    if card.temporary is not None:
        found.append(app.say(Sentence("people.lock.temporary", {"until": card.temporary.expires_at})))
    if card.user.suspended_role is not None:
        found.append(app.text("people.lock.role", role=app.text(f"home.role.{card.user.suspended_role.value}")))
    return found


def facts_in_words(app: "KioskApp", card: PersonCard) -> list[str]:
    """Role, password, last sign-in, sessions, and what there is only sometimes."""
    user, last = card.user, "-"
    if user.last_sign_in_at is not None:
        method = app.text(f"home.method.{user.last_method}") if user.last_method else "-"
        last = f"{moment(app, user.last_sign_in_at)}, {method}, {printable(card.last_desk or '-')}"
    lines = [
        ("role", app.text(f"home.role.{user.role.value}")),
        ("password", app.text(f"people.password.{_password_state(card)}")),
        ("last", last),
        ("sessions", ", ".join(printable(one.desk) for one in card.sessions) or app.text("people.card.none")),
    ]
    if user.disabled_from is not None and not card.switched_off:
        lines.append(("off", day(app, user.disabled_from)))
    if card.second_factor_failures and not card.second_factor_locked:
        lines.append(("failures", str(card.second_factor_failures)))
    return [f"{app.text(f'people.card.{name}'):<{_NAME}} {value}" for name, value in lines]


def methods_in_words(app: "KioskApp", card: PersonCard) -> list[str]:
    """Each method with its state; the back-up code last, when there is one."""
    lines = [
        f"{method_words(app, one.kind.value, one.number_tail)}: {app.text(f'people.state.{one.state.value}')}"
        for one in card.methods
    ]
    if card.backup.live:
        state = "active" if card.backup.trouble is None else "suspended"
        lines.append(f"{app.text('people.method.backup_code')}: {app.text(f'people.state.{state}')}")
    return lines


def _password_state(card: PersonCard) -> str:
    """The last part of `people.password.*`."""
    if not card.password.exists:
        return "none"
    if not card.password.one_time:
        return "own"
    return "expired" if card.password.expired else "one_time"
