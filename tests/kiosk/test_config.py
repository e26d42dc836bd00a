"""Reading a configuration: what it gives, and the example that a site begins with."""

import re
from datetime import datetime, time
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from data.users import Role
from kiosk.config import (
    Config,
    GatewayMode,
    Glyphs,
    HelpDesk,
    ModemConfig,
    ThemeName,
    Words,
    example_configuration,
    sms_texts,
)
from kiosk.config.checks import luhn
from kiosk.config.model import APPLICATION_ACCOUNT, AtExit, OpeningHours, Site, Theme
from kiosk.language import LANGUAGES
from kiosk.policy import Policy
from tests.kiosk.configurations import FULL, SOURCE, parse


@pytest.fixture(scope="module")
def full() -> Config:
    return parse(FULL)


def test_the_name_of_the_site_is_all_that_is_needed() -> None:
    config = parse('[site]\nname = "Zuid"')
    assert config == Config(
        source=SOURCE,
        site=Site("Zuid"),
        database=config.database,
        keys=config.keys,
        state=config.state,
        language="nl",
        time_zone=ZoneInfo("Europe/Amsterdam"),
    )


def test_what_is_kept_lies_beside_the_file_unless_it_says_otherwise() -> None:
    config = parse('[site]\nname = "Zuid"')
    places = [config.database.path, config.keys.path, config.state.path]
    assert places == [Path("/srv/kiosk/kiosk.db"), Path("/srv/kiosk/keys/master.key"), Path("/srv/kiosk/state")]
    assert config.exchange is None


def test_a_relative_path_begins_at_the_file_and_an_absolute_one_stays(full: Config) -> None:
    assert full.database.path == Path("/srv/kiosk/data/kiosk.db")
    assert full.keys.path == Path("/etc/kiosk/master.key")
    assert full.modems[0].pin_file == Path("/srv/kiosk/pin/noord")


def test_the_site_and_the_desk_are_read(full: Config) -> None:
    assert (full.site.name, full.desk.name, full.desk.number) == ("Gemeente Zuid", "Receptie Noord", "3")
    assert (full.language, full.time_zone.key) == ("en", "America/Curacao")


def test_the_help_desk_is_read_with_hours_in_each_language(full: Config) -> None:
    desk = full.help_desk
    assert desk is not None
    assert (desk.name, desk.phone) == ("Servicedesk", "030 555 01 23")
    assert [desk.hours.text(code) for code in LANGUAGES] == ["ma-vr 8-17", "Mon-Fri 8-17"]


def test_one_text_for_the_hours_serves_every_language() -> None:
    config = parse('[site]\nname="x"\n[help_desk]\nname="a"\nphone="112"\nhours="altijd"')
    assert config.help_desk
    assert config.help_desk.hours == Words("altijd", "altijd")


@pytest.mark.parametrize(
    ("day", "clock", "answers"),
    [
        # 2 March 2026 is a Monday.
        (2, time(7, 59), False),
        (2, time(8, 0), True),
        (6, time(16, 59), True),
        (6, time(17, 0), False),
        (7, time(9, 0), False),
        (7, time(23, 59), True),
        (8, time(12, 0), False),
    ],
)
def test_the_help_desk_answers_from_the_first_minute_up_to_the_last(
    full: Config, day: int, clock: time, answers: bool
) -> None:
    assert full.help_desk
    assert (
        full.help_desk.is_open(datetime.combine(datetime(2026, 3, day, tzinfo=full.time_zone), clock, full.time_zone))
        is answers
    )


def test_a_help_desk_without_opening_hours_does_not_say_whether_it_answers() -> None:
    now = datetime(2026, 3, 2, 12, tzinfo=ZoneInfo("UTC"))
    assert HelpDesk("a", "112", Words("x", "x")).is_open(now) is None


def test_opening_days_may_go_round_the_end_of_the_week() -> None:
    config = parse('[site]\nname="x"\n[help_desk]\nname="a"\nphone="112"\nhours="x"\nopen=["sat-mon 10:00-12:00"]')
    assert config.help_desk
    assert config.help_desk.open == (OpeningHours(frozenset({5, 6, 0}), time(10), time(12)),)


def test_a_modem_is_read_with_its_identity_without_blanks_and_filler(full: Config) -> None:
    assert full.modems[0] == ModemConfig(
        name="noord",
        port="/dev/ttyUSB2",
        imei="490154203237518",
        iccid="8931440400000000008",
        pin_file=Path("/srv/kiosk/pin/noord"),
        network_label="KPN",
        number="+31612345678",
        smsc="+31653131313",
        prepaid="*101#",
        anywhere=True,
        roaming=True,
    )


def test_a_port_may_be_an_address(full: Config) -> None:
    assert full.modems[1] == ModemConfig(name="zuid", port="socket://127.0.0.1:7000")


def test_gateway_and_theme_are_read(full: Config) -> None:
    assert (full.gateway.mode, full.theme) == (GatewayMode.SERVICE, Theme(ThemeName.SIXTEEN, Glyphs.BASIC, touch=True))


def test_a_policy_changes_what_is_set_and_nothing_else(full: Config) -> None:
    assert (full.policy.sms.code_minutes, full.policy.sms.cooldown_seconds) == (3, (45, 90))
    assert full.policy.sms.countries == ("31", "599")
    assert full.policy.backup_code.by_sms is False
    assert full.policy.sms.tries == Policy().sms.tries
    assert full.policy.idle == Policy().idle


def test_applications_are_read_in_their_order(full: Config) -> None:
    assert [application.label.nl for application in full.applications] == ["Bezoekers", "Roosters"]
    assert full.applications[0].argv == ("/usr/bin/visitors", "--kiosk")


def test_an_application_holds_what_the_site_said_of_it(full: Config) -> None:
    rosters = full.applications[1]
    assert (rosters.name, rosters.environment, rosters.roles) == (
        "rosters",
        {"ROSTER_HOST": "localhost"},
        ("staff", "auditor"),
    )
    assert (rosters.at_exit, rosters.account) == (AtExit.SIGN_OUT, "rosters")


def test_an_application_is_named_after_its_program_and_runs_under_another_account_for_everybody(full: Config) -> None:
    visitors = full.applications[0]
    assert (visitors.name, visitors.account, visitors.at_exit) == ("visitors", APPLICATION_ACCOUNT, AtExit.HOME)
    assert visitors.roles == tuple(Role)


def test_the_kiosks_own_account_must_be_written() -> None:
    config = parse('[site]\nname = "x"\n[[application]]\nlabel = "x"\nargv = ["/x"]\nsame_account = true')
    assert config.applications[0].account is None


def test_a_byte_order_mark_and_the_line_ends_of_other_systems_do_no_harm(tmp_path: Path) -> None:
    path = tmp_path / "kiosk.toml"
    path.write_bytes(b'\xef\xbb\xbf[site]\r\nname = "Zuid"\r\n')
    assert Config.load(path).site.name == "Zuid"


def test_a_file_is_read_from_where_it_lies(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("kiosk.toml").write_text('[site]\nname = "Zuid"', encoding="utf-8")
    config = Config.load(Path("kiosk.toml"))
    assert (config.source, config.database.path) == (tmp_path / "kiosk.toml", tmp_path / "kiosk.db")


def test_the_longest_names_leave_every_sms_in_one_part() -> None:
    config = parse(f'[site]\nname = "{"n" * 24}"\n[help_desk]\nname = "{"n" * 20}"\nphone = "{"0" * 14}"\nhours = "x"')
    assert sms_texts.mistakes(config.site, config.help_desk, config.policy) == []


@given(st.integers(0, 10**14 - 1))
def test_exactly_one_check_digit_fits(number: int) -> None:
    assert sum(luhn(f"{number:014d}{digit}") for digit in range(10)) == 1


@pytest.mark.parametrize("digits", ["490154203237518", "79927398713", "4111111111111111", "8944110068256270054"])
def test_published_numbers_have_the_right_check_digit(digits: str) -> None:
    assert luhn(digits)


@pytest.mark.parametrize("code", LANGUAGES)
def test_the_example_loads_and_holds_what_it_was_given(code: str) -> None:
    desk = HelpDesk('Jan "de" V\\', "112", Words("altijd", "always"))
    modem = ModemConfig(
        name="noord", port="/dev/ttyUSB2", imei="490154203237518", pin_file=Path("/etc/kiosk/pin"), anywhere=True
    )
    text = example_configuration(
        site="Zoë's", language=code, time_zone="UTC", desk="Balie", help_desk=desk, modems=[modem]
    )
    config = parse(text)
    assert (config.site.name, config.language, config.time_zone.key, config.desk.name) == (
        "Zoë's",
        code,
        "UTC",
        "Balie",
    )
    assert (config.help_desk, config.modems) == (desk, (modem,))
    assert config.policy == Policy()


@pytest.mark.parametrize("code", LANGUAGES)
def test_every_setting_that_the_example_leaves_out_is_right_once_it_counts(code: str) -> None:
    text = re.sub(r"(?m)^#(?! )", "", example_configuration(site="Zuid", language=code))
    config = parse(text)
    assert config.policy == Policy()
    assert config.modems
    assert config.applications
    assert config.help_desk


def test_the_example_mentions_every_key_that_can_be_set() -> None:
    text = example_configuration(site="Zuid")
    keys = {line.split(" = ")[0] for line in FULL.splitlines() if " = " in line} | {"pin_file", "anywhere"}
    assert {key for key in keys if not re.search(rf"\b{key}\b", text)} == set()
