"""A copy of the master key on paper: it comes back from words and from text, and a slip is named."""

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.keeping import recovery
from kiosk.keeping.recovery import (
    LINES,
    CopyUnreadable,
    LineWrong,
    PassphraseShort,
    PassphraseWrong,
    line_from_words,
    parse,
    to_text,
    to_words,
    unwrap,
    wrap,
)
from kiosk.keys import MasterKey
from tests.kiosk.commands.command_line import Kiosk, run_on_terminal, type_command
from tests.kiosk.world import World

PASSPHRASE = "een paard op de gang"
KEY = MasterKey(bytes(range(32)))
COPIES = st.binary(min_size=72, max_size=72)


@pytest.fixture(scope="module")
def copy() -> bytes:
    return wrap(KEY, PASSPHRASE)


@pytest.fixture
def passphrase(tmp_path: Path) -> Path:
    path = tmp_path / "passphrase"
    path.write_text(PASSPHRASE + "\n", encoding="utf-8")
    return path


def test_words_are_proquints() -> None:
    # The example of the paper: 127.0.0.1.
    assert [recovery._word(bytes(pair)) for pair in ((127, 0), (0, 1))] == ["lusab", "babad"]


@given(COPIES)
def test_any_copy_comes_back_from_words_and_from_text(raw: bytes) -> None:
    assert parse("\n".join(to_words(raw))) == raw
    assert parse("\n".join(to_words(raw)).upper().replace(" ", "-")) == raw
    assert parse(to_text(raw)) == raw
    assert parse(to_text(raw).lower().replace("-", " ")) == raw


@given(COPIES, st.integers(0, LINES - 1), st.integers(0, 24), st.sampled_from("bdfghjklmnprstvzaiouqx"))
@settings(max_examples=300)
def test_a_wrong_letter_is_found_in_its_line(raw: bytes, number: int, place: int, letter: str) -> None:
    lines = [line.replace(" ", "") for line in to_words(raw)]
    before = lines[number]
    lines[number] = before[:place] + letter + before[place + 1 :]
    if lines[number] == before:
        return
    with pytest.raises(LineWrong) as caught:
        parse("\n".join(lines))
    assert caught.value.number == number + 1


def test_lines_that_change_places_are_found(copy: bytes) -> None:
    lines = to_words(copy)
    with pytest.raises(LineWrong):
        line_from_words(0, lines[1])


@pytest.mark.parametrize("typed", ["", "nothing", "lusab babad", "A" * 122])
def test_what_is_no_copy_is_told_as_such(typed: str) -> None:
    with pytest.raises(CopyUnreadable):
        parse(typed)


def test_only_its_passphrase_opens_it_however_it_is_spaced(copy: bytes) -> None:
    assert unwrap(copy, "  een paard  op de gang ") == KEY
    with pytest.raises(PassphraseWrong):
        unwrap(copy, PASSPHRASE + "en")


def test_the_key_is_not_in_it_and_no_two_copies_are_alike(copy: bytes) -> None:
    assert KEY.secret[:4] not in copy
    assert wrap(KEY, PASSPHRASE) != copy


def test_a_passphrase_that_is_too_short_is_refused() -> None:
    with pytest.raises(PassphraseShort):
        wrap(KEY, "kort" + " " * 20)


@pytest.mark.parametrize("form", ["words", "text"])
def test_from_the_paper_a_lost_key_comes_back_and_opens_the_database(
    world: World, kiosk: Kiosk, passphrase: Path, tmp_path: Path, form: str
) -> None:
    world.person()
    written = kiosk.type("key", "recovery", "--passphrase-file", str(passphrase), "--reason", "kluis")
    assert written.exit_code == 0, written.output
    lines = written.stdout.splitlines()
    words = [line[4:] for line in lines if line[:2].strip().isdecimal()]
    [text] = [line for line in lines if line.count("-") > 20]
    paper = tmp_path / "paper"
    paper.write_text("\n".join(words) if form == "words" else text, encoding="utf-8")
    before = kiosk.key.read_bytes()
    kiosk.key.unlink()

    done = kiosk.type("key", "recovery", "--restore", "--from", str(paper), "--passphrase-file", str(passphrase))

    assert done.exit_code == 0, done.output
    assert kiosk.key.read_bytes() == before
    assert kiosk.key.stat().st_mode & 0o777 == 0o600
    assert "j.devries" in kiosk.type("users", "list").stdout
    assert ("key.recovery_copy", "done") in world.actions()


def test_the_words_can_be_piped_in(kiosk: Kiosk, passphrase: Path) -> None:
    copy = wrap(MasterKey.load(kiosk.key), PASSPHRASE)
    before = kiosk.key.read_bytes()
    kiosk.key.unlink()
    arguments = ("key", "recovery", "--restore", "--passphrase-file", str(passphrase), "--config", str(kiosk.config))

    done = type_command(*arguments, answers="\n".join(to_words(copy)))

    assert done.exit_code == 0, done.output
    assert kiosk.key.read_bytes() == before


def test_a_key_that_is_there_is_never_replaced(kiosk: Kiosk, passphrase: Path) -> None:
    before = kiosk.key.read_bytes()
    done = kiosk.type("key", "recovery", "--restore", "--from", "/dev/null", "--passphrase-file", str(passphrase))
    assert done.exit_code == 1
    assert kiosk.key.read_bytes() == before


def test_the_key_of_another_database_is_not_put_beside_this_one(
    kiosk: Kiosk, passphrase: Path, copy: bytes, tmp_path: Path
) -> None:
    (tmp_path / "paper").write_text(to_text(copy), encoding="utf-8")
    kiosk.key.unlink()

    done = kiosk.type(
        "key", "recovery", "--restore", "--from", str(tmp_path / "paper"), "--passphrase-file", str(passphrase)
    )

    assert done.exit_code == 1
    assert "niet de sleutel van deze database" in done.stderr
    assert not kiosk.key.exists()


def test_a_wrong_passphrase_is_told_and_keeps_nothing(kiosk: Kiosk, copy: bytes, tmp_path: Path) -> None:
    (tmp_path / "paper").write_text(to_text(copy), encoding="utf-8")
    (tmp_path / "wrong").write_text("een andere wachtzin", encoding="utf-8")
    kiosk.key.unlink()

    done = kiosk.type(
        "key", "recovery", "--restore", "--from", str(tmp_path / "paper"), "--passphrase-file", str(tmp_path / "wrong")
    )

    assert done.exit_code == 1
    assert "past niet" in done.stderr
    assert not kiosk.key.exists()


def test_a_copy_without_a_reason_is_refused(kiosk: Kiosk, passphrase: Path) -> None:
    assert kiosk.type("key", "recovery", "--passphrase-file", str(passphrase)).exit_code == 2


def test_on_a_terminal_it_can_also_be_scanned(kiosk: Kiosk, passphrase: Path) -> None:
    code, painted = run_on_terminal(
        "key", "recovery", "--passphrase-file", str(passphrase), "--reason", "kluis", "--config", str(kiosk.config)
    )
    assert code == 0
    assert painted.count("█") > 50
