"""What is written on a machine, looked at by the programs that will read it."""

import os
import pwd
import re
import shutil
import subprocess
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath

import pytest

from kiosk.config import Config
from kiosk.machine import settling
from kiosk.machine.plan import File, Link, Machine, PlaceUnusable, machine_of, plan, runs_for_all
from kiosk.root_owned import owned_by_root

MACHINE = Machine(
    program=Path("/usr/bin/true"),
    python=Path("/usr/bin/env"),
    config=Path("/etc/kiosk/kiosk.toml"),
    data=Path("/var/lib/kiosk"),
    others=(Path("/media/backup"),),
)
# Of systemd-analyze: 0 is closed, 10 open. The launcher is root's, and applications may do what their account may.
EXPOSURE = {
    "kiosk-terminal@tty1.service": 1.5,
    "kiosk-gateway.service": 1.5,
    "kiosk-gate@1.service": 1.5,
    "kiosk-clock@1.service": 2.5,
    "kiosk-app@1.service": 7.0,
}

systemd_analyze = pytest.mark.skipif(
    shutil.which("systemd-analyze") is None, reason="type: apt-get install --no-install-recommends systemd"
)
loadkeys = pytest.mark.skipif(
    shutil.which("loadkeys") is None, reason="type: apt-get install --no-install-recommends kbd"
)


def files(machine: Machine = MACHINE) -> Mapping[str, File]:
    return {item.path.name: item for item in plan(machine) if isinstance(item, File)}


def links(machine: Machine = MACHINE) -> Mapping[str, str]:
    return {item.path.name: item.target for item in plan(machine) if isinstance(item, Link)}


def run(*command: str | Path, given: str | None = None, cwd: Path | None = None) -> str:
    """What a program says to a file, which must be nothing when all is well; both streams."""
    done = subprocess.run(command, input=given, cwd=cwd, text=True, capture_output=True, timeout=60, check=False)
    said = done.stdout + done.stderr
    assert done.returncode == 0, said
    return said


@pytest.fixture
def units(tmp_path: Path) -> Path:
    for item in files().values():
        if item.path.is_relative_to("/etc/systemd/system"):
            # The script is not on this machine.
            (tmp_path / item.path.name).write_text(
                item.content.replace("/usr/local/lib/kiosk/console-keys", "/bin/true")
            )
    return tmp_path


@systemd_analyze
def test_systemd_finds_nothing_wrong_in_any_unit(units: Path) -> None:
    names = [name.replace("@.", "@tty1.") for path in units.iterdir() for name in [path.name]]
    assert len(names) == 10
    assert run("systemd-analyze", "verify", "--recursive-errors=no", *(f"./{name}" for name in names), cwd=units) == ""


@systemd_analyze
@pytest.mark.parametrize("name", EXPOSURE)
def test_each_service_is_as_closed_as_its_work_allows(units: Path, name: str) -> None:
    threshold = str(int(EXPOSURE[name] * 10))
    run(
        "systemd-analyze", "security", "--offline=yes", f"--threshold={threshold}", "--no-pager", f"./{name}", cwd=units
    )


@pytest.mark.skipif(shutil.which("systemd-sysusers") is None, reason="type: apt-get install systemd")
def test_the_accounts_have_no_shell_and_only_the_kiosk_opens_serial_ports(tmp_path: Path) -> None:
    (tmp_path / "etc").mkdir()
    source = tmp_path / "kiosk.conf"
    source.write_text(next(item for item in plan(MACHINE) if "sysusers.d" in str(item.path)).content)  # type: ignore[union-attr]
    run("systemd-sysusers", f"--root={tmp_path}", source)
    passwd = (tmp_path / "etc" / "passwd").read_text().splitlines()
    assert {line.split(":")[0]: line.split(":")[6] for line in passwd} == {
        "kiosk": "/usr/sbin/nologin",
        "kiosk-app": "/usr/sbin/nologin",
    }
    groups = {line.split(":")[0]: line.split(":")[3] for line in (tmp_path / "etc" / "group").read_text().splitlines()}
    assert groups == {"kiosk": "", "kiosk-app": "", "kiosk-gate": "", "dialout": "kiosk"}


def _udev_verifies() -> bool:
    # From systemd 254 on.
    program = shutil.which("udevadm")
    return program is not None and subprocess.run([program, "verify", "--help"], capture_output=True).returncode == 0  # noqa: PLW1510


@pytest.mark.skipif(not _udev_verifies(), reason="needs udev of systemd 254 or newer: apt-get install udev")
def test_udev_finds_nothing_wrong_in_its_rules(tmp_path: Path) -> None:
    rules = tmp_path / "70-kiosk.rules"
    # Groups that this machine does not have would be told.
    rules.write_text(files()["70-kiosk.rules"].content.replace('GROUP="kiosk"', 'GROUP="root"'))
    run("udevadm", "verify", rules)


LAYOUT = """keymaps 0-2,4-5,8,12
keycode  28 = Return           Return           Return           Return           Return           Meta_Control_m   Return
keycode  59 = F1               F11              Console_13       F1               VoidSymbol       Console_1        Console_1
keycode  70 = Scroll_Lock      Show_Memory      Show_Registers   Show_State       VoidSymbol       Scroll_Lock      VoidSymbol
keycode 103 = Up               Up               Up               Up               Up               KeyboardSignal   Up
keycode 104 = Prior            Scroll_Backward  Prior            Prior            Prior            Prior            Prior
keycode 105 = Left             Left             Left             Left             Left             Decr_Console     Left
keycode 111 = Remove           Remove           Remove           Remove           Remove           Remove           Boot
"""


@loadkeys
def test_the_layout_that_is_left_has_no_way_out_and_every_other_key(tmp_path: Path) -> None:
    script = tmp_path / "console-keys"
    script.write_text(files()["console-keys"].content)
    script.chmod(0o755)
    closed = run(script, "--closed", given=LAYOUT)
    still_open = run(script, "--open")

    assert re.findall("Console|Show|Scroll|Boot|Signal", closed) == []
    assert closed.count("VoidSymbol") == LAYOUT.count("VoidSymbol") + 12
    assert all(word in closed for word in ("F1 ", "F11", "Meta_Control_m", "Remove", "Prior", "Left"))
    assert still_open.splitlines() == [
        "shift control alt keycode 59 = Console_1",
        "shift control alt keycode 64 = Console_6",
    ]
    for text in (closed, still_open):
        run("loadkeys", "--parse", "-", given=text)


def test_without_a_console_for_the_technician_only_the_desks_are_left(tmp_path: Path) -> None:
    machine = replace(MACHINE, technician=0, consoles=(1, 2))
    assert "for number in 1 2; do" in files(machine)["console-keys"].content
    assert {"getty@tty1.service", "getty@tty2.service", "kiosk-terminal@tty2.service"} <= set(links(machine))


def test_a_site_without_modems_starts_no_gateway() -> None:
    assert "kiosk-gateway.service" in links()
    assert "kiosk-gateway.service" not in links(replace(MACHINE, gateway=False))


def test_only_a_modem_across_the_network_opens_the_network() -> None:
    here, there = (
        files(replace(MACHINE, network=network))["kiosk-gateway.service"].content for network in (False, True)
    )
    assert "PrivateNetwork=yes\nRestrictAddressFamilies=AF_UNIX\n" in here
    assert "PrivateNetwork=no\nRestrictAddressFamilies=AF_UNIX AF_INET AF_INET6\n" in there


def test_nothing_is_left_to_fill_in_and_scripts_can_be_executed() -> None:
    for item in files().values():
        assert re.findall(r"@[A-Z_]+@", item.content) == [], item.path
        assert (item.mode == 0o755) == item.content.startswith("#!")


def test_what_runs_behind_the_gate_finds_the_environment_of_whoever_called(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("KIOSK_CONFIG", raising=False)
    program, command = tmp_path / "program", tmp_path / "kiosk"
    program.write_text('#!/bin/sh\necho "$* ${KIOSK_CONFIG-none}"\n')
    command.write_text(files(replace(MACHINE, program=program))["kiosk"].content)
    for script in (program, command):
        script.chmod(0o755)
    assert run(command, "gate", "--", "id") == "gate -- id none\n"
    assert run(command, "--version") == "--version /etc/kiosk/kiosk.toml\n"


def test_the_files_of_the_configuration_go_where_it_is() -> None:
    moved = replace(MACHINE, config=Path("/srv/desk/kiosk.toml"))
    assert files(moved)["console.rgb"].path == PurePosixPath("/srv/desk/console.rgb")


def test_the_palette_has_three_lines_of_sixteen_numbers() -> None:
    lines = files()["console.rgb"].content.splitlines()
    assert [[0 <= int(number) <= 255 for number in line.split(",")] for line in lines] == [[True] * 16] * 3


CONFIG = """
[site]
name = "Noord"
[database]
path = "{data}/kiosk.db"
[keys]
path = "{data}/keys/master.key"
[state]
path = "{data}/state"
[backup]
directory = "/media/backup"
"""


def machine(config: Path, data: str = "/var/lib/kiosk", more: str = "", program: str = "/opt/kiosk/kiosk") -> Machine:
    return machine_of(
        Config.parse(CONFIG.format(data=data) + more, config),
        path=config,
        program=Path(program),
        python=Path("/opt/kiosk/python"),
    )


def test_the_places_are_those_of_the_configuration() -> None:
    found = machine(Path("/etc/kiosk/kiosk.toml"), more='[modem.noord]\nport = "socket://10.0.0.2:4000"\n')
    assert (found.data, found.others) == (Path("/var/lib/kiosk"), (Path("/media/backup"),))
    assert (found.gateway, found.network) == (True, True)
    assert "ReadWritePaths=/var/lib/kiosk -/media/backup\n" in files(found)["kiosk-gateway.service"].content


def test_a_directory_of_the_configuration_that_would_become_the_kiosks_is_refused() -> None:
    written = CONFIG.format(data="/var/lib/kiosk").replace("/media/backup", "/etc")
    with pytest.raises(PlaceUnusable) as refused:
        machine_of(
            Config.parse(written, Path("/etc/kiosk/kiosk.toml")),
            path=Path("/etc/kiosk/kiosk.toml"),
            program=Path("/opt/kiosk/kiosk"),
            python=Path("/opt/kiosk/python"),
        )
    assert refused.value.why == "shared"


def test_a_directory_that_is_only_lent_is_never_given_to_the_kiosk() -> None:
    found = machine(Path("/etc/kiosk/kiosk.toml"), more='[monitoring]\ntextfile = "/var/lib/prometheus/kiosk.prom"\n')
    assert (found.others, found.lent) == ((Path("/media/backup"),), (Path("/var/lib/prometheus"),))


def test_data_of_somebody_else_are_found_before_anything_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(pwd, "getpwall", list)
    if os.geteuid() == 0:
        os.chown(tmp_path, 12_345, -1)
    with pytest.raises(settling.DataForeign) as refused:
        settling.check_owners(Machine(program=tmp_path, python=tmp_path, config=tmp_path, data=tmp_path))
    assert refused.value.owner == tmp_path.stat().st_uid


def test_the_status_file_can_be_written() -> None:
    found = machine(Path("/etc/kiosk/kiosk.toml"), more='[monitoring]\ntextfile = "/var/lib/prometheus/kiosk.prom"\n')
    for unit in ("kiosk-gateway.service", "kiosk-terminal@.service"):
        assert "ReadWritePaths=/var/lib/kiosk -/media/backup -/var/lib/prometheus\n" in files(found)[unit].content


@pytest.mark.parametrize(
    ("config", "data", "program", "why"),
    [
        ("/var/lib/kiosk/kiosk.toml", "/var/lib/kiosk", "/opt/kiosk/kiosk", "shared"),
        ("/home/jan/kiosk.toml", "/var/lib/kiosk", "/opt/kiosk/kiosk", "hidden"),
        ("/etc/kiosk/kiosk.toml", "/home/anne/kiosk", "/opt/kiosk/kiosk", "hidden"),
        ("/etc/kiosk/kiosk.toml", "/var/lib/kiosk", "/tmp/kiosk", "hidden"),
        ("/etc/kiosk/kiosk.toml", "/srv/noord 1", "/opt/kiosk/kiosk", "characters"),
        ("/etc/kiosk/kiosk.toml", "/srv/100%h", "/opt/kiosk/kiosk", "characters"),
        ("/etc/kiosk/$(id).toml", "/var/lib/kiosk", "/opt/kiosk/kiosk", "characters"),
    ],
)
def test_a_place_that_a_service_cannot_use_is_refused(config: str, data: str, program: str, why: str) -> None:
    with pytest.raises(PlaceUnusable) as refused:
        machine(Path(config), data, program=program)
    assert refused.value.why == why


def test_what_others_can_change_is_not_roots(tmp_path: Path) -> None:
    assert owned_by_root(Path("/usr/bin/env")) is not None
    assert owned_by_root(tmp_path / "missing") is None
    loose = tmp_path / "loose"
    loose.touch()
    loose.chmod(0o666)
    assert owned_by_root(loose) is None


def test_a_program_that_leads_to_a_closed_place_runs_for_nobody_else(tmp_path: Path) -> None:
    assert runs_for_all(Path("/usr/bin/env"))
    assert not runs_for_all(tmp_path / "missing")
    inside = tmp_path / "python3"
    inside.touch(mode=0o755)
    # Below /tmp, where a service sees its own.
    assert not runs_for_all(inside)
