"""How every mistake in a configuration is named, and that nothing else comes of it."""

import ast
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kiosk.config import (
    Config,
    ConfigurationError,
    ConfigurationErrors,
    Problem,
    sentence,
    sms_texts,
)
from kiosk.config.model import Site
from kiosk.language import LANGUAGES, Language
from kiosk.policy import Policy
from tests.kiosk.configurations import FULL, SOURCE, parse

_APPLICATION = '[[application]]\nlabel = "x"\nargv = ["/x"]\n'


def mistakes(text: str) -> tuple[ConfigurationError, ...]:
    with pytest.raises(ConfigurationErrors) as caught:
        parse(text)
    return caught.value.errors


def mistake(text: str) -> ConfigurationError:
    [found] = mistakes(text + '\n[site]\nname = "Zuid"')
    return found


def told(text: str) -> list[str]:
    """What people read about a configuration in both languages; nothing when it is right."""
    try:
        parse(text)
    except ConfigurationErrors as refused:
        return [sentence(error, Language.load(code)) for error in refused.errors for code in LANGUAGES]
    return []


@pytest.mark.parametrize(
    ("text", "path", "allowed"),
    [
        ('[desk]\nname = ""', "desk.name", "text"),
        ('[desk]\nname = "' + "x" * 25 + '"', "desk.name", "text"),
        ('[desk]\nname = "a\\u001b"', "desk.name", "visible"),
        ("[desk]\nnumber = true", "desk.number", "text"),
        ("[desk]\nnumber = 12345678901", "desk.number", "text"),
        ("[desk]\nnumber = 1.5", "desk.number", "text"),
        ('desk = "x"', "desk", "table"),
        ("[[desk]]", "desk", "table"),
        ('[database]\npath = ""', "database.path", "path"),
        ("[database]\npath = 5", "database.path", "path"),
        ('[state]\npath = "a\\u0000"', "state.path", "path"),
        ('[gateway]\nmode = "Auto"', "gateway.mode", "choice"),
        ("[theme]\nname = 16", "theme.name", "choice"),
        ('[modem.a]\nport = "spy:///dev/ttyS0"', "modem.a.port", "port"),
        ('[modem.a]\nport = "ftp://host"', "modem.a.port", "port"),
        ("[modem.a]\nport = 2", "modem.a.port", "port"),
        ('[modem.a]\nport = "x"\nimei = "490154203237519"', "modem.a.imei", "imei"),
        ('[modem.a]\nport = "x"\nimei = "4901542032375180"', "modem.a.imei", "imei"),
        ('[modem.a]\nport = "x"\nimei = 490154203237518', "modem.a.imei", "imei"),
        ('[modem.a]\nport = "x"\niccid = "8931440400000000007"', "modem.a.iccid", "iccid"),
        ('[modem.a]\nport = "x"\niccid = "1231440400000000008"', "modem.a.iccid", "iccid"),
        ('[modem.a]\nport = "x"\nnumber = "0612345678"', "modem.a.number", "e164"),
        ('[modem.a]\nport = "x"\nsmsc = "+3165313131300000"', "modem.a.smsc", "e164"),
        ('[modem.a]\nport = "x"\nprepaid = "ATD"', "modem.a.prepaid", "ussd_code"),
        ('[modem.a]\nport = "x"\nanywhere = 1', "modem.a.anywhere", "flag"),
        ('[modem.a]\nport = "x"\nroaming = "yes"', "modem.a.roaming", "flag"),
        ('[modem.a]\nport = "x"\nnetwork_label = "' + "n" * 15 + '"', "modem.a.network_label", "text"),
        ('[modem."a b"]\nport = "x"', "modem.a b", "modem_name"),
        ("modem.a = 5", "modem.a", "table"),
        ("[policy.sms]\ncode_minutes = 11", "policy.sms.code_minutes", "whole"),
        ("[policy.sms]\ncode_minutes = true", "policy.sms.code_minutes", "whole"),
        ('[policy.sms]\ncode_minutes = "5"', "policy.sms.code_minutes", "whole"),
        ("[policy.sms]\ncooldown_seconds = []", "policy.sms.cooldown_seconds", "wholes"),
        ("[policy.sms]\ncooldown_seconds = [29]", "policy.sms.cooldown_seconds", "wholes"),
        ("[policy.sms]\ncooldown_seconds = 30", "policy.sms.cooldown_seconds", "wholes"),
        ("[policy.sms]\ncode_maximum_minutes = 4", "policy.sms.code_minutes", "at_most"),
        (
            "[policy.yubikey]\nchallenge_response = true\nverify_user = true",
            "policy.yubikey.challenge_response",
            "not_with",
        ),
        ('[policy.sms]\ncountries = ["+31"]', "policy.sms.countries", "countries"),
        ('[policy.sms]\ncountries = ["999"]', "policy.sms.countries", "countries"),
        ("[policy.sms]\ncountries = []", "policy.sms.countries", "countries"),
        ("[policy.password]\nlow_memory = 1", "policy.password.low_memory", "flag"),
        ('[application]\nlabel = "x"', "application", "list_of_tables"),
        ('[[application]]\nlabel = {nl = "x"}\nargv = ["/x"]', "application[1].label", "words"),
        ('[[application]]\nlabel = "x"\nargv = ["x"]', "application[1].argv", "argv"),
        ('[[application]]\nlabel = "x"\nargv = "/x -y"', "application[1].argv", "argv"),
        (_APPLICATION + 'roles = ["chef"]', "application[1].roles", "several"),
        (_APPLICATION + "roles = []", "application[1].roles", "several"),
        (_APPLICATION + 'name = "a b"', "application[1].name", "application_name"),
        (_APPLICATION + 'at_exit = "shell"', "application[1].at_exit", "choice"),
        (_APPLICATION + 'account = "root"', "application[1].account", "account"),
        (_APPLICATION + 'account = "x"\nsame_account = true', "application[1].account", "not_beside"),
        (_APPLICATION + 'environment = { LD_PRELOAD = "/x" }', "application[1].environment", "environment"),
        (_APPLICATION + 'environment = { KIOSK_USER = "x" }', "application[1].environment", "environment"),
        (_APPLICATION + "environment = { X = 1 }", "application[1].environment", "environment"),
        (_APPLICATION + _APPLICATION, "application[2].name", "unlike"),
        ('[help_desk]\nname="x"\nphone="bel ons"\nhours="x"', "help_desk.phone", "phone"),
        ('[help_desk]\nname="x"\nphone="012345678901234"\nhours="x"', "help_desk.phone", "phone"),
        ('[help_desk]\nname="東"\nphone="112"\nhours="x"', "help_desk.name", "in_sms"),
        ('[help_desk]\nname="x"\nphone="112"\nhours="x"\nopen=["mon-fri 8:00-17:00"]', "help_desk.open", "opening"),
        ('[help_desk]\nname="x"\nphone="112"\nhours="x"\nopen=["mon 17:00-08:00"]', "help_desk.open", "opening"),
        ('[help_desk]\nname="x"\nphone="112"\nhours="x"\nopen=["mon 08:60-09:00"]', "help_desk.open", "opening"),
        ('[help_desk]\nname="x"\nphone="112"\nhours="x"\nopen=["mon-foo 08:00-09:00"]', "help_desk.open", "opening"),
        ('[help_desk]\nname="x"\nphone="112"\nhours="x"\nopen="mon 08:00-09:00"', "help_desk.open", "opening"),
    ],
)
def test_a_wrong_value_is_named_with_its_path_and_what_is_allowed(text: str, path: str, allowed: str) -> None:
    found = mistake(text)
    assert (found.path, found.allowed and found.allowed.code) == (path, allowed)


@pytest.mark.parametrize(
    ("text", "path", "value"),
    [
        ("[policy.sms]\ntries = 6", "policy.sms.tries", "6"),
        ("[policy.sms]\ntries = false", "policy.sms.tries", "false"),
        ('[gateway]\nmode = "au\\u001bto"', "gateway.mode", '"au\\x1bto"'),
        ("[policy.sms]\ncooldown_seconds = [1, true]", "policy.sms.cooldown_seconds", "[1, true]"),
        ('[gateway]\nmode = { a = "b" }', "gateway.mode", '{ a = "b" }'),
    ],
)
def test_a_wrong_value_is_repeated_as_it_stands_there(text: str, path: str, value: str) -> None:
    found = mistake(text)
    assert (found.path, found.value) == (path, value)


def test_a_long_wrong_value_is_shortened() -> None:
    shown = mistake(f'[gateway]\nmode = "{"x" * 500}"').value
    assert shown is not None
    assert len(shown) <= 60


@pytest.mark.parametrize(
    "text",
    [
        '[modem.a]\nport = "x"\npin_file = "73911"',
        '[modem.a]\nport = "x"\npin_file = 73911',
        '[modem.a]\nport = "x"\npin = "73911"',
        '[[modem]]\nport = "x"\npin = "73911"',
        '[modem."a b"]\nport = "x"\npin_file = "73911"',
        'pin = "73911"',
        '[[application]]\nlabel = "x"\nargv = ["client", "--password=73911"]',
        '[[application]]\nlabel = "x"\nargv = ["/x"]\nenvironment = { password = "73911" }',
    ],
)
def test_what_may_be_a_secret_is_never_repeated(text: str) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        parse(text + '\n[site]\nname = "x"')
    sentences = [sentence(error, Language.load(code)) for error in caught.value.errors for code in LANGUAGES]
    assert "73911" not in " ".join([*sentences, str(caught.value), repr(caught.value), repr(caught.value.errors)])


@pytest.mark.parametrize(
    ("text", "path", "nearest"),
    [
        ("langauge = 'nl'", "langauge", "language"),
        ('[modems.a]\nport = "x"', "modems", "modem"),
        ('[modem.noord]\nport = "x"\nimie = "1"', "modem.noord.imie", "modem.noord.imei"),
        ('[modem.noord]\nport = "x"\npin = "1"', "modem.noord.pin", "modem.noord.pin_file"),
        ("[policy.smss]", "policy.smss", "policy.sms"),
        ("[policy.sms]\ntry = 3", "policy.sms.try", "policy.sms.tries"),
        ('[[application]]\nlabel = "x"\nargv = ["/x"]\nlable = "x"', "application[1].lable", "application[1].label"),
        ("qqqqq = 1", "qqqqq", None),
    ],
)
def test_an_unknown_key_is_named_with_the_nearest_known_one(text: str, path: str, nearest: str | None) -> None:
    found = mistake(text)
    assert (found.problem, found.path, found.nearest) == (Problem.UNKNOWN, path, nearest)


@pytest.mark.parametrize(
    ("text", "path"),
    [
        ("", "site.name"),
        ("[site]", "site.name"),
        ('[site]\nname="x"\n[modem.a]', "modem.a.port"),
        ('[site]\nname="x"\n[database]', "database.path"),
    ],
)
def test_what_is_missing_is_named_with_what_belongs_there(text: str, path: str) -> None:
    [found] = mistakes(text)
    assert (found.problem, found.path) == (Problem.MISSING, path)
    assert found.allowed


@pytest.mark.parametrize("key", ["port", "imei", "iccid"])
def test_two_modems_cannot_be_the_same_one(key: str) -> None:
    values = {"port": ("/dev/x", "/dev/x"), "imei": ("490154203237518",) * 2, "iccid": ("8931440400000000008",) * 2}[
        key
    ]
    lines = [
        f'[modem.{name}]\n{key} = "{value}"\n' + (f'port = "/dev/{name}"\n' if key != "port" else "")
        for name, value in zip("ab", values, strict=True)
    ]
    found = mistake("".join(lines))
    assert (found.path, found.allowed and found.allowed.values) == (f"modem.b.{key}", {"other": f"modem.a.{key}"})


def test_all_mistakes_are_told_at_once() -> None:
    paths = [
        error.path
        for error in mistakes('language = "de"\n[desk]\nname = 1.5\n[modem.a]\nimei = "1"\n[policy.sms]\ntries = 0')
    ]
    assert paths == ["site.name", "language", "desk.name", "modem.a.imei", "modem.a.port", "policy.sms.tries"]


@pytest.mark.parametrize(
    ("text", "line"),
    [("a = 1\nb = \n", 2), ("[a]\n\n[a]\n", 3), ('x = "abc', 1), ("x = [1,\n2,\n", 3), ("x = " + "1" * 5000, 1)],
)
def test_a_mistake_of_syntax_has_its_line(text: str, line: int) -> None:
    [found] = mistakes(text)
    assert (found.problem, found.line, found.path) == (Problem.SYNTAX, line, str(SOURCE))


def test_endless_nesting_is_an_ordinary_mistake() -> None:
    [found] = mistakes("x = " + "[" * 100_000)
    assert found.problem is Problem.SYNTAX


def test_a_missing_file_is_an_ordinary_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        Config.load(tmp_path / "none.toml")
    [found] = caught.value.errors
    assert (found.problem, found.path) == (Problem.FILE_MISSING, str(tmp_path / "none.toml"))


def test_a_file_that_cannot_be_read_is_an_ordinary_mistake(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationErrors) as caught:
        Config.load(tmp_path)
    [found] = caught.value.errors
    assert found.problem is Problem.FILE_UNREADABLE
    assert found.detail


def test_a_file_that_is_not_utf8_is_an_ordinary_mistake_with_its_line(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_bytes(b'[site]\nname = "Zo\xeb"\n')
    with pytest.raises(ConfigurationErrors) as caught:
        Config.load(path)
    [found] = caught.value.errors
    assert (found.problem, found.line) == (Problem.NOT_UTF8, 2)


@pytest.mark.parametrize(
    "zone", ["Europe", "Europe/Nowhere", "/etc/localtime", "../UTC", "", "Europe/Amsterdam\\u0000"]
)
def test_a_time_zone_that_does_not_exist_is_refused(zone: str) -> None:
    [found] = mistakes(f'time_zone = "{zone}"\n[site]\nname = "x"')
    assert found.path == "time_zone"


@pytest.mark.parametrize("name", ["東京", "€€", "\\u0007", "x" * 25, "  "])
def test_a_site_needs_a_name_that_an_sms_can_carry(name: str) -> None:
    [found] = mistakes(f'[site]\nname = "{name}"')
    assert found.path == "site.name"


def test_an_sms_that_needs_two_parts_is_a_mistake_that_names_text_and_length() -> None:
    found = sms_texts.mistakes(Site("n" * 80), None, Policy())
    assert {error.path for error in found} == {"site.name"}
    assert {"text.code", "text.phone"} <= {error.allowed.values["text"] for error in found if error.allowed}
    assert all(sentence(error, Language.load(code)) for error in found for code in LANGUAGES)


@settings(max_examples=100)
@given(st.text(max_size=80) | st.lists(st.sampled_from(FULL.splitlines()), max_size=20).map("\n".join))
def test_any_text_is_read_or_refused_in_sentences(text: str) -> None:
    assert all(told(text))


VALUES = st.recursive(
    st.booleans()
    | st.integers(-5, 10**6).map(str)
    | st.sampled_from(['"x"', '""', "1.5", "2026-01-01", "12:00:00", "inf"]),
    lambda inner: st.lists(inner, max_size=2).map(lambda items: f"[{', '.join(map(str, items))}]"),
    max_leaves=3,
)


@settings(max_examples=150)
@given(st.sampled_from([line for line in FULL.splitlines() if " = " in line]), VALUES)
def test_a_value_of_any_kind_gives_a_sentence_and_never_a_crash(line: str, value: object) -> None:
    shown = str(value).lower() if isinstance(value, bool) else str(value)
    text = FULL.replace(line, f"{line.split(' = ', maxsplit=1)[0]} = {shown}", 1)
    assert all(told(text))


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_kind_of_mistake_has_its_words(code: str) -> None:
    language = Language.load(code)
    assert [problem for problem in Problem if not language.has(f"configuration.problem.{problem}")] == []


@pytest.mark.parametrize("code", LANGUAGES)
def test_everything_that_is_allowed_has_its_words(code: str) -> None:
    language = Language.load(code)
    folder = Path(__file__).parents[2] / "kiosk" / "config"
    calls = [
        node
        for path in folder.glob("*.py")
        for node in ast.walk(ast.parse(path.read_bytes()))
        if isinstance(node, ast.Call)
    ]
    codes = {
        str(ast.literal_eval(call.args[0]))
        for call in calls
        if isinstance(call.func, ast.Name) and call.func.id == "Allowed"
    }
    assert len(codes) > 10
    assert [each for each in codes if not language.has(f"configuration.allowed.{each}")] == []


def test_a_sentence_says_what_is_wrong_what_is_right_and_what_was_meant() -> None:
    found = mistakes('[site]\nname = "x"\n[policy.sms]\ntries = 9\ntriess = 1')
    sentences = [sentence(error, Language.load("nl")) for error in found]
    assert sentences == [
        "policy.sms.tries = 9 kan niet. Wel goed: een heel getal van 1 tot en met 5.",
        "policy.sms.triess bestaat niet. Bedoelde u policy.sms.tries?",
    ]
