import json
from pathlib import Path

import pytest

from tests.bench.measurement import Baseline, Measurement, Of, Target, percentile, table, write
from tests.bench.modem import Traffic, answers, commands, each_sms, modem_seconds, octets_to_modem


def measured(value: float, target: Target | None, baseline: float | None = None) -> Measurement:
    return Measurement(
        what="start",
        value=value,
        unit="ms",
        target=target,
        baseline=None if baseline is None else Baseline(baseline, "bare"),
    )


@pytest.mark.parametrize(
    ("value", "target", "baseline", "reached"),
    [
        (25, Target(25), None, True),
        (25.1, Target(25), None, False),
        (99_999, Target(100_000, at_least=True), None, False),
        (150, Target(1.5, Of.RATIO), 100, True),
        (151, Target(1.5, Of.RATIO), 100, False),
        (138, Target(38, Of.EXCESS), 100, True),
        (139, Target(38, Of.EXCESS), 100, False),
        (1, None, None, None),
        (1, Target(1.5, Of.RATIO), None, None),
    ],
)
def test_a_target_is_reached_up_to_its_limit(
    value: float, target: Target | None, baseline: float | None, reached: bool | None
) -> None:
    assert measured(value, target, baseline).reached is reached


def test_the_table_tells_a_missed_target_with_its_baseline_and_ratio() -> None:
    row = table([measured(300, Target(1.5, Of.RATIO), 100)]).splitlines()[2]
    assert row.split() == [
        "start",
        "300",
        "ms",
        "≤",
        "1.5",
        "\N{MULTIPLICATION SIGN}",
        "MISSED",
        "100",
        "ms",
        "bare",
        "3.00",
    ]


def test_the_report_holds_what_a_program_needs_to_compare_runs(tmp_path: Path) -> None:
    write(tmp_path / "bench.json", [measured(300, Target(1.5, Of.RATIO), 100)], ["sms: TimeoutError: nobody rang"])
    report = json.loads((tmp_path / "bench.json").read_text())
    [row] = report["measurements"]
    assert (row["what"], row["value"], row["ratio"], row["reached"]) == ("start", 300, 3.0, False)
    assert report["failures"] == ["sms: TimeoutError: nobody rang"]


def test_a_percentile_of_one_to_a_hundred_is_near_that_number() -> None:
    assert percentile(range(1, 101), 99) == pytest.approx(99.01)


def test_the_traffic_of_each_sms_gives_what_the_modem_itself_took() -> None:
    traffic = [
        Traffic(0.5, to_modem=True, octets=b"AT\r"),
        Traffic(1.0, to_modem=True, octets=b"AT+CMGS=20\r"),
        Traffic(1.2, to_modem=False, octets=b"\r\n> "),
        Traffic(1.5, to_modem=True, octets=b"0011\x1a"),
        Traffic(3.5, to_modem=False, octets=b"\r\n+CMGS: 1\r\n\r\nOK\r\n"),
        Traffic(4.0, to_modem=True, octets=b"AT+CMGS=20\r"),
    ]
    first, _second = each_sms(traffic)
    assert modem_seconds(first) == pytest.approx(2.2)
    assert (answers(traffic), commands(traffic), octets_to_modem(first)) == (1, 3, 16)
