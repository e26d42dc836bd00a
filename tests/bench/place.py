"""A whole site in a directory, made as `kiosk init` makes it, with people who can sign in and modems that are simulated."""

import dataclasses
import os
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from data.factors import FactorKind, FactorState
from data.users import PasswordState, UserState
from kiosk.accounts import Accounts, NewPerson
from kiosk.commands.site import Premises, command_trail, enter, open_site
from kiosk.config import Config, ModemConfig, example_configuration
from kiosk.keys import MasterKey
from kiosk.yubikey.kept import KeptKey, KeyPapers

SITE: Final = "Receptie Noord"
DESK: Final = "balie 1"
PASSWORD: Final = "vier losse woorden samen"


def phone_of(number: int) -> str:
    """The mobile number of person `number`."""
    return f"+316{10_000_000 + number}"


def name_of(number: int) -> str:
    """The user name of person `number`."""
    return f"persoon.{number}"


@contextmanager
def temporary_directory() -> Iterator[Path]:
    """A directory of ours alone, gone afterwards."""
    directory = Path(tempfile.mkdtemp(prefix="kiosk-bench-"))
    try:
        yield directory
    finally:
        shutil.rmtree(directory)


@dataclasses.dataclass(frozen=True, slots=True)
class Place:
    """A site on the disk: its configuration file and what is made of it."""

    file: Path
    premises: Premises

    @classmethod
    def make(cls, directory: Path, ports: Mapping[str, str], *, people: int, gateway: str = "auto") -> "Place":
        """Make it, with `people` persons (`name_of`, `phone_of`, PASSWORD) whose phone is proved and back-up code noted."""
        modems = [ModemConfig(name=name, port=port, network_label="KPN") for name, port in ports.items()]
        text = example_configuration(site=SITE, desk=DESK, modems=modems)
        # The most SMS per SIM that a site may allow: measuring sends more than people do.
        text = text.replace("#[policy.sms]", "[policy.sms]").replace("#per_sim_hour = 60", "per_sim_hour = 120")
        text = text.replace("#[gateway]", "[gateway]").replace('#mode = "auto"', f'mode = "{gateway}"')
        file = directory / "kiosk.toml"
        file.write_text(text, encoding="utf-8")
        config = Config.load(file)
        MasterKey.create(config.keys.path)
        premises = enter(config, create=True)
        place = cls(file, premises)
        place._settle(people)
        return place

    def _settle(self, people: int) -> None:
        with open_site(self.premises) as site:
            accounts = Accounts(site, command_trail(site), actor="bench")
            password_hash = site.hasher.hash(PASSWORD)
            for number in range(people):
                person = NewPerson(name=name_of(number), display_name="Persoon", phone=phone_of(number))
                user = accounts.create(person, reason="bench").user
                with site.database.transaction(write=True):
                    now, users = site.clock.now(), site.database.users
                    users.set_password(
                        user.id, password_hash, PasswordState.OWN, expires_at=None, if_epoch=user.epoch, now=now
                    )
                    users.set_state(user.id, UserState.ACTIVE)
                    for factor in site.database.factors.of_user(user.id):
                        site.database.factors.confirm(factor.id, now)
                accounts.issue_backup_code(user)

    def give_key(self, number: int) -> None:
        """Person `number` has a YubiKey that nobody will find in a port, and would rather use it."""
        # Late: fido2 is measured by those who do not have it yet.
        from cryptography.hazmat.primitives.asymmetric import ec
        from fido2.cose import ES256
        from fido2.webauthn import Aaguid, AttestedCredentialData

        key = ec.generate_private_key(ec.SECP256R1()).public_key()
        public = ES256.from_cryptography_key(key)  # type: ignore[no-untyped-call]
        credential = AttestedCredentialData.create(Aaguid.NONE, os.urandom(64), public)
        papers = KeyPapers(model="YubiKey 5 NFC", serial=None, firmware=None, aaguid=None)
        with open_site(self.premises) as site, site.database.transaction(write=True):
            user = site.database.users.by_name(name_of(number))
            assert user is not None
            site.database.factors.add(
                user.id,
                kind=FactorKind.YUBIKEY_FIDO2,
                label="bench",
                state=FactorState.ACTIVE,
                secret=KeptKey(credential=bytes(credential), papers=papers).to_bytes(),
                index=None,
                now=site.clock.now(),
            )
            site.database.users.set_preferred_factor(user.id, FactorKind.YUBIKEY_FIDO2)
