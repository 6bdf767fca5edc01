"""The arithmetic of the bench's table; the measures themselves are never a test."""

import io
import json

import pytest
from rich.console import Console

from benchmarks.summary import Row, Spread, Target, lines, percentile, spread, table


def test_spread_is_the_median_and_the_extreme_rounds():
    assert spread([3.0, 1.0, 2.0]) == Spread(2.0, 1.0, 3.0)
    assert spread([4.0, 1.0]) == Spread(2.5, 1.0, 4.0)


@pytest.mark.parametrize(
    ("share", "expected"), [(0.5, 50.0), (0.95, 95.0), (0.951, 96.0), (1.0, 100.0), (0.0, 1.0)]
)
def test_percentile_is_the_nearest_rank(share, expected):
    assert percentile([float(n) for n in range(100, 0, -1)], share) == expected


def test_percentile_of_one_value_is_that_value():
    assert percentile([7.0], 0.95) == 7.0


def test_ratio_is_taken_round_by_round():
    # The second round met a slow machine: the ratio of the medians would say 1.
    row = Row("T1", "turn", "ms", [1.0, 20.0, 2.0], [2.0, 40.0, 1.0])
    assert row.ratio == Spread(0.5, 0.5, 2.0)


def test_rounds_that_do_not_pair_are_an_error():
    with pytest.raises(ValueError, match="argument 2"):
        _ = Row("T1", "turn", "ms", [1.0, 2.0], [1.0]).ratio


@pytest.mark.parametrize(
    ("target", "met"),
    [
        (Target(0.5), True),
        (Target(0.49), False),
        (Target(0.5, at_least=True), True),
        (Target(0.51, at_least=True), False),
        (Target(100.0, "ours"), True),
        (Target(99.0, "ours"), False),
        (None, None),
    ],
)
def test_target_judges_the_median_of_what_it_is_about(target, met):
    assert Row("T1", "turn", "ms", [100.0, 90.0, 110.0], [200.0] * 3, target).met is met


def test_without_a_baseline_there_is_no_ratio_to_reach():
    row = Row("T1", "turn", "ms", [1.0], (), Target(0.5))
    assert row.ratio is None
    assert row.met is None


def test_json_and_table_say_the_same():
    rows = [Row("T1", "turn", "ms", [0.25], [0.5], Target(0.5), others=0.2)]
    told = json.loads(lines(rows))
    assert told["ratio"] == {"median": 0.5, "low": 0.5, "high": 0.5}
    assert told["met"] is True
    console = Console(width=160, record=True, file=io.StringIO())
    console.print(table(rows))
    shown = console.export_text()
    assert "0.25 ms" in shown
    assert "0.5 ×" in shown
    assert "≤ 0.5 ×" in shown
    assert "20%" in shown
    assert "met" in shown
