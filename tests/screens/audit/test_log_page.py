"""The pages of the log: the keys that an auditor was promised, and the log of one person from their card."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace

import pytest

from data.audit import AuditEvent
from data.audit_check import Verification
from kiosk.audit.asking import Asked
from kiosk.audit.export import Exported
from kiosk.audit.reading import AuditLine
from kiosk.audit.room import AuditRoom, Form, HandedOver, LastCheck, Searched
from kiosk.reports.report import Report
from kiosk.sign_in.views import SignInView
from screens.administrator.card import CardPage
from screens.administrator.report_list import ListPage
from screens.audit.check import CheckPage
from screens.audit.log import LogPage
from screens.audit.words import result_of
from screens.widgets.base import Plain
from tests.screens.administrator.test_pictures import NAME, furnish
from tests.screens.administrator.test_reports import Room as Reports
from tests.screens.administrator.test_reports import words
from tests.screens.sign_in.driver import Driver, kiosk
from tests.screens.sign_in.scripted import NOON_MS, HandClock, Script, ScriptedDesk, home_page, make_app

LINE = AuditLine(
    seq=8_211,
    reference="K482",
    at=NOON_MS,
    at_wall=NOON_MS,
    event=AuditEvent(
        action="users.temporary_code_issued",
        object="jan",
        result="ok",
        origin="desk:noord",
        actor="anne",
        parameters={},
        simulated=False,
    ),
    altered=False,
    actor_name="a.bakker",
    object_name="j.devries",
    desk="noord",
)
WHOLE = Verification(ok=True, rows=8_211, last_seq=8_211, mac=bytes(32), good_until=NOON_MS)


@dataclass
class Room:
    """A log of one line; keeps what it was asked."""

    reader_id = "anne"
    asked: list[Asked] = field(default_factory=list)
    handed_over: list[tuple[Asked, Form]] = field(default_factory=list)

    def enter(self) -> "Room":
        return self

    def poll(self) -> float:
        return 60.0

    def close(self) -> None:
        pass

    def search(self, asked: Asked) -> Searched:
        self.asked.append(asked)
        return Searched(1, (LINE,))

    def value(self, _seq: int) -> str:
        return "7F3A 91C2"

    def last_check(self) -> LastCheck | None:
        return None

    def verify(self, _progress: Callable[[int, int], None], _cancelled: Callable[[], bool]) -> Verification:
        return WHOLE

    def export(self, asked: Asked, form: Form, *_: object) -> HandedOver:
        self.handed_over.append((asked, form))
        return HandedOver("audit.jsonl", Exported(rows=1, sha256="0" * 64, found=WHOLE, sealed=True))


@pytest.fixture
def room(monkeypatch: pytest.MonkeyPatch) -> Room:
    made = Room()
    # Pages ask some things by the name of the method.
    for name in ("verify", "last_check"):
        monkeypatch.setattr(AuditRoom, name, getattr(Room, name))
    monkeypatch.setattr(ScriptedDesk, "audit_room", lambda _: made, raising=False)
    monkeypatch.setattr(ScriptedDesk, "reports", lambda _: Reports(rows=0), raising=False)
    return made


def auditor() -> SignInView:
    """Home of somebody who reads everything and changes nothing."""
    view = home_page()
    assert view.home is not None
    return replace(view, home=replace(view.home, role="auditor"))


async def opened_log(person: Driver, room: Room) -> LogPage:
    """The log as L on Home opens it."""
    await person.sign_in(auditor())
    await person.press("l")
    await person.until(lambda: isinstance(person.app.screen, LogPage) and len(room.asked) == 1)
    await person.settle()
    page = person.app.screen
    assert isinstance(page, LogPage)
    return page


async def test_all_about_one_person_takes_three_and_the_name(room: Room) -> None:
    async with kiosk() as person:
        await opened_log(person, room)
        await person.press("/")
        await person.type("vries")
        await person.press("enter")

        await person.until(lambda: len(room.asked) == 2)
        assert room.asked[-1] == Asked(person="vries", since="7d")
        assert person.presses == 3


async def test_whether_the_log_is_whole_takes_two(room: Room) -> None:
    async with kiosk() as person:
        await opened_log(person, room)
        await person.press("c")

        await person.until(lambda: isinstance(person.app.screen, CheckPage) and "In orde: 8211" in words(person))
        assert person.presses == 2


async def test_handing_over_a_quarter_takes_five(room: Room) -> None:
    async with kiosk() as person:
        await opened_log(person, room)
        await person.press("f", "4", "e", "1")

        await person.until(lambda: bool(room.handed_over))
        await person.settle()
        assert room.handed_over == [(Asked(since="2025-07-01", until="2025-09-30"), Form.LINES)]
        assert "Bewaard als audit.jsonl" in words(person)
        assert person.presses == 5


async def test_the_reports_that_an_auditor_asks_for_take_two(room: Room) -> None:
    del room
    async with kiosk() as person:
        await person.sign_in(auditor())
        for digit, report in (("6", Report.TEMPORARY), ("7", Report.RIGHTS)):
            person.presses = 0
            await person.press("r", digit)

            page = person.app.screen
            assert isinstance(page, ListPage)
            assert (page.report, person.presses) == (report, 2)
            await person.press("escape", "escape")


async def test_the_card_opens_the_log_of_that_person_alone_and_gets_the_keys_back(
    room: Room, monkeypatch: pytest.MonkeyPatch
) -> None:
    furnish(monkeypatch)
    async with kiosk() as person:
        await person.sign_in(home_page())
        card = CardPage("jan", NAME)
        person.app.push_screen(card)
        await person.until(lambda: card.seen is not None)
        await person.settle()
        await person.press("l")
        await person.until(lambda: len(room.asked) == 1)
        await person.settle()
        page = person.app.screen
        assert isinstance(page, LogPage)
        assert str(page.query_one("#path-left", Plain).render()).strip() == f"Home -> Personen -> {NAME} -> Logboek"

        # Neither a search for somebody else nor a filter makes it the log of others.
        await person.press("/")
        await person.press("f")
        await person.settle()
        # The sheet of the administrator's pages is there, too, and leaves this question its rows.
        assert "2 inloggen en sessies" in words(person)
        await person.press("2")
        await person.until(lambda: len(room.asked) == 2)
        await person.settle()
        assert room.asked == [Asked(person="jan"), Asked(person="jan", since="7d")]

        await person.press("escape")
        assert person.app.screen is card


async def test_no_key_of_an_auditor_changes_anything(room: Room) -> None:
    async with kiosk() as person:
        page = await opened_log(person, room)
        assert [key for key, _ in page.key_lines()] == ["/", "F", "C", "E", "?", "Esc"]
        await person.press("escape")
        await person.settle()
        assert "P Personen" not in words(person)
        home = person.app.screen
        for letter in "pi":
            await person.press(letter)
            assert person.app.screen is home


@pytest.mark.parametrize(
    ("action", "result", "shown", "style"),
    [
        ("sms.delivered", "00", "gelukt", "$good"),
        ("sms.delivered", "02", "gelukt", "$good"),
        ("sms.undelivered", "43", "status 43", "$bad"),
        ("sign_in.sms", "locked", "GEBLOKKEERD", "$bad"),
    ],
)
def test_an_sms_that_came_is_shown_as_good_whatever_the_code_of_its_network(
    action: str, result: str, shown: str, style: str
) -> None:
    assert LINE.event is not None
    line = replace(LINE, event=replace(LINE.event, action=action, result=result))
    app, thread = make_app(Script(), HandClock())
    assert result_of(app, line) == (shown, style)
    assert thread.stop()
