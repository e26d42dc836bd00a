"""`kiosk run` and `kiosk gate`: what holds between the configuration and the first page."""

import gc
from collections.abc import Iterator
from pathlib import Path

import pytest

import kiosk.commands.show
from kiosk.commands.terminal import Terminal
from tests.kiosk.commands.command_line import Kiosk, type_command


class Broken(Exception):
    """Behind the screen there is nothing."""


@pytest.fixture(autouse=True)
def collected() -> Iterator[None]:
    """This process runs other tests after these."""
    yield
    gc.enable()


@pytest.mark.parametrize(("command", "rest"), [("run", ()), ("gate", ("--same-account", "--", "true"))])
def test_garbage_is_collected_once_the_first_page_stands(
    command: str, rest: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = Kiosk(tmp_path)
    made.make()
    collecting: list[bool] = []

    def broken() -> None:
        raise Broken

    def show(terminal: Terminal, *_: object, **__: object) -> int:
        collecting.append(gc.isenabled())
        monkeypatch.setattr(terminal, "make", broken)
        assert isinstance(terminal.begin().exception(5), Broken)
        collecting.append(gc.isenabled())
        return 0

    monkeypatch.setattr(kiosk.commands.show, "show", show)
    type_command(command, "--config", str(made.config), *rest)
    assert collecting == [False, True]
