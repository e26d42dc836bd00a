"""`kiosk gate -- COMMAND`: a sign-in before one command, on any terminal or as a forced command of SSH."""

import os
import pwd
import signal
import sys
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

from kiosk.commands.configured import desk_name
from kiosk.commands.logs import log_to, log_to_journal
from kiosk.commands.speak import WRONG_USE, fail, load_language, told
from kiosk.commands.terminal import Terminal, facts_of
from kiosk.config import Config
from kiosk.gate.passing import Passed
from kiosk.language import Language, printable

if TYPE_CHECKING:
    from kiosk.commands.backstage import Backstage

# sysexits.h.
REFUSED: Final = 77
OUT_OF_SERVICE: Final = 75
# As a shell does (POSIX, XCU 2.8.2).
NOT_FOUND: Final = 127
NOT_EXECUTABLE: Final = 126


@click.command(context_settings={"allow_interspersed_args": False})
@click.option("--same-account", is_flag=True, help="Sign in under the account that calls, which owns the kiosk's key.")
@click.option("--desk", help="Name of this desk; else [desk] name, else host and terminal.")
@click.option("--plain", is_flag=True, help="Lines and prompts without drawing, for Braille and speech.")
# Neither from the environment nor from here: whoever comes by SSH may choose both.
@click.option("--config", type=click.Path(path_type=Path), required=True, help="The configuration file.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def gate(*, same_account: bool, desk: str | None, plain: bool, config: Path, command: tuple[str, ...]) -> None:
    """Let somebody sign in here, and run COMMAND when this Unix account is theirs (`kiosk users unix-account`).

    Exit codes: 77 not signed in or not theirs, 75 out of service, 127 or 126 no such command, else COMMAND's own.
    """
    language = load_language()
    if not same_account:
        fail(language.text("command.gate.same_account"), WRONG_USE)
    # Before the pages close what would let others into them: COMMAND gets what it would have had without the gate.
    environ = dict(os.environ)
    passed, refused = _sign_in(config, desk, language, plain=plain)
    if passed is None:
        fail(language.text(f"command.gate.{'refused' if refused else 'not_signed_in'}", account=_own()), REFUSED)
    _become(command, passed, environ, language)


def _sign_in(config: Path, desk: str | None, language: Language, *, plain: bool) -> tuple[Passed | None, bool]:
    """Who passed, else whether somebody signed in for whom it is not; ends with OUT_OF_SERVICE when nobody could."""
    answers: list[Passed | None] = []
    try:
        log_to_journal()
        with told(language):
            configuration = Config.load(config)
        log_to(configuration.state.path)

        def backstage() -> "Backstage":
            from kiosk.commands.backstage import backstage_of  # noqa: PLC0415  not before the first page is painted

            return backstage_of(configuration)

        facts = replace(
            facts_of(configuration, desk_name(configuration, desk)), applications=(), gate_account=os.getuid()
        )
        terminal = Terminal(facts, backstage)
        if plain:
            from kiosk.commands.show_plain import show_plain  # noqa: PLC0415  only one of the two faces is loaded

            code = show_plain(terminal, language, gate=answers.append)
        else:
            from kiosk.commands.show import show  # noqa: PLC0415  see above

            code = show(terminal, configuration, language, gate=answers.append)
    except SystemExit:
        # It has been told why.
        sys.exit(OUT_OF_SERVICE)
    if code != 0:
        fail(language.text("command.gate.out_of_service"), OUT_OF_SERVICE)
    return (answers[0], answers[0] is None) if answers else (None, False)


def _own() -> str:
    try:
        return pwd.getpwuid(os.getuid()).pw_name
    except KeyError:
        return str(os.getuid())


def _become(command: tuple[str, ...], passed: Passed, environ: Mapping[str, str], language: Language) -> NoReturn:
    """Be COMMAND, with what it would have found without the gate and who it is for."""
    for number in (signal.SIGPIPE, signal.SIGXFSZ):
        # Python ignores them, and a program would inherit that.
        signal.signal(number, signal.SIG_DFL)
    who = {"KIOSK_USER": passed.user, "KIOSK_METHOD": passed.method, "KIOSK_SESSION": passed.session}
    sys.stdout.flush()
    sys.stderr.flush()
    try:
        os.execvpe(command[0], command, {**environ, **who})  # noqa: S606  whoever calls could run it without us
    except OSError as error:
        code = NOT_FOUND if isinstance(error, FileNotFoundError) else NOT_EXECUTABLE
        values = {"path": printable(command[0]), "detail": error.strerror or "-"}
        fail(language.text("command.error.file", **values), code)
