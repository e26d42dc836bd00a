"""`kiosk gate -- COMMAND`: a sign-in before one command, on any terminal or as a forced command of SSH."""

import os
import pwd
import signal
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final, NoReturn

import click

from kiosk.commands.configured import desk_name
from kiosk.commands.logs import log_to, log_to_journal
from kiosk.commands.speak import WRONG_USE, fail, load_language, told
from kiosk.config import Config
from kiosk.gate.passing import Passed
from kiosk.gate.wire import Answer, Face, NotPassed, Request, Why
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
@click.option("--plain", is_flag=True, help="Lines and prompts without drawing, for Braille and speech.")
@click.option(
    "--same-account",
    is_flag=True,
    help="Without the gate of `kiosk install`: sign in under the account that calls, which owns the kiosk's key.",
)
@click.option("--desk", help="With --same-account: name of this desk; else [desk] name, else host and terminal.")
# Neither from the environment nor from here: whoever comes by SSH may choose both.
@click.option("--config", type=click.Path(path_type=Path), help="With --same-account: the configuration file.")
@click.argument("command", nargs=-1, required=True, type=click.UNPROCESSED)
def gate(*, plain: bool, same_account: bool, desk: str | None, config: Path | None, command: tuple[str, ...]) -> None:
    """Let somebody sign in here, and run COMMAND when this Unix account is theirs (`kiosk users unix-account`).

    Exit codes: 77 not signed in or not theirs, 75 out of service, 127 or 126 no such command, else COMMAND's own.
    """
    language = load_language()
    # Before the pages close what would let others into them: COMMAND gets what it would have had without the gate.
    environ = dict(os.environ)
    face = Face.LINES if plain else Face.PAGES
    if same_account != (config is not None) or (desk is not None and not same_account):
        fail(language.text("command.gate.same_account"), WRONG_USE)
    answer = _call(face, language) if config is None else _sign_in(config, desk, language, face)
    if isinstance(answer, NotPassed):
        code = OUT_OF_SERVICE if answer.why is Why.OUT_OF_SERVICE else REFUSED
        fail(language.text(f"command.gate.{answer.why.value}", account=_own()), code)
    _become(command, answer, environ, language)


def _call(face: Face, language: Language) -> Answer:
    """Through the gate of the kiosk: this account may read neither its key nor its database."""
    from kiosk.gate.calling import call, own_terminal  # noqa: PLC0415  not where this process signs in itself

    terminal = own_terminal()
    if terminal is None:
        return NotPassed(Why.NO_TERMINAL)
    return call(Request.of(os.environ, face=face, language=language.code), terminal)


def _sign_in(config: Path, desk: str | None, language: Language, face: Face) -> Answer:
    """Here and now; ends with OUT_OF_SERVICE when nobody could and it has been told why."""
    from kiosk.commands.gate_sign_in import sign_in  # noqa: PLC0415  a caller of the gate needs none of it

    try:
        log_to_journal()
        with told(language):
            configuration = Config.load(config)
        log_to(configuration.state.path)

        def backstage() -> "Backstage":
            from kiosk.commands.backstage import backstage_of  # noqa: PLC0415  not before the first page is painted

            return backstage_of(configuration)

        where = desk_name(configuration, desk)
        return sign_in(configuration, language, desk=where, account=os.getuid(), face=face, backstage=backstage)
    except SystemExit:
        sys.exit(OUT_OF_SERVICE)


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
