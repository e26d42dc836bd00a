"""`kiosk yubikey list|test`: what keys are plugged in, and a test of one with its timing."""

import json
import queue
import sys
from typing import Any, Final

import click

from hardware.errors import HardwareError
from hardware.yubikey.bus import KeyBus, PluggedKey, plugged_keys
from hardware.yubikey.facts import KeyFacts, read_facts
from hardware.yubikey.hidraw import HidrawBus
from kiosk.commands.modem_errand import terminated_like_interrupted
from kiosk.commands.speak import FAILED, fail, load_language
from kiosk.language import LANGUAGES, Language, printable
from kiosk.technician.key_session import KeyEvent, KeyProgressTold, KeySession, KeyStepTold, KeyTested
from kiosk.technician.key_test import KeyRun
from kiosk.technician.key_words import UDEV_RULE, do_about_key, name_of_key_step, shown_of_key, verdict_of_key
from kiosk.technician.steps import Mark
from kiosk.technician.words import mark_of
from kiosk.yubikey.ceremony import Phase

# Time to find the key and put it in.
WAIT_SECONDS: Final = 60
_STEP_COLUMNS: Final = 34
# Nothing that is done to the key from here on makes it go on.
_LOST: Final = frozenset({Phase.REFUSED, Phase.NOT_SUITABLE, Phase.PIN_BLOCKED})

json_option = click.option("--json", "as_json", is_flag=True, help="Answer as JSON.")
language_option = click.option("--language", type=click.Choice(LANGUAGES), help="Language of the answer.")


@click.group()
def yubikey() -> None:
    """Look at security keys and test them; nothing is kept in a key or here."""


@yubikey.command("list")
@json_option
@language_option
@click.pass_obj
def list_keys(around: object, *, as_json: bool, language: str | None) -> None:
    """List the keys in the USB ports of this machine; asks for no touch."""
    words = load_language(language)
    bus = _bus(around)
    keys = plugged_keys(bus.nodes())
    listed = [(key, _facts_of(bus, key)) for key in keys]
    if as_json:
        click.echo(json.dumps({"keys": [_as_data(key, facts) for key, facts in listed]}, ensure_ascii=False))
    elif not listed:
        click.echo(words.text("key_bench.none"))
    else:
        for key, facts in listed:
            click.echo(_line(key, facts, words))
    if any(key.forbidden for key in keys):
        if not as_json:
            click.echo(words.text("key_bench.do.rule", rule=UDEV_RULE), err=True)
        sys.exit(FAILED)


@yubikey.command("test")
@click.option("--wait", type=click.IntRange(1, 600), default=WAIT_SECONDS, show_default=True, help="Seconds for a key.")
@json_option
@language_option
@click.pass_obj
def test_key(around: object, *, wait: int, as_json: bool, language: str | None) -> None:
    """Test the key that is in, or the first one that is put in: two touches, nothing is kept.

    Ends with 0 good or worth attention, 1 a fault or no key.
    """
    words = load_language(language)
    events: queue.SimpleQueue[KeyEvent] = queue.SimpleQueue()
    session = KeySession(_bus(around), events.put, touch_seconds=wait)
    session.start()
    try:
        with terminated_like_interrupted():
            run = _follow(events, session, words, wait, quiet=as_json)
    finally:
        session.close()
        session.join(2.0)
    if as_json:
        click.echo(json.dumps(_run_as_data(run, words), ensure_ascii=False))
    else:
        click.echo(verdict_of_key(run, words))
    sys.exit(FAILED if run.verdict in {Mark.FAULT, Mark.NOT_DONE} else 0)


def _follow(
    events: "queue.SimpleQueue[KeyEvent]", session: KeySession, words: Language, wait: int, *, quiet: bool
) -> KeyRun:
    while True:
        try:
            event = events.get(timeout=wait)
        except queue.Empty:
            fail(words.text("key_bench.timeout"))
        match event:
            case KeyTested(run):
                return run
            case KeyStepTold(result) if result.mark is not Mark.BUSY and not quiet:
                name = name_of_key_step(result.step, words).ljust(_STEP_COLUMNS)
                seen = printable(shown_of_key(result, words))
                click.echo(f"{name} {result.seconds:5.1f} s  {mark_of(result.mark, words):<10} {seen}")
                if do := do_about_key(result, words):
                    click.echo(f"  {do}")
            case KeyProgressTold(progress):
                if progress.phase is Phase.PIN:
                    session.give_pin(click.prompt(words.text("yubikey.pin.label"), hide_input=True, err=True))
                elif (said := _said(progress.phase)) is not None:
                    click.echo(words.text(said), err=True)
                if progress.phase in _LOST:
                    sys.exit(FAILED)


def _said(phase: Phase) -> str | None:
    return {
        Phase.INSERT: "yubikey.insert.line",
        Phase.TOUCH: "yubikey.touch.line",
        Phase.FINGER: "yubikey.fingerprint.line",
        Phase.SEVERAL: "yubikey.several",
        Phase.REMOVED: "yubikey.removed",
        Phase.TOO_LATE: "key_bench.too_late",
        Phase.NO_ANSWER: "yubikey.no_answer",
        Phase.IN_USE: "yubikey.in_use",
        Phase.FINGER_WRONG: "yubikey.finger_wrong",
        Phase.REFUSED: "yubikey.wrong",
        Phase.NOT_SUITABLE: "yubikey.not_suitable",
        Phase.PIN_REINSERT: "yubikey.pin.reinsert",
        Phase.PIN_BLOCKED: "yubikey.pin.blocked",
    }.get(phase)


def _bus(around: object) -> KeyBus:
    return around if hasattr(around, "open_fido") else HidrawBus()  # type: ignore[return-value]  # a bus of a test


def _facts_of(bus: KeyBus, key: PluggedKey) -> KeyFacts | None:
    try:
        return read_facts(bus, key)
    except HardwareError:
        # It is listed all the same, with what the port says of it.
        return None


def _line(key: PluggedKey, facts: KeyFacts | None, words: Language) -> str:
    nodes = ", ".join(node.path.rpartition("/")[2] for node in (key.fido, key.otp) if node is not None)
    if key.forbidden or facts is None:
        name = printable(key.product_name)
        return words.text("key_bench.list.closed" if key.forbidden else "key_bench.list.silent", name=name, nodes=nodes)
    firmware = "?" if facts.firmware is None else ".".join(map(str, facts.firmware))
    serial = "-" if facts.serial is None else str(facts.serial)
    return words.text("key_bench.list.key", name=printable(facts.model), serial=serial, firmware=firmware, nodes=nodes)


def _as_data(key: PluggedKey, facts: KeyFacts | None) -> dict[str, Any]:
    data: dict[str, Any] = {
        "product": printable(key.product_name),
        "vendor_id": f"{key.vendor_id:04x}",
        "product_id": f"{key.product_id:04x}",
        "nodes": [
            {"path": node.path, "interface": node.kind.value, "may_open": node.may_open}
            for node in (key.fido, key.otp)
            if node is not None
        ],
    }
    return data if facts is None else {**data, **_facts_as_data(facts)}


def _facts_as_data(facts: KeyFacts) -> dict[str, Any]:
    return {
        "model": printable(facts.model),
        "serial": facts.serial,
        "firmware": None if facts.firmware is None else ".".join(map(str, facts.firmware)),
        "flawed_firmware": facts.flawed_firmware,
        "aaguid": facts.aaguid,
        "protocols": list(facts.protocols),
        "options": dict(facts.options),
        "pin_tries": facts.pin_tries,
        "types_letters": facts.types_letters,
        "slot_two_used": facts.slot_two_used,
    }


def _run_as_data(run: KeyRun, words: Language) -> dict[str, Any]:
    return {
        "verdict": run.verdict.value,
        "simulated": run.simulated,
        "facts": None if run.facts is None else _facts_as_data(run.facts),
        "steps": [
            {
                "step": step.step.value,
                "mark": step.mark.value,
                "seconds": round(step.seconds, 3),
                "seen": dict(step.shown),
                "variant": step.variant or None,
                "happened": shown_of_key(step, words) or None,
                "what_to_do": do_about_key(step, words) or None,
            }
            for step in run.steps
        ],
    }
