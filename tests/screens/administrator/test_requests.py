"""What waits for a second administrator: the letters of a request, and its content in words."""

from dataclasses import dataclass, field, replace
from functools import partial
from types import SimpleNamespace

import pytest

from data.approvals import ApprovalState
from kiosk.administration.authority import Act, PageAuthority
from kiosk.administration.break_glass import UsedCode
from kiosk.administration.changing import Office
from kiosk.administration.errors import Over, RequestOver
from kiosk.administration.free_text import Why
from kiosk.administration.requests import RequestLine, RequestSeen, Step
from kiosk.language import LANGUAGES, Language
from screens.administrator import asking, broken_glass
from screens.administrator import requests as page_module
from screens.administrator.asked import asked_in_words, content_in_words
from screens.administrator.broken_glass import BrokenGlassPage
from screens.administrator.requests import RefusePage, RequestPage, RequestsPage
from screens.home import waiting as home_module
from screens.words import Words
from tests.screens.sign_in.driver import Driver, kiosk, screen_text
from tests.screens.sign_in.scripted import FACTS, NOON_MS, ScriptedDesk, home_page

LINE = RequestLine(
    id="r",
    act=Act.ROLE,
    person_id="jan",
    who="Jan de [b]Vries",
    asked_by="Anne Bakker",
    asked_at=NOON_MS,
    expires_at=NOON_MS + 3_600_000,
    state=ApprovalState.WAITING,
    own=False,
    mine=True,
)
SEEN = RequestSeen(
    line=LINE,
    shown={"from": "staff", "to": "technician"},
    reason="other_work",
    ticket="TD-4411",
    decided_by="",
    decided_at=None,
    answer="",
    broke_glass=False,
    at_form=False,
)


USED = UsedCode(id="c", by="Anne Bakker", at=NOON_MS, act=Act.ROLE, who="Jan", reason="other_work", own=False)


@dataclass
class Asked:
    """A domain with one request, which notes what it is told."""

    seen: RequestSeen = SEEN
    told: list[tuple[str, ...]] = field(default_factory=list)

    def look(self, _office: Office, _request_id: str) -> RequestSeen:
        return self.seen

    def waiting(self, _office: Office, *, person_id: str | None = None) -> tuple[RequestLine, ...]:
        del person_id
        return (self.seen.line,)

    def approve(self, _office: Office, request_id: str) -> Step:
        self.told.append(("approve", request_id))
        return Step(request_id=request_id, reference="K482", expires_at=0)

    def refuse(self, _office: Office, request_id: str, why: Why) -> Step:
        self.told.append(("refuse", request_id, why.reason))
        return Step(request_id=request_id, reference="K482", expires_at=0)

    def withdraw(self, _office: Office, request_id: str) -> Step:
        self.told.append(("withdraw", request_id))
        return Step(request_id=request_id, reference="K482", expires_at=0)

    def carry_out(self, _office: Office, _request_id: str) -> object:
        self.told.append(("carry_out",))
        raise RequestOver(Over.CHANGED)


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Asked:
    made = Asked()
    for name in ("look", "waiting", "approve", "refuse", "withdraw", "carry_out"):
        monkeypatch.setattr(page_module, name, getattr(made, name))
    monkeypatch.setattr(asking, "must_prove", lambda *_: False)
    authority = PageAuthority(administrator_id="anne", session_id="s", reauthenticated_at=0)
    office = SimpleNamespace(authority=authority, site=SimpleNamespace(clock=SimpleNamespace(now=lambda: NOON_MS)))
    monkeypatch.setattr(ScriptedDesk, "office", lambda _: office, raising=False)
    monkeypatch.setattr(ScriptedDesk, "approval_spent", lambda _: None, raising=False)
    return made


def shown(person: Driver) -> str:
    return " ".join(" ".join(screen_text(person.app)).split())


def _says(person: Driver, told: str) -> bool:
    return told in person.words


async def opened(person: Driver) -> RequestPage:
    await person.sign_in(home_page())
    listed = RequestsPage()
    person.app.push_screen(listed)
    await person.until(lambda: listed.found)
    page = RequestPage("r")
    person.app.push_screen(page)
    await person.until(lambda: page.seen is not None)
    await person.settle()
    return page


async def test_it_is_approved_by_a_letter_and_a_yes_and_by_no_hurried_enter(asked: Asked) -> None:
    async with kiosk() as person:
        page = await opened(person)
        assert "rol geven, Jan de [b]Vries Rol: medewerker wordt technicus" in shown(person)
        assert "Anne Bakker, vandaag 12:03 Reden Ander werk" in shown(person)
        assert "TD-4411" in shown(person)
        await person.press("g")
        await person.settle()
        await person.press("enter")
        await person.settle()
        assert (asked.told, person.app.screen) == ([], page)
        await person.press("g")
        await person.settle()
        await person.press("j")
        await person.until(lambda: page not in person.app.screen_stack)
        await person.settle()
        assert "Goedgekeurd. Uw collega kan het nu uitvoeren. Gelogd als K482." in shown(person)

    assert asked.told == [("approve", "r")]


async def test_whoever_refuses_gives_a_reason_first(asked: Asked) -> None:
    async with kiosk() as person:
        await opened(person)
        await person.press("w")
        await person.until(lambda: isinstance(person.app.screen, RefusePage))
        await person.settle()
        await person.press("enter")
        await person.settle()
        assert asked.told == []
        await person.press("2", "enter")
        await person.until(lambda: isinstance(person.app.screen, RequestsPage))

    assert asked.told == [("refuse", "r", "unclear")]


@pytest.mark.parametrize(
    ("state", "own", "at_form", "letters"),
    [
        ("waiting", True, False, "i p escape"),
        ("approved", True, False, "enter i p escape"),
        ("approved", True, True, "i p escape"),
        ("refused", True, False, "x p escape"),
        ("waiting", False, False, "g w p escape"),
        ("approved", False, False, "w p escape"),
        ("refused", False, False, "p escape"),
    ],
)
def test_only_what_fits_the_request_can_be_done(state: str, own: bool, at_form: bool, letters: str) -> None:
    page = RequestPage("r")
    line = replace(LINE, own=own, mine=not own, state=ApprovalState(state))
    page.seen = replace(SEEN, line=line, at_form=at_form)
    assert [one.key for one in page.ORDERS if page.available(one)] == letters.split()


async def test_why_it_is_not_done_is_said_and_the_request_stays(asked: Asked) -> None:
    asked.seen = replace(SEEN, line=replace(LINE, own=True, mine=False, state=ApprovalState.APPROVED))
    async with kiosk() as person:
        page = await opened(person)
        await person.press("enter")
        await person.until(lambda: bool(asked.told))
        await person.settle()
        assert "dit is niet meer wat is goedgekeurd" in shown(person)
        assert person.app.screen is page


async def test_home_of_an_administrator_says_what_waits_and_that_the_envelope_was_opened(
    asked: Asked, monkeypatch: pytest.MonkeyPatch
) -> None:
    used: list[UsedCode] = []
    monkeypatch.setattr("kiosk.administration.requests.waiting", asked.waiting)
    monkeypatch.setattr("kiosk.administration.break_glass.unread", lambda _office: tuple(used))
    monkeypatch.setattr(broken_glass, "unread", lambda _office: tuple(used))
    read: list[str] = []
    monkeypatch.setattr(broken_glass, "mark_read", lambda _office, code_id: read.append(code_id))
    view = home_page()
    assert view.home is not None
    async with kiosk() as person:
        await person.sign_in(replace(view, home=replace(view.home, role="administrator")))
        row = person.app.screen.query_one(home_module.Waiting)
        for state, mine, told in (
            ("waiting", True, "W Wacht op tweede beheerder, op u: 1"),
            ("waiting", False, "W Wacht op tweede beheerder: 1"),
            ("approved", False, "W Goedgekeurd door tweede beheerder, voer uit: 1"),
            ("refused", False, "W Geweigerd door tweede beheerder: 1"),
        ):
            asked.seen = replace(SEEN, line=replace(LINE, own=not mine, mine=mine, state=ApprovalState(state)))
            row.look()
            await person.until(partial(_says, person, told))
        assert "NOODCODE" not in person.words

        used.append(USED)
        row.look()
        await person.until(partial(_says, person, "G NOODCODE GEBRUIKT door Anne Bakker, vandaag 12:03"))
        await person.press("g")
        await person.until(lambda: isinstance(person.app.screen, BrokenGlassPage))
        await person.until(lambda: "rol geven, Jan" in shown(person))
        await person.press("x")
        await person.until(lambda: bool(read))
    assert read == ["c"]


CONTENTS: dict[str, tuple[Act, dict[str, object], list[str]]] = {
    "nothing": (Act.DELETE, {}, ["persoon verwijderen, Jan"]),
    "person": (
        Act.ROLE,
        {"name": "chef", "display_name": "Chef", "to": "auditor", "app": True, "tail": "21"},
        ["rol geven, Jan", "Nieuw: Chef (chef)", "Rol: auditor", "Nummer dat eindigt op 21"],
    ),
    "app": (Act.ADD_METHOD, {"kind": "totp"}, ["methode toevoegen, Jan", "Methode: Authenticator app"]),
    "app here": (
        Act.ADD_METHOD,
        {"kind": "totp", "here": True, "replaces": None},
        ["methode toevoegen, Jan", "Methode: Authenticator app", "Ter plaatse, met de persoon erbij"],
    ),
    "phone": (Act.ADD_METHOD, {"kind": "sms", "tail": "21"}, ["methode toevoegen, Jan", "Methode: SMS (21)"]),
    "other phone": (
        Act.CHANGE_PHONE,
        {"method": "m", "kind": "sms", "of": "78", "tail": "21", "old": "kept"},
        ["nummer wijzigen, Jan", "Methode: SMS (78)", "Nieuw nummer dat eindigt op 21"],
    ),
    "revoked": (
        Act.REVOKE_METHOD,
        {"method": "m", "kind": "yubikey_fido2", "of": None},
        ["methode intrekken, Jan", "Methode: YubiKey"],
    ),
    "code": (
        Act.TEMPORARY_CODE,
        {
            "proof": "manager: mw. Smit",
            "minutes": 120,
            "unlock": True,
            "add_app": True,
            "revoke": [{"method": "m", "kind": "sms", "of": "78"}],
            "contradiction": True,
        },
        [
            "tijdelijke code maken, Jan",
            "Vastgesteld: Leidinggevende bevestigt (mw. Smit)",
            "Geldig: 2 uur",
            "Deblokkeert ook",
            "Laat meteen een authenticator app toevoegen",
            "Trek SMS (78) in: het toestel is kwijt",
            "Let op: teruggebeld, maar de telefoon is weg of het nummer is nieuw",
        ],
    ),
    "slips": (
        Act.SLIP,
        {"slips": 12, "people": "0123"},
        ["briefjes met een wachtwoord maken, Jan", "Aantal briefjes: 12"],
    ),
    "list": (
        Act.IMPORT,
        {"sha256": "0123456789abcdef", "rows": 5, "new": 3, "changed": 2, "cured": 1},
        [
            "lijst inlezen, Jan",
            "5 rijen: 3 nieuw, 2 gewijzigd, 1 voorstellen genomen",
            "Controlegetal van het bestand: 01234567",
        ],
    ),
}


@dataclass
class Spoken:
    """What of an app these words need."""

    language: Language

    def text(self, text_id: str, **values: str | int) -> str:
        return Words(self.language, FACTS).text(text_id, values)


@pytest.mark.parametrize("name", CONTENTS)
def test_what_is_approved_is_said_in_full(name: str) -> None:
    act, shown, expected = CONTENTS[name]
    told: dict[str, list[str]] = {}
    for code in LANGUAGES:
        app = Spoken(Language.load(code))
        told[code] = [asked_in_words(app, act, "Jan"), *content_in_words(app, shown)]  # type: ignore[arg-type]
    assert told["nl"] == expected
    assert len(told["en"]) == len(expected)
