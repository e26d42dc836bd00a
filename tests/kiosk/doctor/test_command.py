"""`kiosk doctor` as people type it: real files, real database, and a machine that is made up."""

import json
import stat
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result

from data.factors import FactorKind, FactorState
from data.users import PasswordState, Role
from kiosk.commands.cli import main
from kiosk.commands.site import open_site
from kiosk.doctor.linux import LinuxMachine
from tests.kiosk.commands.command_line import Kiosk
from tests.kiosk.doctor.well import WellMachine


class HalfMachine(LinuxMachine):
    """The real files, and everything else as on a machine that is well."""

    def __init__(self) -> None:
        super().__init__()
        self.well = WellMachine()
        for name in ("room", "layers", "programs", "holder", "answer", "closed_key_nodes", "text", "names"):
            setattr(self, name, getattr(self.well, name))

    environment = property(lambda self: self.well.environment)


@pytest.fixture
def kiosk(tmp_path: Path) -> Kiosk:
    made = Kiosk(tmp_path)
    made.make()
    tmp_path.chmod(0o700)
    return made


def doctor(kiosk: Kiosk, *arguments: str) -> Result:
    done = CliRunner().invoke(main, ["doctor", *arguments, "--config", str(kiosk.config)], obj=HalfMachine())
    assert done.exception is None or isinstance(done.exception, SystemExit), done.exception
    return done


def checks(kiosk: Kiosk, *arguments: str) -> dict[str, dict[str, Any]]:
    return {one["check"]: one for one in json.loads(doctor(kiosk, "--json", *arguments).stdout)["checks"]}


def test_a_new_site_is_told_what_it_still_lacks(kiosk: Kiosk) -> None:
    found = checks(kiosk)

    assert (found["database"]["sign"], found["key"]["sign"], found["configuration"]["sign"]) == ("good",) * 3
    assert (found["administrators"]["variant"], found["backup"]["variant"]) == ("none", "none")
    assert doctor(kiosk).exit_code == 2


@pytest.mark.parametrize(
    ("harm", "check", "words"),
    [
        (lambda kiosk: kiosk.key.unlink(), "key", "is er niet"),
        (lambda kiosk: kiosk.database.unlink(), "database", "nog geen database"),
        (lambda kiosk: kiosk.database.write_bytes(b"no database" * 400), "database", "beschadigd"),
        (lambda kiosk: kiosk.config.write_text("[site]\n"), "configuration", "site.name"),
    ],
)
def test_what_cannot_be_read_is_told_as_everywhere_and_the_rest_is_looked_at(
    kiosk: Kiosk, harm: Any, check: str, words: str
) -> None:
    harm(kiosk)
    found = checks(kiosk)

    assert found[check]["sign"] == "fault"
    assert words in found[check]["what"]
    assert "console" in found or check == "configuration"


def test_rights_of_others_are_taken_away_where_that_is_asked(kiosk: Kiosk) -> None:
    kiosk.key.chmod(0o644)
    kiosk.key.parent.chmod(0o755)
    assert checks(kiosk)["key"]["fixable"]
    assert stat.S_IMODE(kiosk.key.stat().st_mode) == 0o644

    doctor(kiosk, "--fix")
    answer = json.loads(doctor(kiosk, "--fix", "--json").stdout)

    assert stat.S_IMODE(kiosk.key.stat().st_mode) == 0o600
    assert stat.S_IMODE(kiosk.key.parent.stat().st_mode) == 0o700
    assert next(one for one in answer["checks"] if one["check"] == "key")["sign"] == "good"


def test_whoever_leans_on_sms_alone_is_named(kiosk: Kiosk) -> None:
    with open_site(kiosk.premises()) as site, site.database.transaction(write=True):
        for name, role, kind in (
            ("t.smit", Role.TECHNICIAN, FactorKind.SMS),
            ("a.bakker", Role.ADMINISTRATOR, FactorKind.TOTP),
            ("j.devries", Role.STAFF, FactorKind.SMS),
        ):
            user = site.database.users.add(
                name=name, display_name=name, role=role, language="nl", password_hash=None,
                password_state=PasswordState.OWN, password_expires_at=None, now=1,
            )  # fmt: skip
            phone = "+31612345678" if kind is FactorKind.SMS else None
            site.database.factors.add(
                user.id, kind=kind, label="", state=FactorState.ACTIVE, secret=b"secret", index=phone, now=1
            )

    found = checks(kiosk)

    assert found["only_sms"]["sign"] == "fault"
    assert "t.smit" in found["only_sms"]["what"]
    assert not {"a.bakker", "j.devries"} & set(found["only_sms"]["what"].split())
    assert found["administrators"]["variant"] == "one"
