"""Each state of a machine has its sign, its sentence and its cure; a machine on which nothing is wrong has nothing to say."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from data.audit_check import HeadState
from data.errors import DatabaseUnavailable
from hardware.port_user import PortUser
from kiosk.clock import ClockComparison, ClockDifference, ClockHealth, TimeSource
from kiosk.commands.doctor import words_of
from kiosk.doctor import files, house
from kiosk.doctor.checks import examine
from kiosk.doctor.escapes import Escape, escape_of
from kiosk.doctor.facts import Facts
from kiosk.doctor.found import Fix, Found, Sign, worst
from kiosk.doctor.machine import FileFacts, Room
from kiosk.keeping.state import Kept
from kiosk.keys import KeyTooOpen
from kiosk.language import LANGUAGES, Language
from kiosk.methods.phone_clocks import PhoneClocks
from kiosk.technician.diagnosis import Finding
from kiosk.technician.overview import Health, Overview
from tests.kiosk.doctor.well import (
    CONFIGURATION,
    DAY,
    HOUR,
    KEY_RULE,
    KIOSK,
    LOCK,
    MODEM_RULE,
    NOW,
    PORT,
    WellMachine,
    config,
    facts,
    modem,
    only,
    wrong,
)

A, F, U = Sign.ATTENTION, Sign.FAULT, Sign.UNKNOWN
SRV = Path("/srv/kiosk")
FONT = Path("/etc/vconsole.conf")
OPEN = FileFacts(mode=0o777, group="users", ours=True, usable=True)
NO_MODEMS = '[site]\nname = "Noord"\n[backup]\ndirectory = "/media/backup"\n'


def spoilt(change: Callable[[WellMachine], object]) -> Facts:
    machine = WellMachine()
    change(machine)
    return facts(machine)


def network(seconds: float) -> ClockComparison:
    return ClockComparison(
        network=ClockDifference(modem="noord", source=TimeSource.NETWORK, seconds=seconds, age_ms=0), modems={}
    )


def test_a_machine_on_which_nothing_is_wrong_has_nothing_to_say() -> None:
    assert wrong(facts()) == set()
    assert worst(examine(facts())) is Sign.GOOD


def _unkept(machine: WellMachine) -> None:
    machine.running = frozenset({"ModemManager"})
    del machine.texts[MODEM_RULE]


MACHINES: list[tuple[Callable[[WellMachine], object], set[tuple[str, str, Sign]]]] = [
    (lambda m: m.files.update({SRV / "kiosk.toml": OPEN}), {("configuration", "open", A)}),
    (lambda m: m.files.update({SRV / "keys": OPEN}), {("key", "directory_open", A)}),
    (lambda m: m.files.update({SRV: OPEN}), {("database", "directory_open", A)}),
    (lambda m: m.rooms.update({SRV: Room(10**10, 0)}), {("disk", "full", F)}),
    (lambda m: m.rooms.update({SRV: Room(10**10, 10**7)}), {("disk", "nearly_full", A)}),
    (lambda m: m.rooms.update({Path("/media/backup"): None}), {("disk", "unseen", U)}),
    (lambda m: setattr(m, "beneath", ()), {("encryption", "none", A)}),
    (lambda m: setattr(m, "beneath", ("LVM-x",)), {("encryption", "none", A)}),
    (lambda m: setattr(m, "beneath", None), {("encryption", "unseen", U)}),
    (lambda m: m.files.update({Path("/media/backup"): None}), {("backup", "place_missing", F)}),
    (lambda m: m.holders.clear(), {("dispatcher", "nobody_auto", F)}),
    (lambda m: m.files.update({PORT: None}), {("port", "missing", F)}),
    (lambda m: m.files.update({PORT: FileFacts(mode=0o660, group="dialout", ours=False, usable=False)}), {("port", "forbidden", F)}),
    (lambda m: m.holders.update({PORT: PortUser(7, "gammu-smsd")}), {("port", "taken", F)}),
    (_unkept, {("modem_manager", "runs", F)}),
    (lambda m: m.texts.pop(KEY_RULE), {("yubikey", "no_rule", A)}),
    (lambda m: setattr(m, "closed", ("/dev/hidraw2",)), {("yubikey", "closed", F)}),
    (lambda m: setattr(m, "environment", {"TERM": "dumb"}), {("console", "no_term", A)}),
    (lambda m: setattr(m, "environment", {"TERM": "linux", "LANG": "C"}), {("console", "not_utf8", A)}),
    (lambda m: setattr(m, "environment", {"TERM": "linux", "LC_ALL": "C", "LANG": "C.UTF-8"}), {("console", "not_utf8", A)}),
    (lambda m: m.texts.update({Path("/etc/default/console-setup"): 'FONTFACE=""\n'}), {("console", "no_font", A)}),
    (lambda m: m.files.update({Path("/usr/bin/roosters"): None}), {("application", "missing", F)}),
    (lambda m: m.files.update({Path("/run/kiosk-clock.socket"): None}), {("clock_right", "none", A)}),
]  # fmt: skip


@pytest.mark.parametrize(("change", "found"), MACHINES)
def test_what_is_wrong_with_the_machine_is_found_and_nothing_else(
    change: Callable[[WellMachine], object], found: set[tuple[str, str, Sign]]
) -> None:
    assert wrong(spoilt(change)) == found


@pytest.mark.parametrize(
    ("changes", "found"),
    [
        ({"damage": "page 3"}, ("database", "damaged", F)),
        ({"head": None}, ("audit", "head_unreadable", F)),
        ({"head": HeadState.NO_HEAD}, ("audit", "no_head", F)),
        ({"head": HeadState.OLD_COPY}, ("audit", "old_copy", F)),
        ({"head": HeadState.MISSING_LAST}, ("audit", "missing_last", F)),
        ({"checked_at": None}, ("audit", "never_checked", A)),
        ({"checked_at": NOW - 3 * DAY}, ("audit", "not_checked", A)),
        ({"health": ClockHealth.BEFORE_BUILD}, ("clock", "before_build", F)),
        ({"health": ClockHealth.WENT_BACK}, ("clock", "went_back", F)),
        ({"health": ClockHealth.JUMPED}, ("clock", "jumped", F)),
        ({"times": network(-600.0)}, ("clock", "network", F)),
        ({"times": network(20.0)}, ("clock", "drifts", A)),
        ({"phones": PhoneClocks(people=5, steps=-3)}, ("clock", "phones", F)),
        ({"only_sms": ("a.bakker",)}, ("only_sms", "some", F)),
        ({"suspended": ("anne",)}, ("roles", "suspended", A)),
        ({"administrators": 1}, ("administrators", "one", A)),
        ({"administrators": 0, "break_glass": True}, ("administrators", "none", F)),
        ({"administrators": 0}, ("administrators", "none", F)),
        ({"overview": Overview(at=NOW)}, ("modem", "never_seen", F)),
        ({"overview": Overview(at=NOW, modems=(modem(health=Health.OUT),))}, ("modem", "out", A)),
        ({"overview": Overview(at=NOW, modems=(modem(health=Health.LENT),))}, ("modem", "lent", A)),
        ({"overview": Overview(at=NOW, modems=(modem(health=Health.STARTING),))}, ("modem", "starting", A)),
        (
            {
                "overview": Overview(
                    at=NOW, modems=(modem(health=Health.FAULT, findings=(Finding(cause="no_signal"),)),)
                )
            },
            ("modem", "trouble", F),
        ),
    ],
)
def test_what_the_database_knows_is_told(changes: dict[str, Any], found: tuple[str, str, Sign]) -> None:
    assert wrong(facts(**changes)) == {found}


def test_a_code_in_the_envelope_stands_for_the_second_administrator() -> None:
    assert wrong(facts(administrators=1, break_glass=True)) == set()


@pytest.mark.parametrize(
    ("backup_at", "expected_since", "variant"),
    [
        (None, None, "not_yet"),
        (None, NOW - HOUR, "not_yet"),
        (None, NOW - 3 * DAY, "never"),
        (NOW - 49 * HOUR, NOW - 90 * DAY, "overdue"),
        (NOW - 47 * HOUR, NOW - 90 * DAY, "good"),
    ],
)
def test_a_back_up_that_is_expected_every_night_is_missed(
    backup_at: int | None, expected_since: int | None, variant: str
) -> None:
    kept = Kept(backup_at=backup_at, rehearsed_at=NOW, key_on_paper=True)
    assert only(facts(kept=kept, expected_since=expected_since), "backup").variant == variant


@pytest.mark.parametrize(("backup_at", "variant"), [(None, "none"), (NOW - 5 * DAY, "by_hand"), (NOW - HOUR, "good")])
def test_back_ups_by_hand_are_counted_too(backup_at: int | None, variant: str) -> None:
    kept = Kept(backup_at=backup_at, rehearsed_at=NOW, key_on_paper=True)
    text = CONFIGURATION.replace('[backup]\ndirectory = "/media/backup"\n', "")
    assert only(facts(configuration=text, kept=kept), "backup").variant == variant


@pytest.mark.parametrize(("rehearsed_at", "variant"), [(None, "never"), (NOW - 200 * DAY, "old"), (NOW - DAY, "good")])
def test_a_restore_that_nobody_tried_is_told(rehearsed_at: int | None, variant: str) -> None:
    kept = Kept(backup_at=NOW, rehearsed_at=rehearsed_at, key_on_paper=True)
    assert only(facts(kept=kept), "rehearsal").variant == variant


def test_a_key_that_is_on_no_paper_is_told() -> None:
    kept = Kept(backup_at=NOW, rehearsed_at=NOW, key_on_paper=False)
    assert only(facts(kept=kept), "key_on_paper").sign is A


def test_a_machine_without_a_network_that_sets_its_clock_is_normal() -> None:
    assert only(facts(), "clock").variant == "alone"
    assert only(facts(times=network(0.4)), "clock").variant == "agrees"
    by_ntp = WellMachine(answers={"timedatectl": "NTPSynchronized=yes\n"})
    assert only(facts(by_ntp), "clock").variant == "ntp"


def test_where_nothing_was_installed_nobody_misses_the_right_to_set_the_clock() -> None:
    bare = WellMachine(
        files={Path("/etc/systemd/system/kiosk-terminal@.service"): None, Path("/run/kiosk-clock.socket"): None}
    )
    assert "clock_right" not in {found.check for found in examine(facts(bare))}


def test_a_disk_that_is_not_encrypted_is_weighed_by_what_the_machine_has() -> None:
    with_tpm = WellMachine(beneath=(), texts=WellMachine().texts | {Path("/sys/class/tpm/tpm0"): ""})
    handed_over = WellMachine(
        beneath=(), environment=dict(WellMachine().environment) | {"CREDENTIALS_DIRECTORY": "/run/x"}
    )
    assert only(facts(with_tpm), "encryption").variant == "tpm"
    assert only(facts(handed_over), "encryption").variant == "credential"


def test_a_site_without_modems_is_told_once_and_asked_nothing_about_ports() -> None:
    assert wrong(facts(configuration=NO_MODEMS, overview=Overview(at=NOW))) == {("modem", "none", A)}


def test_only_the_gateway_can_drive_where_the_site_says_so() -> None:
    machine = WellMachine(holders={})
    text = CONFIGURATION + '[gateway]\nmode = "service"\n'
    assert only(facts(machine, configuration=text), "dispatcher").variant == "nobody_service"


def test_a_port_that_somebody_else_has_while_nobody_drives_is_taken() -> None:
    machine = WellMachine(holders={LOCK: None, PORT: PortUser(7, "minicom")})
    assert only(facts(machine), "port").values["program"] == "minicom"
    assert only(facts(WellMachine(holders={LOCK: KIOSK, PORT: KIOSK})), "port").sign is Sign.GOOD


def test_a_sticky_directory_such_as_that_of_temporary_files_is_no_open_door() -> None:
    sticky = FileFacts(mode=0o1777, group="root", ours=True, usable=True)
    assert wrong(spoilt(lambda m: m.files.update({SRV: sticky}))) == set()


@pytest.mark.parametrize(("ours", "fix"), [(True, Fix(SRV / "keys", 0o700)), (False, None)])
def test_only_what_belongs_to_us_can_be_mended_here(ours: bool, fix: Fix | None) -> None:
    loose = FileFacts(mode=0o755, group="kiosk", ours=ours, usable=True)
    assert only(spoilt(lambda m: m.files.update({SRV / "keys": loose})), "key").fix == fix


def test_a_key_that_others_may_read_is_told_and_can_be_mended() -> None:
    path = SRV / "keys" / "master.key"
    machine = WellMachine(files={path: FileFacts(mode=0o644, group="kiosk", ours=True, usable=True)})
    error = KeyTooOpen(path, 0o644)
    [found] = [
        one
        for one in examine(Facts(machine=machine, config=config(), troubles=(("key", error),)))
        if one.check == "key"
    ]
    assert (found.sign, found.error, found.fix) == (F, error, Fix(path, 0o600))


def test_what_does_not_need_the_database_is_looked_at_without_it() -> None:
    error = DatabaseUnavailable("missing", SRV / "kiosk.db")
    found = examine(Facts(machine=WellMachine(), config=config(), troubles=(("database", error),)))
    assert {one.check for one in found if one.sign is F} == {"database"}
    assert {"disk", "port", "encryption", "modem_manager", "console", "application"} <= {one.check for one in found}


# Ways out of an application


@pytest.mark.parametrize(
    ("argv", "escape"),
    [
        (["/usr/bin/vi"], Escape.COMMANDS),
        (["/usr/bin/vim", "-Z", "/srv/x"], Escape.WRITES),
        (["/usr/bin/less", "/srv/x"], Escape.LESS),
        (["/usr/bin/man", "kiosk"], Escape.LESS),
        (["/usr/bin/nano"], Escape.COMMANDS),
        (["/usr/bin/nano", "-R"], None),
        (["/bin/rnano"], None),
        (["/usr/bin/rvim"], Escape.WRITES),
        (["/bin/bash"], Escape.SHELL),
        (["/usr/bin/python3.11"], Escape.SHELL),
        (["/usr/bin/python3", "/opt/roosters/main.py"], None),
        (["/usr/bin/python3", "-i", "/opt/roosters/main.py"], Escape.SHELL),
        (["/usr/bin/env", "LANG=C", "/usr/bin/vi"], Escape.COMMANDS),
        (["/usr/bin/timeout", "60", "bash"], Escape.SHELL),
        (["/usr/bin/env"], Escape.SHELL),
        (["/opt/roosters/roosters"], None),
    ],
)
def test_known_ways_out_of_a_program_are_known(argv: list[str], escape: Escape | None) -> None:
    assert escape_of(argv) is escape


@pytest.mark.parametrize(
    ("argv", "variant"),
    [
        ("/usr/bin/vi", "commands"),
        ("/bin/sh", "shell"),
        # The kiosk gives every application LESSSECURE=1.
        ("/usr/bin/less", "good"),
        ("/usr/bin/rvim", "writes"),
    ],
)
def test_an_application_with_a_way_out_is_named(argv: str, variant: str) -> None:
    found = only(facts(configuration=CONFIGURATION.replace("/usr/bin/roosters", argv)), "application")
    assert found.variant == variant
    assert found.values["application"] == "Roosters"


def test_an_application_under_the_account_of_the_kiosk_is_named() -> None:
    written = CONFIGURATION.replace('"/usr/bin/roosters"]', '"/usr/bin/roosters"]\nsame_account = true')
    assert only(facts(configuration=written), "application").variant == "same_account"


# Words


@pytest.mark.parametrize("code", LANGUAGES)
def test_everything_that_is_not_good_has_a_cure_in_words(code: str) -> None:
    language = Language.load(code)
    ids = [text_id for text_id in language._catalogue._catalog if text_id]  # type: ignore[attr-defined]
    whats = {text_id.removeprefix("doctor.what.") for text_id in ids if text_id.startswith("doctor.what.")}
    dos = {text_id.removeprefix("doctor.do.") for text_id in ids if text_id.startswith("doctor.do.")} - {"line"}
    assert whats > dos
    for change, _ in MACHINES:
        for one in examine(spoilt(change)):
            what, do = words_of(one, language)
            assert what
            assert bool(do) is (one.sign is not Sign.GOOD)


def test_what_is_known_to_be_bad_goes_before_what_is_not_known() -> None:
    signs = [Sign.GOOD, Sign.UNKNOWN, Sign.ATTENTION, Sign.FAULT]
    found = [Found(check="disk", variant="x", sign=sign) for sign in signs]
    assert [worst(found[:length]) for length in (1, 2, 3, 4)] == signs


def test_a_database_that_was_only_opened_is_not_called_whole_and_nobody_asks_the_system_for_its_time() -> None:
    machine = WellMachine()
    machine.answer = lambda *_command: pytest.fail("it costs a process each minute")  # type: ignore[method-assign]
    looked = facts(machine, damage=None)
    assert [one.variant for one in files.database(looked)] == ["opens"]
    assert [one.variant for one in house.clock(looked)] == ["alone"]
