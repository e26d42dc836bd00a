"""`kiosk modem test|scan|ussd|console|inbox`: the technician's bench on the command line, over the same engine as its pages."""

import json
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from concurrent.futures import TimeoutError as NotYet
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final, TypeVar
from zoneinfo import ZoneInfo

import click

from hardware.errors import HardwareError
from hardware.modem.errand import ErrandCancelled, ErrandRefused
from hardware.modem.errands.console import BadConsoleLine, ConsoleAnswer, ConsoleEnd, ConsoleLine, Direction
from hardware.modem.errands.console import ask as ask_line
from hardware.modem.errands.inbox import InboxMessage, delete_all, inbox
from hardware.modem.errands.scan import scan
from hardware.modem.errands.ussd import BadUssdCode, ask_ussd
from hardware.modem.reasons import Reason
from hardware.modem.session import ModemSession
from hardware.modem.status import ModemStatus
from kiosk.commands.modem_errand import terminated_like_interrupted
from kiosk.commands.modem_number import number_of
from kiosk.commands.modem_place import Place, place_options, workplace
from kiosk.commands.phone_option import HELP, OWN
from kiosk.commands.speak import FAILED, WRONG_USE, fail, load_language
from kiosk.delivery.borrowing import Purpose
from kiosk.language import LANGUAGES, Language, printable
from kiosk.technician import diagnosis
from kiosk.technician.console import dangerous
from kiosk.technician.report import as_data, as_json, markdown, verdict
from kiosk.technician.scanning import ScannedNetwork, networks_of
from kiosk.technician.steps import FINAL, Mark, Step, StepResult, TestRun
from kiosk.technician.testing import ModemTest
from kiosk.technician.words import do_of, mark_of, name_of_step, shown_of, what_of
from kiosk.technician.workplace import ask
from kiosk.wall_clock import wall_ms

T = TypeVar("T")

# Exit codes beside those of `speak` (DESIGN §8).
REFUSED: Final = 3
UNKNOWN: Final = 4
# Faults of these steps are of port and modem; those of the others are a no of SIM or network.
_OF_THE_MODEM: Final = frozenset({Step.PORT, Step.ATTENTION, Step.IDENTITY})
# Causes that leave it open whether the SMS went out.
_UNCLEAR: Final = frozenset(
    {"unknown_outcome", "unexplained_error", "restarted_sending", "sms_service", "sms_needs_cs"}
)
# Between two looks while something runs in the other thread: how soon Ctrl-C is heard.
_LOOK_SECONDS: Final = 0.2
# Columns of the name of a step and of what it saw.
_STEP_COLUMNS: Final = 40
_SEEN_COLUMNS: Final = 44

json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
language_option = click.option("--language", type=click.Choice(LANGUAGES), help="Language of the answer.")


@click.command("test")
@place_options
@click.option("--to", type=OWN, help=f"Send a real SMS to this number, and wait for its delivery report{HELP}")
@click.option(
    "--report-file",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Save the report; JSON when the name ends in .json, else Markdown.",
)
@json_option
@language_option
def test_modem(
    *,
    port: str | None,
    name: str | None,
    borrow: bool,
    pin_file: Path | None,
    config: Path | None,
    to: str | None,
    report_file: Path | None,
    as_json: bool,
    language: str | None,
) -> None:
    """Prove a modem in twelve steps, say the true cause of what is wrong and what to do about it.

    Ends with 0 good, 1 port or modem, 2 wrong use, 3 SIM or network, 4 unknown whether the SMS went out.
    """
    words = load_language(language)
    number = None if to is None else number_of(to, words)
    with (
        terminated_like_interrupted(),
        workplace(Purpose.TEST, words, port=port, name=name, borrow=borrow, pin_file=pin_file, config=config) as place,
    ):
        run = _test(place, number, words, quiet=as_json)
    if as_json:
        click.echo(json.dumps(as_data(run, words), ensure_ascii=False))
    else:
        _conclude(run, place, words)
    code = _code(run)
    # What was found is told first, and a file that cannot be written does not hide it.
    if report_file is not None and not _save(report_file, run, words, place):
        code = code or FAILED
    sys.exit(code)


@click.command("scan")
@place_options
@json_option
@language_option
def scan_networks(
    *,
    port: str | None,
    name: str | None,
    borrow: bool,
    pin_file: Path | None,
    config: Path | None,
    as_json: bool,
    language: str | None,
) -> None:
    """Search for networks in reach, and say which of them this SIM may use; takes one to three minutes."""
    words = load_language(language)
    with (
        terminated_like_interrupted(),
        workplace(Purpose.SCAN, words, port=port, name=name, borrow=borrow, pin_file=pin_file, config=config) as place,
    ):
        teller = _seconds_teller(words.text("command.modem.scan.busy"))
        found = _wait(place, "scan", lambda session: scan(session, teller), words)
        status = place.modem.status
    if found.refused is not None:
        fail(words.text("command.modem.scan.refused"), REFUSED)
    networks = networks_of(found.operators)
    if as_json:
        click.echo(json.dumps({"seconds": round(found.seconds, 1), "networks": [one.as_data() for one in networks]}))
        return
    _show_networks(networks, status, words)


@click.command("ussd")
@click.argument("code")
@click.option("--reply", "replies", multiple=True, help="Answer to a menu; may be repeated.")
@place_options
@json_option
@language_option
def ask_credit(
    *,
    code: str,
    replies: tuple[str, ...],
    port: str | None,
    name: str | None,
    borrow: bool,
    pin_file: Path | None,
    config: Path | None,
    as_json: bool,
    language: str | None,
) -> None:
    """Ask the operator by USSD, such as *101# for the credit."""
    words = load_language(language)
    with (
        terminated_like_interrupted(),
        workplace(Purpose.USSD, words, port=port, name=name, borrow=borrow, pin_file=pin_file, config=config) as place,
    ):
        try:
            found = _wait(place, "USSD", lambda session: ask_ussd(session, code, replies), words)
        except BadUssdCode:
            fail(words.text("command.modem.ussd.bad"), WRONG_USE)
    texts = [printable(text) for text in found.texts]
    ended = words.text(f"command.modem.ussd.{found.end.value}")
    if as_json:
        click.echo(json.dumps({"end": found.end.value, "texts": texts, "happened": ended}, ensure_ascii=False))
    else:
        for text in texts:
            click.echo(text)
        click.echo(ended, err=not texts)
    sys.exit(0 if texts else REFUSED)


@click.command("inbox")
@place_options
@click.option("--clear", is_flag=True, help="Delete all messages after they were shown.")
@click.option("--yes", is_flag=True, help="With --clear: do not ask.")
@json_option
@language_option
def show_inbox(
    *,
    port: str | None,
    name: str | None,
    borrow: bool,
    pin_file: Path | None,
    config: Path | None,
    clear: bool,
    yes: bool,
    as_json: bool,
    language: str | None,
) -> None:
    """Show the messages in the memory of SIM and modem, and clear it when asked."""
    words = load_language(language)
    with (
        terminated_like_interrupted(),
        workplace(Purpose.INBOX, words, port=port, name=name, borrow=borrow, pin_file=pin_file, config=config) as place,
    ):
        found = _wait(place, "inbox", inbox, words)
        if found.refused is not None:
            fail(words.text("command.modem.inbox.refused"), REFUSED)
        if as_json:
            click.echo(json.dumps([_message(one) for one in found.messages], ensure_ascii=False))
        else:
            for one in found.messages:
                click.echo(_line_of(one))
            click.echo(words.text("command.modem.inbox.count", count=len(found.messages)))
        if clear and found.messages and (yes or click.confirm(words.text("command.modem.inbox.clear"), err=True)):
            if _wait(place, "clear", delete_all, words).refused is not None:
                fail(words.text("command.modem.inbox.not_cleared"), REFUSED)
            click.echo(words.text("command.modem.inbox.cleared"), err=True)


@click.command("console")
@place_options
@click.option("--hex", "as_hex", is_flag=True, help="Show each line's octets too.")
@language_option
def console(
    *,
    port: str | None,
    name: str | None,
    borrow: bool,
    pin_file: Path | None,
    config: Path | None,
    as_hex: bool,
    language: str | None,
) -> None:
    """Type AT commands at a modem, line by line; Ctrl-D ends. Dangerous ones are asked about first."""
    words = load_language(language)
    with (
        terminated_like_interrupted(),
        workplace(
            Purpose.CONSOLE, words, port=port, name=name, borrow=borrow, pin_file=pin_file, config=config
        ) as place,
    ):
        if sys.stdin.isatty():
            click.echo(words.text("command.modem.console.begin"), err=True)
        while (line := _next_line()) is not None:
            _one_line(place, line.strip(), words, as_hex=as_hex)


# The test


def _test(place: Place, number: str | None, words: Language, *, quiet: bool) -> TestRun:
    text = words.sms(
        "text.test",
        site=place.site,
        network=place.modem.status.network_name or place.name[-14:],
        time=f"{datetime.now(ZoneInfo(place.zone)):%H:%M}",
    )
    test = ModemTest(
        place.modem,
        place.postman,
        number=number,
        text=text,
        modem=place.name,
        at=wall_ms(),
        told=(lambda _: None) if quiet else _step_teller(words),
    )
    with ThreadPoolExecutor(1) as hands:
        future = hands.submit(test.run)
        try:
            return patiently(future)
        except KeyboardInterrupt:
            test.cancel()
            return patiently(future)


def _step_teller(words: Language) -> Callable[[StepResult], None]:
    live = sys.stderr.isatty()

    def tell(result: StepResult) -> None:
        left = f"{result.step.number:3}  {name_of_step(result.step, words):<{_STEP_COLUMNS}}"
        if result.mark in FINAL:
            seen = printable(shown_of(result, words))
            seconds = f"{result.seconds:5.1f} s" if result.mark is not Mark.SKIPPED else "       "
            click.echo(f"\r{left} {seen:<{_SEEN_COLUMNS}} {seconds}  {mark_of(result.mark, words)}")
        elif result.mark is Mark.BUSY and live:
            click.echo(f"\r{left} {mark_of(result.mark, words)}", nl=False, err=True)

    return tell


def _conclude(run: TestRun, place: Place, words: Language) -> None:
    for result in run.steps:
        for finding in result.findings:
            click.echo("")
            click.echo(f"{result.step.number:3}  {mark_of(result.mark, words)}: {what_of(finding, words)}")
            click.echo(f"     {_do(finding, place, words)}")
    click.echo("")
    click.echo(verdict(run, words))


def _save(file: Path, run: TestRun, words: Language, place: Place) -> bool:
    text = as_json(run, words) if file.suffix == ".json" else markdown(run, words, ZoneInfo(place.zone))
    try:
        file.write_text(text, encoding="utf-8")
    except OSError as error:
        click.echo(words.text("command.error.file", path=str(file), detail=error.strerror or "-"), err=True)
        return False
    return True


def _code(run: TestRun) -> int:
    if run.verdict in {Mark.GOOD, Mark.ATTENTION}:
        return 0
    fault = next((result for result in run.steps if result.mark is Mark.FAULT), None)
    if fault is None or fault.step in _OF_THE_MODEM:
        return FAILED
    return UNKNOWN if any(finding.cause in _UNCLEAR for finding in fault.findings) else REFUSED


# Search, inbox, console


def _show_networks(networks: list[ScannedNetwork], status: ModemStatus, words: Language) -> None:
    for one in networks:
        state = words.text(f"bench.network.{one.state.value}")
        may = words.text(f"bench.network_use.{one.state.value}")
        click.echo(f"{printable(one.name):<20} {one.code:<8} {one.technologies:<10} {state:<14} {may}")
    if not networks:
        finding = diagnosis.of_status(status) or diagnosis.Finding(cause="no_signal")
        click.echo(words.text("command.modem.scan.none"))
        click.echo(do_of(finding, words))


def _message(one: InboxMessage) -> dict[str, Any]:
    return {
        "index": one.index,
        "kind": one.kind.value,
        "unread": one.unread,
        "other": printable(one.other),
        "at": None if one.at is None else one.at.astimezone(UTC).isoformat(),
        "text": None if one.text is None else printable(one.text),
        "part": None if one.part is None else [one.part.number, one.part.total],
    }


def _line_of(one: InboxMessage) -> str:
    when = "-" if one.at is None else f"{one.at:%Y-%m-%d %H:%M}"
    part = "" if one.part is None else f" ({one.part.number}/{one.part.total})"
    return f"{one.index:3}  {when:<16}  {printable(one.other):<16}  {printable(one.text or '-')}{part}"


def _next_line() -> str | None:
    if sys.stdin.isatty():
        click.echo("AT> ", nl=False)
    line = sys.stdin.readline()
    return line or None


def _one_line(place: Place, line: str, words: Language, *, as_hex: bool) -> None:
    if not line:
        return
    why = dangerous(line)
    if why is not None and not _confirmed(words.text(f"bench.danger.{why.value}"), words):
        return

    def hear(said: ConsoleLine) -> None:
        arrow = "->" if said.direction is Direction.TO_MODEM else "<-"
        octets = f"   {said.raw.hex(' ')}" if as_hex else ""
        click.echo(f"{said.seconds:8.3f} {arrow} {printable(said.text)}{octets}")

    try:
        answer: ConsoleAnswer = _wait(place, "console", lambda session: ask_line(session, line, hear=hear), words)
    except BadConsoleLine:
        click.echo(words.text("command.modem.console.bad"), err=True)
        return
    if answer.end is not ConsoleEnd.ANSWERED:
        click.echo(words.text(f"command.modem.console.{answer.end.value}"), err=True)


def _confirmed(danger: str, words: Language) -> bool:
    click.echo(danger, err=True)
    if not sys.stdin.isatty():
        click.echo(words.text("command.modem.console.not_sent"), err=True)
        return False
    word = words.text("common.yes.button").lower()
    question = words.text("command.modem.console.confirm", word=word)
    return str(click.prompt(question, default="", show_default=False)).strip().lower() == word


# Waiting


def _wait(place: Place, name: str, question: Callable[[ModemSession], T], words: Language) -> T:
    """Ask the modem and wait, with Ctrl-C; what keeps it from answering is told, and ends the command."""
    cancelled = threading.Event()
    with ThreadPoolExecutor(1) as hands:
        future = hands.submit(lambda: ask(place.modem, name, question, cancelled=cancelled))
        try:
            return patiently(future)
        except KeyboardInterrupt:
            cancelled.set()
            fail(words.text("command.modem.cancelled"), FAILED)
        except (BadUssdCode, BadConsoleLine):
            raise
        except ErrandCancelled:
            fail(words.text("command.modem.cancelled"), FAILED)
        except ErrandRefused as refused:
            status = place.modem.status
            finding = diagnosis.of_reason(refused.reason, detail=status.detail, pin_tries=status.pin_tries)
            fail(f"{what_of(finding, words)} {_do(finding, place, words)}", FAILED)
        except HardwareError:
            finding = diagnosis.of_status(place.modem.status) or diagnosis.Finding(cause="no_answer")
            fail(f"{what_of(finding, words)} {_do(finding, place, words)}", FAILED)


def _do(finding: diagnosis.Finding, place: Place, words: Language) -> str:
    """What to do; whoever named a port may borrow the modem when the kiosk is the program that has it."""
    if finding.cause == Reason.PORT_BUSY and place.premises is None:
        return words.text("command.modem.todo.borrow")
    return do_of(finding, words)


def patiently(future: "Future[T]") -> T:
    """The result; short waits, so that Ctrl-C is heard."""
    while True:
        try:
            return future.result(_LOOK_SECONDS)
        except NotYet:
            if future.done():
                return future.result()


def _seconds_teller(sentence: str) -> Callable[[float], None]:
    if not sys.stderr.isatty():
        return lambda _: None
    began = time.monotonic()
    return lambda _: click.echo(f"\r{sentence} {time.monotonic() - began:3.0f} s", nl=False, err=True)
