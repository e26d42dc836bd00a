"""What a technician keeps beside the report of a test: the networks in reach, a dialogue with a modem, the test of a key."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo

from hardware.modem.wire_log import redact
from kiosk.language import Language
from kiosk.technician.key_test import KeyRun
from kiosk.technician.key_words import do_about_key, name_of_key_step, shown_of_key, verdict_of_key
from kiosk.technician.report import cell
from kiosk.technician.scanning import ScannedNetwork
from kiosk.technician.words import mark_of, meaning_of

# Markdown shows what stands so far to the right as it is.
CODE = "    "


@dataclass(frozen=True, slots=True)
class Kept:
    """Of which modem, empty for none, and when: wall time in milliseconds UTC."""

    modem: str
    at: int
    simulated: bool


def of_networks(kept: Kept, networks: Sequence[ScannedNetwork], words: Language, zone: ZoneInfo) -> str:
    """Every network with whether this SIM may use it."""
    columns = [words.text(f"bench.scan.column.{name}") for name in ("network", "code", "technology", "state", "use")]
    rows = (
        (
            one.name,
            one.code,
            one.technologies,
            words.text(f"bench.network.{one.state.value}"),
            words.text(f"bench.network_use.{one.state.value}"),
        )
        for one in networks
    )
    return _report("bench.scan.title", kept, _table(columns, rows), words, zone)


def of_dialogue(kept: Kept, lines: Iterable[tuple[str, str, str]], words: Language, zone: ZoneInfo) -> str:
    """Seconds, arrow and text of each line, without whole numbers, and what it means."""
    told: list[str] = []
    for seconds, arrow, text in lines:
        told.append(f"{CODE}{seconds:>8} {arrow} {redact(text)}")
        if arrow == "<-" and (meaning := meaning_of(text, words)):
            told.append(f"{CODE}{'':>8}    {redact(meaning)}")
    return _report("bench.console.title", kept, told, words, zone)


def of_key(kept: Kept, run: KeyRun, words: Language, zone: ZoneInfo) -> str:
    """Every step of the test of a key, and what to do."""
    columns = [words.text(f"bench.report.column.{name}") for name in ("step", "seen", "time", "mark")]
    rows = (
        (
            name_of_key_step(result.step, words),
            redact(shown_of_key(result, words)),
            f"{result.seconds:.1f} s" if result.seconds else "",
            mark_of(result.mark, words),
        )
        for result in run.steps
    )
    done = [f"- {cell(do_about_key(result, words))}" for result in run.steps if result.do]
    told = [verdict_of_key(run, words), "", *_table(columns, rows), *([""] if done else []), *done]
    return _report("key_bench.title", kept, told, words, zone)


def _table(columns: Sequence[str], rows: Iterable[Iterable[str]]) -> list[str]:
    lines = [columns, ["---"] * len(columns), *([cell(each) for each in row] for row in rows)]
    return [f"| {' | '.join(line)} |" for line in lines]


def _report(title: str, kept: Kept, told: Sequence[str], words: Language, zone: ZoneInfo) -> str:
    when = datetime.fromtimestamp(kept.at / 1000, UTC).astimezone(zone)
    name = f"{words.text(title)}: {cell(kept.modem)}" if kept.modem else words.text(title)
    lines = [f"# {name}", ""]
    if kept.simulated:
        lines += [f"**{words.text('bench.report.simulated' if kept.modem else 'key_bench.simulated')}**", ""]
    lines += [f"- {words.text('bench.report.when')}: {when:%Y-%m-%d %H:%M:%S %Z}", "", *told]
    return "\n".join([*lines, "", words.text("bench.report.footer"), ""])
