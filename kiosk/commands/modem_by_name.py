"""`kiosk modem send --name` and `kiosk modem status` without a port: modems of the configuration, while the kiosk has them."""

import contextlib
import json
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import click

from hardware.modem import causes
from hardware.modem.causes import ErrorFamily
from hardware.modem.reports import DeliveryOutcome
from hardware.modem.status import ModemState, ModemStatus
from kiosk.commands.configured import config_path
from kiosk.commands.modem_account import account_of_refusal, cure
from kiosk.commands.modem_bench import patiently
from kiosk.commands.modem_errand import terminated_like_interrupted
from kiosk.commands.modem_place import borrowed_place
from kiosk.commands.site import enter
from kiosk.commands.speak import FAILED, told
from kiosk.config import Config
from kiosk.delivery.borrowing import Purpose
from kiosk.language import Language, printable
from kiosk.technician.overview import Health, ModemOverview, Overview, look
from kiosk.technician.words import clock_line, do_of, what_of
from kiosk.technician.workplace import SmsOutcome

UNKNOWN: Final = 4
_WORKING: Final = frozenset({Health.GOOD, Health.ATTENTION})


def send_by_name(
    name: str, config: Path | None, number: str, text: str, *, report_seconds: float | None, words: Language
) -> dict[str, Any]:
    """Send over a modem of the configuration, through the outbox like every code; the account that `send` prints, with "exit"."""
    cancelled = threading.Event()
    began = time.monotonic()
    with (
        terminated_like_interrupted(),
        borrowed_place(Purpose.SEND, words, name, config) as place,
        ThreadPoolExecutor(1) as hands,
    ):
        future = hands.submit(place.postman.send, number, text, cancelled=cancelled, progress=lambda _: None)
        try:
            outcome = patiently(future)
        except KeyboardInterrupt:
            cancelled.set()
            outcome = patiently(future)
        reported, asked_at = None, time.monotonic()
        if report_seconds is not None and outcome.state == "sent":
            waiting = hands.submit(place.postman.delivered, report_seconds, cancelled)
            try:
                reported = patiently(waiting)
            except KeyboardInterrupt:
                cancelled.set()
                reported = patiently(waiting)
        report_seconds = time.monotonic() - asked_at
        status = place.modem.status
    account = {
        "reference": None,
        "error": None,
        "reason": outcome.error or None,
        "seconds": round(outcome.seconds or time.monotonic() - began, 3),
        "network": status.network or None,
        "network_name": status.network_name or None,
        "modem": name,
        "modem_state": status.state.value,
        "simulated": status.simulated,
    }
    network = status.network_name or status.network or "?"
    if outcome.state == "sent":
        return account | _account_of_sent(outcome, reported, report_seconds, network, words)
    if outcome.state == "unknown":
        happened, todo = words.text("command.modem.happened.unknown"), words.text("command.modem.todo.unknown")
        return account | {"state": "unknown", "exit": UNKNOWN, "happened": happened, "what_to_do": todo}
    family, code = _code_of(outcome.error)
    if family is not None and code is not None:
        return account | account_of_refusal(family, code, causes.classify(family, code), words)
    todo = words.text("command.modem.todo.interrupted") if cancelled.is_set() else cure(status, words, outcome.error)
    happened = words.text("command.modem.happened.not_sent")
    return account | {"state": "failed", "exit": FAILED, "happened": happened, "what_to_do": todo}


def status_by_name(name: str, config: Path | None, seconds: float, words: Language) -> ModemStatus:
    """What a modem of the configuration says of itself, once it is set up or says why not; at most after so long."""
    changed = threading.Condition()

    def hear(_: ModemStatus) -> None:
        with changed:
            changed.notify_all()

    with terminated_like_interrupted(), borrowed_place(Purpose.LOOK, words, name, config) as place:
        place.modem.watch(hear)
        with contextlib.suppress(KeyboardInterrupt), changed:
            changed.wait_for(lambda: place.modem.status.state is not ModemState.STARTING, seconds)
        return place.modem.status


def overview(config: Path | None, words: Language, *, as_json: bool) -> int:
    """Print how all configured modems are, as whoever drives them last saw them; 0 when one of them can send."""
    with told(words):
        premises = enter(Config.load(config_path(config)))
        with premises.open_database() as database:
            found = look(database, premises.clock, premises.config.policy.sms)
    if as_json:
        off = None if found.clock_off is None else round(found.clock_off.seconds)
        click.echo(json.dumps([_data(one) | {"machine_clock_off": off} for one in found.modems], ensure_ascii=False))
    elif not found.modems:
        click.echo(words.text("command.modem.overview.none"), err=True)
    else:
        _show(found, words)
    return 0 if any(one.health in _WORKING for one in found.modems) else FAILED


def _account_of_sent(
    outcome: SmsOutcome, reported: DeliveryOutcome | None, report_seconds: float, network: str, words: Language
) -> dict[str, Any]:
    happened = words.text("command.modem.happened.sent", network=network, seconds=f"{outcome.seconds:.1f}")
    account: dict[str, Any] = {"state": "sent", "exit": 0, "happened": happened}
    if reported is None or reported is DeliveryOutcome.PENDING:
        return account | {"what_to_do": words.text("command.modem.todo.sent")}
    if reported is DeliveryOutcome.DELIVERED:
        account["state"] = "delivered"
        delivered = words.text("command.modem.happened.delivered", seconds=f"{report_seconds:.1f}")
        account["happened"] = f"{happened} {delivered}"
    else:
        account |= {"state": "failed", "reason": "undelivered", "exit": 3}
    return account | {"what_to_do": words.text(f"command.modem.todo.{reported.value}")}


def _code_of(error: str) -> tuple[ErrorFamily | None, int | None]:
    family, _, number = error.partition("_")
    if number.isdecimal() and family in {"cms", "cme"}:
        return ("cms" if family == "cms" else "cme"), int(number)
    return None, None


def _show(found: Overview, words: Language) -> None:
    width = max(len(one.name) for one in found.modems)
    for one in found.modems:
        signal = "-" if one.dbm is None else f"{one.dbm} dBm"
        health = words.text(f"bench.health.{one.health.value}")
        network = printable(one.network or one.network_code or "-")
        sent = words.text("command.modem.overview.hour", sent=one.on_time, failed=one.failed, unknown=one.unknown)
        click.echo(f"{one.name:<{width}}  {health:<9}  {network:<14}  {one.technology or '-':<3}  {signal:>8}  {sent}")
        for finding in one.findings:
            click.echo(f"{'':<{width}}  {what_of(finding, words)} {do_of(finding, words)}")
    if found.clock_off is not None:
        click.echo(clock_line(found.clock_off, words))


def _data(one: ModemOverview) -> dict[str, Any]:
    last = {"last_sent": one.last_sent_at, "last_unknown": one.last_unknown_at}
    return {
        "name": one.name,
        "health": one.health.value,
        "causes": [finding.cause for finding in one.findings],
        "model": one.model or None,
        "port": one.port or None,
        "imei_tail": one.imei_tail or None,
        "iccid_tail": one.iccid_tail or None,
        "network": one.network_code or None,
        "network_name": one.network or None,
        "technology": one.technology or None,
        "signal_dbm": one.dbm,
        "bars": one.bars,
        "last_hour": {"sent": one.on_time, "failed": one.failed, "unknown": one.unknown},
        "lent_to": one.lent_to or None,
        "simulated": one.simulated,
    } | {key: None if at is None else datetime.fromtimestamp(at / 1000, UTC).isoformat() for key, at in last.items()}
