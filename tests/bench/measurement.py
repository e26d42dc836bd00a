"""One measured number with its target and what it is compared with, and the table of all of them."""

import json
import platform
import statistics
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from enum import StrEnum, unique
from os import cpu_count
from pathlib import Path
from typing import Any, Final

_TIMES: Final = "\N{MULTIPLICATION SIGN}"


@unique
class Of(StrEnum):
    """What a target limits."""

    VALUE = "value"
    RATIO = "ratio"
    """The value divided by the baseline."""
    EXCESS = "excess"
    """The value less the baseline."""


@dataclass(frozen=True, slots=True)
class Target:
    """A limit: at most, or at least."""

    limit: float
    of: Of = Of.VALUE
    at_least: bool = False


@dataclass(frozen=True, slots=True)
class Baseline:
    """What the value is compared with, measured in the same run unless `what` says otherwise."""

    value: float
    what: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """`what` was `value` in `unit`; `note` says how it was measured where that is not obvious."""

    what: str
    value: float
    unit: str
    target: Target | None = None
    baseline: Baseline | None = None
    note: str = ""

    @property
    def ratio(self) -> float | None:
        """Times the baseline."""
        return None if self.baseline is None or not self.baseline.value else self.value / self.baseline.value

    @property
    def limited(self) -> float | None:
        """The number that the target limits."""
        if self.target is None or self.target.of is Of.VALUE:
            return self.value
        if self.target.of is Of.RATIO:
            return self.ratio
        return None if self.baseline is None else self.value - self.baseline.value

    @property
    def reached(self) -> bool | None:
        """Whether the target is reached; None when there is none."""
        if self.target is None or self.limited is None:
            return None
        return self.limited >= self.target.limit if self.target.at_least else self.limited <= self.target.limit


def percentile(values: Sequence[float], percent: int) -> float:
    """The value that `percent` of a hundred do not exceed; interpolated."""
    return statistics.quantiles(values, n=100, method="inclusive")[percent - 1]


def milliseconds(seconds: float) -> float:
    """Seconds as milliseconds."""
    return seconds * 1000


def table(measurements: Sequence[Measurement]) -> str:
    """All of them as text: one a line, its note below."""
    header = ("what", "measured", "target", "", "baseline", "ratio")
    rows = [header, *(_cells(measurement) for measurement in measurements)]
    widths = [max(len(row[column]) for row in rows) for column in range(len(header))]
    lines = [_line(header, widths), "  ".join("─" * width for width in widths)]
    for measurement, row in zip(measurements, rows[1:], strict=True):
        lines.append(_line(row, widths))
        if measurement.note:
            lines.append(f"    {measurement.note}")
    return "\n".join(lines)


def _line(row: tuple[str, ...], widths: Sequence[int]) -> str:
    words, numbers = (0, 2, 3, 4), (1, 5)
    aligned = {at: row[at].ljust(widths[at]) for at in words} | {at: row[at].rjust(widths[at]) for at in numbers}
    return "  ".join(aligned[at] for at in range(len(row))).rstrip()


def _cells(measurement: Measurement) -> tuple[str, ...]:
    baseline, ratio = measurement.baseline, measurement.ratio
    reached = {None: "", True: "reached", False: "MISSED"}[measurement.reached]
    return (
        measurement.what,
        _number(measurement.value, measurement.unit),
        _target(measurement),
        reached,
        "" if baseline is None else f"{_number(baseline.value, measurement.unit)} {baseline.what}",
        "" if ratio is None else f"{ratio:.2f}",
    )


def _target(measurement: Measurement) -> str:
    target = measurement.target
    if target is None:
        return ""
    sign = "≥" if target.at_least else "≤"
    match target.of:
        case Of.VALUE:
            return f"{sign} {_number(target.limit, measurement.unit)}"
        case Of.RATIO:
            return f"{sign} {target.limit:g} {_TIMES}"
        case Of.EXCESS:
            return f"{sign} baseline + {_number(target.limit, measurement.unit)}"


def _number(value: float, unit: str) -> str:
    digits = 0 if value == int(value) or abs(value) >= 1000 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f} {unit}".replace(",", " ").strip()


def report(measurements: Sequence[Measurement], failures: Sequence[str]) -> dict[str, Any]:
    """Everything for a program to read."""
    return {
        "at": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"cores": cpu_count(), "python": platform.python_version(), "system": platform.system()},
        "failures": list(failures),
        "measurements": [
            {**asdict(measurement), "ratio": measurement.ratio, "reached": measurement.reached}
            for measurement in measurements
        ],
    }


def write(path: Path, measurements: Sequence[Measurement], failures: Sequence[str]) -> None:
    """Write the report as JSON."""
    path.write_text(json.dumps(report(measurements, failures), indent=2, ensure_ascii=False) + "\n", encoding="utf-8")
