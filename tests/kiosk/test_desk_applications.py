"""Which application a person may have, and what the log says of it."""

from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from kiosk.desk_status import ApplicationEntry
from kiosk.technician.bench_means import NotAllowed
from tests.kiosk.terminal import BUILT, DAY, FACTS, Terminal
from tests.kiosk.world import World

STAFF = ApplicationEntry(name="rosters", labels={"nl": "Roosters", "en": "Rosters"}, roles=("staff",))
OTHERS = replace(STAFF, name="bench", roles=("technician",))


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Terminal]:
    with closing(World.make(tmp_path)) as world:
        world.clock.at = BUILT + DAY
        world.modem("noord", "20408")
        world.person()
        opened = Terminal.open(world)
        opened.desk.facts = replace(FACTS, applications=(STAFF, OTHERS))
        yield opened
        opened.desk._presence.close()


def signed_in(terminal: Terminal) -> None:
    sign_in = terminal.begun()
    sign_in.answer(terminal.world.code_of_queued())
    sign_in.confirm_backup_code()


def test_what_the_launcher_is_told_is_who_it_is_and_no_more(terminal: Terminal) -> None:
    signed_in(terminal)
    opening = terminal.desk.begin_application("rosters", term="linux", language="nl")
    request = opening.request
    assert (request.application, request.user, request.method) == ("rosters", "j.devries", "sms")
    assert terminal.world.site.database.sessions.get(request.session) is not None


def test_the_log_has_beginning_and_end(terminal: Terminal) -> None:
    signed_in(terminal)
    opening = terminal.desk.begin_application("rosters", term="linux", language="nl")
    terminal.desk.end_application(opening, "signal_11")
    rows = [row for row in terminal.world.actions() if row[0].startswith("session.application")]
    assert rows == [("session.application", "started"), ("session.application_ended", "signal_11")]


@pytest.mark.parametrize("name", ["bench", "sh"])
def test_what_is_not_for_the_role_is_not_begun(terminal: Terminal, name: str) -> None:
    signed_in(terminal)
    with pytest.raises(NotAllowed):
        terminal.desk.begin_application(name, term="linux", language="nl")


def test_nobody_gets_one_without_having_signed_in(terminal: Terminal) -> None:
    terminal.begun()
    with pytest.raises(NotAllowed):
        terminal.desk.begin_application("rosters", term="linux", language="nl")
