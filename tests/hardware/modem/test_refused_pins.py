import json
import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from hardware.modem.errors import SimProblem
from hardware.modem.reasons import Reason
from hardware.modem.refused_pins import RefusedPinsFile, read_pin

CARD = "8931080000000000019"


@pytest.fixture
def pins(tmp_path: Path) -> RefusedPinsFile:
    return RefusedPinsFile(tmp_path / "state")


def test_a_pair_that_was_never_entered_may_be(pins: RefusedPinsFile) -> None:
    assert pins.may_enter(CARD, "1234", tries_left=3)


def test_a_refused_pair_may_never_be_entered_again(pins: RefusedPinsFile, tmp_path: Path) -> None:
    pins.entering(CARD, "1234", tries_left=3)
    pins.refused(CARD, "1234")
    again = RefusedPinsFile(tmp_path / "state")
    assert not again.may_enter(CARD, "1234", tries_left=3)


def test_another_pin_or_another_card_is_another_pair(pins: RefusedPinsFile) -> None:
    pins.refused(CARD, "1234")
    assert pins.may_enter(CARD, "4321", tries_left=3)
    assert pins.may_enter("8931080000000000027", "1234", tries_left=3)


def test_an_accepted_pair_may_be_entered_at_the_next_start(pins: RefusedPinsFile) -> None:
    pins.entering(CARD, "1234", tries_left=3)
    pins.accepted(CARD, "1234")
    assert pins.may_enter(CARD, "1234", tries_left=2)


def test_an_entry_without_a_known_outcome_is_repeated_only_when_it_cost_no_try(pins: RefusedPinsFile) -> None:
    pins.entering(CARD, "1234", tries_left=3)
    assert not pins.may_enter(CARD, "1234", tries_left=2)
    assert pins.may_enter(CARD, "1234", tries_left=3)


def test_neither_pin_nor_card_is_on_the_disk(pins: RefusedPinsFile, tmp_path: Path) -> None:
    pins.refused(CARD, "73915264")
    content = b"".join(path.read_bytes() for path in (tmp_path / "state").iterdir())
    assert b"73915264" not in content
    assert CARD.encode() not in content


def test_files_can_be_read_by_their_owner_alone(pins: RefusedPinsFile, tmp_path: Path) -> None:
    pins.refused(CARD, "1234")
    modes = {path.name: stat.S_IMODE(path.stat().st_mode) for path in (tmp_path / "state").iterdir()}
    assert modes == {"refused-pins.key": 0o600, "refused-pins.json": 0o600}


def test_the_same_pair_has_another_hash_on_another_machine(tmp_path: Path) -> None:
    entries = []
    for name in ("one", "two"):
        RefusedPinsFile(tmp_path / name).refused(CARD, "1234")
        entries += json.loads((tmp_path / name / "refused-pins.json").read_bytes())
    assert entries[0] != entries[1]


@pytest.mark.parametrize("name", ["refused-pins.key", "refused-pins.json"])
def test_a_damaged_memory_is_an_error_and_no_permission(pins: RefusedPinsFile, tmp_path: Path, name: str) -> None:
    pins.refused(CARD, "1234")
    (tmp_path / "state" / name).write_bytes(b"rubbish")
    with pytest.raises(OSError, match="damaged"):
        pins.may_enter(CARD, "1234", tries_left=3)


def test_a_memory_that_cannot_be_written_is_an_error(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file where the directory should be")
    with pytest.raises(OSError, match="state"):
        RefusedPinsFile(tmp_path / "state").entering(CARD, "1234", tries_left=3)


def test_two_modems_at_once_lose_none_of_their_notes(tmp_path: Path) -> None:
    # The key is made, and each note written, by whoever comes first.
    with ThreadPoolExecutor(8) as threads:
        pins = [f"{number:04}" for number in range(24)]
        list(threads.map(lambda pin: RefusedPinsFile(tmp_path / "state").refused(CARD, pin), pins))
    memory = RefusedPinsFile(tmp_path / "state")
    assert not any(memory.may_enter(CARD, pin, tries_left=3) for pin in pins)


@pytest.mark.parametrize("content", ["1234", "12345678\n", " 0000 \n"])
def test_a_pin_file_gives_its_pin(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pin"
    path.write_text(content)
    path.chmod(0o600)
    assert read_pin(path) == content.strip()


@pytest.mark.parametrize("content", ["", "123", "123456789", "12a4", "1234 5678", "١٢٣٤"])
def test_what_is_no_pin_is_not_used(tmp_path: Path, content: str) -> None:
    path = tmp_path / "pin"
    path.write_text(content, "utf-8")
    path.chmod(0o600)
    with pytest.raises(SimProblem) as problem:
        read_pin(path)
    assert problem.value.reason is Reason.PIN_FILE_CONTENT


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o644, 0o660])
def test_a_pin_file_that_others_may_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "pin"
    path.write_text("1234")
    path.chmod(mode)
    with pytest.raises(SimProblem) as problem:
        read_pin(path)
    assert problem.value.reason is Reason.PIN_FILE_OPEN


def test_a_missing_pin_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(SimProblem) as problem:
        read_pin(tmp_path / "none")
    assert problem.value.reason is Reason.PIN_FILE_MISSING
