"""Four eyes on the pages: the form waits below, and goes on as soon as the second administrator has approved."""

from dataclasses import dataclass, field
from types import SimpleNamespace

import pytest

from kiosk.account.views import AccountView, ProofView
from kiosk.administration.authority import Act, PageAuthority
from kiosk.administration.errors import Forbidden, Rule
from kiosk.administration.four_eyes import Content, Wanted
from kiosk.administration.passwords import Done
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome, Refused, Sentence, Stage
from screens.administrator import asking, deeds
from screens.administrator.deeds import SessionsPage
from screens.administrator.second import SecondPage, SecondProofPage
from tests.screens.administrator.test_pictures import JAN, NAME, SEEN
from tests.screens.sign_in.driver import Driver, kiosk, screen_text
from tests.screens.sign_in.scripted import NOON_MS, ScriptedDesk, home_page

TO_TECHNICIAN = Content({"from": "staff", "to": "technician"})


@dataclass
class Asked:
    """A second administrator with an app, whose first password is wrong."""

    given: bool = False
    told: list[tuple[str, ...]] = field(default_factory=list)

    def begin(self, name: str, password: str) -> Outcome:
        self.told.append((name, password))
        if password != "goed":
            return Refused(Sentence("sign_in.login.wrong"), Stage.SIGNED_IN)
        return Moved(Stage.SIGNED_IN)

    def begin_proof(self, kind: MethodKind) -> Outcome:
        self.told.append((kind.value,))
        return Moved(Stage.SIGNED_IN)

    def answer_proof(self, typed: str) -> Outcome:
        self.told.append((typed,))
        self.given = True
        return Moved(Stage.SIGNED_IN)

    def leave_proof(self) -> Outcome:
        return Moved(Stage.SIGNED_IN)

    def view(self) -> AccountView:
        proof = ProofView(kind=MethodKind.TOTP, sms=None, others=(), tries_left=5)
        return AccountView(
            name="c.dekker",
            display_name="Chris Dekker",
            language=None,
            contrast=None,
            methods=(),
            addable=(),
            proofs=(MethodKind.TOTP,),
            fresh_until=0,
            temporary=False,
            minimum_length=0,
            proof=proof,
        )


async def opened(person: Driver, asked: Asked, monkeypatch: pytest.MonkeyPatch) -> SessionsPage:
    """A form whose act a second administrator must approve."""

    def end_sessions(*_: object, **__: object) -> Done:
        if not asked.given:
            raise Forbidden(Rule.FOUR_EYES, wanted=Wanted(act=Act.ROLE, person_id=JAN.id, content=TO_TECHNICIAN))
        return Done(user=JAN, reference="K482")

    monkeypatch.setattr(deeds, "end_sessions", end_sessions)
    monkeypatch.setattr(asking, "must_prove", lambda *_: False)
    authority = PageAuthority(administrator_id="anne", session_id="s", reauthenticated_at=0)
    office = SimpleNamespace(authority=authority, site=SimpleNamespace(clock=SimpleNamespace(now=lambda: NOON_MS)))
    monkeypatch.setattr(ScriptedDesk, "office", lambda _: office, raising=False)
    monkeypatch.setattr(ScriptedDesk, "approval_spent", lambda _: asked.told.append(("spent",)), raising=False)
    monkeypatch.setattr(ScriptedDesk, "ask_second", lambda *_: asked, raising=False)
    monkeypatch.setattr(ScriptedDesk, "approval", lambda _: asked, raising=False)
    await person.sign_in(home_page())
    page = SessionsPage(SEEN, NAME)
    person.app.push_screen(page)
    await person.until(lambda: page.is_mounted)
    await person.settle()
    for key in ("1", "enter"):
        await person.press(key)
        await person.settle()
    await person.until(lambda: isinstance(person.app.screen, SecondPage))
    await person.settle()
    return page


async def test_the_form_goes_on_by_itself_when_the_second_one_has_approved(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked()
    async with kiosk() as person:
        page = await opened(person, asked, monkeypatch)
        assert "rol geven, Jan de Vries" in person.words
        assert "Rol: medewerker wordt technicus" in person.words
        for password in ("fout", "goed"):
            if password == "fout":
                await person.type("c.dekker")
                await person.press("enter")
            await person.type(password)
            await person.press("enter")
            await person.settle()
        await person.until(lambda: isinstance(person.app.screen, SecondProofPage))
        await person.settle()
        assert "Daarom uw eigen tweede stap" in person.words
        await person.press(*"123456", "enter")
        await person.until(lambda: page not in person.app.screen_stack)

    assert asked.told == [("c.dekker", "fout"), ("c.dekker", "goed"), ("totp",), ("123456",), ("spent",)]


async def test_whoever_goes_back_finds_the_form_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    asked = Asked()
    async with kiosk() as person:
        page = await opened(person, asked, monkeypatch)
        await person.press("escape")
        await person.settle()

        assert person.app.screen is page
        assert not page.asking
        assert "> 1 Vergeten uit te loggen" in " ".join(" ".join(screen_text(person.app)).split())
    assert asked.told == []
