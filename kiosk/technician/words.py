"""The words of findings, steps and tests, for pages, commands and reports alike."""

from collections.abc import Mapping

from kiosk.clock import ClockDifference
from kiosk.language import Language, printable
from kiosk.technician.diagnosis import Finding, of_clock
from kiosk.technician.explaining import explain
from kiosk.technician.steps import Mark, Step, StepResult


def what_of(finding: Finding, words: Language) -> str:
    """What is the matter; the code of modem or network behind it, for the technician."""
    said = _say(f"bench.cause.{finding.cause}.what", finding.values, words)
    return f"{said} ({finding.code})" if finding.code else said


def do_of(finding: Finding, words: Language) -> str:
    """What to do about it."""
    return _say(f"bench.cause.{finding.cause}.do", finding.values, words)


def clock_line(off: ClockDifference, words: Language) -> str:
    """That the clock of this machine is wrong, who says so and how long ago, and what to do."""
    finding = of_clock(off.seconds)
    by = words.text(f"bench.clock.{off.source.value}", modem=printable(off.modem), minutes=off.age_ms // 60_000)
    return f"{what_of(finding, words)} {by} {do_of(finding, words)}"


def name_of_step(step: Step, words: Language) -> str:
    """What a step proves."""
    return words.text(f"bench.step.{step.value}")


def shown_of(result: StepResult, words: Language) -> str:
    """What the step saw; empty when it saw nothing that can be said."""
    if not result.shown:
        return ""
    match result.step:
        case Step.REGISTRATION:
            parts = str(result.shown["parts"]).split()
            return ", ".join(words.text(f"bench.part.{part}") for part in parts)
        case Step.SMS if "seconds" in result.shown:
            part = "sms_sent"
        case Step.SIM if "network" in result.shown:
            part = "sim_of"
        case step:
            part = step.value
    return _say(f"bench.shown.{part}", result.shown, words)


def meaning_of(line: str, words: Language) -> str:
    """What a line of a modem means; empty for one that says it itself."""
    found = explain(line)
    return "" if found is None else _say(f"bench.explained.{found.kind}", found.values, words)


def mark_of(mark: Mark, words: Language) -> str:
    """GOED, LET OP, FOUT; empty for a step that waits for its turn."""
    return "" if mark is Mark.WAITING else words.text(f"bench.mark.{mark.value}")


def _say(text_id: str, values: Mapping[str, str | int], words: Language) -> str:
    asked = words.placeholders(text_id)
    return words.text(text_id, **{name: values.get(name, "?") for name in asked})
