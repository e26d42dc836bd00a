"""`kiosk users import|export|slips`: many people at once, told in words and as JSON."""

import json
import os
import stat
from pathlib import Path
from typing import Any

import pytest

from kiosk.commands.site import open_site
from kiosk.sign_in.outcomes import Moved, Stage
from tests.kiosk.commands.command_line import Kiosk, run_process

BECAUSE = ("--reason", "nieuwe lijst", "--ticket", "TD-4411")
LIST = "inlognaam;naam;rol;telefoon;app\r\nzoë;Zoë de Vries;;06 12345678;\r\na.bakker;Anna Bakker;beheerder;;ja\r\n"


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.make()
    return made


@pytest.fixture
def listed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("usb") / "people.csv"
    path.write_text(LIST, encoding="cp1252", newline="")
    return path


def people(kiosk: Kiosk) -> list[str]:
    with open_site(kiosk.premises()) as site:
        return [user.name for user in site.database.users.all()]


def test_a_dry_run_tells_and_does_nothing(kiosk: Kiosk, listed: Path) -> None:
    done = kiosk.type("users", "import", str(listed), "--dry-run")

    assert done.exit_code == 0
    assert "2 rijen, Windows-1252, scheiding ;" in done.output
    assert "2 nieuw, 0 wijzigen, 0 gelijk, 0 fout" in done.output
    assert "PROEF" in done.output
    assert people(kiosk) == []


def test_an_import_adds_people_who_get_in_with_their_slip(kiosk: Kiosk, listed: Path) -> None:
    done = json.loads(kiosk.type("users", "import", str(listed), *BECAUSE, "--json").stdout)
    assert (done["new"], done["wrong"], sorted(people(kiosk))) == (2, 0, ["a.bakker", "zoë"])

    made = kiosk.type("users", "slips", "--import", done["import"], *BECAUSE, "--json")

    slips = {one["name"]: one for one in map(json.loads, made.stdout.splitlines())}
    assert sorted(slips) == ["a.bakker", "zoë"]
    assert (slips["zoë"]["phone_tail"], slips["zoë"]["app"]) == ("78", False)
    assert kiosk.attempt("ZOË", slips["zoë"]["one_time_password"]) == Moved(Stage.OWN_PASSWORD)


def test_an_import_needs_a_reason_and_a_file(kiosk: Kiosk, listed: Path) -> None:
    assert kiosk.type("users", "import", str(listed)).exit_code == 2
    assert kiosk.type("users", "import", str(listed) + ".not", *BECAUSE).exit_code == 2
    assert kiosk.type("users", "import", str(listed.parent), *BECAUSE).exit_code == 2
    assert people(kiosk) == []


def test_what_is_wrong_is_told_with_line_cell_and_cure_and_nobody_is_added(kiosk: Kiosk, listed: Path) -> None:
    listed.write_text(LIST + "t;Ton;beheerdr;612345678;\r\n", encoding="utf-8", newline="")

    done = kiosk.type("users", "import", str(listed), *BECAUSE)

    assert done.exit_code == 1
    [role, phone] = [line.split() for line in done.output.splitlines() if line.strip().startswith("4 ")]
    assert (role[:3], role[-2:]) == (["4", "rol", "beheerdr"], ["->", "beheerder"])
    assert (phone[:3], phone[-2:]) == (["4", "telefoon", "612345678"], ["->", "0612345678"])
    assert "alles of niets" in done.output
    assert people(kiosk) == []
    # The role that is proposed needs an app, which is proposed in turn.
    assert kiosk.type("users", "import", str(listed), *BECAUSE, "--accept-cures").exit_code == 0
    assert sorted(people(kiosk)) == ["a.bakker", "t", "zoë"]


def test_people_who_are_there_change_only_when_that_is_said(kiosk: Kiosk, listed: Path) -> None:
    kiosk.type("users", "import", str(listed), *BECAUSE)
    listed.write_text(LIST.replace("Zoë de", "Zoë van"), encoding="utf-8", newline="")

    assert kiosk.type("users", "import", str(listed), *BECAUSE, "--accept-cures").exit_code == 1
    done = json.loads(kiosk.type("users", "import", str(listed), *BECAUSE, "--update", "--json").stdout)

    assert (done["new"], done["changed"], done["same"]) == (0, 1, 1)
    assert "Zoë van Vries" in kiosk.type("users", "show", "zoë").output


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "leeg"),
        (LIST.encode("utf-16"), "UTF-16"),
        (b"inlognaam;naam\na;b\0\n", "nulteken"),
        (b'inlognaam;naam\na;"b\n' + b"x;y\n" * 100, "regel 2"),
        (b"inlognaam;naam;telefon\n", "Bedoelt u telefoon?"),
        (b"naam\nx\n", "inlognaam ontbreekt"),
        (b"inlognaam;naam;\x1b[2J\n", r"\x1b[2J"),
        (b"inlognaam;naam\na;" + b"x" * 10_000_000, "te lang"),
    ],
    ids=["empty", "utf16", "nul", "quote", "header", "column", "escape", "10 MB"],
)
def test_a_file_that_is_no_list_is_told_in_a_sentence(kiosk: Kiosk, listed: Path, content: bytes, words: str) -> None:
    listed.write_bytes(content)

    done = kiosk.type("users", "import", str(listed), *BECAUSE)

    assert done.exit_code == 1
    assert words in done.stderr
    assert "\x1b" not in done.output
    assert people(kiosk) == []


def test_a_long_list_of_mistakes_is_told_in_part_and_counted_whole(kiosk: Kiosk, listed: Path) -> None:
    listed.write_text("inlognaam;naam\n" + "x\x1b;y\n" * 3000, encoding="utf-8")

    told = kiosk.type("users", "import", str(listed), "--dry-run")
    facts = json.loads(kiosk.type("users", "import", str(listed), "--dry-run", "--json").stdout)

    assert "en nog 2950 rijen" in told.output
    assert "\x1b" not in told.output
    assert (facts["wrong"], len(facts["problems"])) == (3000, 1000)


def test_an_export_is_for_its_owner_alone_and_overwrites_nothing(kiosk: Kiosk, listed: Path) -> None:
    kiosk.type("users", "import", str(listed), *BECAUSE)
    out = listed.with_name("out.csv")

    done = kiosk.type("users", "export", "--out", str(out), *BECAUSE)
    again = kiosk.type("users", "export", "--out", str(out), *BECAUSE)

    assert (done.exit_code, again.exit_code) == (0, 1)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    text = out.read_text(encoding="utf-8-sig")
    assert len(text.splitlines()) == 3
    assert "12345678" not in text
    assert str(out) in again.stderr
    assert kiosk.type("users", "export", "--reason", "x", "--json").exit_code == 2
    other = kiosk.type("users", "export", "--out", f"{out}.2", "--reason", "x", "--json")
    assert json.loads(other.stdout) == {"people": 2, "path": f"{out}.2"}
    assert kiosk.type("users", "export", "--reason", "x").stdout.lstrip("\ufeff").startswith("inlognaam;")


def test_slips_in_words_have_what_somebody_needs_on_a_page_each(kiosk: Kiosk, listed: Path) -> None:
    kiosk.type("users", "import", str(listed), *BECAUSE)
    out = listed.with_name("slips.txt")

    done = kiosk.type("users", "slips", "--out", str(out), *BECAUSE)

    assert "2 briefjes" in done.output
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    pages = out.read_text(encoding="utf-8").split("\f")
    assert len(pages) == 3
    assert all("Receptie Noord" in one and "Eenmalig wachtwoord" in one for one in pages[:2])
    assert "eindigt op 78" in pages[1]
    assert "authenticator app" in pages[0]
    nobody = kiosk.type("users", "slips", *BECAUSE)
    assert "0 briefjes" in nobody.output


def test_no_slip_is_made_when_its_file_cannot_be(kiosk: Kiosk, listed: Path) -> None:
    kiosk.type("users", "import", str(listed), *BECAUSE)

    assert kiosk.type("users", "slips", "--out", str(listed), *BECAUSE).exit_code == 1
    assert kiosk.type("users", "slips", "zoë", "--import", "x", *BECAUSE).exit_code == 2

    made: list[Any] = kiosk.type("users", "slips", "zoë", *BECAUSE, "--json").stdout.splitlines()
    assert len(made) == 1


def test_as_a_process_an_import_reads_utf_8_whatever_the_terminal(kiosk: Kiosk, listed: Path) -> None:
    done = run_process("users", "import", str(listed), *BECAUSE, "--config", str(kiosk.config))

    assert (done.returncode, done.stderr) == (0, "")
    assert sorted(people(kiosk)) == ["a.bakker", "zoë"]


def test_slips_are_on_the_disk_when_it_says_that_they_are_made(
    kiosk: Kiosk, listed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kiosk.type("users", "import", str(listed), *BECAUSE)
    out, synced, sync = listed.with_name("slips.txt"), dict[str, int](), os.fsync

    def fsync(descriptor: int) -> None:
        synced[str(Path(f"/proc/self/fd/{descriptor}").readlink())] = os.fstat(descriptor).st_size
        sync(descriptor)

    monkeypatch.setattr(os, "fsync", fsync)
    assert kiosk.type("users", "slips", "--out", str(out), *BECAUSE).exit_code == 0

    assert synced[str(out)] == out.stat().st_size > 0
    assert str(out.parent) in synced
