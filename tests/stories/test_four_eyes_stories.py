"""Four eyes over time: one administrator asks and leaves, another comes and approves, the first carries it out."""

from pathlib import Path

import pytest

from data.users import Role
from kiosk.administration.authority import PageAuthority
from kiosk.administration.changing import Office
from kiosk.administration.requests import approve, waiting
from kiosk.audit import AuditTrail
from kiosk.commands import demo
from kiosk.commands.site import open_site
from kiosk.config import example_configuration
from tests.stories.administrator_story import office, password_on_screen, user_of
from tests.stories.kiosk_story import Story


def _four_eyes(monkeypatch: pytest.MonkeyPatch, what: str) -> None:
    """The site wants a second administrator for this."""

    def configuration(**given: object) -> str:
        return f"{example_configuration(**given)}\n[policy.administration]\nfour_eyes_{what} = true\n"  # type: ignore[arg-type]

    monkeypatch.setattr(demo, "example_configuration", configuration)


def _colleague_approves(story: Story) -> None:
    """Another administrator, at another desk, agrees with the one thing that waits."""
    colleague = user_of(story, "marijke")
    with open_site(story.premises) as site:
        with site.database.transaction(write=True):
            site.database.users.set_role(colleague.id, Role.ADMINISTRATOR)
            desk, now = site.database.desks.ensure(site.name, "balie 2"), site.clock.now()
            session = site.database.sessions.start(colleague.id, desk.id, "totp", colleague.epoch, now)
        authority = PageAuthority(administrator_id=colleague.id, session_id=session.id, reauthenticated_at=now)
        office = Office(site, AuditTrail(site.database, site.clock, origin=f"desk:{desk.id}"), authority)
        [line] = waiting(office)
        approve(office, line.id)


async def test_what_was_left_waiting_is_done_once_a_colleague_has_approved_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _four_eyes(monkeypatch, "password")
    async with office(tmp_path) as desk:
        story = desk.story
        await desk.open_card()
        await desk.press("w")
        await story.until("krijgt een eenmalig wachtwoord")
        await desk.press("1", "enter")
        await story.until("wachtwoord herstellen, Jan de Vries", "Laten wachten op een andere beheerder")
        await story.pilot.press("tab", "tab", "tab", "enter")
        await story.until("! Wacht op tweede beheerder: wachtwoord herstellen (Anne Beheer)", "A Verzoek")

        _colleague_approves(story)
        await story.press("escape", "escape", "escape")
        await story.until("Goedgekeurd door tweede beheerder, voer uit: 1")
        await story.press("w")
        await story.until("GOEDGEKEURD")
        await story.press("enter")
        await story.until("GOEDGEKEURD: Marijke Bakker", "Enter Uitvoeren")
        await story.press("enter")
        await story.until("Wordt een keer getoond")
        assert password_on_screen(story)


async def test_a_name_is_changed_at_once_when_the_role_beside_it_waits(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    _four_eyes(monkeypatch, "role")
    async with office(tmp_path) as desk:
        story = desk.story
        await desk.open_card("marijke")
        await desk.press("g")
        await story.until("Een andere rol")
        await desk.type(" M")
        await desk.press("tab", "3", "tab", "1", "enter")
        await story.until("Laten wachten op een andere beheerder")
        await story.pilot.press("tab", "tab", "tab", "enter")
        await story.until("! Wacht op tweede beheerder: rol geven", "gegevens gewijzigd")

        person = user_of(story, "marijke")
        assert (person.display_name, person.role) == ("Marijke Bakker M", Role.STAFF)
