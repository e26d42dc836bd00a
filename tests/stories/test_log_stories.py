"""The log at the kiosk as an auditor reads it, within the key presses that were promised."""

from pathlib import Path

from data.users import Role
from screens.widgets.field import Field
from tests.data.test_tampering import sql, tamper
from tests.stories.administrator_story import user_of
from tests.stories.kiosk_story import kiosk_story


async def test_an_auditor_reads_checks_and_hands_over_the_log_and_sees_what_was_done_to_it(tmp_path: Path) -> None:
    async with kiosk_story(tmp_path) as story:
        auditor = user_of(story, "marijke").id
        with story.premises.open_database() as database, database.transaction(write=True):
            database.users.set_role(auditor, Role.AUDITOR)
        await story.sign_in("marijke")
        await story.until("authenticator app")
        code = story.person("marijke").totp_code
        assert code is not None
        await story.pilot.press(*code, "enter")
        await story.until("L Logboek")
        assert "Personen" not in story.plain()

        await story.press("l")
        await story.press("c")
        await story.until("In orde: ", "Schrijf dit op")
        value = story.plain().split(" Hebt u")[0].split("regel ")[-1].split(" ", 1)[1]
        story.app.screen.query_one("#noted", Field).value = value
        await story.press("enter")
        await story.until("dit is hetzelfde logboek")
        await story.press("escape")
        await story.until("keten in orde, controle vandaag", "marijke (u)", "controlewaarde")
        # Nothing that changes anything, not even greyed.
        await story.until("/ Zoek F Filter C Controleer de keten E Exporteren Esc Home")

        await story.press("/")
        await story.press("j", "a", "n", "enter")
        await story.until("persoon gemaakt")
        assert "Sam" not in story.plain()

        await story.press("f")
        await story.press("3")
        await story.press("e")
        await story.press("1")
        await story.until("Bewaard als audit-", "Ondertekend")
        folder = story.premises.config.exchange
        assert folder is not None
        assert [file.suffix for file in folder.path.iterdir()] == [".jsonl"]
        await story.press("escape")
        await story.until("alles · 30 dagen · alle balies")

        tamper(story.premises.config.database.path, sql("DELETE FROM audit WHERE seq = 3"))
        await story.press("c")
        await story.until("KETEN VERBROKEN", "VERWIJDERD: uit het midden, regels 3 tot en met 3", "Exporteren kan nog")
