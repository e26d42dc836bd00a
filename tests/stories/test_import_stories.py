"""A list from personnel, with eaten zeros, at the kiosk: tried, mended there, and in; their passwords on slips."""

import re
from pathlib import Path

from tests.stories.administrator_story import office

LIST = """inlognaam;naam;rol;telefoon
t.vrijman;Ton Vrijman;medewerker;612345670
jan;Jan de Vries-Smit;;
m.\x1b[31mrood;[bold]Rood;medewerker;0611112222
"""


async def test_a_list_is_mended_and_imported_at_the_kiosk(tmp_path: Path) -> None:
    async with office(tmp_path) as desk:
        story = desk.story
        folder = story.premises.config.exchange
        assert folder is not None
        file = folder.path / "personen.csv"
        file.write_text(LIST)
        await desk.press("i")
        await story.until("personen.csv", "uitwisselmap")
        await desk.press("enter")
        await story.until("! 3 fout", "voorloopnul weg", "bestaat al", r"m.\x1b[31mrood", "A Alle voorstellen")
        await desk.press("a")
        await story.until("! 1 fout")
        assert "IMPORTEREN kan" in story.plain()
        assert "Enter IMPORTEREN" not in story.plain()
        await desk.press("e")
        await story.until("Bewaard als import-")
        [told] = folder.path.glob("import-*.csv")
        assert '"3";"inlognaam";"jan";"bestaat al: Jan de Vries";"wijzigen"' in told.read_text(encoding="utf-8-sig")

        file.write_text("\n".join(LIST.splitlines()[:3]))
        await desk.press("h")
        await story.until("! 2 fout")
        await desk.press("a")
        await story.until("■ 1 nieuw", "■ 1 wijzigen", "[! 0 fout]", "Enter IMPORTEREN")
        await desk.press("f")
        await story.until("[■ 1 nieuw]", "t.vrijman Ton Vrijman")
        await desk.press("f")
        await story.until("[■ 1 wijzigen]", "Heet nu", "jan Jan de Vries-Smit Jan de Vries")
        await desk.press("enter")
        await story.until("Nieuw in dienst")
        await desk.press("1")
        await desk.press("enter")
        await story.until("Klaar: 1 nieuw, 1 gewijzigd. Gelogd als")
        assert "PROEF" not in story.plain()

        # Ton has no password yet: it is on paper only.
        await desk.press("b")
        await story.until("Vrijman, Ton", "Enter Briefjes maken")
        assert "Jansen" not in story.plain()
        await desk.press("enter")
        await story.until("Aantal briefjes: 1.")
        await desk.press("1", "enter")
        await story.until("Briefjes: 1, bewaard als slips-", "Niemand wacht op een briefje")
        [slips] = folder.path.glob("slips-*.txt")
        [password] = re.findall(r"Eenmalig wachtwoord: (\S+)", slips.read_text(encoding="utf-8"))
        assert password not in story.plain()

        for _ in range(3):
            await desk.press("escape")
        await desk.press("p")
        await story.until("Zoek:")
        await desk.press("tab", "e")
        await story.until("Controle van de lijst")
        await desk.press("3", "enter")
        await story.until("opgeslagen, 7 regels, controle", "Zoek:")
        [people] = folder.path.glob("people-*.csv")
        assert "t.vrijman;Ton Vrijman;medewerker" in people.read_text(encoding="utf-8-sig")
