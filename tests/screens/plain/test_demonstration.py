"""The demonstration in lines: what happens at the far end of an SMS, and the plugs."""

from collections.abc import Callable
from dataclasses import replace

from kiosk.demo import DemoKey, DemoModem, DemoSms, DemoState
from kiosk.language import Language
from kiosk.watch import Subscription
from screens.plain.demonstration import Demonstration
from screens.words import Words
from tests.screens.doubles import FACTS, MONDAY_MORNING_MS

WORDS = Words(Language.load("nl"), FACTS)
SMS = DemoSms(at=MONDAY_MORNING_MS, number_tail="78", sender="+31610000041", network="KPN", text="Code: 123456")


class World:
    """A simulated world without anything behind it."""

    def __init__(self) -> None:
        self.done: list[str] = []
        self.present = DemoState(
            people=(),
            messages=(),
            modems=(DemoModem(name="noord", network="KPN", plugged=True),),
            losing=False,
            keys=(DemoKey(name="sam", model="YubiKey", pin=None, plugged=False, blinking=False),),
        )

    def state(self) -> DemoState:
        return self.present

    def watch(self, callback: Callable[[DemoState], None]) -> Subscription:
        raise NotImplementedError

    def toggle_modem(self, name: str) -> None:
        self.done.append(f"modem {name}")

    def toggle_key(self, name: str) -> None:
        self.done.append(f"key {name}")

    def touch_key(self) -> str:
        return "cccc\n"

    def lose_next_sms(self) -> None:
        self.done.append("lose")

    def stop(self) -> None:
        raise NotImplementedError


def demonstration(world: World) -> Demonstration:
    return Demonstration(world, ring=lambda: None, type_in=world.done.append, stop=lambda: world.done.append("stopped"))


def test_an_sms_is_told_once_and_so_is_the_next() -> None:
    world = World()
    told = demonstration(world)
    world.present = replace(world.present, messages=(SMS,))
    assert list(told.news(WORDS)) == ["Telefoon, 09:41 *78 KPN: Code: 123456"]
    assert list(told.news(WORDS)) == []
    world.present = replace(world.present, messages=(replace(SMS, text="Code: 654321"), SMS))
    assert list(told.news(WORDS)) == ["Telefoon, 09:41 *78 KPN: Code: 654321"]


def test_a_number_is_a_plug_and_a_letter_does_what_the_last_line_says() -> None:
    world = World()
    told = demonstration(world)
    assert list(told.answer("=1", WORDS)) == ["noord: is eruit"]
    assert list(told.answer("=2", WORDS)) == ["sam: zit erin"]
    for letter in ("=x", "=t", "=q"):
        list(told.answer(letter, WORDS))
    assert world.done == ["modem noord", "key sam", "lose", "cccc\n", "stopped"]
    everything = list(told.answer("=", WORDS))
    assert everything[-1].startswith("=1 tot =2: stekker eruit of erin")
