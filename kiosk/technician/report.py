"""The report of a test, to save or to send to a provider: in words, without codes, PINs or whole numbers."""

import json
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from kiosk.language import Language
from kiosk.technician.steps import Mark, StepResult, TestRun
from kiosk.technician.words import do_of, mark_of, name_of_step, shown_of, what_of


def markdown(run: TestRun, words: Language, zone: ZoneInfo) -> str:
    """The report for people."""
    lines = [f"# {words.text('bench.report.title')}: {cell(run.modem)}", ""]
    if run.simulated:
        lines += [f"**{words.text('bench.report.simulated')}**", ""]
    when = datetime.fromtimestamp(run.at / 1000, UTC).astimezone(zone)
    lines += [
        f"- {words.text('bench.report.when')}: {when:%Y-%m-%d %H:%M:%S %Z}",
        f"- {words.text('bench.report.result')}: {mark_of(run.verdict, words)}. {verdict(run, words)}",
        "",
        "| | "
        + " | ".join(words.text(f"bench.report.column.{name}") for name in ("step", "seen", "time", "mark"))
        + " |",
        "|---|---|---|---|---|",
    ]
    lines += [_row(result, words) for result in run.steps]
    found = [(result, finding) for result in run.steps for finding in result.findings]
    if found:
        lines += ["", f"## {words.text('bench.report.findings')}", ""]
        for result, finding in found:
            lines.append(
                f"- **{result.step.number} {mark_of(result.mark, words)}** {cell(what_of(finding, words))} "
                f"{cell(do_of(finding, words))}"
            )
    return "\n".join([*lines, "", words.text("bench.report.footer"), ""])


def as_data(run: TestRun, words: Language) -> dict[str, Any]:
    """The report for programs."""
    return {
        "modem": run.modem,
        "at": datetime.fromtimestamp(run.at / 1000, UTC).isoformat(timespec="seconds"),
        "simulated": run.simulated,
        "verdict": run.verdict.value,
        "happened": verdict(run, words),
        "steps": [
            {
                "number": result.step.number,
                "step": result.step.value,
                "mark": result.mark.value,
                "seconds": round(result.seconds, 3),
                "seen": dict(result.shown),
                "findings": [
                    {
                        "cause": finding.cause,
                        "code": finding.code or None,
                        "happened": what_of(finding, words),
                        "what_to_do": do_of(finding, words),
                    }
                    for finding in result.findings
                ],
            }
            for result in run.steps
        ],
    }


def as_json(run: TestRun, words: Language) -> str:
    """The report for programs, as text."""
    return json.dumps(as_data(run, words), ensure_ascii=False, indent=2) + "\n"


def verdict(run: TestRun, words: Language) -> str:
    """The whole test in one sentence."""
    mark = run.verdict if run.verdict in {Mark.GOOD, Mark.ATTENTION, Mark.FAULT} else Mark.NOT_DONE
    return words.text(f"bench.verdict.{mark.value}")


def _row(result: StepResult, words: Language) -> str:
    seconds = f"{result.seconds:.1f} s" if result.seconds else ""
    cells = (
        str(result.step.number),
        name_of_step(result.step, words),
        cell(shown_of(result, words)),
        seconds,
        mark_of(result.mark, words),
    )
    return "| " + " | ".join(cells) + " |"


def cell(text: str) -> str:
    """The text for a table of Markdown: what a modem says of itself must not become markup of the report."""
    return text.replace("\\", "\\\\").replace("|", "\\|").replace("<", "&lt;").replace("*", "\\*").replace("`", "\\`")
