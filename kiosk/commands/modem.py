"""`kiosk modem`: a technician's door to one modem; needs no configuration and no database."""

import json
import logging
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, NoReturn

import click

from hardware.modem.alphabet import measure
from hardware.modem.jobs import Cancelled, NotSent, Refused, SendProgress, Sent, Unknown
from hardware.modem.reports import StatusReport
from hardware.modem.settings import ModemSettings
from hardware.modem.status import ModemState, ModemStatus
from kiosk.commands.modem_account import account_of_refusal, cure
from kiosk.commands.modem_adopt import adopt_modem
from kiosk.commands.modem_bench import ask_credit, console, scan_networks, show_inbox, test_modem
from kiosk.commands.modem_by_name import overview, send_by_name, status_by_name
from kiosk.commands.modem_errand import Delivery, Ending, Errand, terminated_like_interrupted
from kiosk.commands.modem_list import list_modems
from kiosk.commands.modem_loop import loop_test
from kiosk.commands.modem_number import number_of
from kiosk.commands.modem_place import borrow_option, name_at
from kiosk.commands.modem_service import put_back, take_out
from kiosk.commands.phone_option import HELP, OWN
from kiosk.commands.speak import FAILED, WRONG_USE, fail, load_language
from kiosk.language import LANGUAGES, Language, printable

# Exit codes beside those of `speak` (DESIGN §8).
REFUSED: Final = 3
UNKNOWN: Final = 4
# DOWN for these reasons is the modem's own no; for the others it did not get as far.
_REFUSING: Final = frozenset({"radio_off", "no_pdu_mode", "barred"})

json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
language_option = click.option("--language", type=click.Choice(LANGUAGES), help="Language of the answer.")


@click.group()
def modem() -> None:
    """Find GSM modems, and try one: its state, and one SMS."""
    # Without a handler of ours Python would write the log between the answers.
    logging.getLogger("kiosk").addHandler(logging.NullHandler())


for command in (
    list_modems,
    adopt_modem,
    test_modem,
    scan_networks,
    ask_credit,
    console,
    show_inbox,
    loop_test,
    take_out,
    put_back,
):
    modem.add_command(command)


@modem.command()
@click.option("--port", help="Device (/dev/ttyUSB2) or URL (socket://host:port); needs no configuration.")
@click.option("--name", help="A modem of the configuration; it is borrowed from the kiosk for the moment.")
@borrow_option
@click.option("--config", type=click.Path(path_type=Path), help="With --name or --borrow: the configuration file.")
@click.option("--to", required=True, type=OWN, help=f"Mobile number, as +31612345678 or 06 12345678{HELP}")
@click.option("--text", required=True, help="What to say; it must fit in one SMS.")
@click.option("--report", is_flag=True, help="Ask for a delivery report and wait for it.")
@click.option("--report-wait", type=click.FloatRange(0, 3600), default=60.0, show_default=True, help="Seconds.")
@click.option("--pin-file", type=click.Path(path_type=Path), help="With --port: file with the SIM PIN.")
@click.option("--smsc", help="With --port: service centre, written to a SIM that has none.")
@click.option(
    "--timeout", type=click.FloatRange(1, 3600), default=180.0, show_default=True, help="With --port: seconds in all."
)
@json_option
@language_option
def send(
    *,
    port: str | None,
    name: str | None,
    borrow: bool,
    config: Path | None,
    to: str,
    text: str,
    report: bool,
    report_wait: float,
    pin_file: Path | None,
    smsc: str | None,
    timeout: float,
    as_json: bool,
    language: str | None,
) -> None:
    """Send one SMS, and say truly what became of it.

    Ends with 0 sent or delivered, 1 failed, 2 wrong use, 3 refused by the modem or the network, 4 unknown.
    """
    words = load_language(language)
    number = number_of(to, words)
    centre = number_of(smsc, words) if smsc else None
    parts = measure(text).parts if text else 0
    if parts != 1:
        fail(words.text("command.modem.wrong.text", count=parts), WRONG_USE)
    if (port is None) == (name is None):
        fail(words.text("command.modem.wrong.place"), WRONG_USE)
    if port is not None and borrow:
        name = name_at(port, config, words)
    if name is not None:
        account = send_by_name(name, config, number, text, report_seconds=report_wait if report else None, words=words)
        _end(account, as_json=as_json)
    assert port is not None
    settings = ModemSettings(name="modem", port=port, pin_file=pin_file, smsc=centre)
    with terminated_like_interrupted(), Errand(settings, told=_teller(words)) as errand:
        delivery = errand.send(number, text, report=report, seconds=timeout, report_seconds=report_wait)
    _end(_account(delivery, words) | _modem_facts(delivery), as_json=as_json)


def _end(account: dict[str, Any], *, as_json: bool) -> NoReturn:
    """Say what became of it, and end with its code."""
    code = account.pop("exit")
    if as_json:
        click.echo(json.dumps(account, ensure_ascii=False))
    else:
        click.echo(f"{account['happened']} {account['what_to_do']}", err=bool(code))
    sys.exit(code)


@modem.command("status")
@click.option("--port", help="Device (/dev/ttyUSB2) or URL; without it, all modems of the configuration.")
@borrow_option
@click.option(
    "--config", type=click.Path(path_type=Path), help="Without --port or with --borrow: the configuration file."
)
@click.option("--timeout", type=click.FloatRange(1, 600), default=60.0, show_default=True, help="Seconds.")
@json_option
@language_option
def show_status(
    *, port: str | None, borrow: bool, config: Path | None, timeout: float, as_json: bool, language: str | None
) -> None:
    """Show what a modem says of itself, its SIM and its network, or how all configured modems are; enters no PIN, sends nothing."""
    words = load_language(language)
    if port is None:
        sys.exit(overview(config, words, as_json=as_json))
    if borrow:
        status = status_by_name(name_at(port, config, words), config, timeout, words)
    else:
        settings = ModemSettings(name="modem", port=port)
        with terminated_like_interrupted(), Errand(settings, told=lambda _: None) as errand:
            try:
                status = errand.settle(timeout, through_no_network=False)
            except KeyboardInterrupt:
                status = errand.status
    what = words.text("command.modem.todo.ready") if status.state is ModemState.READY else cure(status, words)
    if as_json:
        click.echo(json.dumps(_status_facts(status) | {"what_to_do": what}, ensure_ascii=False))
    else:
        for name, value in _status_facts(status).items():
            if value not in {"", None}:
                click.echo(f"{words.text(f'command.modem.field.{name}')}: {_shown(value, words)}")
        click.echo(what)
    sys.exit(0 if status.state is ModemState.READY else _code_of_status(status))


def _teller(words: Language) -> Callable[[SendProgress | ModemStatus], None]:
    """Progress in words on a terminal, and nowhere else."""
    if not sys.stderr.isatty():
        return lambda _: None
    told: list[str] = []

    def tell(step: SendProgress | ModemStatus) -> None:
        if isinstance(step, SendProgress):
            sentence = words.text(f"command.modem.progress.{step.value}")
        elif step.state in {ModemState.STARTING, ModemState.NO_NETWORK}:
            sentence = words.text(f"command.modem.progress.{step.state.value}")
        else:
            return
        if sentence not in told:
            told.append(sentence)
            click.echo(sentence, err=True)

    return tell


def _account(delivery: Delivery, words: Language) -> dict[str, Any]:
    """State, reason, words and exit code of a delivery; the code stands under "exit"."""
    status, result = delivery.status, delivery.result
    facts: dict[str, Any] = {"reference": None, "error": None, "reason": None, "seconds": round(delivery.elapsed, 3)}
    match result:
        case Sent():
            return _account_of_sent(delivery, result, words)
        case Unknown():
            reason = delivery.ending or result.reason
            todo = "restarted" if reason == "modem_restarted" else "unknown"
            facts |= {"state": "unknown", "reason": str(reason), "seconds": round(result.seconds, 3), "exit": UNKNOWN}
            happened = words.text("command.modem.happened.unknown")
            return facts | {"happened": happened, "what_to_do": words.text(f"command.modem.todo.{todo}")}
        case Refused():
            return (
                facts
                | account_of_refusal(result.kind, result.code, result.error_class, words)
                | {"seconds": round(result.seconds, 3)}
            )
        case NotSent(reason="refused", kind=kind, code=code) if kind is not None and code is not None:
            return facts | account_of_refusal(kind, code, result.error_class, words)
    reason = delivery.ending or (result.reason if isinstance(result, NotSent) else status.reason)
    interrupted = reason is Ending.INTERRUPTED or isinstance(result, Cancelled)
    code = FAILED if interrupted or isinstance(result, NotSent) else _code_of_status(status)
    facts |= {"state": "failed", "reason": str(reason or status.state.value), "exit": code}
    todo = words.text("command.modem.todo.interrupted") if interrupted else cure(status, words, str(reason))
    return facts | {"happened": words.text("command.modem.happened.not_sent"), "what_to_do": todo}


def _account_of_sent(delivery: Delivery, sent: Sent, words: Language) -> dict[str, Any]:
    network = delivery.status.network_name or delivery.status.network or "?"
    happened = words.text("command.modem.happened.sent", network=network, seconds=f"{sent.seconds:.1f}")
    facts: dict[str, Any] = {
        "state": "sent",
        "reference": sent.reference,
        "seconds": round(sent.seconds, 3),
        "error": None,
        "reason": None,
        "exit": 0,
    }
    report, seconds = delivery.report, delivery.report_seconds
    if report is None or seconds is None:
        return facts | {"happened": happened, "what_to_do": words.text("command.modem.todo.sent")}
    facts["report"] = {"status": report.status, "outcome": report.outcome.value, "seconds": round(seconds, 3)}
    if report.delivered is False:
        facts |= {"state": "failed", "reason": "undelivered", "exit": REFUSED}
    elif report.delivered:
        facts["state"] = "delivered"
    return facts | {
        "happened": f"{happened} {_words_of_report(report, seconds, words)}",
        "what_to_do": words.text(f"command.modem.todo.{report.outcome.value}"),
    }


def _words_of_report(report: StatusReport, seconds: float, words: Language) -> str:
    if report.delivered:
        return words.text("command.modem.happened.delivered", seconds=f"{seconds:.1f}")
    return words.text(f"command.modem.happened.{report.outcome.value}", status=f"{report.status:02X}")


def _code_of_status(status: ModemStatus) -> int:
    refused = status.state in {ModemState.NO_NETWORK, ModemState.SIM_PROBLEM} or status.reason in _REFUSING
    return REFUSED if refused else FAILED


def _modem_facts(delivery: Delivery) -> dict[str, Any]:
    status = delivery.status
    return {
        "network": status.network or None,
        "network_name": status.network_name or None,
        "technology": status.technology or None,
        "signal_dbm": status.signal_dbm,
        "bars": status.bars,
        "modem": f"{status.manufacturer} {status.model}".strip() or None,
        "imei_tail": status.imei[-4:] or None,
        "modem_state": status.state.value,
        "port": status.port,
        "simulated": status.simulated,
    }


def _status_facts(status: ModemStatus) -> dict[str, Any]:
    return {
        "port": status.port,
        "state": status.state.value,
        "reason": status.reason,
        "detail": status.detail,
        "manufacturer": status.manufacturer,
        "model": status.model,
        "revision": status.revision,
        "imei": status.imei,
        "iccid": status.iccid,
        "pin_tries": status.pin_tries,
        "imsi_network": status.imsi_network,
        "network": status.network,
        "network_name": status.network_name,
        "technology": status.technology,
        "registered": status.registered,
        "signal_dbm": status.signal_dbm,
        "bars": status.bars,
        "service_centre": status.service_centre,
        "simulated": status.simulated,
    }


def _shown(value: object, words: Language) -> str:
    if isinstance(value, bool):
        return words.text("common.yes.button" if value else "common.no.button").lower()
    return printable(str(value))
