"""`kiosk modem adopt NAME`: look at the modem that stands there, and confirm it with its SIM."""

import json
import threading
import time
from pathlib import Path
from typing import Final

import click

from hardware.modem.status import ModemState, ModemStatus
from kiosk.commands.configured import config_option
from kiosk.commands.modem_errand import terminated_like_interrupted
from kiosk.commands.modem_place import Place, workplace
from kiosk.commands.site import command_actor, command_trail, open_site
from kiosk.commands.speak import FAILED, WRONG_USE, fail, load_language, told
from kiosk.delivery.borrowing import Purpose
from kiosk.language import Language, printable
from kiosk.technician import diagnosis
from kiosk.technician.adoption import CURED, Candidate, adopt, forbidden_by
from kiosk.technician.words import do_of, what_of

# How long a modem may take to say who it is, in seconds.
SECONDS: Final = 60.0


@click.command("adopt")
@click.argument("name")
@click.option("--reason", required=True, help="Why; kept in the audit log.")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.option("--json", "as_json", is_flag=True, help="Answer as JSON; needs --yes.")
@config_option
def adopt_modem(name: str, *, reason: str, yes: bool, as_json: bool, config: Path | None) -> None:
    """Confirm the modem and the SIM that stand there now for this name; until then they get no PIN and no SMS.

    Ends with 0 when it is adopted, 1 when it cannot be read or was not confirmed, 2 when no modem has that name.
    """
    words = load_language()
    if as_json and not yes:
        fail(words.text("command.modem.adopt.needs_yes"), WRONG_USE)
    with (
        terminated_like_interrupted(),
        workplace(Purpose.LOOK, words, port=None, name=name, pin_file=None, config=config) as place,
    ):
        candidate = _look(place, name, words)
        if not as_json:
            _show(candidate, words)
        if not yes and not click.confirm(words.text("command.modem.adopt.sure", modem=name)):
            fail(words.text("command.modem.adopt.not_done"), FAILED)
        _confirm(place, candidate, reason, words)
    if as_json:
        facts = {"modem": name, "imei_tail": candidate.imei_tail, "iccid_tail": candidate.iccid_tail}
        click.echo(json.dumps(facts | {"socket": candidate.socket or None, "adopted": True}))
    else:
        click.echo(words.text("command.modem.adopt.done", modem=name))


def _look(place: Place, name: str, words: Language) -> Candidate:
    """Wait until the modem has said who it is, or why it does not."""
    settled = threading.Event()

    def changed(status: ModemStatus) -> None:
        if status.state is not ModemState.STARTING:
            settled.set()

    watching = place.modem.watch(changed)
    try:
        until = time.monotonic() + SECONDS
        while not settled.wait(0.2) and time.monotonic() < until:
            pass
    finally:
        watching.cancel()
    status = place.modem.status
    candidate = Candidate(
        modem=name,
        model=f"{status.manufacturer} {status.model}".strip(),
        imei=status.imei,
        iccid=status.iccid,
        socket=status.socket,
        interface=status.interface,
    )
    _heed_file(place, candidate, words)
    if not candidate.whole:
        finding = diagnosis.of_status(status)
        if finding is None or finding.cause in CURED:
            fail(words.text("command.modem.adopt.unreadable"), FAILED)
        fail(f"{what_of(finding, words)} {do_of(finding, words)}", FAILED)
    return candidate


def _heed_file(place: Place, candidate: Candidate, words: Language) -> None:
    assert place.premises is not None, "a modem of the configuration"
    modem = next(one for one in place.premises.config.modems if one.name == candidate.modem)
    if key := forbidden_by(candidate, imei=modem.imei, iccid=modem.iccid):
        fail(words.text("bench.adopt.configured", modem=candidate.modem, key=key), FAILED)


def _show(candidate: Candidate, words: Language) -> None:
    socket = candidate.socket or words.text("command.modem.adopt.no_socket")
    click.echo(
        words.text(
            "command.modem.adopt.found",
            model=printable(candidate.model or "?"),
            imei=candidate.imei_tail,
            iccid=candidate.iccid_tail,
            socket=socket,
        )
    )


def _confirm(place: Place, candidate: Candidate, reason: str, words: Language) -> None:
    assert place.premises is not None, "a modem of the configuration"
    with told(words), open_site(place.premises) as site:
        adopt(
            site.database,
            command_trail(site, simulated=place.modem.status.simulated),
            candidate,
            reason=reason,
            actor=command_actor(),
            now=site.clock.now(),
        )
