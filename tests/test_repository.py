"""What must hold for the repository as a whole: the lock, the wheel, what is imported, and what stands nowhere."""

import csv
import importlib
import json
import re
import shutil
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import click
import pytest

from kiosk.commands.cli import COMMANDS

ROOT = Path(__file__).parents[1]
PACKAGES = ("kiosk", "screens", "hardware", "data")
LOCKS = ("requirements.lock", "requirements-dev.lock")
GUEST_LOCKS = ("requirements-guest.lock", "requirements-guest-source.lock")


def python(code: str, *, path: Path = ROOT) -> str:
    """Run `code` in a fresh interpreter that finds packages in `path` first, and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", code], cwd=path, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def tracked_files() -> list[Path]:
    try:
        done = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True)
    except (FileNotFoundError, subprocess.CalledProcessError):
        pytest.skip("this is no checkout of git")
    return [path for name in done.stdout.split("\0") if name and (path := ROOT / name).is_file()]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    """The wheel, built without network from a copy that has no compiled catalogue."""
    source = tmp_path_factory.mktemp("source")
    for package in PACKAGES:
        shutil.copytree(ROOT / package, source / package, ignore=shutil.ignore_patterns("__pycache__", "*.mo"))
    for name in ("pyproject.toml", "hatch_build.py", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    target = tmp_path_factory.mktemp("wheel")
    command = [
        sys.executable,
        "-m",
        "pip",
        "wheel",
        "--no-index",
        "--no-deps",
        "--no-build-isolation",
        "--wheel-dir",
        str(target),
        ".",
    ]
    done = subprocess.run(command, cwd=source, capture_output=True, text=True, check=False, timeout=120)
    assert done.returncode == 0, done.stdout + done.stderr
    [built] = target.glob("*.whl")
    return zipfile.ZipFile(built)


@pytest.fixture(scope="module")
def record(wheel: zipfile.ZipFile) -> set[str]:
    [name] = [name for name in wheel.namelist() if name.endswith(".dist-info/RECORD")]
    return {row[0] for row in csv.reader(wheel.read(name).decode().splitlines())}


@pytest.mark.parametrize("lock", LOCKS + GUEST_LOCKS)
def test_the_lock_holds_no_address(lock: str) -> None:
    assert "://" not in (ROOT / lock).read_text(encoding="utf-8")


@pytest.mark.parametrize("lock", LOCKS + GUEST_LOCKS)
def test_every_requirement_is_exact_and_has_a_hash(lock: str) -> None:
    text = (ROOT / lock).read_text(encoding="utf-8").replace("\\\n", " ")
    requirements = [line for line in text.splitlines() if line.strip() and not line.startswith("#")]
    assert len(requirements) >= (3 if lock in GUEST_LOCKS else 10)
    assert [line for line in requirements if "==" not in line or "--hash=sha256:" not in line] == []


@pytest.mark.parametrize("lock", LOCKS)
def test_what_needs_a_compiler_is_not_in_the_lock(lock: str) -> None:
    assert not re.search(r"^pyscard\b", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE | re.IGNORECASE)


@pytest.mark.parametrize("name", ["fido2", "yubikey-manager"])
def test_the_tests_of_yubico_belong_to_the_library_in_use(name: str) -> None:
    versions = {
        re.findall(rf"^{name}==(\S+)", (ROOT / lock).read_text(encoding="utf-8"), re.MULTILINE)[0]
        for lock in ("requirements.lock", "requirements-guest-source.lock")
    }
    assert len(versions) == 1


def test_every_dependency_is_in_the_lock() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    names = [re.match(r"[\w-]+", dependency) for dependency in project["dependencies"]]
    assert [name[0] for name in names if name and not re.search(rf"^{name[0]}==", lock, re.MULTILINE)] == []


def test_the_wheel_holds_the_four_packages_and_nothing_else(record: set[str]) -> None:
    tops = {name.split("/")[0] for name in record}
    assert {top for top in tops if not re.fullmatch(r"kiosk-[\d.]+\.dist-info", top)} == set(PACKAGES)


def test_the_wheel_holds_every_file_of_the_packages(record: set[str]) -> None:
    files = {path for package in PACKAGES for path in (ROOT / package).rglob("*") if path.is_file()}
    names = {str(path.relative_to(ROOT)) for path in files if "__pycache__" not in path.parts and path.suffix != ".mo"}
    assert names - record == set()


def test_the_wheel_holds_the_compiled_catalogues(record: set[str]) -> None:
    assert {name for name in record if name.endswith(".mo")} == {"kiosk/language/nl.mo", "kiosk/language/en.mo"}


def test_the_wheel_carries_its_licence(wheel: zipfile.ZipFile) -> None:
    [metadata] = [name for name in wheel.namelist() if name.endswith(".dist-info/METADATA")]
    assert "\nLicense-Expression: Apache-2.0\n" in wheel.read(metadata).decode()
    assert any(name.endswith(".dist-info/licenses/LICENSE") for name in wheel.namelist())


def test_the_four_names_belong_to_us_alone(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    owners = json.loads(
        python("import importlib.metadata as m, json; print(json.dumps(m.packages_distributions()))", path=tmp_path)
    )
    assert {name: set(owners[name]) for name in PACKAGES} == {name: {"kiosk"} for name in PACKAGES}


def test_the_catalogues_of_the_wheel_can_be_read(wheel: zipfile.ZipFile, tmp_path: Path) -> None:
    wheel.extractall(tmp_path)
    code = "from kiosk.language import Language, catalogue; print(Language.load('nl').text('sign_in.login.title'), catalogue.FOLDER)"
    assert python(code, path=tmp_path).split() == ["Inloggen", str(tmp_path / "kiosk" / "language")]


def test_every_module_can_be_imported_without_smart_cards() -> None:
    code = f"""
import importlib, pkgutil, sys
sys.modules["smartcard"] = None  # any import of it fails
for package in {PACKAGES!r}:
    for module in pkgutil.walk_packages(importlib.import_module(package).__path__, package + "."):
        importlib.import_module(module.name)
print(sum(name.split(".")[0] in {PACKAGES!r} for name in sys.modules))
"""
    assert int(python(code)) > 20


# What takes long to load and none of which a first page needs.
HEAVY = {"sqlite_utils", "sqlite3", "ykman", "yubikit", "fido2", "serial", "argon2", "cryptography", "phonenumbers"}

# Ours, of many classes, which come with the domain or with the demonstration.
LATER = {"kiosk.sign_in.views", "kiosk.demo", "kiosk.clock"}


def test_asking_for_help_loads_nothing_heavy() -> None:
    code = "import sys, kiosk.commands.cli; print(*sys.modules)"
    assert {*HEAVY, "textual", "rich"} & set(python(code).split()) == set()


def test_the_login_page_is_painted_before_anything_heavy_is_loaded() -> None:
    code = "import sys, kiosk.commands.run, kiosk.commands.show, screens.sign_in.login; print(*sys.modules)"
    assert (HEAVY | LATER) & set(python(code).split()) == set()


def test_the_pages_of_a_sign_in_load_what_few_people_need_for_those_only() -> None:
    code = "import sys, screens.sign_in.flow; print(*sys.modules)"
    assert "segno" not in python(code).split()


# What stands behind the doors of administrators and technicians alone.
ROOMS = {
    "kiosk.technician.bench",
    "kiosk.technician.time_room",
    "kiosk.reports.room",
    "kiosk.administration.import_room",
}


def test_a_terminal_that_nobody_administers_holds_no_rooms_for_that() -> None:
    code = "import sys, kiosk.commands.backstage; print(*sys.modules)"
    assert ROOMS & set(python(code).split()) == set()


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_of_the_table_exists(name: str) -> None:
    command = getattr(importlib.import_module(COMMANDS[name]), name)
    assert isinstance(command, click.Command)
    assert command.name == name


def test_the_readme_names_only_commands_that_exist() -> None:
    code = re.findall(r"```.*?```|`[^`\n]+`", (ROOT / "README.md").read_text(encoding="utf-8"), re.DOTALL)
    named = {word for piece in code for word in re.findall(r"(?:^|[\s`/])kiosk ([a-z]+)\b", piece)}
    assert named - set(COMMANDS) == set()


def test_the_package_kiosk_is_empty_so_that_nothing_hides_in_it() -> None:
    assert (ROOT / "kiosk" / "__init__.py").read_bytes() == b""


@pytest.mark.parametrize("package", PACKAGES)
def test_every_package_says_that_it_is_typed(package: str) -> None:
    assert (ROOT / package / "py.typed").is_file()
    assert not (ROOT / f"{package}.py").exists()


def test_no_compiled_catalogue_is_kept() -> None:
    assert [path for path in tracked_files() if path.suffix == ".mo"] == []


def test_no_file_names_a_registry_or_a_path_of_one_machine() -> None:
    # Written in pieces, so that this file does not name them either.
    hosts = [("py", "pi.org"), ("python", "hosted.org"), ("npm", "js.org"), ("npm", "js.com"), ("deb.debian", ".org")]
    places = {str(ROOT), str(ROOT.parent), str(Path.home())} - {"/"}
    forbidden = re.compile(
        "|".join([re.escape("".join(host)) for host in hosts] + [rf"(?<![\w.]){re.escape(place)}/" for place in places])
    )
    found = [
        (str(path.relative_to(ROOT)), hit[0])
        for path in tracked_files()
        for hit in forbidden.finditer(path.read_text(encoding="utf-8", errors="ignore"))
    ]
    assert found == []


def test_the_licence_is_apache() -> None:
    licence = (ROOT / "LICENSE").read_text(encoding="utf-8")
    assert re.search(r"Apache License\s+Version 2\.0", licence)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    assert project["license"] == "Apache-2.0"
