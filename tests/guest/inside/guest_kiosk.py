"""The kiosk's own sign-in by key, with a real bus under it."""

import dataclasses
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from hardware.simulator.yubikey import YUBIKEY_4, YUBIKEY_5_NFC, Model, SimulatedYubiKey
from hardware.yubikey.bus import plugged_keys
from hardware.yubikey.hidraw import HidrawBus
from hardware.yubikey.port_watch import PortWatch
from kiosk.sign_in.outcomes import Moved, Stage
from kiosk.yubikey.ceremony import Phase
from kiosk.yubikey.enrolment import Enrolment
from tests.guest.inside.machine import DEADLINE, nodes, until
from tests.guest.kernel_usb import KernelUsb
from tests.kiosk.world import World, why
from tests.kiosk.yubikey.desk_with_keys import KeyDesk

# On an emulated processor everything takes longer, so the kiosk's patience with a key lasts longer too.
SLOWNESS: Final = 5


class KernelDesk(KeyDesk):
    """A desk whose keys the kernel shows."""

    def __init__(self, world: World, ports: KernelUsb) -> None:
        super().__init__(world)
        self.ports = ports
        self.patience_seconds *= SLOWNESS
        self.means = dataclasses.replace(self.means, bus=HidrawBus(), monotonic=lambda: time.monotonic() / SLOWNESS)
        world.site = dataclasses.replace(world.site, keys=self.means)

    def enrolled(self, key: SimulatedYubiKey) -> SimulatedYubiKey:
        """Add the key to the person's account, and pull it out."""
        self.ports.plug(key)
        user = self.world.user("j.devries").id
        enrolment = Enrolment(self.world.site, self.world.trail, user_id=user, actor="unix:test")
        self.until_enrolled(enrolment, key)
        with self.world.site.database.transaction(write=True):
            assert enrolment.keep("sleutelbos") is not None
        self.pull_out(key)
        return key

    def pull_out(self, key: SimulatedYubiKey) -> None:
        self.ports.unplug(key)
        until(lambda: not nodes(), "no node")


@pytest.fixture
def desk(tmp_path: Path, usb: KernelUsb) -> Iterator[KernelDesk]:
    world = World.make(tmp_path)
    world.modem()
    world.person()
    world.give_backup_code()
    try:
        yield KernelDesk(world, usb)
    finally:
        world.close()


@pytest.mark.parametrize("model", [YUBIKEY_5_NFC, YUBIKEY_4], ids=lambda model: model.name)
def test_a_key_that_is_put_in_and_touched_signs_in(desk: KernelDesk, model: Model) -> None:
    key = desk.enrolled(SimulatedYubiKey(model))
    sign_in = desk.begun()
    desk.until_phase(sign_in, Phase.INSERT)
    desk.ports.plug(key)
    assert desk.touched(sign_in, key) == Moved(Stage.SIGNED_IN)
    assert ("sign_in.yubikey", "ok") in desk.world.actions()


def test_challenge_response_signs_in(desk: KernelDesk) -> None:
    desk.allow(challenge_response=True)
    key = desk.enrolled(SimulatedYubiKey())
    sign_in = desk.begun()
    desk.ports.plug(key)
    assert desk.touched(sign_in, key) == Moved(Stage.SIGNED_IN)


def test_a_key_pulled_out_while_it_blinks_can_be_put_in_again(desk: KernelDesk) -> None:
    key = desk.enrolled(SimulatedYubiKey())
    sign_in = desk.begun()
    desk.ports.plug(key)
    desk.until_phase(sign_in, Phase.TOUCH)
    desk.pull_out(key)
    desk.until_phase(sign_in, Phase.REMOVED)
    desk.ports.plug(key)
    assert desk.touched(sign_in, key) == Moved(Stage.SIGNED_IN)


def test_another_key_never_blinks_and_the_right_one_goes_on(desk: KernelDesk) -> None:
    own = desk.enrolled(SimulatedYubiKey())
    other = SimulatedYubiKey()
    sign_in = desk.begun()
    desk.ports.plug(other)
    desk.until_phase(sign_in, Phase.OTHER_KEY)
    assert not other.blinking
    desk.pull_out(other)
    desk.ports.plug(own)
    assert desk.touched(sign_in, own) == Moved(Stage.SIGNED_IN)


def test_a_copied_key_is_refused(desk: KernelDesk) -> None:
    key = desk.enrolled(SimulatedYubiKey())
    copy = key.cloned()
    for _ in range(2):
        sign_in = desk.begun()
        desk.ports.plug(key)
        assert desk.touched(sign_in, key) == Moved(Stage.SIGNED_IN)
        desk.pull_out(key)
    sign_in = desk.begun()
    desk.ports.plug(copy)
    assert why(desk.touched(sign_in, copy)) == "yubikey.suspect"


def test_insertion_and_removal_are_noticed_without_opening_anything(usb: KernelUsb) -> None:
    noticed = threading.Event()
    watch = PortWatch(HidrawBus(), noticed.set)
    watch.start()
    key = SimulatedYubiKey()
    try:
        for change in (usb.plug, usb.unplug, usb.plug):
            noticed.clear()
            change(key)
            assert noticed.wait(DEADLINE)
    finally:
        watch.stop()


def test_a_key_that_comes_back_on_the_same_number_is_another_insertion(usb: KernelUsb) -> None:
    bus, key, seen = HidrawBus(), SimulatedYubiKey(), set()
    for _ in range(2):
        usb.plug(key)
        until(lambda: len(nodes()) == 2, "two nodes")
        seen.add(bus.signature())
        usb.unplug(key)
        until(lambda: not nodes(), "no node")
    assert len(seen) == 2


def test_the_nodes_of_two_keys_are_told_apart(usb: KernelUsb) -> None:
    for _ in range(2):
        usb.plug(SimulatedYubiKey())
    until(lambda: len(nodes()) == 4, "four nodes")
    keys = plugged_keys(HidrawBus().nodes())
    assert [(key.fido is not None, key.otp is not None, key.product_id) for key in keys] == [(True, True, 0x0407)] * 2
