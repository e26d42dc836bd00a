"""`kiosk modem loop`: an SMS from one modem of this machine to another, read there."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import click

from data.chores import LoopResult
from kiosk.commands.modem_bench import REFUSED, json_option, language_option, patiently
from kiosk.commands.modem_errand import terminated_like_interrupted
from kiosk.commands.modem_place import borrowed_place
from kiosk.commands.site import alarm_means
from kiosk.commands.speak import FAILED, WRONG_USE, fail, load_language
from kiosk.delivery.borrowing import Purpose
from kiosk.technician.loop import LoopRoute, LoopTest

_CODES: Final = {LoopResult.ARRIVED: 0, LoopResult.UNREADABLE: FAILED}


@click.command("loop")
@click.option("--from", "sender", required=True, help="The modem that sends.")
@click.option("--to", "reader", required=True, help="The modem that receives; its number stands in the configuration.")
@click.option("--config", type=click.Path(path_type=Path), help="The configuration file.")
@json_option
@language_option
def loop_test(*, sender: str, reader: str, config: Path | None, as_json: bool, language: str | None) -> None:
    """Send an SMS from one modem to another and read it there: the whole way without a phone.

    Ends with 0 arrived, 1 port or modem, 2 wrong use, 3 not sent or not arrived within three minutes.
    """
    words = load_language(language)
    if sender == reader:
        fail(words.text("command.modem.loop.same"), WRONG_USE)
    with (
        terminated_like_interrupted(),
        borrowed_place(Purpose.LOOP, words, reader, config) as place,
        borrowed_place(Purpose.LOOP, words, sender, config) as source,
    ):
        premises = place.premises
        assert premises is not None, "it was borrowed"
        number = next((modem.number for modem in premises.config.modems if modem.name == reader), None)
        if number is None:
            fail(words.text("command.modem.loop.no_number", modem=reader), WRONG_USE)
        test = LoopTest(
            LoopRoute(from_modem=sender, to_modem=reader, number=number),
            place.modem,
            source.postman,
            premises.open_database,
            words,
            site=place.site,
            now=premises.clock.now,
            alarms=alarm_means(premises.config, premises.languages),
        )
        began = premises.clock.now()
        click.echo(words.text("command.modem.loop.busy"), err=True)
        with ThreadPoolExecutor(1) as hands:
            future = hands.submit(test.run)
            try:
                result = patiently(future)
            except KeyboardInterrupt:
                test.cancel()
                result = patiently(future)
        seconds = (premises.clock.now() - began) / 1000
    happened = words.text(f"command.modem.loop.{result.value}", sender=sender, reader=reader, seconds=f"{seconds:.1f}")
    if as_json:
        click.echo(json.dumps({"result": result.value, "seconds": round(seconds, 1), "happened": happened}))
    else:
        click.echo(happened, err=result is not LoopResult.ARRIVED)
    sys.exit(_CODES.get(result, REFUSED))
