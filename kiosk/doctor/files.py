"""Key, database, room and encryption of the disk."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

from kiosk.config import Config
from kiosk.delivery.vigil import too_full
from kiosk.doctor.facts import Facts
from kiosk.doctor.found import Fix, Found, Sign, attention, fault, good, unknown
from kiosk.doctor.machine import Machine

_OTHERS: Final = 0o077
_CRYPT: Final = "CRYPT-"
_TPM: Final = Path("/sys/class/tpm")
CREDENTIALS: Final = "CREDENTIALS_DIRECTORY"
_MEGABYTE: Final = 1024 * 1024


def troubles(facts: Facts) -> Iterator[Found]:
    """What kept the configuration, the key or the database from being read."""
    for check, error in facts.troubles:
        yield Found(check=check, variant="trouble", sign=Sign.FAULT, error=error, fix=_of_key(facts, check))


def _of_key(facts: Facts, check: str) -> Fix | None:
    if check != "key" or facts.config is None:
        return None
    path = facts.config.keys.path
    found = facts.machine.file(path)
    return Fix(path, 0o600) if found is not None and found.ours and found.mode & _OTHERS else None


def configuration(facts: Facts) -> Iterator[Found]:
    """It is right, and nobody else may change what the kiosk starts."""
    if facts.config is None:
        return
    path = facts.config.source
    found = facts.machine.file(path)
    if found is not None and found.mode & 0o022:
        yield attention("configuration", "open", fix=_fix(facts, path, found.mode & ~0o022), path=str(path))
    else:
        yield good("configuration", path=str(path))


def key(facts: Facts) -> Iterator[Found]:
    """The key file is there, is a key, and its directory is ours alone."""
    if facts.config is None or any(check == "key" for check, _ in facts.troubles):
        return
    directory = facts.config.keys.path.parent
    found = facts.machine.file(directory)
    if found is not None and found.mode & _OTHERS:
        fix = _fix(facts, directory, found.mode & ~_OTHERS)
        yield attention("key", "directory_open", fix=fix, path=str(directory))
    else:
        yield good("key")


def database(facts: Facts) -> Iterator[Found]:
    """It opens with this key, is of this version, is sound, and nobody else may read it."""
    if facts.config is None:
        return
    path = facts.config.database.path
    found = facts.machine.file(path.parent)
    if found is not None and found.mode & 0o022 and not found.mode & 0o1000:
        yield attention(
            "database", "directory_open", fix=_fix(facts, path.parent, found.mode & ~0o022), path=str(path.parent)
        )
    if facts.known is None:
        return
    if facts.known.damage:
        yield fault("database", "damaged", detail=facts.known.damage)
    else:
        yield good("database", "good" if facts.known.thorough else "opens")


def disk(facts: Facts) -> Iterator[Found]:
    """There is room where something is written."""
    for name, path in _written(facts.config):
        room = facts.machine.room(path)
        if room is None:
            yield unknown("disk", "unseen", place=name, path=str(path))
        elif room.free == 0:
            yield fault("disk", "full", place=name, path=str(path))
        elif too_full(room.total, room.free):
            yield attention("disk", "nearly_full", place=name, path=str(path), free=room.free // _MEGABYTE)
        else:
            yield good("disk", place=name, free=room.free // _MEGABYTE)


def _written(config: Config | None) -> Iterator[tuple[str, Path]]:
    if config is None:
        return
    yield "database", config.database.path.parent
    if config.backup.directory is not None:
        yield "backup", config.backup.directory


def encryption(facts: Facts) -> Iterator[Found]:
    """A stolen disk: the key file guards a copied database, not that."""
    if facts.config is None:
        return
    kinds = {path: facts.machine.layers(path) for path in (facts.config.database.path, facts.config.keys.path)}
    if any(layers is None for layers in kinds.values()):
        yield unknown("encryption", "unseen")
    elif all(any(layer.startswith(_CRYPT) for layer in layers or ()) for layers in kinds.values()):
        yield good("encryption", "luks")
    elif _sealed_credential(facts.machine):
        yield attention("encryption", "credential")
    else:
        yield attention("encryption", "tpm" if facts.machine.names(_TPM) else "none")


def _sealed_credential(machine: Machine) -> bool:
    return CREDENTIALS in machine.environment


def _fix(facts: Facts, path: Path, mode: int) -> Fix | None:
    found = facts.machine.file(path)
    return Fix(path, mode) if found is not None and found.ours else None
