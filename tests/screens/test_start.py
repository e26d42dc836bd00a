"""The login page stands there before the domain does, and what happens when that comes late or not at all."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, cast

import pytest

from kiosk.domain_thread import DomainThread
from kiosk.language import LANGUAGES, Language
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
