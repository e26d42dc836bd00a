"""The simulated world of `kiosk demo`: two modems on two networks, a few people, and their phones."""

import logging
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Final

from data.database import Database
from data.errors import DataError
from data.factors import FactorKind
from data.users import PasswordState, Role, UserState
from hardware.simulator import Pace, SimulatedModem, SimulatedNetwork, SimulatedSim
from kiosk.accounts import Accounts, NewPerson
from kiosk.commands.site import Premises, command_trail
from kiosk.demo import DemoModem, DemoPerson, DemoSms, DemoState
from kiosk.methods.totp import code_at
from kiosk.site import Site
from kiosk.watch import Subscription

if TYPE_CHECKING:
    from kiosk.commands.demo_keys import DemoKeys

log = logging.getLogger("kiosk.demo")

# Slow enough to see each state of an SMS go by, quick enough not to bore.
PACE: Final = Pace(command=0.02, prompt=0.05, submit=1.5)
TRANSIT_SECONDS: Final = 1.5
REPORT_SECONDS: Final = 1.0
# Codes of apps change by the second; everything else tells at once.
LOOK_SECONDS: Final = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Character:
    """Somebody of the demonstration before they exist."""

    name: str
    display_name: str
    note_id: str
    phone: str | None = None
    app: bool = False
    role: Role = Role.STAFF
    password: str | None = None
    """None: they come for the first time, with a one-time password."""
    prefers: FactorKind | None = None
    key: str | None = None
    """Name of the security key on their key ring."""


CHARACTERS: Final = (
    Character(
        name="jan",
        display_name="Jan de Vries",
        note_id="demo.note.sms",
        phone="+31612345678",
        password="fiets regen maandag koffie",  # noqa: S106  shown on the screen
    ),
    Character(
        name="marijke",
        display_name="Marijke Bakker",
        note_id="demo.note.app",
        phone="+31623456789",
        app=True,
        password="lamp wolken trein appel",  # noqa: S106  shown on the screen
        prefers=FactorKind.TOTP,
    ),
    Character(
        name="sam",
        display_name="Sam Visser",
        note_id="demo.note.yubikey",
        phone="+31645678901",
        password="zadel citroen molen dak",  # noqa: S106  shown on the screen
        key="sam",
    ),
    Character(name="nieuw", display_name="Noor Jansen", note_id="demo.note.invited", phone="+31634567890"),
    Character(
        name="beheer",
        display_name="Anne Beheer",
        note_id="demo.note.administrator",
        app=True,
        role=Role.ADMINISTRATOR,
        password="brug tafel winter schoen",  # noqa: S106  shown on the screen
    ),
    Character(
        name="techniek",
        display_name="Tom Techniek",
        note_id="demo.note.technician",
        app=True,
        role=Role.TECHNICIAN,
        password="kabel ladder mast regen",  # noqa: S106  shown on the screen
        prefers=FactorKind.TOTP,
    ),
)
MODEMS: Final = (
    ("noord", "quectel_ec25", "20408", "KPN", "+31610000041"),
    ("zuid", "huawei_e173", "20404", "Vodafone", "+31610000072"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Resident:
    """Somebody who exists, with what the panel may show of them."""

    character: Character
    user_id: str
    password: str = field(repr=False)
    totp_secret: str | None = field(repr=False)
    backup_code: str | None = field(repr=False)
    backup_code_id: str | None


class DemoWorld:
    """The knobs of the panel (`kiosk.demo.Demo`); `start` before the terminal, `populate` once its database exists."""

    def __init__(
        self, *, pace: Pace = PACE, transit_seconds: float = TRANSIT_SECONDS, report_seconds: float = REPORT_SECONDS
    ) -> None:
        self.air = SimulatedNetwork(transit_seconds=transit_seconds, report_seconds=report_seconds)
        self.modems = {
            name: SimulatedModem(
                profile,
                air=self.air,
                network=network,
                name=name,
                pace=pace,
                sim=SimulatedSim(network=network, number=number),
            )
            for name, profile, network, _label, number in MODEMS
        }
        self._keys: DemoKeys | None = None
        self._residents: tuple[Resident, ...] = ()
        self._losing_after: int | None = None
        self._callbacks: dict[object, Callable[[DemoState], None]] = {}
        self._last: DemoState | None = None
        self._stopping = threading.Event()
        self._hands = ThreadPoolExecutor(max_workers=1, thread_name_prefix="demo-hands")
        self._premises: Premises | None = None
        self._thread = threading.Thread(target=self._look, name="demo", daemon=True)

    def start(self) -> dict[str, str]:
        """Plug the modems in; the path of each port by name."""
        return {name: modem.start() for name, modem in self.modems.items()}

    def populate(self, premises: Premises, site: Site) -> None:
        """Create the people; from here on the panel is alive."""
        self._premises = premises
        # 200 ms of import that the first page does not wait for.
        from kiosk.commands.demo_keys import DemoKeys  # noqa: PLC0415  see above

        self._keys = DemoKeys(self.air.notify)
        self._residents = tuple(_settle(site, character) for character in CHARACTERS)
        for resident in self._residents:
            user = site.database.users.get(resident.user_id)
            if resident.character.key is not None and user is not None:
                self.keys.give(site, user, resident.character.key, resident.character.display_name)
        for character in CHARACTERS:
            if character.phone is not None:
                self.air.phone(character.phone)
        self._thread.start()

    @property
    def keys(self) -> "DemoKeys":
        """The security keys; they exist once there are people."""
        assert self._keys is not None, "populate() comes first"
        return self._keys

    def state(self) -> DemoState:
        """The present state."""
        return self._last or self._state(None)

    def watch(self, callback: Callable[[DemoState], None]) -> Subscription:
        """Call back now and per change, from the demo's thread."""
        key = object()
        self._callbacks[key] = callback
        callback(self.state())
        return _Forget(self._callbacks, key)

    def toggle_modem(self, name: str) -> None:
        """Pull the modem out, or plug it in again; a hand takes its time, so not in the caller's thread."""
        self._hands.submit(self._toggle, self.modems[name])

    def toggle_key(self, name: str) -> None:
        """Pull the key out, or put it in."""
        if self._keys is not None:
            self._keys.toggle(name)

    def touch_key(self) -> str:
        """Touch the key that blinks; else one that is in, and then gives the letters that it types."""
        return "" if self._keys is None else self._keys.touch()

    def lose_next_sms(self) -> None:
        """Whichever network takes the next SMS loses it; a second press takes that back."""
        with self.air.changed:
            losing = self._losing_after is None
            self._losing_after = len(self.air.accepted) if losing else None
            for _name, _profile, network, _label, _number in MODEMS:
                if losing:
                    self.air.lose_next(network)
                else:
                    self.air.lose_no_more(network)
            self.air.notify()

    def stop(self) -> None:
        """End the simulated world."""
        self._stopping.set()
        self.air.notify()
        if self._thread.is_alive():
            self._thread.join(2.0)
        self._hands.shutdown(wait=True, cancel_futures=True)
        for modem in self.modems.values():
            modem.stop()
        self.air.close()

    def _toggle(self, modem: SimulatedModem) -> None:
        if modem.plugged:
            modem.unplug()
        else:
            modem.plug()
        self.air.notify()

    def _look(self) -> None:
        assert self._premises is not None, "populate() starts the thread"
        with self._premises.open_database() as database:
            while not self._stopping.is_set():
                self._tell(self._state(database))
                with self.air.changed:
                    self.air.changed.wait(LOOK_SECONDS)

    def _tell(self, state: DemoState) -> None:
        if state == self._last:
            return
        self._last = state
        for callback in tuple(self._callbacks.values()):
            try:
                callback(state)
            except Exception:
                # A panel that is being torn down must not end the demonstration.
                log.exception("the panel could not be told")

    def _state(self, database: Database | None) -> DemoState:
        self._end_loss()
        return DemoState(
            people=tuple(self._person(database, resident) for resident in self._residents),
            messages=self._messages(),
            modems=tuple(
                DemoModem(name=name, network=label, plugged=self.modems[name].plugged)
                for name, _profile, _network, label, _number in MODEMS
            ),
            losing=self._losing_after is not None,
            keys=() if self._keys is None else self._keys.states(),
        )

    def _end_loss(self) -> None:
        """One SMS is lost, not one per network."""
        with self.air.changed:
            if self._losing_after is not None and len(self.air.accepted) > self._losing_after:
                self._losing_after = None
                for _name, _profile, network, _label, _number in MODEMS:
                    self.air.lose_no_more(network)

    def _messages(self) -> tuple[DemoSms, ...]:
        received = [
            DemoSms(
                at=message.at_ms,
                number_tail=phone.number[-2:],
                sender=message.sender,
                network=message.network_name,
                text=message.text,
            )
            for phone in self.air.phones
            for message in phone.messages
        ]
        return tuple(sorted(received, key=lambda sms: sms.at, reverse=True))

    def _person(self, database: Database | None, resident: Resident) -> DemoPerson:
        assert self._premises is not None, "there are no people before populate()"
        secret = resident.totp_secret
        return DemoPerson(
            name=resident.character.name,
            password=resident.password,
            note_id=resident.character.note_id,
            totp_code=None if secret is None else code_at(secret, self._premises.clock.wall()),
            backup_code=resident.backup_code if _still_good(database, resident) else None,
        )


def _settle(site: Site, character: Character) -> Resident:
    """Create somebody; those who have a password of their own have proved their methods long ago."""
    accounts = Accounts(site, command_trail(site), actor="demo")
    created = accounts.create(
        NewPerson(
            name=character.name,
            display_name=character.display_name,
            role=character.role,
            phone=character.phone,
            app=character.app,
        ),
        reason="demo",
    )
    user = created.user
    if character.password is None:
        return Resident(
            character=character,
            user_id=user.id,
            password=created.one_time_password,
            totp_secret=created.totp_secret,
            backup_code=None,
            backup_code_id=None,
        )
    password_hash = site.hasher.hash(character.password)
    with site.database.transaction(write=True):
        users, now = site.database.users, site.clock.now()
        users.set_password(user.id, password_hash, PasswordState.OWN, expires_at=None, if_epoch=user.epoch, now=now)
        users.set_state(user.id, UserState.ACTIVE)
        users.set_preferred_factor(user.id, character.prefers)
        for factor in site.database.factors.of_user(user.id):
            site.database.factors.confirm(factor.id, now)
    code = accounts.issue_backup_code(user)
    live = site.database.backup_codes.live(user.id)
    return Resident(
        character=character,
        user_id=user.id,
        password=character.password,
        totp_secret=created.totp_secret,
        backup_code=code,
        backup_code_id=None if live is None else live.id,
    )


def _still_good(database: Database | None, resident: Resident) -> bool:
    if database is None or resident.backup_code_id is None:
        return False
    try:
        live = database.backup_codes.live(resident.user_id)
    except DataError as error:
        log.warning("the panel cannot look at back-up codes: %r", error)
        return False
    return live is not None and live.id == resident.backup_code_id


class _Forget:
    def __init__(self, callbacks: dict[object, Callable[[DemoState], None]], key: object) -> None:
        self._callbacks = callbacks
        self._key = key

    def cancel(self) -> None:
        """Call back no more."""
        self._callbacks.pop(self._key, None)
