"""A process that offers one assertion, together with others that offer the same."""

from multiprocessing.queues import Queue
from multiprocessing.synchronize import Barrier
from pathlib import Path
from typing import Any

from hardware.simulator.yubikey import SimulatedUsb
from hardware.simulator.yubikey.key_bus import SimulatedKeyBus
from kiosk.methods.method import Person
from kiosk.methods.yubikey import YubikeyMethod
from kiosk.yubikey.asking import SignedAnswer
from kiosk.yubikey.means import KeyMeans
from kiosk.yubikey.relying_party import relying_party
from tests.kiosk.world import START, World


def offer(
    directory: Path,
    user_id: str,
    sign_in_id: str,
    challenge_id: str,
    response: dict[str, Any],
    barrier: Barrier,
    results: "Queue[tuple[bool, str]]",
) -> None:
    world = World.reopened(directory, at=START)
    try:
        person = Person(world.site, world.trail, user_id=user_id, sign_in_id=sign_in_id, desk_id=world.desk_id)
        means = KeyMeans(bus=SimulatedKeyBus(SimulatedUsb()), woken=lambda: None)
        method = YubikeyMethod(person, means)
        method._challenge_id = challenge_id
        with world.site.database.transaction(write=True):
            method._party = relying_party(world.site.database, world.site.name)
        barrier.wait(60)
        verdict = method.judge(SignedAnswer(response), lambda: None)
        results.put((verdict.right, "" if verdict.why is None else verdict.why.text_id))
    except Exception as error:  # noqa: BLE001  whatever it is, the test says it
        results.put((False, repr(error)))
    finally:
        world.close()
