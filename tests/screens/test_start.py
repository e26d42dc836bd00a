"""The login page stands there before the domain does, and what happens when that comes late or not at all."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, cast

import pytest

from data.errors import DatabaseUnavailable
from kiosk.domain_thread import DomainLost, DomainThread
from kiosk.keys import KeyMissing
from kiosk.language import LANGUAGES, Language
from screens import in_service
from screens.app import KioskApp
from screens.sign_in import login
from screens.widgets.field import Field
from tests.screens.doubles import DARK, FACTS, SmallDesk, StillClock, seen_text, until

if TYPE_CHECKING:
    from kiosk.desk import Desk


class Broken(Exception):
    """What a domain that cannot come raises."""


@contextmanager
def late_app(come: threading.Event, *, broken: bool = False) -> Iterator[KioskApp]:
    """The real login page over a domain that comes when `come` is set."""

    def make() -> SmallDesk:
        come.wait(10)
        if broken:
            raise Broken
        return SmallDesk()

    thread = DomainThread(make)
    try:
        yield KioskApp(
            cast("DomainThread[Desk]", thread),
            facts=FACTS,
            languages={code: Language.load(code) for code in LANGUAGES},
            look=DARK,
            clock=StillClock().clock(),
            begin=thread.start,
        )
    finally:
        come.set()
        assert thread.stop()


async def test_what_is_typed_before_the_domain_stands_is_kept() -> None:
    come = threading.Event()
    with late_app(come) as app:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.focused is not None)
            await pilot.press("j", "a", "n")
            come.set()
            await until(pilot, lambda: app.status is not None)
            await pilot.pause()
            assert app.screen.query_one("#name", Field).value == "jan"
            assert app.focused is not None


async def test_a_desk_that_takes_long_says_that_it_is_starting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(login, "STARTING_SECONDS", 0.05)
    come = threading.Event()
    with late_app(come) as app:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: "Dit inlogpunt start op" in seen_text(app))
            come.set()
            await until(pilot, lambda: "Gebruikersnaam" in seen_text(app))


async def test_a_domain_that_cannot_come_ends_the_app_with_its_reason() -> None:
    come = threading.Event()
    with late_app(come, broken=True) as app:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.focused is not None)
            come.set()
            await until(pilot, lambda: app.failure is not None)
    assert isinstance(app.failure, Broken)
    assert app.return_code == 1


class Unlucky:
    """A domain that comes, or is lost, as it is told."""

    def __init__(self) -> None:
        self.trouble: Exception | None = None
        self.tries = 0

    def make(self) -> SmallDesk:
        self.tries += 1
        if self.trouble is not None:
            raise self.trouble
        unlucky = self

        class Losable(SmallDesk):
            def poll(self) -> float:
                if unlucky.trouble is not None:
                    raise DomainLost from unlucky.trouble
                return super().poll()

        return Losable()


@pytest.mark.parametrize("size", [(80, 24), (100, 30)])
async def test_a_desk_that_cannot_begin_says_why_and_begins_by_itself(
    size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(in_service, "RETRY_SECONDS", 0.02)
    unlucky = Unlucky()
    unlucky.trouble = KeyMissing(Path("master.key"))
    with app_over(unlucky) as app:
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: "De sleutel van dit inlogpunt ontbreekt" in seen_text(app))
            words = seen_text(app)
            assert "030 555 01 23" in words
            assert app.status is not None
            assert f": {app.status.out_reference}" in words
            assert "gaat vanzelf verder" in words
            assert app.screen.query_one("#card").max_scroll_y == 0
            assert not app.screen.query_one("#form").display
            reference = app.status.out_reference
            await until(pilot, lambda: unlucky.tries > 2)
            assert app.status.out_reference == reference
            unlucky.trouble = None
            await until(pilot, lambda: "Gebruikersnaam" in seen_text(app))


async def test_a_desk_that_loses_its_database_lets_nobody_go_on_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(in_service, "RETRY_SECONDS", 0.02)
    unlucky = Unlucky()
    with app_over(unlucky) as app:
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: app.status is not None and "Gebruikersnaam" in seen_text(app))
            await pilot.press("j", "a", "n")
            unlucky.trouble = DatabaseUnavailable("missing", Path("kiosk.db"))
            app.thread.wake()
            await until(pilot, lambda: "het databasebestand ontbreekt" in seen_text(app))
            unlucky.trouble = None
            await until(pilot, lambda: app.screen.query_one("#form").display)
            assert app.screen.query_one("#name", Field).value == ""
            assert app.is_running


@contextmanager
def app_over(unlucky: Unlucky) -> Iterator[KioskApp]:
    thread = DomainThread(unlucky.make)
    try:
        yield KioskApp(
            cast("DomainThread[Desk]", thread),
            facts=FACTS,
            languages={code: Language.load(code) for code in LANGUAGES},
            look=DARK,
            clock=StillClock().clock(),
            begin=thread.start,
        )
    finally:
        assert thread.stop()
