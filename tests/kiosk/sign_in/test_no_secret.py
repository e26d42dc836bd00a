"""No code, password, number or key in any log record, in the representation of anything, or in clear in any file."""

import logging
import re
from collections.abc import Iterator
from dataclasses import dataclass, field

import pytest

from kiosk.accounts import Created, NewPerson
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Outcome
from tests.kiosk.world import BACKUP_CODE, PHONE, TEMPORARY_CODE, World, other_than

OWN = "eigen losse woorden hier"
WRONG_PASSWORD, WRONG_NAME = "ditIsNietHetWachtwoord", "mijnWachtwoordHier"


@dataclass(slots=True)
class Witness:
    """Walks through a story, and notes how everything that is seen represents itself and what must stay secret."""

    world: World
    secrets: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)
    logged: list[str] = field(default_factory=list)

    def look(self, sign_in: SignIn, outcome: Outcome | None = None) -> None:
        self.seen += [repr(outcome), repr(sign_in), repr(sign_in.view()), repr(sign_in._standing), repr(vars(sign_in))]
        for part in (sign_in._standing.method, sign_in._standing.sms, sign_in._standing.person):
            self.seen.append(repr(part))
        if sign_in._standing.method is not None:
            self.seen.append(repr(sign_in._standing.method.state()))
        view = sign_in.view()
        if view.success is not None and view.success.backup_code is not None:
            code = view.success.backup_code
            self.secrets |= {code, f"{code[:4]} {code[4:]}"}
        self.seen += [repr(message) for message in self.world.messages()]
        self.seen += [repr(user) for user in self.world.site.database.users.all()]
        for user in self.world.site.database.users.all():
            self.seen += [repr(factor) for factor in self.world.site.database.factors.of_user(user.id)]
            self.seen.append(repr(self.world.site.database.backup_codes.live(user.id)))
        if sign_in._standing.user is not None and sign_in._standing.signed_in is None:
            self.seen += [repr(sign_in.alternatives()), repr(sign_in.explanation(alternatives_seen=True))]

    def code(self) -> str:
        code = self.world.code_of_queued()
        self.secrets.add(code)
        return code

    def app_code(self, created: Created) -> str:
        code = self.world.app_code(created)
        self.secrets |= {code, created.totp_secret or "", other_than(code)}
        return code


def first_time(witness: Witness, created: Created) -> None:
    sign_in = witness.world.sign_in()
    witness.look(sign_in, sign_in.begin(WRONG_NAME, WRONG_PASSWORD))
    witness.look(sign_in, sign_in.begin("j.devries", WRONG_PASSWORD))
    witness.look(sign_in, sign_in.begin("j.devries", created.one_time_password))
    witness.look(sign_in, sign_in.choose_own_password("kort", "kort"))
    witness.look(sign_in, sign_in.choose_own_password(OWN, f"{OWN}!"))
    witness.look(sign_in, sign_in.choose_own_password(OWN, OWN))
    witness.look(sign_in, sign_in.confirm_phone(right=True))
    code = witness.code()
    witness.world.transmit(witness.world.modems["noord"])
    witness.look(sign_in, sign_in.answer(other_than(code)))
    witness.world.later(31)
    witness.look(sign_in, sign_in.resend())
    sign_in.take(MethodKind.TOTP)
    witness.look(sign_in, sign_in.answer(other_than(witness.app_code(created))))
    sign_in.back_to_sms()
    witness.look(sign_in, sign_in.answer(code))
    witness.look(sign_in, sign_in.send_backup_code_by_sms())
    witness.world.transmit(witness.world.modems["zuid"])
    witness.look(sign_in, sign_in.confirm_backup_code())
    sign_in.cancel("sign_out")
    witness.look(sign_in)


def other_ways(witness: Witness, created: Created) -> None:
    world = witness.world
    for factor in world.site.database.factors.of_user(created.user.id):
        with world.site.database.transaction(write=True):
            world.site.database.factors.confirm(factor.id, world.clock.now())
    world.give_backup_code()
    sign_in = world.begun(password=OWN)
    sign_in.take(MethodKind.BACKUP_CODE)
    witness.look(sign_in, sign_in.answer(other_than(BACKUP_CODE)))
    witness.look(sign_in, sign_in.answer(BACKUP_CODE))
    sign_in.cancel("idle")
    world.give_temporary_code()
    sign_in = world.begun(password=OWN)
    witness.look(sign_in, sign_in.answer(other_than(TEMPORARY_CODE)))
    witness.look(sign_in, sign_in.answer(TEMPORARY_CODE))
    sign_in.cancel("stop")
    sign_in = world.begun(password=OWN)
    sign_in.take(MethodKind.TOTP)
    witness.look(sign_in, sign_in.answer(witness.app_code(created)))


def trouble(witness: Witness) -> None:
    world = witness.world
    sign_in = world.begun(password=OWN)
    sign_in.take(MethodKind.SMS)
    code = witness.code()
    world.site.database._connection.rows("PRAGMA query_only=ON")
    witness.look(sign_in, sign_in.answer(code))
    witness.look(sign_in, world.attempt(OWN))
    sign_in.cancel("person")
    world.site.database._connection.rows("PRAGMA query_only=OFF")
    world.attempt("\ud800geheim")


@pytest.fixture
def witness(world: World, caplog: pytest.LogCaptureFixture) -> Iterator[Witness]:
    """Somebody who has been all the way, with everything logged."""
    caplog.set_level(1)
    logging.getLogger("kiosk").setLevel(1)
    logging.getLogger("data").setLevel(1)
    created = world.invite(app=True)
    made = Witness(world)
    made.secrets |= {created.one_time_password, OWN, WRONG_PASSWORD, WRONG_NAME, BACKUP_CODE, TEMPORARY_CODE, "geheim"}
    made.secrets |= {PHONE, PHONE[3:], f"0{PHONE[3:]}", other_than(BACKUP_CODE), other_than(TEMPORARY_CODE)}
    made.seen += [repr(created), repr(NewPerson(name="x", display_name="x", phone=PHONE))]
    first_time(made, created)
    other_ways(made, created)
    trouble(made)
    made.logged = [f"{one.getMessage()} {one.args!r} {one.exc_text}" for one in caplog.records]
    yield made
    logging.getLogger("kiosk").setLevel(logging.NOTSET)
    logging.getLogger("data").setLevel(logging.NOTSET)


def found_in(text: str, secrets: set[str]) -> list[str]:
    """Secrets that stand in a text; digits only where they stand alone, not as a part of some time or id."""
    return [one for one in secrets if re.search(rf"(?<!\d){re.escape(one)}(?!\d)", text, re.IGNORECASE)]


def test_the_story_is_one_in_which_there_is_something_to_find(witness: Witness) -> None:
    assert len(witness.secrets) > 20
    assert len(witness.seen) > 200
    assert len(witness.logged) > 2
    assert found_in("Code: 123456.", {"123456"}) == ["123456"]


def test_no_secret_is_logged(witness: Witness) -> None:
    assert found_in("\n".join(witness.logged), witness.secrets) == []


def test_nothing_that_is_seen_represents_itself_by_a_secret(witness: Witness) -> None:
    assert [secret for text in witness.seen for secret in found_in(text, witness.secrets)] == []


def test_no_secret_stands_in_clear_in_any_file(witness: Witness) -> None:
    kept = witness.world.everything_kept().decode("latin-1")

    assert found_in(kept, witness.secrets) == []
    assert found_in(kept, {"j.devries"}) == ["j.devries"]
