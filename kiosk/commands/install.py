"""`kiosk install`: makes a machine of its own for the kiosk, by systemd; shows it first, and takes it away again."""

import difflib
import os
import sys
import sysconfig
from collections.abc import Iterator
from pathlib import Path

import click

from kiosk.commands.configured import CONFIG_VARIABLE
from kiosk.commands.speak import FAILED, WRONG_USE, fail, load_language, told
from kiosk.config import Config
from kiosk.language import Language, printable
from kiosk.machine import settling
from kiosk.machine.installed import Changed, Place, RecordUnreadable, State, Step
from kiosk.machine.plan import (
    CONSOLES,
    DEFAULT_CONFIG,
    File,
    Machine,
    PlaceUnusable,
    machine_of,
    plan,
    runs_for_all,
)
from kiosk.root_owned import owned_by_root

_CONSOLE = click.IntRange(CONSOLES.start, CONSOLES.stop - 1)


@click.command()
@click.option("--dry-run", is_flag=True, help="Show each file with its content, and write nothing.")
@click.option("--uninstall", is_flag=True, help="Remove what was written; accounts, configuration and data stay.")
@click.option("--force", is_flag=True, help="Also replace or remove files that somebody changed.")
@click.option("--root", type=click.Path(path_type=Path, exists=True, file_okay=False), help="Write below DIR only.")
@click.option(
    "--console", "consoles", type=_CONSOLE, multiple=True, default=(1,), help="Console of a desk; repeatable."
)
@click.option(
    "--technician",
    type=click.IntRange(0, CONSOLES.stop - 1),
    default=6,
    show_default=True,
    help="Console with a login for the technician; 0 for none.",
)
@click.option(
    "--config",
    type=click.Path(path_type=Path),
    help="The configuration; else $KIOSK_CONFIG, else /etc/kiosk/kiosk.toml.",
)
def install(
    *,
    dry_run: bool,
    uninstall: bool,
    force: bool,
    root: Path | None,
    consoles: tuple[int, ...],
    technician: int,
    config: Path | None,
) -> None:
    """Give the kiosk this machine: systemd units, accounts, keys of the console, rules for modems and security keys."""
    words = load_language()
    if technician in consoles:
        fail(words.text("command.install.same_console", number=technician), WRONG_USE)
    place = Place((root or Path("/")).absolute())
    with told(words):
        try:
            if uninstall:
                _uninstall(words, place, force=force, dry_run=dry_run)
                return
            machine = _machine(place, config, consoles, technician)
            if dry_run:
                _show(words, place, machine)
            else:
                _install(words, place, machine, force=force)
        except PlaceUnusable as error:
            fail(words.text(f"command.install.place.{error.why}", path=str(error.path)))
        except RecordUnreadable as error:
            fail(words.text("command.install.record", path=str(error.path)))
        except Changed as error:
            paths = "\n".join(f"  {printable(str(path))}" for path in error.paths)
            fail(f"{words.text('command.install.changed')}\n{paths}")
        except settling.DataForeign as error:
            fail(words.text("command.install.foreign", path=str(error.path), owner=error.owner))


def _machine(place: Place, given: Path | None, consoles: tuple[int, ...], technician: int) -> Machine:
    path = (given or Path(os.environ.get(CONFIG_VARIABLE) or DEFAULT_CONFIG)).absolute()
    there = place.root / path.relative_to("/")
    # Read as a file of the machine that it will be on: its relative paths begin there.
    config = Config.parse(there.read_text(encoding="utf-8-sig"), path) if there.exists() else None
    return machine_of(
        config,
        path=path,
        program=Path(sys.executable).with_name("kiosk"),
        python=Path(sys.executable),
        consoles=tuple(sorted(set(consoles))),
        technician=technician,
    )


def _need_root(words: Language, place: Place) -> None:
    if place.root == Path("/") and os.geteuid() != 0:
        fail(words.text("command.install.root"))


def _check_program(words: Language, machine: Machine) -> None:
    # What root's launcher imports decides as much as what it is.
    for path in (machine.program, machine.python, Path(__file__), Path(sysconfig.get_path("purelib"))):
        if owned_by_root(path) is None:
            fail(words.text("command.install.program", path=str(path)))
    for path in (machine.program, machine.python):
        if not runs_for_all(path):
            fail(words.text("command.install.unreachable", path=str(path.resolve())))


def _install(words: Language, place: Place, machine: Machine, *, force: bool) -> None:
    _need_root(words, place)
    real = place.root == Path("/")
    if real:
        _check_program(words, machine)
        settling.check_owners(machine)
    steps = place.install(plan(machine), force=force)
    for step in steps:
        if step.state is not State.SAME:
            click.echo(words.text("command.install.wrote", path=str(step.item.path)))
    click.echo(words.text("command.install.counted", count=sum(step.state is not State.SAME for step in steps)))
    if real:
        _settle(words, machine)
    if not (place.root / machine.config.relative_to("/")).exists():
        click.echo(words.text("command.install.no_config", path=str(machine.config), data=str(machine.data)))
    elif not machine.gateway:
        click.echo(words.text("command.install.no_modems"))
    click.echo(words.text("command.install.next"))


def _settle(words: Language, machine: Machine) -> None:
    failures = [*settling.run_all(settling.ACCOUNTS)]
    if not failures:
        settling.hand_over(machine)
        failures += settling.run_all(settling.DIRECTORIES)
    failures += settling.compile_packages()
    if settling.booted():
        failures += settling.run_all(settling.RULES)
    _tell(words, failures)


def _uninstall(words: Language, place: Place, *, force: bool, dry_run: bool) -> None:
    """Whatever the configuration says now: the record alone tells what was written."""
    if dry_run:
        for path in place.leftovers(()):
            click.echo(printable(str(path)))
        click.echo(words.text("command.install.dry"))
        return
    _need_root(words, place)
    removed = place.uninstall(force=force)
    for path in removed:
        click.echo(words.text("command.install.removed", path=str(path)))
    click.echo(words.text("command.install.gone", count=len(removed)))
    if place.root == Path("/") and settling.booted():
        # Only now: what a person changed keeps all as it was, running too. Units stay known until the reload.
        _tell(words, [*settling.stop_units(), *settling.run_all(settling.RULES)])


def _tell(words: Language, failures: list[settling.Failure]) -> None:
    for failure in failures:
        click.echo(words.text("command.install.failed", command=" ".join(failure.command), said=failure.said), err=True)
    if failures:
        sys.exit(FAILED)


# The dry run


def _show(words: Language, place: Place, machine: Machine) -> None:
    items = plan(machine)
    for step in place.compare(items):
        mode = f"{step.item.mode:04o}" if isinstance(step.item, File) else "link"
        state = words.text(f"command.install.state.{step.state.value}")
        click.echo(f"─── {step.item.path}  [{mode}]  {state}")
        click.echo("".join(_changes(place, step)))
    for path in place.leftovers(items):
        click.echo(f"─── {printable(str(path))}  {words.text('command.install.state.leftover')}")
    click.echo(words.text("command.install.dry"))


def _changes(place: Place, step: Step) -> Iterator[str]:
    """The whole content of a new file, the differing lines of another."""
    if not isinstance(step.item, File):
        yield f"-> {step.item.target}\n"
    elif step.state is State.MISSING:
        yield step.item.content
    elif step.state is not State.SAME:
        there = place.at(step.item.path)
        before = there.read_text(encoding="utf-8", errors="replace") if there.is_file() else ""
        yield from difflib.unified_diff(
            before.splitlines(keepends=True), step.item.content.splitlines(keepends=True), str(there), "kiosk install"
        )
