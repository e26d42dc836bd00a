"""`kiosk gate -- COMMAND`: what becomes of the process when the sign-in is over."""

import os
import pwd
import signal
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

import kiosk.commands.show_plain
from kiosk.commands.terminal import Terminal
from kiosk.gate import calling
from kiosk.gate.passing import GateAnswer, Passed
from kiosk.gate.wire import Answer, Face, NotPassed, Request, Why
from tests.kiosk.commands.command_line import Kiosk, type_command

OWN = pwd.getpwuid(os.getuid()).pw_name
PASSED = Passed(user="j.devries", method="totp", session="abc")


class Executed(Exception):
    """This process would be the command from now on."""


@pytest.fixture(autouse=True)
def signals() -> Iterator[None]:
    """This process runs other tests after these, of which a full disk must not kill it."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGPIPE, signal.SIGXFSZ)}
    yield
    for number, handler in kept.items():
        signal.signal(number, handler)


@pytest.fixture
def gated(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    """Runs the gate over a sign-in that ends as given; the exit code."""
    made = Kiosk(tmp_path)
    made.make()

    def run(*answers: Passed | None, code: int = 0, command: tuple[str, ...] = ("true",)) -> int:
        def show_plain(terminal: Terminal, _language: object, *, gate: GateAnswer) -> int:
            assert terminal.facts.gate_account == os.getuid()
            for answer in answers:
                gate(answer)
            return code

        monkeypatch.setattr(kiosk.commands.show_plain, "show_plain", show_plain)
        given = ("--same-account", "--plain", "--config", str(made.config))
        return type_command("gate", *given, "--", *command).exit_code

    return run


@pytest.fixture
def executed(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    seen: list[Any] = []

    def execvpe(*given: Any) -> None:
        seen.extend((*given, signal.getsignal(signal.SIGPIPE)))
        raise Executed

    monkeypatch.setattr(os, "execvpe", execvpe)
    return seen


def test_whoever_passes_gets_the_command_and_it_knows_who(gated: Callable[..., int], executed: list[Any]) -> None:
    with pytest.raises(Executed):
        gated(PASSED, command=("sh", "-c", "exit 5", "--config", "x"))
    file, arguments, environment, pipe = executed
    assert (file, tuple(arguments)) == ("sh", ("sh", "-c", "exit 5", "--config", "x"))
    assert {name: environment[name] for name in environment if name in {"KIOSK_USER", "KIOSK_METHOD"}} == {
        "KIOSK_USER": "j.devries",
        "KIOSK_METHOD": "totp",
    }
    assert environment["KIOSK_SESSION"] == "abc"
    assert pipe is signal.SIG_DFL


def test_the_command_gets_what_it_would_have_had_without_the_gate(
    gated: Callable[..., int], executed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    monkeypatch.setenv("NOTIFY_SOCKET", "/run/somebody")
    with pytest.raises(Executed):
        gated(PASSED)
    assert (executed[2]["NO_COLOR"], executed[2]["NOTIFY_SOCKET"]) == ("1", "/run/somebody")


@pytest.mark.parametrize(
    ("answers", "code", "exit_code"),
    [((None,), 0, 77), ((), 0, 77), ((), 1, 75), ((PASSED,), 1, 75)],
    ids=["another person", "nobody", "out of service", "crashed after it"],
)
def test_nobody_else_gets_it(
    gated: Callable[..., int],
    executed: list[Any],
    answers: tuple[Passed | None, ...],
    code: int,
    exit_code: int,
) -> None:
    assert gated(*answers, code=code) == exit_code
    assert executed == []


def test_a_command_that_is_not_there_is_told_as_a_shell_does(gated: Callable[..., int], tmp_path: Path) -> None:
    assert gated(PASSED, command=("no-such-command",)) == 127
    (tmp_path / "text").touch()
    assert gated(PASSED, command=(str(tmp_path / "text"),)) == 126


def test_a_kiosk_without_its_key_is_out_of_service(tmp_path: Path) -> None:
    given = ("--same-account", "--plain", "--config", str(tmp_path / "missing.toml"))
    assert type_command("gate", *given, "--", "true").exit_code == 75


@pytest.mark.parametrize(
    "given",
    [("--same-account",), ("--config", "kiosk.toml"), ("--desk", "balie"), ("--same-account", "--desk", "balie")],
)
def test_the_configuration_comes_neither_from_the_environment_nor_from_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: tuple[str, ...]
) -> None:
    made = Kiosk(tmp_path)
    made.make()
    monkeypatch.setenv("KIOSK_CONFIG", str(made.config))
    monkeypatch.chdir(tmp_path)
    assert type_command("gate", *given, "--", "true").exit_code == 2


# Through the gate of the kiosk, for every other account


@pytest.fixture
def called(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answer], list[Request]]:
    """Lets the gate answer so; what it was asked."""
    monkeypatch.setattr(calling, "own_terminal", lambda: 0)

    def answers(answer: Answer) -> list[Request]:
        asked: list[Request] = []

        def call(request: Request, _terminal: int) -> Answer:
            asked.append(request)
            return answer

        monkeypatch.setattr(calling, "call", call)
        return asked

    return answers


def test_whoever_passes_the_gate_gets_the_command_in_the_environment_of_the_caller(
    called: Callable[[Answer], list[Request]], executed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("MINE", "1")
    asked = called(PASSED)
    with pytest.raises(Executed):
        type_command("gate", "--plain", "--", "sh", "-c", "exit 5")
    assert [one.face for one in asked] == [Face.LINES]
    file, arguments, environment, _pipe = executed
    assert (file, tuple(arguments)) == ("sh", ("sh", "-c", "exit 5"))
    assert set(environment) - set(os.environ) == {"KIOSK_USER", "KIOSK_METHOD", "KIOSK_SESSION"}
    assert environment["MINE"] == "1"


@pytest.mark.parametrize("why", Why)
def test_whoever_does_not_pass_is_told_why(
    called: Callable[[Answer], list[Request]], executed: list[Any], why: Why
) -> None:
    called(NotPassed(why))
    done = type_command("gate", "--", "true")
    assert done.exit_code == (75 if why is Why.OUT_OF_SERVICE else 77)
    assert OWN in done.output
    assert executed == []


def test_without_a_terminal_nobody_is_asked(monkeypatch: pytest.MonkeyPatch, executed: list[Any]) -> None:
    monkeypatch.setattr(calling, "own_terminal", lambda: None)
    done = type_command("gate", "--", "true")
    assert done.exit_code == 77
    assert "ssh -t" in done.output
    assert executed == []
