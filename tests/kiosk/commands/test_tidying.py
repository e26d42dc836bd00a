"""The round of the night takes away what waits for nobody any more."""

from pathlib import Path

from kiosk.administration.authority import Act
from kiosk.administration.four_eyes import Wanted, digest_of, sealed_form
from kiosk.commands.night import tidy
from kiosk.commands.site import enter, open_site
from kiosk.config import Config
from tests.kiosk.commands.command_line import Kiosk


def test_requests_that_ran_out_are_gone_in_the_morning_and_others_are_not(tmp_path: Path) -> None:
    kiosk = Kiosk(tmp_path)
    kiosk.make()
    kiosk.type("users", "add", "a.bakker", "--app", "--reason", "x")
    premises = enter(Config.load(kiosk.config))
    with open_site(premises) as site, site.database.transaction(write=True):
        user, now = site.database.users.by_name("a.bakker"), site.clock.now()
        assert user is not None
        wanted = Wanted(act=Act.IMPORT, person_id=None)
        kept = sealed_form(wanted.content)
        for expires_at in (now, now + 3_600_000):
            site.database.approvals.ask(
                act=wanted.act.value,
                person_id=None,
                asked_by=user.id,
                reason="x",
                ticket="",
                digest=digest_of(wanted, user.id, kept),
                content=kept,
                expires_at=expires_at,
                now=now - 1,
            )

    tidy(premises)

    with open_site(premises) as site:
        assert [one.expires_at for one in site.database.approvals.open_ones(0)] == [now + 3_600_000]
