"""The pages of the reports: an auditor changes nothing, and one report that fails leaves the others alone."""

from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Event

import pytest

from data.users import Role
from kiosk.administration.changing import Office
from kiosk.administration.free_text import Why
from kiosk.language import Language
from kiosk.reports import rights
from kiosk.reports.report import Figure, NetworkWeek, Page, Report, ReportRow, readable
from kiosk.reports.rights import Review, SignedOff, Standing
from kiosk.reports.room import Saved, SavingStopped
from screens.administrator import asking
from screens.administrator.report_list import ListPage
from screens.administrator.reports import ReportsPage
from tests.screens.sign_in.driver import Driver, kiosk, screen_text
from tests.screens.sign_in.scripted import NOON_MS, ScriptedDesk, home_page

DAY = 86_400_000
ANNE = ReportRow(
    values=("Anne [red]Bakker", "a.bakker", "administrator", NOON_MS, "beheer", NOON_MS - DAY),
    person_id="anne",
    person="Anne [red]Bakker",
)
JAN = ReportRow(values=("Jan", "jan", "78", None), person_id="jan", person="Jan")
REVIEWED = Review(at=NOON_MS - DAY, by="anne", digest="old")


@dataclass
class Room:
    """A reading room whose counts are what the test says."""

    role: Role = Role.ADMINISTRATOR
    fails: frozenset[Report] = frozenset()
    old: dict[Report, Figure] = field(default_factory=dict)
    rows: int = 1
    asked: list[int] = field(default_factory=list)
    read: list[tuple[Report, bool]] = field(default_factory=list)

    @property
    def reports(self) -> tuple[Report, ...]:
        return readable(self.role)

    @property
    def administers(self) -> bool:
        return self.role is Role.ADMINISTRATOR

    def kept(self) -> dict[Report, Figure]:
        return self.old

    def try_figure(self, report: Report) -> Figure | None:
        if report in self.fails:
            return None
        return Figure(report=report, count=14, before=12, at=NOON_MS)

    def week(self) -> list[NetworkWeek]:
        return [NetworkWeek("KPN", ((0, 61), (1, 52), (2, 70), (3, 112)), 12)]

    def page(self, report: Report, *, limit: int, offset: int = 0, again: bool = False) -> Page:
        assert report in self.reports
        self.read.append((report, again))
        self.asked.append(offset)
        rows = (JAN if report is Report.ONLY_SMS else ANNE,) * min(limit, self.rows - offset)
        return Page(rows=rows, more=offset + len(rows) < self.rows)

    def review(self) -> Standing:
        return Standing(digest="new", people=2, review=REVIEWED, by="[red]anne", due=True)

    def attention(self) -> int:
        return 3


def words(person: Driver) -> str:
    """All that is on the screen, without frames and line breaks."""
    return " ".join(" ".join(screen_text(person.app)).translate(str.maketrans("│┌┐└┘─╭╮╰╯", " " * 10)).split())


async def opened(person: Driver, room: Room, monkeypatch: pytest.MonkeyPatch) -> ReportsPage:
    monkeypatch.setattr(ScriptedDesk, "reports", lambda _: room, raising=False)
    await person.sign_in(home_page())
    page = ReportsPage()
    person.app.push_screen(page)
    await person.until(lambda: len(page.figures) + len(room.fails) == len(room.reports))
    await person.settle()
    return page


async def test_a_report_that_fails_says_so_and_the_others_show(monkeypatch: pytest.MonkeyPatch) -> None:
    async with kiosk() as person:
        await opened(person, Room(fails=frozenset({Report.ONLY_SMS})), monkeypatch)

        assert "2 Alleen SMS, geen andere methode - niet geteld, H" in words(person)
        assert "3 Nooit ingelogd, wachtwoord verlopen 14 ▲ 2 meer" in words(person)
        # Four days in one line.
        [line] = [line for line in screen_text(person.app) if " ma " in line]
        assert " ".join(line.split()) == "KPN ma ■■■■ 61 di ■■■ 52 wo ■■■■ 70 do ■■■■■■ 112 mislukt 12"


async def test_an_old_figure_stands_there_with_its_time_when_none_can_be_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    old = Figure(report=Report.ONLY_SMS, count=212, before=None, at=NOON_MS - 3_600_000, old=True)
    room = Room(fails=frozenset(Report), old={Report.ONLY_SMS: old})
    monkeypatch.setattr(ScriptedDesk, "reports", lambda _: room, raising=False)
    async with kiosk() as person:
        await person.sign_in(home_page())
        page = ReportsPage()
        person.app.push_screen(page)
        await person.until(lambda: bool(page.figures))
        await person.settle()

        assert "2 Alleen SMS, geen andere methode 212 niet geteld, H" in words(person)
        assert "vandaag 11:03" in words(person)


async def test_an_auditor_sees_what_is_theirs_and_no_key_that_changes(monkeypatch: pytest.MonkeyPatch) -> None:
    async with kiosk() as person:
        await opened(person, Room(role=Role.AUDITOR), monkeypatch)
        assert "Alleen SMS" not in words(person)

        await person.press("7")
        await person.until(lambda: isinstance(person.app.screen, ListPage))
        await person.settle()
        page = person.app.screen
        assert isinstance(page, ListPage)
        assert "Anne [red]Bakker" in words(person)
        assert "Sinds de controle van gisteren door [red]anne zijn rechten veranderd." in words(person)
        # Not even the letter of the sign-off is told.
        assert "C =" not in words(person)
        assert [key for key, _ in page.key_lines()] == ["E", "?", "Esc"]
        await person.press("c")
        await person.press("enter")
        assert person.app.screen is page


async def test_a_long_list_is_read_on_before_the_cursor_needs_it(monkeypatch: pytest.MonkeyPatch) -> None:
    room = Room(rows=500)
    async with kiosk() as person:
        await opened(person, room, monkeypatch)
        await person.press("2")
        await person.until(lambda: isinstance(person.app.screen, ListPage))
        await person.settle()
        page = person.app.screen
        assert isinstance(page, ListPage)
        assert "Regels: 300+" in words(person)

        await person.press("end")
        await person.until(lambda: len(page.rows) == 500)
        await person.settle()
        assert room.asked == [0, 300]
        assert "Regels: 500" in words(person)


async def test_rights_are_signed_off_as_they_were_seen_for_three_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    signed: list[tuple[Why, str | None]] = []

    def sign_off(_office: Office, why: Why, *, seen: str | None = None) -> SignedOff:
        signed.append((why, seen))
        return SignedOff(1, "K482")

    monkeypatch.setattr(rights, "sign_off", sign_off)
    monkeypatch.setattr(asking, "_proved", lambda _desk, act: act(None))
    async with kiosk() as person:
        await opened(person, Room(), monkeypatch)
        await person.press("7")
        await person.until(lambda: isinstance(person.app.screen, ListPage))
        await person.settle()
        for key in ("c", "1", "enter"):
            await person.press(key)
            await person.settle()

        assert signed == [(Why("with_manager"), "new")]
        assert isinstance(person.app.screen, ListPage)
        assert "Rechten van 1 mensen gecontroleerd. Gelogd als K482." in words(person)


@dataclass
class Saving:
    """A saving room that waits to be let go on, and its key."""

    go_on: Event

    def enter(self) -> "Saving":
        return self

    def poll(self) -> float:
        return 3600.0

    def close(self) -> None:
        pass

    def save(
        self, _report: Report, _words: Language, progress: Callable[[int, int], None], cancelled: Callable[[], bool]
    ) -> Saved:
        progress(12_000, 12_340)
        assert self.go_on.wait(10)
        if cancelled():
            raise SavingStopped
        return Saved(name="only-sms.csv", checksum="ab" * 32, rows=12_345, reference="K482")


async def test_a_report_is_saved_while_the_desk_answers_and_not_when_it_is_stopped(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with kiosk() as person:
        room = Saving(person.script.gate)
        monkeypatch.setattr(ScriptedDesk, "saving_room", lambda _: room, raising=False)
        await opened(person, Room(), monkeypatch)

        room.go_on.clear()
        await person.press("down", "e")
        await person.until(lambda: "12 000 van 12 340 regels" in words(person))
        assert await person.app.ask(lambda desk: desk.facts) is not None
        await person.press("s")
        room.go_on.set()
        await person.until(lambda: "er is niets geschreven" in words(person))
        await person.press("escape")
        assert isinstance(person.app.screen, ReportsPage)

        await person.press("e")
        await person.until(lambda: "Bewaard als only-sms.csv" in words(person))
        await person.settle()
        assert "Alleen SMS, geen andere methode" in words(person)
        assert "Gelogd als K482" in words(person)
        assert "12345 regels geschreven" in words(person)
        assert " ".join(["abababab"] * 4) in words(person)


async def test_names_are_read_where_the_cursor_rests_and_are_in_the_log_once_per_visit(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    rests: list[Callable[[], None]] = []

    class Rest:
        def __init__(self, _seconds: float, rested: Callable[[], None]) -> None:
            self.rested = rested
            rests.append(rested)

        def stop(self) -> None:
            rests.remove(self.rested)

    room = Room()
    async with kiosk(size=(120, 40)) as person:
        monkeypatch.setattr(ReportsPage, "set_timer", lambda _, seconds, rested: Rest(seconds, rested))
        page = await opened(person, room, monkeypatch)
        await person.press("down", "down", "up")
        assert room.read == []

        [rested] = rests
        rested()
        await person.until(lambda: bool(page._first))
        await person.settle()
        assert "Jan" in words(person)
        assert room.read == [(Report.ONLY_SMS, False)]

        await person.press("enter", "escape", "down", "up")
        rests[-1]()
        await person.settle()
        assert room.read == [(Report.ONLY_SMS, False), (Report.ONLY_SMS, True), (Report.ONLY_SMS, True)]
