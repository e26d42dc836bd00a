"""A desk with simulated keys: what a person does with their hands, and waiting until the domain has seen it."""

import dataclasses
import threading
import time
from collections.abc import Callable
from typing import TypeVar

from hardware.simulator.yubikey import SimulatedUsb, SimulatedYubiKey
from hardware.simulator.yubikey.key_bus import SimulatedKeyBus
from kiosk.delivery.alarms import AlarmMeans
from kiosk.language import Language
from kiosk.policy import YubikeyPolicy
from kiosk.sign_in.machine import SignIn
from kiosk.sign_in.outcomes import MethodKind, Moved, Outcome
from kiosk.sign_in.views import KeyView
from kiosk.yubikey.ceremony import Phase
from kiosk.yubikey.enrolment import Enrolment, EnrolStage
from kiosk.yubikey.means import KeyMeans
from tests.kiosk.world import World

T = TypeVar("T")
# Long enough for a loaded machine; a test that is right never waits for it.
PATIENCE_SECONDS = 20.0


class TurnedMonotonic:
    """Monotonic seconds that go on by themselves, and leap where a test says so."""

    def __init__(self) -> None:
        self.leapt = 0.0

    def __call__(self) -> float:
        return time.monotonic() + self.leapt


class KeyDesk:
    """The world of one desk, its USB ports and the hands of the person."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.patience_seconds = PATIENCE_SECONDS
        self.usb = SimulatedUsb()
        self.woken = threading.Event()
        self.monotonic = TurnedMonotonic()
        self.means = KeyMeans(
            bus=SimulatedKeyBus(self.usb),
            woken=self.woken.set,
            alarms=AlarmMeans(
                phones=["+31699999999"], words=Language.load("nl"), site="Receptie Noord", down_minutes=10
            ),
            monotonic=self.monotonic,
        )
        world.site = dataclasses.replace(world.site, keys=self.means)

    def until(self, look: Callable[[], T | None]) -> T:
        """Look again after each news from a key, as the domain thread does, until there is something."""
        end = time.monotonic() + self.patience_seconds
        while (found := look()) is None:
            assert time.monotonic() < end, "it never came"
            self.woken.wait(0.02)
            self.woken.clear()
        return found

    def until_phase(self, sign_in: SignIn, phase: Phase) -> KeyView:
        """Wait until the page of the key stands there."""

        def look() -> KeyView | None:
            sign_in.refresh()
            view = sign_in.view().key
            assert view is not None, sign_in.stage
            return view if view.phase == phase else None

        return self.until(look)

    def until_asked(self, sign_in: SignIn) -> None:
        """Wait until a conversation with a key that is in has begun."""

        def look() -> bool | None:
            sign_in.refresh()
            return True if any(one.alive for one in self.means.talking.values()) else None

        self.until(look)

    def allow(self, **policy: bool) -> None:
        """Another policy of the site for security keys."""
        site = self.world.site
        changed = dataclasses.replace(site.policy, yubikey=dataclasses.replace(YubikeyPolicy(), **policy))
        self.world.site = dataclasses.replace(site, policy=changed)

    def touched(self, sign_in: SignIn, key: SimulatedYubiKey) -> Outcome:
        """Wait for the blinking, touch, and let the page ask for the judgement."""
        self.until_phase(sign_in, Phase.TOUCH)
        key.touch()
        self.until_phase(sign_in, Phase.ANSWERED)
        return sign_in.answer("")

    def enrol(
        self,
        key: SimulatedYubiKey,
        name: str = "j.devries",
        *,
        label: str = "sleutelbos",
        pin: str | None = None,
    ) -> str:
        """Add the key to the person's account as an administrator would, and pull it out; the id of the factor."""
        self.usb.plug(key)
        enrolment = Enrolment(self.world.site, self.world.trail, user_id=self.world.user(name).id, actor="unix:test")
        self.until_enrolled(enrolment, key, pin=pin)
        with self.world.site.database.transaction(write=True):
            factor = enrolment.keep(label)
        assert factor is not None
        self.usb.unplug(key)
        return factor.id

    def until_enrolled(self, enrolment: Enrolment, key: SimulatedYubiKey, *, pin: str | None = None) -> None:
        """Touch whenever the key blinks, and type the PIN whenever it is asked."""

        def look() -> EnrolStage | None:
            enrolment.look()
            state = enrolment.state()
            if state.progress is not None and state.progress.phase is Phase.PIN and pin is not None:
                enrolment.give_pin(pin)
            if key.blinking:
                key.touch()
            return state.stage if state.stage in {EnrolStage.NAME, EnrolStage.REFUSED} else None

        assert self.until(look) is EnrolStage.NAME, enrolment.state().why

    def begun(self, name: str = "j.devries") -> SignIn:
        """A sign-in that stands on the page of the key."""
        sign_in = self.world.begun(name)
        if sign_in.view().key is None:
            outcome = sign_in.take(MethodKind.YUBIKEY)
            assert isinstance(outcome, Moved), outcome
        return sign_in
