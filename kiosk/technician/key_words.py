"""The words of the test of a key, for page and command alike."""

from kiosk.language import Language
from kiosk.technician.key_test import KeyRun, KeyStep, KeyStepResult
from kiosk.technician.steps import Mark

# For both interfaces. The name of a HID device begins with its bus (3 = USB) and its vendor.
UDEV_RULE = 'KERNEL=="hidraw*", SUBSYSTEM=="hidraw", KERNELS=="0003:1050:*", GROUP="kiosk", MODE="0660"'


def name_of_key_step(step: KeyStep, words: Language) -> str:
    """What a step proves."""
    return words.text(f"key_bench.step.{step.value}")


def shown_of_key(result: KeyStepResult, words: Language) -> str:
    """What the step saw; empty before it ended."""
    if result.mark in {Mark.BUSY, Mark.WAITING, Mark.NOT_DONE}:
        return ""
    variant = result.variant or "plain"
    return words.text(f"key_bench.shown.{result.step.value}.{variant}", **result.shown)


def do_about_key(result: KeyStepResult, words: Language) -> str:
    """What to do about it; empty when there is nothing."""
    if not result.do:
        return ""
    values = {"rule": UDEV_RULE} if result.do == "rule" else {}
    return words.text(f"key_bench.do.{result.do}", **values)


def verdict_of_key(run: KeyRun, words: Language) -> str:
    """The whole test in one sentence."""
    mark = run.verdict if run.verdict in {Mark.GOOD, Mark.ATTENTION, Mark.FAULT} else Mark.NOT_DONE
    return words.text(f"key_bench.verdict.{mark.value}")
