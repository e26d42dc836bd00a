"""`kiosk init`: configuration, key, database and the first administrator, by asking or by options."""

import sys
from pathlib import Path

import click

from data.users import Role
from kiosk.accounts import Accounts, NewPerson, check_person
from kiosk.commands.configured import config_option, config_path
from kiosk.commands.phone_option import HELP, PERSONAL
from kiosk.commands.site import Premises, command_actor, command_trail, enter, open_site
from kiosk.commands.speak import FAILED, WRONG_USE, fail, language_code, load_language, told
from kiosk.config import Config, HelpDesk, Words, example_configuration
from kiosk.keys import MasterKey
from kiosk.language import LANGUAGES, Language
from kiosk.methods.totp import matching_step, new_secret, uri_of
from kiosk.password_rules import check_new_password
from kiosk.site import Site

# A person who types a code from a phone may be late by a step or two; a wrong clock is further off.
ENROL_WINDOW_STEPS = 2
STEP_MS = 30_000


@click.command()
@click.option("--site", "site_name", help="Name of the site, first in every SMS; at most 24 characters.")
@click.option("--admin", help="User name of the first administrator.")
@click.option("--admin-name", help="Their name as it is shown.")
@click.option("--phone", type=PERSONAL, help=f"Their mobile number for SMS{HELP}")
@click.option("--password-file", type=click.Path(path_type=Path), help="File with their password; else it is asked.")
@click.option("--help-desk", nargs=3, help="Name, phone number and opening hours of the help desk.")
@click.option("--language", type=click.Choice(LANGUAGES), help="Language of the site.")
@click.option("--code-check/--no-code-check", default=True, help="Ask for a code of the authenticator app.")
@click.option(
    "--data", type=click.Path(path_type=Path), help="Directory of database, key and state; else beside the file."
)
@config_option
def init(
    *,
    site_name: str | None,
    admin: str | None,
    admin_name: str | None,
    phone: str | None,
    password_file: Path | None,
    help_desk: tuple[str, str, str] | None,
    language: str | None,
    code_check: bool,
    data: Path | None,
    config: Path | None,
) -> None:
    """Make a new kiosk: configuration, key, database and its first administrator."""
    words = load_language(language)
    path = config_path(config)
    if path.exists():
        fail(words.text("command.init.exists", path=str(path)))
    asking = sys.stdin.isatty()
    if not asking and not (site_name and admin and admin_name and password_file):
        fail(words.text("command.init.needs_answers"), WRONG_USE)
    with told(words):
        text = example_configuration(
            site=site_name or click.prompt(words.text("command.init.site")),
            language=language_code(language),
            help_desk=None if help_desk is None else _help_desk(*help_desk),
            data=None if data is None else data.absolute(),
        )
        configuration = Config.parse(text, path.absolute())
        if configuration.database.path.exists():
            fail(words.text("command.init.exists", path=str(configuration.database.path)))
        person = NewPerson(
            name=admin or click.prompt(words.text("command.init.administrator.name")),
            display_name=admin_name or click.prompt(words.text("command.init.administrator.display")),
            role=Role.ADMINISTRATOR,
            language=language_code(language),
            phone=phone or (_ask_phone(words) if asking and not admin else None),
            app=True,
        )
        # Nothing has been made yet: whatever is wrong with the answers leaves nothing behind.
        check_person(person, configuration.policy.sms.countries)
        password = _password(words, configuration, person, password_file)
        secret = _prove_app(words, configuration, person, check=code_check)
        if data is not None:
            data.mkdir(mode=0o700, parents=True, exist_ok=True)
        premises = _make(words, configuration, path, text)
        with open_site(premises) as site:
            _first_administrator(words, site, person, password, secret)
    click.echo(words.text("command.init.second_administrator"))
    click.echo(words.text("command.init.done", path=str(path)))


def _make(words: Language, configuration: Config, path: Path, text: str) -> Premises:
    """Key and database before the configuration: what is half made is never started."""
    # One without a database is left from a first try that failed.
    if not configuration.keys.path.exists():
        MasterKey.create(configuration.keys.path)
        click.echo(words.text("command.init.wrote", path=str(configuration.keys.path)))
    premises = enter(configuration, create=True)
    click.echo(words.text("command.init.wrote", path=str(configuration.database.path)))
    configuration.state.path.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("x", encoding="utf-8") as file:
        file.write(text)
    click.echo(words.text("command.init.wrote", path=str(path)))
    return premises


def _first_administrator(words: Language, site: Site, person: NewPerson, password: str, secret: str) -> None:
    accounts = Accounts(site, command_trail(site), actor=command_actor())
    user = accounts.add_proven_person(person, password=password, totp_secret=secret, reason="kiosk init")
    code = accounts.issue_backup_code(user)
    click.echo(words.text("command.init.backup", name=user.name, code=f"{code[:4]} {code[4:]}"))


def _help_desk(name: str, phone: str, hours: str) -> HelpDesk:
    return HelpDesk(name=name, phone=phone, hours=Words(nl=hours, en=hours))


def _ask_phone(words: Language) -> str | None:
    typed = click.prompt(words.text("command.init.administrator.phone"), default="", show_default=False)
    return typed.strip() or None


def _password(words: Language, configuration: Config, person: NewPerson, file: Path | None) -> str:
    """From the file or asked for until it keeps the rules."""
    while True:
        password = _ask_password(words) if file is None else _read_password(words, file)
        broken = check_new_password(
            password,
            user_name=person.name,
            display_name=person.display_name,
            site=configuration.site.name,
            policy=configuration.policy.password,
        )
        if not broken:
            return password
        values = {} if broken[0].limit is None else {"min" if broken[0].rule == "short" else "max": broken[0].limit}
        sentence = words.text(f"first.password.{broken[0].rule}", **values)
        if file is not None:
            fail(sentence, FAILED)
        click.echo(sentence)


def _read_password(words: Language, file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8").strip("\r\n")
    except UnicodeDecodeError:
        fail(words.text("command.error.file", path=str(file), detail="UTF-8"))


def _ask_password(words: Language) -> str:
    while True:
        password: str = click.prompt(words.text("command.init.password.choose"), hide_input=True)
        if password == click.prompt(words.text("command.init.password.again"), hide_input=True):
            return password
        click.echo(words.text("first.password.different"))


def _prove_app(words: Language, configuration: Config, person: NewPerson, *, check: bool) -> str:
    """Show the QR code and the key, and take a code as proof that the app has it."""
    import segno  # noqa: PLC0415  needed here only, once in the life of a kiosk

    from kiosk.wall_clock import wall_ms  # noqa: PLC0415  beside it

    secret = new_secret()
    click.echo(words.text("command.init.app.scan"))
    segno.make(uri_of(secret, account=person.name, site=configuration.site.name)).terminal(compact=True, border=4)
    groups = " ".join(secret[at : at + 4] for at in range(0, len(secret), 4))
    click.echo(words.text("command.init.app.key", key=groups))
    while check:
        typed = click.prompt(words.text("command.init.app.code")).replace(" ", "")
        if matching_step(secret, typed, wall_ms() // STEP_MS, ENROL_WINDOW_STEPS) is not None:
            break
        click.echo(words.text("command.init.app.wrong"))
    return secret
