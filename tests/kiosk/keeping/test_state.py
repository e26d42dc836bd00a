"""What reports can say of the keeping."""

from collections.abc import Callable
from pathlib import Path

from kiosk.keeping.state import Kept
from tests.kiosk.commands.command_line import Kiosk
from tests.kiosk.world import World


def kept(world: World) -> Kept:
    world.site.database.follow_key()
    return Kept.read(world.site.database, world.site.vault.key_id)


def test_nothing_is_remembered_of_what_never_was(world: World) -> None:
    assert kept(world) == Kept(backup_at=None, rehearsed_at=None, key_on_paper=False)


def test_the_paper_of_a_key_before_does_not_count(
    world: World, kiosk: Kiosk, backup: Callable[[], Path], tmp_path: Path
) -> None:
    (tmp_path / "passphrase").write_text("een paard op de gang", encoding="utf-8")
    kiosk.type("restore", "--verify", str(backup()))
    kiosk.type("key", "recovery", "--passphrase-file", str(tmp_path / "passphrase"), "--reason", "test")
    before = kept(world)
    kiosk.type("key", "rotate", "--reason", "test")

    assert before.key_on_paper
    assert None not in {before.backup_at, before.rehearsed_at}
    assert not kept(world).key_on_paper
