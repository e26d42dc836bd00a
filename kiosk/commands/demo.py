"""`kiosk demo`: the whole kiosk with simulated modems, people and phones; nothing installed, nothing kept."""

import dataclasses
import sys
import tempfile
from pathlib import Path

import click

from kiosk.commands.backstage import Backstage, modem_settings
from kiosk.commands.demo_world import MODEMS, DemoWorld
from kiosk.commands.logs import log_to
from kiosk.commands.site import Premises, enter, open_site
from kiosk.commands.speak import language_code, load_language
from kiosk.commands.terminal import Terminal, facts_of
from kiosk.config import Config, HelpDesk, ModemConfig, Place, Words, example_configuration
from kiosk.keys import MasterKey
from kiosk.language import LANGUAGES, Language
from kiosk.passwords import HashCost

SITE = "Receptie Noord"
DESK = "3"
# Stands for a stick: what goes out lies there until the demonstration ends.
EXCHANGE = "uitwisselmap"


@click.command()
@click.option("--language", type=click.Choice(LANGUAGES), help="Language to start in.")
@click.option("--plain", is_flag=True, help="Lines and prompts without drawing, for Braille and speech.")
def demo(language: str | None, *, plain: bool) -> None:
    """Play with the kiosk: everything simulated, nothing kept."""
    words = load_language(language)
    with tempfile.TemporaryDirectory(prefix="kiosk-demo-") as name:
        directory = Path(name)
        world = DemoWorld()
        try:
            premises = build(directory, world.start(), language_code(language))
            log_to(premises.config.state.path)

            def backstage() -> Backstage:
                # Hashing the passwords of all these people takes a second, in which the page stands there already.
                with open_site(premises) as site:
                    world.populate(premises, site)
                settings = [dataclasses.replace(one, simulated=True) for one in modem_settings(premises.config)]
                return Backstage(premises, settings, simulated=True, keys=world.keys.bus)

            terminal = Terminal(facts_of(premises.config, f"demo {DESK}"), backstage)
            code = _show(terminal, premises.config, words, world, plain=plain)
        finally:
            world.stop()
    sys.exit(code)


def _show(terminal: Terminal, config: Config, words: Language, world: DemoWorld, *, plain: bool) -> int:
    # Only one of the two faces is loaded, and a wrong option is told before: the pages are heavy.
    if plain:
        from kiosk.commands.show_plain import show_plain  # noqa: PLC0415  see above

        return show_plain(terminal, words, demo=world)
    from kiosk.commands.show import show  # noqa: PLC0415  see above

    return show(terminal, config, words, demo=world)


def build(directory: Path, ports: dict[str, str], language: str, *, hash_cost: HashCost | None = None) -> Premises:
    """Key, database and configuration of the demonstration in `directory`; `ports` are the modems' by name."""
    modems = [
        ModemConfig(name=name, port=ports[name], network_label=label, number=number)
        for name, _profile, _network, label, number in MODEMS
    ]
    text = example_configuration(
        site=SITE,
        desk=DESK,
        language=language,
        help_desk=HelpDesk(
            name="Servicedesk", phone="030 555 01 23", hours=Words(nl="ma-vr 8-17 uur", en="Mon-Fri 8-17")
        ),
        modems=modems,
    )
    folder = directory / EXCHANGE
    folder.mkdir(mode=0o700, exist_ok=True)
    config = dataclasses.replace(Config.parse(text, directory / "kiosk.toml"), exchange=Place(folder))
    MasterKey.create(config.keys.path)
    return enter(config, create=True, hash_cost=hash_cost)
